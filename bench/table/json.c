/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints tables for programs as an array of {title, columns, rows} and {text}. A cell is a number,
 * an object with value, lo and hi, a text, or null with the texts of its footnotes. */
#include "bench/table/marks.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *plain(const char *text) {
  char *copy = l4r_unmarked(text);
  json_t *value = copy ? json_string(copy) : NULL;
  l4r_free(copy);
  return value;
}

static json_t *number(double value) {
  if (isnan(value)) return json_null();
  const int whole = fabs(value) < 1e15 && value >= floor(value) && value <= floor(value);
  return whole ? json_integer((json_int_t)value) : json_real(value);
}

static json_t *value_json(const struct l4r_table_cell *cell) {
  const struct l4r_shown *n = &cell->number;
  if (l4r_cell_is_absent(cell)) return json_null();
  if (isnan(n->value)) return plain(cell->text);
  if (isnan(n->lo)) return number(n->value);
  return json_pack("{s:o, s:o, s:o}", "value", number(n->value), "lo", number(n->lo), "hi",
                   number(n->hi));
}

/* Returns the value, or {value, notes} when it has footnotes; NULL without memory. */
static json_t *cell_json(const struct l4r_table *table, const struct l4r_table_cell *cell) {
  json_t *notes = json_array();
  int failed = !notes;
  for (const char *at = cell->text; (at = strstr(at, " " L4R_BRACKET)); at += 2) {
    const long note = strtol(at + 2, NULL, 10);
    if (note > 0 && note <= (long)table->notes)
      failed |= json_array_append_new(notes, plain(table->note[note - 1]));
  }
  json_t *value = failed ? NULL : value_json(cell);
  if (value && json_array_size(notes))
    return json_pack("{s:o, s:o}", "value", value, "notes", notes);
  json_decref(notes);
  return value;
}

static json_t *row_json(const struct l4r_table *table, const struct l4r_table_row *row) {
  json_t *object = json_object(), *remarks = json_array();
  int failed = 0;
  for (size_t c = 0; c < table->columns; c++)
    failed |= json_object_set_new(object, table->column[c].key,
                                  cell_json(table, l4r_cell_at(table, row, c)));
  for (size_t r = 0; r < row->remarks; r++)
    failed |= json_array_append_new(remarks, plain(row->remark[r]));
  if (row->remarks) failed |= json_object_set(object, "remarks", remarks);
  json_decref(remarks);
  if (!failed) return object;
  json_decref(object);
  return NULL;
}

static int print_table(struct l4r_sheet *sheet, const struct l4r_table *table) {
  json_t *columns = json_array(), *rows = json_array();
  json_t *root = json_pack("{s:o, s:o, s:o}", "title", plain(table->title ? table->title : ""),
                           "columns", columns, "rows", rows);
  int failed = !root;
  for (size_t c = 0; c < table->columns && !failed; c++)
    failed = json_array_append_new(
        columns, json_pack("{s:s, s:o, s:s}", "key", table->column[c].key, "title",
                           plain(table->column[c].title), "unit", table->column[c].unit));
  for (size_t r = 0; r < table->rows && !failed; r++)
    if (!table->row[r].across)
      failed = json_array_append_new(rows, row_json(table, &table->row[r]));
  if (sheet->blocks) fputs(",\n", sheet->stream);
  if (!failed) failed = json_dumpf(root, sheet->stream, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
  json_decref(root);
  return failed ? l4r_fail(L4R_ENVIRONMENT, "no memory to write a table as JSON") : L4R_OK;
}

static void print_text(struct l4r_sheet *sheet, const char *text, int item) {
  (void)item;
  json_t *root = json_pack("{s:o}", "text", plain(text));
  if (sheet->blocks) fputs(",\n", sheet->stream);
  if (!root || json_dumpf(root, sheet->stream, 0))
    sheet->status = l4r_fail(L4R_ENVIRONMENT, "no memory to write a text as JSON");
  json_decref(root);
}

static void begin(struct l4r_sheet *sheet) {
  fputs("[\n", sheet->stream);
}

static void end(struct l4r_sheet *sheet) {
  fputs("\n]\n", sheet->stream);
}

const struct l4r_printer l4r_print_json = {
    .name = "json", .begin = begin, .end = end, .text = print_text, .table = print_table};
