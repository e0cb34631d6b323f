/* SPDX-License-Identifier: BSD-3-Clause */
/* The measuring part of `lite4rec info`. */
#ifndef L4R_BENCH_COMMANDS_INFO_CEILINGS_H
#define L4R_BENCH_COMMANDS_INFO_CEILINGS_H

#include "bench/table/sheet.h"

#include <jansson.h>
#include <stdint.h>

/* Measures the multiply-add and sgemm ceilings of one worker and of `threads` pinned ones (0: all
 * cores), and the share of the sgemm ceiling that Lite's serving work on the blis stack reaches,
 * size by size, ceiling and work taking turns in one run. Prints a table; with json one JSON
 * object, and the table to stderr. Random weights, history 50, 3,416 items. Takes about a minute.
 */
int l4r_info_ceilings(int64_t threads, int json);
/* Its tables: `ceilings` and `shares` as in the JSON, what the processor lacks for fp32, bf16 and
 * int8 (NULL: nothing), the name of the sgemm kernels. */
void l4r_info_ceilings_print(struct l4r_sheet *sheet, const char *kernels,
                             const char *const lacks[3], const json_t *ceilings,
                             const json_t *shares);

#endif
