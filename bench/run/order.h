/* SPDX-License-Identifier: BSD-3-Clause */
/* The order in which a run executes its rounds. */
#ifndef L4R_BENCH_RUN_ORDER_H
#define L4R_BENCH_RUN_ORDER_H

#include <stdint.h>

/* order[rounds * configs]: the configuration served at place p of round r. Every round holds each
 * configuration once, and over any `configs` consecutive rounds each configuration stands at each
 * place once (a cyclic Latin square over a seeded arrangement), so that drift of the machine falls
 * on all alike. Pure. */
void l4r_latin_order(int configs, int rounds, uint64_t seed, int *order);

#endif
