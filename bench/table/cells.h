/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells of a table from a record's figures. What is not there is '-' with a footnote that says why.
 */
#ifndef L4R_BENCH_TABLE_CELLS_H
#define L4R_BENCH_TABLE_CELLS_H

#include "bench/table/model.h"

#include <jansson.h>

/* A metric of "accuracy" under a convention, "keep" or "mask". */
void l4r_cell_accuracy(struct l4r_table *table, const json_t *accuracy, const char *convention,
                       const char *metric);
/* A time in ns, or a rate, with its interval below it; say_why: a footnote where a figure has no
 * interval. */
void l4r_cell_estimate(struct l4r_table *table, const json_t *estimate, int is_time, int say_why);
/* A number of bytes. */
void l4r_cell_memory(struct l4r_table *table, const json_t *bytes);

#endif
