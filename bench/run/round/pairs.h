/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/run/round: pairs of requests after the timed part. */
#ifndef L4R_BENCH_RUN_ROUND_PAIRS_H
#define L4R_BENCH_RUN_ROUND_PAIRS_H

#include "bench/run/round/state.h"

/* Serves repeats of the sample against requests that were never served: arrays repeat_ns and
 * fresh_ns of `result`. */
int l4r_round_serve_repeats(struct l4r_round *round, struct l4r_bundle *result);

/* Serves as many pairs of known and novel requests as the timed part has left to be asked: arrays
 * known_ns and novel_ns. L4R_CHECK when a novel request asked again has another answer. */
int l4r_round_serve_novel(struct l4r_round *round, struct l4r_bundle *result);

#endif
