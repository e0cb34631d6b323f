/* SPDX-License-Identifier: BSD-3-Clause */
/* Adds remarks below a record's row, one line each: counters with their source, stages, the server,
 * slowest calls, failures, warnings. What a record does not have gets no line. */
#ifndef L4R_BENCH_TABLE_REMARKS_H
#define L4R_BENCH_TABLE_REMARKS_H

#include "bench/record/fields.h"
#include "bench/table/model.h"

/* Adds the remarks to the last row; counters that are absent for the same reason share a
 * footnote. */
void l4r_row_remarks(struct l4r_table *table, const struct l4r_record *record);

/* Writes "instructions, no time: 628542 a user ..." of a record that has a count; returns `out`. */
const char *l4r_instructions_text(const struct l4r_record_instructions *counted, char *out,
                                  size_t size);

#endif
