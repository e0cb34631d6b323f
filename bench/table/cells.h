/* SPDX-License-Identifier: BSD-3-Clause */
/* The figures of a table's row and their intervals, in columns of one width. Source: project. */
#ifndef L4R_BENCH_TABLE_CELLS_H
#define L4R_BENCH_TABLE_CELLS_H

#include "bench/table/footnotes.h"

#include <jansson.h>
#include <stdio.h>

/* In characters: the arm's column, every other column, a whole line, the text of a cell. */
enum { L4R_ARM_WIDTH = 27, L4R_COLUMN_WIDTH = 14, L4R_LINE_WIDTH = 158, L4R_CELL_ROOM = 64 };

struct l4r_table_unit {
  double scale; /* in ns */
  const char *name;
};
/* The unit in which a time reads with one to three digits before the point, in ASCII: terminals
 * count a column for each byte. Pure. */
struct l4r_table_unit l4r_table_unit_of(double ns);
/* Three significant digits without an exponent into `out`. */
void l4r_table_number(char *out, size_t size, double value);

struct l4r_cell {
  char value[L4R_CELL_ROOM], interval[L4R_CELL_ROOM];
};
/* A metric of "accuracy" under a convention, "keep" or "mask". */
struct l4r_cell l4r_accuracy_cell(const json_t *accuracy, const char *convention,
                                  const char *metric);
/* An estimate of a record; what is withheld is '-' and a footnote. The notes borrow the record's
 * texts. */
struct l4r_cell l4r_estimate_cell(const json_t *estimate, int is_time, struct l4r_footnotes *notes);
/* Bytes in units of 1e6; '-' where there are none. */
struct l4r_cell l4r_bytes_cell(const json_t *bytes);
/* The values on the line begun, their intervals on the next: those of the first eight columns. */
void l4r_print_cells(FILE *stream, const struct l4r_cell *cell, int cells);

#endif
