/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/run/round: what a round leaves. */
#ifndef L4R_BENCH_RUN_ROUND_RESULT_H
#define L4R_BENCH_RUN_ROUND_RESULT_H

#include "bench/run/round/state.h"

/* Checks the logged rankings, the pins and the files that were read, and puts samples and facts
 * into `result`; the samples move there. Takes buffers of its own after the peak of memory was
 * read. */
int l4r_round_put_results(struct l4r_round *round, struct l4r_bundle *result);

#endif
