/* SPDX-License-Identifier: BSD-3-Clause */
/* A list of tensors in which ranks divide one table, for trainings whose tables no single memory
 * holds: each rank has some of its rows, and all of everything else. */
#ifndef L4R_TRAIN_LOOP_TENSORS_DIVIDED_H
#define L4R_TRAIN_LOOP_TENSORS_DIVIDED_H

#include "impl/model/tensors.h"

/* Leaves of the table `name` the part of rank `rank`: ceil(rows / ranks) rows from rank times as
 * many on, so that every rank has the same offsets; the last of them may lie beyond the table.
 * Offsets of what follows move. A list has at most one such table, and nothing in it that is not
 * trained. */
void l4r_tensors_divide(struct l4r_tensors *tensors, const char *name, int rank, int ranks);
/* The table that ranks divide; NULL where there is none. Pure. */
const struct l4r_tensor *l4r_tensors_divided(const struct l4r_tensors *tensors);
/* What values of a tensor take of a flat buffer, where each begins on a cache line. Pure. */
int64_t l4r_tensor_padded(int64_t floats);
/* The length of a flat buffer, of which this list has `floats`, with the whole table in it. Pure.
 */
int64_t l4r_tensors_whole(const struct l4r_tensors *tensors, int64_t floats);

#endif
