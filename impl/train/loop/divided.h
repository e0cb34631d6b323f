/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrays of a training in which ranks divide a table (impl/train/loop/tensors_divided.h): how they
 * leave as one, in files that do not show on how many ranks they were made, and how they come back.
 * Without such a table, and with one rank, each call does what its name says with the whole array.
 */
#ifndef L4R_TRAIN_LOOP_DIVIDED_H
#define L4R_TRAIN_LOOP_DIVIDED_H

#include "impl/model/tensors.h"
#include "impl/train/loop/ranks.h"

#include <stdio.h>

/* What all ranks have of a flat buffer of `floats`: range `gap`, 0 or 1; 0 past the last. Ranges
 * can be empty. Pure. */
int l4r_divided_gap(const struct l4r_tensors *tensors, int64_t floats, int gap, int64_t *begin,
                    int64_t *end);

/* Where values go, part after part. */
struct l4r_divided_sink {
  void (*put)(void *context, const float *values, int64_t count);
  void *context;
};
/* Give rank 0's sink the table's rows in their order, and a whole flat buffer of `trained` floats.
 * Collective where there is a table that ranks divide: the other ranks, whose sink is not called,
 * send theirs. */
int l4r_divided_put_rows(const struct l4r_train_ranks *ranks, const struct l4r_tensor *table,
                         const float *rows, const struct l4r_divided_sink *sink);
int l4r_divided_put(const struct l4r_train_ranks *ranks, const struct l4r_tensors *tensors,
                    const float *array, const struct l4r_divided_sink *sink);

/* Reads what l4r_divided_put gave out and keeps this rank's part, at the stream's place; *crc grows
 * by the CRC-32 of all of it. 0 where the stream ends too early. Not collective: every rank reads
 * the same file. */
int l4r_divided_take(const struct l4r_tensors *tensors, float *array, FILE *stream, uint64_t *crc);

#endif
