/* SPDX-License-Identifier: BSD-3-Clause */
/* Records as claims are judged on: with their run's name, and ranks from the samples beside them.
 */
#ifndef L4R_BENCH_CLAIMS_RANKS_H
#define L4R_BENCH_CLAIMS_RANKS_H

#include <jansson.h>
#include <stdint.h>

/* A reader of ranks (l4r_ranks_reader, judge.h) from the raw-sample file beside a record that
 * l4r_records_read gave. `context` is not used. L4R_INPUT when there is none, or it is damaged. */
int l4r_ranks_of_samples(void *context, const json_t *record, int mask, int64_t **rank,
                         int64_t *users);

/* Sets "_run" of each record of an array to its file: records of one file are of one run. */
void l4r_records_name_runs(json_t *records);

#endif
