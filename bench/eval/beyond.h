/* SPDX-License-Identifier: BSD-3-Clause */
/* What `eval --at` adds: figures at several depths, and whether arms differ over the same users. */
#ifndef L4R_BENCH_EVAL_BEYOND_H
#define L4R_BENCH_EVAL_BEYOND_H

#include "bench/eval/depths.h"
#include "bench/table/sheet.h"

#include <jansson.h>

enum { L4R_EVAL_RESAMPLES = 10000, L4R_EVAL_SEED = 1 };

struct l4r_beyond_arm {
  char *name;
  int64_t *rank[2]; /* [users] under keep, mask */
  int64_t users;
  int is_control; /* 1: not compared with the others */
  struct l4r_depth_figures figures[2][L4R_DEPTHS];
};
struct l4r_beyond {
  int64_t depth[L4R_DEPTHS]; /* ascending */
  int depths;
  struct l4r_dataset *dataset; /* owned; with TRAIN and TEXT */
  struct l4r_text_vectors vectors;
  struct l4r_beyond_arm *arm; /* [arms] */
  int64_t arms;
  size_t room; /* private */
};

/* Opens the data set and sorts the depths; L4R_USAGE for a depth that is none or stands there
 * twice. Free with l4r_beyond_close, also after a failure; accepts a zeroed one. */
int l4r_beyond_open(const char *data, const int64_t *depth, int depths, struct l4r_beyond *beyond);
void l4r_beyond_close(struct l4r_beyond *beyond);

/* Takes an arm's result, of which k items a user were kept, and adds "depths" to its row of JSON.
 */
int l4r_beyond_add(struct l4r_beyond *beyond, const char *name, int is_control,
                   const struct l4r_bundle *result, int64_t k, json_t *row);

/* Each arm beside the first one, by HR and NDCG at every depth under mask: an array of {arm,
 * against, metric, difference, ci95, p}. *out is empty for one arm alone. */
int l4r_beyond_significance(const struct l4r_beyond *beyond, json_t **out);

/* Tables of both, behind that of the accuracy. */
void l4r_beyond_print(struct l4r_sheet *sheet, const struct l4r_beyond *beyond,
                      const json_t *significance);

#endif
