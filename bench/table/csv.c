/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables for spreadsheets (RFC 4180) and for gnuplot (tab-separated, '-' where nothing is): a line
 * of keys, then rows alone. Numbers are written in full, texts as people read them; several tables
 * are separated by an empty line. */
#include "bench/table/sheet.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <string.h>

static int is_tsv(const struct l4r_sheet *sheet) {
  return sheet->printer == &l4r_print_tsv;
}

/* A text that a spreadsheet would take for a formula begins with an apostrophe. */
static int put_text(struct l4r_sheet *sheet, const char *marked) {
  char *text = l4r_unmarked(marked);
  if (!text) return L4R_ENVIRONMENT;
  if (is_tsv(sheet)) {
    fputs(*text ? text : "-", sheet->stream);
  } else {
    const int quote = strpbrk(text, ",\"") != NULL;
    if (quote) fputc('"', sheet->stream);
    if (*text && strchr("=+-@", *text)) fputc('\'', sheet->stream);
    for (const char *at = text; *at; at++) {
      if (*at == '"') fputc('"', sheet->stream);
      fputc(*at, sheet->stream);
    }
    if (quote) fputc('"', sheet->stream);
  }
  l4r_free(text);
  return L4R_OK;
}

static void put_number(struct l4r_sheet *sheet, double number) {
  const int whole = fabs(number) < 1e15 && number >= floor(number) && number <= floor(number);
  if (!isnan(number))
    fprintf(sheet->stream, whole ? "%.0f" : "%.10g", number);
  else if (is_tsv(sheet))
    fputc('-', sheet->stream);
}

static int put_cell(struct l4r_sheet *sheet, const struct l4r_table_cell *cell, int interval) {
  const char *between = is_tsv(sheet) ? "\t" : ",";
  const int is_absent = cell->text[0] == '-' && strchr(" ", cell->text[1]); /* "-", "- [1]" */
  int status = L4R_OK;
  if (!isnan(cell->number.value) || is_absent)
    put_number(sheet, cell->number.value);
  else
    status = put_text(sheet, cell->text);
  if (!interval) return status;
  fputs(between, sheet->stream);
  put_number(sheet, cell->number.lo);
  fputs(between, sheet->stream);
  put_number(sheet, cell->number.hi);
  return status;
}

static void put_keys(struct l4r_sheet *sheet, const struct l4r_table *table) {
  const char *between = is_tsv(sheet) ? "\t" : ",";
  for (size_t c = 0; c < table->columns; c++) {
    const char *key = table->column[c].key;
    fprintf(sheet->stream, "%s%s", c ? between : "", key);
    if (table->column[c].interval)
      fprintf(sheet->stream, "%s%s_lo%s%s_hi", between, key, between, key);
  }
  fputs(is_tsv(sheet) ? "\n" : "\r\n", sheet->stream);
}

static int print_table(struct l4r_sheet *sheet, const struct l4r_table *table) {
  const char *end = is_tsv(sheet) ? "\n" : "\r\n", *between = is_tsv(sheet) ? "\t" : ",";
  if (sheet->blocks && !sheet->in_parts) fputs(end, sheet->stream);
  if (!sheet->blocks || !sheet->in_parts) put_keys(sheet, table);
  int status = L4R_OK;
  for (size_t r = 0; r < table->rows && !status; r++) {
    if (table->row[r].across) continue;
    for (size_t c = 0; c < table->columns && !status; c++) {
      if (c) fputs(between, sheet->stream);
      status = put_cell(sheet, l4r_cell_at(table, &table->row[r], c), table->column[c].interval);
    }
    fputs(end, sheet->stream);
  }
  return status;
}

const struct l4r_printer l4r_print_csv = {.name = "csv", .table = print_table};
const struct l4r_printer l4r_print_tsv = {.name = "tsv", .table = print_table};
