/* SPDX-License-Identifier: BSD-3-Clause */
/* The measuring part of `lite4rec info`. */
#ifndef L4R_BENCH_COMMANDS_INFO_CEILINGS_H
#define L4R_BENCH_COMMANDS_INFO_CEILINGS_H

#include <stdint.h>

/* Measures the ceilings of one worker and of `threads` pinned ones (0: all cores): multiply-adds by
 * every instruction set, reading from every level of memory; beside them sgemm by every library,
 * how fast one row streams weights, and what share of the ceiling of its precision Lite's serving
 * work on the blis stack reaches, ceiling and work taking turns. Random weights, history 50, 3,416
 * items. Prints tables; with json one JSON object (bench/ceiling/file.h), and the tables to stderr.
 * Takes about two minutes. */
int l4r_info_ceilings(int64_t threads, int json);

#endif
