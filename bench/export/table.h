/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of records for documents. */
#ifndef L4R_BENCH_EXPORT_TABLE_H
#define L4R_BENCH_EXPORT_TABLE_H

#include "bench/export/rows.h"
#include "bench/table/sheet.h"

/* A table a group: accuracy under both conventions, latency, throughput, memory; 95 %
 * intervals below the figures, reasons of what is withheld as footnotes. */
int l4r_export_table(const struct l4r_rows *rows, struct l4r_sheet *sheet);

#endif
