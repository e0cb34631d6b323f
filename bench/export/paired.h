/* SPDX-License-Identifier: BSD-3-Clause */
/* Ratios of two arms of one run, formed round by round: arms take turns, so the rounds of one
 * number met the same state of the machine. */
#ifndef L4R_BENCH_EXPORT_PAIRED_H
#define L4R_BENCH_EXPORT_PAIRED_H

#include "bench/record/read.h"
#include "bench/stats/quantile.h"
#include "bench/table/model.h"

/* Estimates slow / fast over the rounds that both have, with the 95 % interval over rounds.
 * `timer`: of that place among the rounds' timers; -1: of a user's mean. */
struct l4r_estimate l4r_paired_ratio(const struct l4r_record *slow, const struct l4r_record *fast,
                                     int64_t timer);

/* The estimate as a figure: without an interval where that is withheld. */
struct l4r_shown l4r_paired_figure(struct l4r_estimate ratio);

/* Returns 1 where two records are of one run: lines of one file. */
int l4r_paired_run(const struct l4r_record *a, const struct l4r_record *b);

#endif
