/* SPDX-License-Identifier: BSD-3-Clause */
/* The sum of a step's gradients over ranks: everything outside row tables densely, of these the
 * step's rows alone. Every rank knows all rows of a step (ranks.h), so numbers of rows are not
 * sent. With one rank every call does nothing.
 *
 * A step begins the sum of a part as soon as no worker adds to it any more, computes on, and
 * finishes before the update: which part begins when changes no bits. */
#ifndef L4R_TRAIN_LOOP_SUMS_H
#define L4R_TRAIN_LOOP_SUMS_H

#include "impl/train/loop/ranks.h"
#include "impl/train/loop/trainer.h"

struct l4r_train_sums {
  struct l4r_train_ranks ranks;
  const struct l4r_train_rows *rows; /* of the task, borrowed; NULL: none */
  int64_t trained;                   /* length of the gradients */
  int64_t done_begin, done_end;      /* places that are the ranks' sum already; equal: none */
  float *packed[L4R_ROW_TABLES];     /* rows under way, one after another */
  size_t capacity[L4R_ROW_TABLES];
  int under_way[L4R_ROW_TABLES];
};

void l4r_train_sums_free(struct l4r_train_sums *sums); /* accepts a zeroed one */

/* Begins the sum of places from .. to-1; a row table belongs to the part in which it begins. The
 * gradients there must not be touched before finish. L4R_ENVIRONMENT. */
int l4r_train_sums_begin(struct l4r_train_sums *sums, float *gradients, int64_t from, int64_t to);
/* Ends all sums that were begun. */
int l4r_train_sums_finish(struct l4r_train_sums *sums, float *gradients);

#endif
