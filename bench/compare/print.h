/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints a comparison for people and for programs. */
#ifndef L4R_BENCH_COMPARE_PRINT_H
#define L4R_BENCH_COMPARE_PRINT_H

#include "bench/compare/compare.h"
#include "bench/compare/gate.h"
#include "bench/table/model.h"

#include <stdio.h>

/* Print the table with its remarks, or all figures for programs. `gate` may be NULL.
 * L4R_ENVIRONMENT without memory, or where the stream cannot be written. */
int l4r_compare_print(const struct l4r_compare_table *table, const struct l4r_gate *gate,
                      const struct l4r_printer *printer, FILE *stream);
int l4r_compare_json(const struct l4r_compare_table *table, const struct l4r_gate *gate,
                     FILE *stream);

#endif
