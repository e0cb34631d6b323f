/* SPDX-License-Identifier: BSD-3-Clause */
/* Counts the instructions of serving the sample, which is no time: a busy machine does not move it,
 * so a change of a percent shows at once. */
#ifndef L4R_BENCH_RUN_COUNT_H
#define L4R_BENCH_RUN_COUNT_H

#include "bench/run/run.h"

/* How many times as long as natively a program takes under callgrind, about; for estimates. */
enum { L4R_COUNT_SLOWDOWN = 60, L4R_COUNT_REPEATS = 2 };

/* L4R_USAGE, before anything is measured, for what cannot be counted: several threads, whose
 * waiting would be counted; scenario server; peers, whose programs are not the one that is counted.
 */
int l4r_count_check(const struct l4r_run_options *options);

/* Counts for every configuration, L4R_COUNT_REPEATS times in processes of their own, by the
 * processor where it counts, else under callgrind, and holds every answer against the accuracy
 * pass. Fills config->instructions, the record's "instructions". A failure of an arm stays with the
 * arm; L4R_ENVIRONMENT where neither can count. */
int l4r_run_count(struct l4r_run *run);

#endif
