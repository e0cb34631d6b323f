/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints tables for a web page. A paragraph becomes the caption. A row that belongs to the one
 * above is in the same <tbody> and moves with it. data-v holds the value by which a column is
 * sorted. Footnotes are a list that cells link to. An interval is printed small below its
 * figure. */
#include "bench/table/html.h"

#include "bench/table/marks.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

/* Returns the bytes of the character at `text`, 0 when a page may not hold it. */
static size_t character(const char *text) {
  const unsigned char first = (unsigned char)*text;
  size_t bad, n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (first < 32 || first == 127) return first == '\n' || first == '\t';
  for (size_t i = 1; i < n; i++)
    if (((unsigned char)text[i] & 0xc0) != 0x80) return 0;
  return l4r_utf8_valid(text, n, &bad) ? n : 0;
}

static void put(FILE *page, const char *text, size_t bytes, int in_code) {
  (void)in_code;
  const char *name = *text == '&'    ? "&amp;"
                     : *text == '<'  ? "&lt;"
                     : *text == '>'  ? "&gt;"
                     : *text == '"'  ? "&quot;"
                     : *text == '\'' ? "&#39;"
                     : bytes         ? NULL
                                     : "\xef\xbf\xbd";
  if (name)
    fputs(name, page);
  else
    fwrite(text, 1, bytes, page);
}

void l4r_html_text(FILE *page, const char *text) {
  for (size_t n; *text; text += n ? n : 1) put(page, text, n = character(text), 0);
}

static void put_note(struct l4r_sheet *sheet, int number) {
  fprintf(sheet->stream, "<a href=\"#%s-%d-%d\">[%d]</a>", sheet->prefix, sheet->tables, number,
          number);
}

#define MARKS .strong = {"<strong>", "</strong>"}, .code = {"<code>", "</code>"}, .line = "<br>"
static const struct l4r_marks marks = {MARKS, .put = put};
static const struct l4r_marks in_cell = {MARKS, .put = put, .note = put_note};

static void print_text(struct l4r_sheet *sheet, const char *text, int item) {
  (void)item; /* an item of a list is printed as a paragraph */
  fputs("<p>", sheet->stream);
  l4r_put_marked(sheet, &marks, text);
  fputs("</p>\n", sheet->stream);
}

static void put_cell(struct l4r_sheet *sheet, const char *tag, const struct l4r_column *column,
                     const struct l4r_table_cell *cell) {
  FILE *page = sheet->stream;
  fprintf(page, "<%s%s", tag, column->align ? " class=\"n\"" : "");
  if (!isnan(cell->key)) fprintf(page, " data-v=\"%.9g\"", cell->key);
  fputc('>', page);
  l4r_put_marked(sheet, &in_cell, cell->text);
  if (cell->interval) {
    fputs(cell->beside ? " " : " <small>", page);
    l4r_put_marked(sheet, &in_cell, cell->interval);
    if (!cell->beside) fputs("</small>", page);
  }
  fprintf(page, "</%.2s>", tag);
}

static void put_across(struct l4r_sheet *sheet, const struct l4r_table *table, const char *text) {
  fprintf(sheet->stream, "<tr><td colspan=\"%zu\">", table->columns);
  l4r_put_marked(sheet, &in_cell, text);
  fputs("</td></tr>\n", sheet->stream);
}

static void put_body(struct l4r_sheet *sheet) {
  if (sheet->anchors)
    fprintf(sheet->stream, "<tbody id=\"%s-%d-r%d\">", sheet->prefix, sheet->tables,
            sheet->named++);
  else
    fputs("<tbody>", sheet->stream);
}

static void put_row(struct l4r_sheet *sheet, const struct l4r_table *table,
                    const struct l4r_table_row *row, int first) {
  const char *name = row->across ? row->across : l4r_cell_at(table, row, 0)->text;
  if (!first && *name) fputs("</tbody>\n", sheet->stream);
  if (first || *name) put_body(sheet);
  if (row->across) {
    put_across(sheet, table, row->across);
    return;
  }
  fputs("<tr>", sheet->stream);
  for (size_t c = 0; c < table->columns; c++)
    put_cell(sheet, c || !*name ? "td" : "th scope=\"row\"", &table->column[c],
             l4r_cell_at(table, row, c));
  fputs("</tr>\n", sheet->stream);
  for (size_t r = 0; r < row->remarks; r++) put_across(sheet, table, row->remark[r]);
}

static void put_notes(struct l4r_sheet *sheet, const struct l4r_table *table) {
  if (table->notes) fputs("<ul class=\"notes\">\n", sheet->stream);
  for (size_t n = 1; n <= table->notes; n++) {
    fprintf(sheet->stream, "<li id=\"%s-%d-%zu\">[%zu] ", sheet->prefix, sheet->tables, n, n);
    l4r_put_marked(sheet, &marks, table->note[n - 1]);
    fputs("</li>\n", sheet->stream);
  }
  if (table->notes) fputs("</ul>\n", sheet->stream);
}

static int print_table(struct l4r_sheet *sheet, const struct l4r_table *table) {
  FILE *page = sheet->stream;
  sheet->named = 0;
  fputs("<div class=\"box\" tabindex=\"0\" role=\"group\" aria-label=\"table\">"
        "<table class=\"sort\">",
        page);
  if (table->title) {
    fputs("<caption>", page);
    l4r_put_marked(sheet, &marks, table->title);
    fputs("</caption>\n", page);
  }
  fputs("<thead><tr>", page);
  for (size_t c = 0; c < table->columns; c++)
    put_cell(sheet, "th scope=\"col\"", &table->column[c],
             &(struct l4r_table_cell){.text = table->column[c].title, .key = NAN});
  fputs("</tr></thead>\n", page);
  for (size_t r = 0; r < table->rows; r++) put_row(sheet, table, &table->row[r], !r);
  fputs(table->rows ? "</tbody></table></div>\n" : "</table></div>\n", page);
  put_notes(sheet, table);
  if (table->foot) print_text(sheet, table->foot, 0);
  return L4R_OK;
}

const struct l4r_printer l4r_print_html = {
    .name = "html", .document = 1, .text = print_text, .table = print_table};
