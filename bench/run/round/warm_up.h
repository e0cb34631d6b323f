/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/run/round: what is served before the timed part. */
#ifndef L4R_BENCH_RUN_ROUND_WARM_UP_H
#define L4R_BENCH_RUN_ROUND_WARM_UP_H

#include "bench/run/round/state.h"

/* Steady state, as data: seconds of each warm-up cycle over the same users. 1 when the last two of
 * at least three took no less than 95 % of the fastest before them: it no longer gets faster. Pure.
 */
int l4r_is_steady(const double *cycle, int cycles);

/* Serves one cold query, then cycles of warm-up requests to a steady state, or to the minimum time
 * of the timed part. */
int l4r_round_warm_up(struct l4r_round *round);

/* Serves as many queries as a cycle had with the stages' counters on, before anything counts, to
 * measure what reading them costs. Nothing where they were not asked for. */
int l4r_round_try_stages(struct l4r_round *round);

#endif
