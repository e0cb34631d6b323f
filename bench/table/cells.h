/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells of a table from a record's figures. What is not there is '-' with a footnote that says why.
 */
#ifndef L4R_BENCH_TABLE_CELLS_H
#define L4R_BENCH_TABLE_CELLS_H

#include "bench/record/fields.h"
#include "bench/table/model.h"

/* A metric, with its interval (NULL where there is none). */
void l4r_cell_accuracy(struct l4r_table *table, double value, const struct l4r_pair *interval);
/* A time in ns, or a rate, with its interval below it; say_why: a footnote where a figure has no
 * interval. */
void l4r_cell_estimate(struct l4r_table *table, const struct l4r_record_estimate *estimate,
                       int is_time, int say_why);
/* A number of bytes; L4R_NONE: unknown. */
void l4r_cell_memory(struct l4r_table *table, int64_t bytes);

#endif
