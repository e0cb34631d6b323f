/* SPDX-License-Identifier: BSD-3-Clause */
/* Which records an accuracy claim is judged on. Accuracy does not depend on when or how fast a
 * ranking was made, so the two sides may come from different runs; what must agree is the data set,
 * the size and the precision. A *variant* is one way of training, its records one a training seed.
 * On each side the variant with the best mean NDCG@10 on validation is taken: choosing the pair by
 * test accuracy would choose the verdict. */
#ifndef L4R_BENCH_CLAIMS_ROWS_H
#define L4R_BENCH_CLAIMS_ROWS_H

#include "bench/record/read.h"
#include <stdint.h>

enum { L4R_SEEDS_MAX = 32 };

struct l4r_variant {
  const struct l4r_record *seed[L4R_SEEDS_MAX]; /* borrowed, ascending training seed */
  int64_t seeds;
  double validation; /* mean NDCG@10 over seeds; negative: the records do not say */
};

struct l4r_accuracy_rows {
  struct l4r_variant lite, beam;
  int64_t lite_variants, beam_variants; /* that were chosen from */
};

/* Says whether a record is of the claim's data, on one side, or neither. */
struct l4r_row_filter {
  int (*is_lite)(const struct l4r_record *record);
  int (*is_beam)(const struct l4r_record *record);
  int (*is_data)(const void *claim, const struct l4r_record *record);
  const void *claim;
};

/* NDCG@10 on validation of the model of a record, borrowed; NULL when the record does not say. */
double l4r_record_validation(const struct l4r_record *record);

/* 1 and *rows when there are records of both sides on one data set; of several data sets the
 * claim's own are preferred, then those with more seeds, then the first. 0: there are none;
 * L4R_ENVIRONMENT without memory. n log n in the records of a footing. Thread-safe. */
int l4r_accuracy_rows_find(const struct l4r_records *records, const struct l4r_row_filter *filter,
                           struct l4r_accuracy_rows *rows);

#endif
