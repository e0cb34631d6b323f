/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the table of records for documents. */
#ifndef L4R_BENCH_EXPORT_TABLE_H
#define L4R_BENCH_EXPORT_TABLE_H

#include "bench/export/rows.h"
#include "bench/table/sheet.h"

/* Prints one table per group: accuracy under both conventions, latency, throughput, memory. 95 %
 * intervals are below the figures; footnotes say why figures are withheld. */
int l4r_export_table(const struct l4r_rows *rows, struct l4r_sheet *sheet);

#endif
