/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes the table for the figure of latency against load. */
#ifndef L4R_BENCH_EXPORT_LOAD_H
#define L4R_BENCH_EXPORT_LOAD_H

#include "bench/export/rows.h"

#include <stdio.h>

/* The keys of load.tsv: rates in users/s; knee is 1 at the rate that a search found. */
extern const char l4r_load_columns[];

/* Adds a record's row; its places in arms and thread counts must be set. Returns 1, or 0 without a
 * row for another scenario or a withheld p50. */
int l4r_export_load(const struct l4r_row *row, const char *group, struct l4r_table *table);

#endif
