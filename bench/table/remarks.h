/* SPDX-License-Identifier: BSD-3-Clause */
/* What stands below a record's row: counters with their source, stages, the server, tails,
 * failures, warnings; a line each, and none for what a record does not have. Source: project. */
#ifndef L4R_BENCH_TABLE_REMARKS_H
#define L4R_BENCH_TABLE_REMARKS_H

#include "bench/record/fields.h"
#include "bench/table/model.h"

/* Adds them to the row begun last; counters that are absent share a footnote a reason. */
void l4r_row_remarks(struct l4r_table *table, const struct l4r_record *record);

#endif
