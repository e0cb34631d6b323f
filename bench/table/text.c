/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints tables for terminals. All columns have a fixed width, counted in characters. */
#include "bench/table/marks.h"

#include "bench/table/units.h"
#include "impl/base/memory.h"
#include "impl/base/error.h"
#include "impl/base/terminal.h"

#include <string.h>

enum { LINE_WIDTH = 158, REMARK = 4 };

static void put(FILE *stream, const char *character, size_t bytes, int in_code) {
  (void)in_code;
  fwrite(character, 1, bytes, stream);
}

static const struct l4r_marks plain = {
    .strong = {"", ""}, .code = {"", ""}, .line = "\n", .put = put};

static void put_line(struct l4r_sheet *sheet, const char *text) {
  l4r_put_marked(sheet, &plain, text);
  fputc('\n', sheet->stream);
}

/* Prints a paragraph, folded at blanks when `wrap` is not 0; lines from the second on begin after
 * `indent` blanks, which the first one has already. */
static void put_folded(struct l4r_sheet *sheet, const char *text, int wrap, int indent) {
  char *copy = wrap ? l4r_strdup(text) : NULL, *line = copy;
  int column = indent;
  if (!wrap) {
    put_line(sheet, text);
    return;
  }
  if (!copy) sheet->status = L4R_ENVIRONMENT;
  for (char *rest; line; line = rest, column = 0) {
    char *words = line, *word;
    if ((rest = strchr(line, *L4R_LINE))) *rest++ = '\0';
    while ((word = strsep(&words, " "))) {
      const int width = l4r_marked_width(word);
      if (column > indent && column + 1 + width > wrap)
        column = fprintf(sheet->stream, "\n%*s", indent, "") - 1;
      else if (column > indent)
        column += fprintf(sheet->stream, " ");
      l4r_put_marked(sheet, &plain, word);
      column += width;
    }
    fputc('\n', sheet->stream);
  }
  l4r_free(copy);
}

static void print_text(struct l4r_sheet *sheet, const char *text, int item) {
  if (sheet->blocks && !(item && sheet->in_list)) fputc('\n', sheet->stream);
  put_line(sheet, text);
}

/* Prints a remark and breaks the line before a part that would not fit; where the table is folded,
 * before any word. */
static void put_remark(struct l4r_sheet *sheet, const char *text, int wrap) {
  const int most = wrap ? wrap : LINE_WIDTH;
  char *copy = l4r_strdup(text), *rest = copy, *part;
  int column = 0;
  if (!copy) sheet->status = L4R_ENVIRONMENT;
  while ((part = strsep(&rest, wrap ? L4R_BREAK " " : L4R_BREAK))) {
    const int width = l4r_marked_width(part);
    if (column && REMARK + column + 1 + width <= most)
      column += fprintf(sheet->stream, " ");
    else
      fprintf(sheet->stream, "%s%*s", column ? "\n" : "", REMARK, ""), column = 0;
    l4r_put_marked(sheet, &plain, part);
    column += width;
  }
  fputc('\n', sheet->stream);
  l4r_free(copy);
}

/* A line of a row while it is built: blanks are written only when text follows. */
struct line {
  struct l4r_sheet *sheet;
  int owed;
};

static void put_cell(struct line *line, const char *text, const char *more,
                     const struct l4r_column *column) {
  const int used = l4r_marked_width(text) + (*more ? 1 + l4r_marked_width(more) : 0);
  const int left = column->width > used ? column->width - used : 0;
  if (column->align == L4R_RIGHT) line->owed += left;
  if (used) {
    fprintf(line->sheet->stream, "%*s", line->owed, "");
    line->owed = 0;
    l4r_put_marked(line->sheet, &plain, text);
    if (*more) fputc(' ', line->sheet->stream), l4r_put_marked(line->sheet, &plain, more);
  }
  if (column->align != L4R_RIGHT) line->owed += left;
}

