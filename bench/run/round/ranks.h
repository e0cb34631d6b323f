/* SPDX-License-Identifier: BSD-3-Clause */
/* What the ranks of an arm with shards=R did in the timed part of a round. */
#ifndef L4R_BENCH_RUN_ROUND_RANKS_H
#define L4R_BENCH_RUN_ROUND_RANKS_H

#include "bench/run/round/state.h"

/* Asks all ranks, before (0) and after (1) the timed part; nothing where the arm has no shards. */
int l4r_round_ask_ranks(struct l4r_round *round, int after);
void l4r_round_put_ranks(const struct l4r_round *round, json_t *meta);

#endif
