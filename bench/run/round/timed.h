/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/run/round: the timed part. */
#ifndef L4R_BENCH_RUN_ROUND_TIMED_H
#define L4R_BENCH_RUN_ROUND_TIMED_H

#include "bench/run/round/state.h"

/* Serves permutations of the sample, one call after the other, until minimum count and time are
 * reached. L4R_ENVIRONMENT when a worker strays or others compute. */
int l4r_round_serve_closed(struct l4r_round *round);

/* Serves the schedule of an open loop, round->due. The same errors, at its end. */
int l4r_round_serve_open(struct l4r_round *round);

/* Serves a novel request beside a known one now and then; `left` calls are still to come. The
 * `aside` of a closed loop. */
int l4r_round_ask_aside(void *context, int64_t left, const struct l4r_request *known, int64_t ns);

/* Reads who has computed since the timed part began; L4R_ENVIRONMENT, naming the arm, when threads
 * or processes of the engine's own did. */
int l4r_round_check_usage(struct l4r_round *round);

#endif
