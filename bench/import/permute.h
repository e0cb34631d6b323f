/* SPDX-License-Identifier: BSD-3-Clause */
/* `data permute`: the same data set under other item ids. */
#ifndef L4R_BENCH_IMPORT_PERMUTE_H
#define L4R_BENCH_IMPORT_PERMUTE_H

#include <stdint.h>

/* Writes to `out` the data set of `folder` with its item ids permuted by `seed`: users, order,
 * times, split, texts and source ids are the same, each text standing at its item's new id (so ids
 * are no longer in the order of source ids). Whatever a model's accuracy owes to ids as numbers
 * shows as a difference between the two. L4R_INPUT for a damaged data set, L4R_USAGE when `out` is
 * `folder`. */
int l4r_dataset_permute(const char *folder, const char *out, uint64_t seed);

#endif
