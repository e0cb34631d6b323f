/* SPDX-License-Identifier: BSD-3-Clause */
/* Chooses the records by which an accuracy claim is judged. Accuracy does not depend on when or how
 * fast a ranking was made, so the two sides may come from different runs. They must agree in data
 * set, size and precision (their *footing*). A *variant* is one way of training; it has one record
 * per training seed. Each side is represented by the variant with the best mean NDCG@10 on
 * validation, because choosing by test accuracy would choose the verdict. */
#ifndef L4R_BENCH_CLAIMS_ROWS_H
#define L4R_BENCH_CLAIMS_ROWS_H

#include "bench/record/read.h"
#include <stdint.h>

enum { L4R_SEEDS_MAX = 32 };

struct l4r_variant {
  const struct l4r_record *seed[L4R_SEEDS_MAX]; /* borrowed, ascending training seed */
  int64_t seeds;
  double validation; /* mean NDCG@10 over seeds; negative: unknown */
};

struct l4r_accuracy_rows {
  struct l4r_variant lite, beam;
  int64_t lite_variants, beam_variants; /* how many there were to choose from */
};

/* Tell whether a record has the claim's data and which side it is on. */
struct l4r_row_filter {
  int (*is_lite)(const struct l4r_record *record);
  int (*is_beam)(const struct l4r_record *record);
  int (*is_data)(const void *claim, const struct l4r_record *record);
  const void *claim;
};

/* Returns NDCG@10 on validation of a record's model; NaN when the record does not say. */
double l4r_record_validation(const struct l4r_record *record);

/* Returns 1 and sets *rows when there are records of both sides on one data set. Among several data
 * sets, the claim's own come first, then those with more seeds, then the first. Returns 0 when
 * there are none, L4R_ENVIRONMENT without memory. Takes n log n in the records of a footing.
 * Thread-safe. */
int l4r_accuracy_rows_find(const struct l4r_records *records, const struct l4r_row_filter *filter,
                           struct l4r_accuracy_rows *rows);

#endif
