/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints tables for documents, in GitHub's Markdown. */
#include "bench/table/marks.h"

#include "impl/base/error.h"

#include <string.h>

/* Drops characters that have a meaning in Markdown; within code, a bar would end the cell. */
static void put(FILE *stream, const char *character, size_t bytes, int in_code) {
  const char c = *character;
  if (!in_code)
    fwrite(strchr("|`*<[\\", c) ? " " : character, 1, bytes, stream);
  else if (c == '|')
    fputs("\\|", stream);
  else
    fwrite(c == '`'                           ? "'"
           : c == '\\' && character[1] == '|' ? "/" /* a backslash would escape the bar */
                                              : character,
           1, bytes, stream);
}

static const struct l4r_marks marks = {
    .strong = {"**", "**"}, .code = {"`", "`"}, .line = "\n", .put = put};
/* Without a list, a paragraph's details would run together with its first line. */
static const struct l4r_marks in_paragraph = {
    .strong = {"**", "**"}, .code = {"`", "`"}, .line = "\n", .detail = "\n- ", .put = put};
static const struct l4r_marks in_cell = {
    .strong = {"**", "**"}, .code = {"`", "`"}, .line = "<br>", .put = put};

static void begin(struct l4r_sheet *sheet) {
  if (sheet->blocks) fputc('\n', sheet->stream);
}

static void print_text(struct l4r_sheet *sheet, const char *text, int item) {
  if (!item || !sheet->in_list) begin(sheet);
  if (item) fputs("- ", sheet->stream);
  l4r_put_marked(sheet, item ? &marks : &in_paragraph, text);
  fputc('\n', sheet->stream);
}

static void put_cell(struct l4r_sheet *sheet, const struct l4r_table_cell *cell) {
  if (*cell->text) fputc(' ', sheet->stream);
  l4r_put_marked(sheet, &in_cell, cell->text);
  if (cell->interval) {
    fputs(cell->beside ? " " : "<br>", sheet->stream);
    l4r_put_marked(sheet, &in_cell, cell->interval);
  }
  fputs(" |", sheet->stream);
}

static void put_row(struct l4r_sheet *sheet, const struct l4r_table *table,
                    const struct l4r_table_row *row) {
  const struct l4r_table_cell across = {.text = row->across};
  fputc('|', sheet->stream);
  for (size_t c = 0; c < table->columns; c++)
    put_cell(sheet, row->across && !c ? &across : l4r_cell_at(table, row, c));
  fputc('\n', sheet->stream);
}

/* Prints below the table what text prints below a row. */
static void put_remarks(struct l4r_sheet *sheet, const struct l4r_table *table) {
  for (size_t r = 0, any = 0; r < table->rows; r++)
    for (size_t m = 0; m < table->row[r].remarks; m++) {
      fputs(any++ ? "- " : "\n- ", sheet->stream);
      l4r_put_marked(sheet, &marks, l4r_cell_at(table, &table->row[r], 0)->text);
      fputs(": ", sheet->stream);
      l4r_put_marked(sheet, &marks, table->row[r].remark[m]);
      fputc('\n', sheet->stream);
    }
}

static int print_table(struct l4r_sheet *sheet, const struct l4r_table *table) {
  if (table->title) print_text(sheet, table->title, 0);
  if (table->title || sheet->blocks) fputc('\n', sheet->stream);
  fputc('|', sheet->stream);
  for (size_t c = 0; c < table->columns; c++)
    put_cell(sheet, &(struct l4r_table_cell){.text = table->column[c].title});
  fputs("\n|", sheet->stream);
  for (size_t c = 0; c < table->columns; c++)
    fputs(table->column[c].align ? "--:|" : "---|", sheet->stream);
  fputc('\n', sheet->stream);
  for (size_t r = 0; r < table->rows; r++) put_row(sheet, table, &table->row[r]);
  put_remarks(sheet, table);
  for (size_t n = 0; n < table->notes; n++) {
    fprintf(sheet->stream, "%s[%zu] ", n ? "<br>\n" : "\n", n + 1);
    l4r_put_marked(sheet, &marks, table->note[n]);
  }
  if (table->notes) fputc('\n', sheet->stream);
  if (table->foot) {
    fputc('\n', sheet->stream);
    l4r_put_marked(sheet, &marks, table->foot);
    fputc('\n', sheet->stream);
  }
  return L4R_OK;
}

const struct l4r_printer l4r_print_markdown = {
    .name = "markdown", .document = 1, .text = print_text, .table = print_table};
