/* SPDX-License-Identifier: BSD-3-Clause */
/* For printers of tables: texts with marks (model.h), and the cells of a row. */
#ifndef L4R_BENCH_TABLE_MARKS_H
#define L4R_BENCH_TABLE_MARKS_H

#include "bench/table/sheet.h"

/* How a format writes a text with marks. */
struct l4r_marks {
  const char *strong[2], *code[2]; /* before and behind */
  const char *line;                /* between lines */
  /* One character of a text, a control character being a blank; in_code: within code. */
  void (*put)(FILE *stream, const char *character, size_t bytes, int in_code);
  /* "[N]" of our own; NULL: as it stands. */
  void (*note)(struct l4r_sheet *sheet, int number);
};
void l4r_put_marked(struct l4r_sheet *sheet, const struct l4r_marks *marks, const char *text);
/* A text without marks and references to footnotes, control characters being blanks; free with
 * l4r_free. NULL without memory. */
char *l4r_unmarked(const char *text);
/* Columns that the text takes, marks left out. Pure. */
int l4r_marked_width(const char *text);
/* The cell at that place of a row; an empty one where the row is too short. Pure. */
const struct l4r_table_cell *l4r_cell_at(const struct l4r_table *table,
                                         const struct l4r_table_row *row, size_t column);

/* 1 when nothing stands in the cell but '-' and why. Pure. */
int l4r_cell_is_absent(const struct l4r_table_cell *cell);

#endif
