/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads ranks from the samples beside a record. */
#ifndef L4R_BENCH_CLAIMS_RANKS_H
#define L4R_BENCH_CLAIMS_RANKS_H

#include "bench/record/read.h"

/* Reads ranks (l4r_ranks_reader, judge.h) from the file of raw samples beside a record that
 * l4r_records_read gave. `context` is not used. L4R_INPUT when the file is missing or damaged. */
int l4r_ranks_of_samples(void *context, const struct l4r_record *record, int mask, int64_t **rank,
                         int64_t *users);

#endif
