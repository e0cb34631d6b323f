/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the table of records for documents and for reading. */
#ifndef L4R_BENCH_EXPORT_TABLE_H
#define L4R_BENCH_EXPORT_TABLE_H

#include "bench/export/rows.h"
#include "bench/table/sheet.h"

/* Prints one table per group: accuracy under both conventions, latency, throughput, memory. 95 %
 * intervals are below the figures; footnotes say why figures are withheld. */
int l4r_export_table(const struct l4r_rows *rows, struct l4r_sheet *sheet);

/* Prints the table of `run` as text, once a group; with user_groups also accuracy by groups of
 * users, once an arm, because thread counts share it. `rows` are made of `records`. L4R_ENVIRONMENT
 * without memory. */
int l4r_export_text(const struct l4r_rows *rows, const struct l4r_records *records, int user_groups,
                    struct l4r_sheet *sheet);

#endif
