/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes cells of a table from a record's figures. An absent figure is '-' with a footnote that says
 * why. */
#ifndef L4R_BENCH_TABLE_CELLS_H
#define L4R_BENCH_TABLE_CELLS_H

#include "bench/record/fields.h"
#include "bench/table/model.h"

/* Adds a metric with its interval (NULL where there is none). */
void l4r_cell_accuracy(struct l4r_table *table, double value, const struct l4r_pair *interval);
/* Adds a time in ns, or a rate, with its interval below it. With say_why, a figure without an
 * interval gets a footnote. */
void l4r_cell_estimate(struct l4r_table *table, const struct l4r_record_estimate *estimate,
                       int is_time, int say_why);
/* Adds a number of bytes; L4R_NONE means unknown. */
void l4r_cell_memory(struct l4r_table *table, int64_t bytes);

#endif