static const char *beside(const struct l4r_table *table, const struct l4r_table_cell *cell) {
  return cell->interval && (cell->beside || !table->layout.below) ? cell->interval : "";
}

static void put_row(struct l4r_sheet *sheet, const struct l4r_table *table,
                    const struct l4r_column *column, const struct l4r_table_row *row) {
  struct line line = {sheet, table->layout.indent};
  int below = 0;
  const char *first = l4r_cell_at(table, row, 0)->text;
  for (size_t c = 0; c < table->columns; c++) {
    const struct l4r_table_cell *cell = l4r_cell_at(table, row, c);
    const int spills = !c && table->column[0].width && l4r_marked_width(first) > column->width;
    put_cell(&line, cell->text, beside(table, cell), &column[c]);
    if (spills) {
      fputc('\n', sheet->stream);
      line.owed = table->layout.indent + column->width;
    }
    line.owed += table->layout.gap;
    below |= cell->interval && !*beside(table, cell);
  }
  fputc('\n', sheet->stream);
  line.owed = table->layout.indent;
  for (size_t c = 0; c < table->columns && below; c++) {
    const struct l4r_table_cell *cell = l4r_cell_at(table, row, c);
    put_cell(&line, cell->interval && !*beside(table, cell) ? cell->interval : "", "", &column[c]);
    line.owed += table->layout.gap;
  }
  if (below) fputc('\n', sheet->stream);
  for (size_t r = 0; r < row->remarks; r++) put_remark(sheet, row->remark[r], table->layout.wrap);
}

/* Returns the columns with the widths that their cells need. */
static struct l4r_column *fitted(const struct l4r_table *table) {
  struct l4r_column *column = l4r_alloc(table->columns, sizeof *column, "columns of a table");
  for (size_t c = 0; column && c < table->columns; c++) {
    column[c] = table->column[c];
    const int title = l4r_marked_width(column[c].title);
    if (column[c].width) continue;
    column[c].width = title;
    for (size_t r = 0; r < table->rows; r++) {
      const struct l4r_table_cell *cell = l4r_cell_at(table, &table->row[r], c);
      const char *more = beside(table, cell);
      const int width = l4r_marked_width(cell->text) + (*more ? 1 + l4r_marked_width(more) : 0);
      if (width > column[c].width) column[c].width = width;
    }
  }
  return column;
}

static int print_table(struct l4r_sheet *sheet, const struct l4r_table *table) {
  struct l4r_column *column = fitted(table);
  if (!column) return L4R_ENVIRONMENT;
  if (sheet->blocks) fputc('\n', sheet->stream);
  const int wrap = table->layout.wrap;
  if (table->title) put_folded(sheet, table->title, wrap, 0);
  struct line line = {sheet, table->layout.indent};
  const int terminal = fileno(sheet->stream); /* -1 of a stream in memory, which has no colours */
  fputs(l4r_colour(terminal, L4R_BOLD), sheet->stream);
  for (size_t c = 0; c < table->columns; c++) {
    put_cell(&line, column[c].title, "", &column[c]);
    line.owed += table->layout.gap;
  }
  fprintf(sheet->stream, "%s\n", l4r_colour(terminal, L4R_PLAIN));
  for (size_t r = 0; r < table->rows; r++)
    if (table->row[r].across) {
      fprintf(sheet->stream, "%*s", table->layout.indent, "");
      put_line(sheet, table->row[r].across);
    } else {
      put_row(sheet, table, column, &table->row[r]);
    }
  for (size_t n = 0; n < table->notes; n++) {
    const int indent = fprintf(sheet->stream, "[%zu] ", n + 1);
    put_folded(sheet, table->note[n], wrap, indent);
  }
  if (table->foot) put_folded(sheet, table->foot, wrap, 0);
  l4r_free(column);
  return L4R_OK;
}

const struct l4r_printer l4r_print_text = {
    .name = "text", .text = print_text, .table = print_table};
