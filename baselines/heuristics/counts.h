/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of counts of all three heuristics, in memory and as counts.bin. Private to
 * baselines/heuristics. */
#ifndef L4R_HEURISTICS_COUNTS_H
#define L4R_HEURISTICS_COUNTS_H

#include "impl/data/dataset.h"
#include "impl/model/config.h"

#include <stdint.h>

struct l4r_counts {
  enum l4r_kind kind;
  int cosine;              /* values are divided by sqrt(popularity x popularity) */
  int64_t items, pairs;    /* pairs: stored (a, b) with a value above 0; 0 for pop */
  char dataset_sha256[65]; /* the data set that was counted */
  int64_t *popularity;     /* [items + 1], [0] unused: training interactions */
  int64_t *start;          /* [items + 2]: row a is start[a] .. start[a+1]-1 */
  l4r_item *column;        /* [pairs] ascending within a row, 1..items */
  double *value;           /* [pairs] */
};

void l4r_counts_free(struct l4r_counts *counts);

/* Write and read counts.bin of a model folder. Reading checks magic, schema, sizes, checksum and
 * every index: L4R_INPUT with file and byte, never a crash. */
int l4r_counts_write(const char *folder, const struct l4r_counts *counts);
int l4r_counts_read(const char *folder, struct l4r_counts *counts);

#endif
