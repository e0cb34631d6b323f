/* SPDX-License-Identifier: BSD-3-Clause */
/* The paper's numbers as data: bench/claims/paper.json, which the build embeds. */
#ifndef L4R_BENCH_CLAIMS_PAPER_H
#define L4R_BENCH_CLAIMS_PAPER_H

#include "bench/claims/conditions.h"

#include <jansson.h>
#include <stdint.h>

enum l4r_statistic { L4R_RELATIVE_GAIN, L4R_TIME_SAVED };
/* What is held against beam search: Lite; the exact ranking of the same model; a head over items in
 * the place of the search, trained as long. */
enum l4r_side { L4R_SIDE_LITE, L4R_SIDE_EXACT, L4R_SIDE_HEAD };

struct l4r_claim { /* texts are borrowed from the parsed file */
  const char *id, *says, *where, *metric, *dataset;
  enum l4r_statistic statistic;
  enum l4r_side side;
  double value;
  int is_margin; /* 1: the paper has no figure; `value` is what may be lost */
  int headline;
  double floor; /* the baseline's HR@10 (keep) must reach it; 0: no floor */
  const char *floor_why;
  int64_t users;                    /* a data set is recognised by its counts */
  int64_t interactions[4];          /* because users choose its name */
  struct l4r_conditions conditions; /* for times; the same for all claims */
};

struct l4r_paper {
  json_t *root;
  struct l4r_claim *claim;
  int64_t claims;
};

int l4r_paper_open(struct l4r_paper *paper);
void l4r_paper_close(struct l4r_paper *paper);

#endif
