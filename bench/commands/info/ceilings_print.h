/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables of `lite4rec info --ceilings`. */
#ifndef L4R_BENCH_COMMANDS_INFO_CEILINGS_PRINT_H
#define L4R_BENCH_COMMANDS_INFO_CEILINGS_PRINT_H

#include "bench/table/sheet.h"

#include <jansson.h>

/* Prints what l4r_info_ceilings measured: its JSON object. */
void l4r_info_ceilings_print(struct l4r_sheet *sheet, const json_t *root);

#endif
