/* SPDX-License-Identifier: BSD-3-Clause */
/* Steps that have gradients in few rows of the large tables (struct l4r_train_rows). */
#ifndef L4R_TRAIN_LOOP_ROWS_H
#define L4R_TRAIN_LOOP_ROWS_H

#include "impl/train/loop/run.h"

/* What lies outside the tables: the range number `gap` from 0; 0 past the last. Ranges can be
 * empty. rows NULL: no tables. Pure. */
int l4r_rows_gap(const struct l4r_train_rows *rows, int64_t floats, int gap, int64_t *begin,
                 int64_t *end);

/* Zeros outside the row tables before a step, and in the rows named after it; the norm of all
 * gradients; values that run->norm must hold. */
void l4r_train_clear(struct l4r_train_run *run);
void l4r_train_clear_rows(struct l4r_train_run *run);
double l4r_train_gradient_norm(struct l4r_train_run *run);
int64_t l4r_train_norm_values(const struct l4r_train_task *task);

#endif
