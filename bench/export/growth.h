/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints how time and memory grow. */
#ifndef L4R_BENCH_EXPORT_GROWTH_H
#define L4R_BENCH_EXPORT_GROWTH_H

#include "bench/export/rows.h"
#include "bench/table/sheet.h"

/* Prints a table of time and memory for every set of at least three records that agree in engine,
 * kind and size of model, precision, scenario and options, and in all of history, items, beams,
 * batch and threads but one. With a folder, also writes folder/growth.tsv for figures. L4R_INPUT
 * when there is no such set. */
int l4r_export_growth(const struct l4r_rows *rows, struct l4r_sheet *sheet, const char *folder);

#endif
