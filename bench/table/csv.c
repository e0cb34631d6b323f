/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints tables for spreadsheets (RFC 4180) and for gnuplot (tab-separated, '-' for an absent
 * value): a line of keys, then one line per row. Numbers are written in full, texts as in the other
 * formats. An empty line separates tables. */
#include "bench/table/marks.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <string.h>

struct form {
  const char *between, *end, *nothing;
};
static const struct form csv = {",", "\r\n", ""}, tsv = {"\t", "\n", "-"};

static const struct form *form_of(const struct l4r_sheet *sheet) {
  return sheet->printer == &l4r_print_tsv ? &tsv : &csv;
}

/* Quotes the text where a mark asks for it. An apostrophe goes before what a spreadsheet would read
 * as a formula. */
static void put_quoted(FILE *stream, const char *text) {
  const char *quote = strpbrk(text, ",\"") ? "\"" : "";
  fprintf(stream, "%s%s", quote, *text && strchr("=+-@", *text) ? "'" : "");
  for (; *text; text++) {
    if (*text == '"') fputc('"', stream);
    fputc(*text, stream);
  }
  fputs(quote, stream);
}

static int put_text(struct l4r_sheet *sheet, const char *marked) {
  char *text = l4r_unmarked(marked);
  if (text && form_of(sheet) == &csv)
    put_quoted(sheet->stream, text);
  else if (text)
    fputs(*text ? text : tsv.nothing, sheet->stream);
  l4r_free(text);
  return text ? L4R_OK : L4R_ENVIRONMENT;
}

static void put_number(struct l4r_sheet *sheet, double number) {
  const int whole = fabs(number) < 1e15 && number >= floor(number) && number <= floor(number);
  if (isnan(number))
    fputs(form_of(sheet)->nothing, sheet->stream);
  else
    fprintf(sheet->stream, whole ? "%.0f" : "%.10g", number);
}

static int put_cell(struct l4r_sheet *sheet, const struct l4r_table_cell *cell, int interval) {
  int status = L4R_OK;
  if (!isnan(cell->number.value) || l4r_cell_is_absent(cell))
    put_number(sheet, cell->number.value);
  else
    status = put_text(sheet, cell->text);
  for (int end = 0; end < 2 && interval; end++) {
    fputs(form_of(sheet)->between, sheet->stream);
    put_number(sheet, end ? cell->number.hi : cell->number.lo);
  }
  return status;
}

static void put_keys(struct l4r_sheet *sheet, const struct l4r_table *table) {
  const struct form *form = form_of(sheet);
  for (size_t c = 0; c < table->columns; c++) {
    const char *key = table->column[c].key, *between = form->between;
    fprintf(sheet->stream, "%s%s", c ? between : "", key);
    if (table->column[c].interval)
      fprintf(sheet->stream, "%s%s_lo%s%s_hi", between, key, between, key);
  }
  fputs(form->end, sheet->stream);
}

static int print_table(struct l4r_sheet *sheet, const struct l4r_table *table) {
  const struct form *form = form_of(sheet);
  int status = L4R_OK;
  if (sheet->blocks && !sheet->in_parts) fputs(form->end, sheet->stream);
  if (!sheet->blocks || !sheet->in_parts) put_keys(sheet, table);
  for (size_t r = 0; r < table->rows && !status; r++) {
    for (size_t c = 0; c < table->columns && !status && !table->row[r].across; c++) {
      if (c) fputs(form->between, sheet->stream);
      status = put_cell(sheet, l4r_cell_at(table, &table->row[r], c), table->column[c].interval);
    }
    if (!table->row[r].across) fputs(form->end, sheet->stream);
  }
  return status;
}

const struct l4r_printer l4r_print_csv = {.name = "csv", .table = print_table};
const struct l4r_printer l4r_print_tsv = {.name = "tsv", .table = print_table};
