/* SPDX-License-Identifier: BSD-3-Clause */
/* The order in which a run's rounds are executed. */
#ifndef L4R_BENCH_RUN_ORDER_H
#define L4R_BENCH_RUN_ORDER_H

#include <stdint.h>

/* order[rounds * cells]: the cell served at place p of round r. Every round holds each cell once,
 * and over any `cells` consecutive rounds each cell stands at each place once (a cyclic Latin
 * square over a seeded arrangement), so that drift of the machine falls on all alike. Pure. */
void l4r_latin_order(int cells, int rounds, uint64_t seed, int *order);

#endif
