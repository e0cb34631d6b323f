/* SPDX-License-Identifier: BSD-3-Clause */
/* For printers of tables: texts with marks (model.h), and the cells of a row. */
#ifndef L4R_BENCH_TABLE_MARKS_H
#define L4R_BENCH_TABLE_MARKS_H

#include "bench/table/sheet.h"

/* How a format writes a text with marks. */
struct l4r_marks {
  const char *strong[2], *code[2]; /* before and after */
  const char *line;                /* between two lines */
  /* Between two lines, in place of the two blanks by which the second is indented; NULL: `line` is
   * written there too, and the blanks stay. */
  const char *detail;
  /* Writes one character of a text; control characters arrive as blanks. in_code: within code. */
  void (*put)(FILE *stream, const char *character, size_t bytes, int in_code);
  /* Writes the footnote "[N]"; NULL: it is written as it is. */
  void (*note)(struct l4r_sheet *sheet, int number);
};
void l4r_put_marked(struct l4r_sheet *sheet, const struct l4r_marks *marks, const char *text);
/* Returns a text without marks and references to footnotes, with blanks for control characters;
 * free with l4r_free. NULL without memory. */
char *l4r_unmarked(const char *text);
/* Returns the width of a text in columns, without its marks. Pure. */
int l4r_marked_width(const char *text);
/* Returns the cell at that place of a row, an empty one where the row is too short. Pure. */
const struct l4r_table_cell *l4r_cell_at(const struct l4r_table *table,
                                         const struct l4r_table_row *row, size_t column);

/* Returns 1 when the cell holds only '-' and its reason. Pure. */
int l4r_cell_is_absent(const struct l4r_table_cell *cell);

#endif
