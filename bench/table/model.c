/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/model.h"

#include "bench/table/units.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Texts live in blocks, so that their addresses stay valid when more are added. */
enum { BLOCK = 4096, NOTES = 4096 };
struct l4r_table_text {
  struct l4r_table_text *next;
  size_t used, size;
  char bytes[];
};

static void remember(struct l4r_table *table, int status) {
  if (!table->status) table->status = status;
}

static char *take(struct l4r_table *table, size_t bytes) {
  struct l4r_table_text *block = table->texts;
  if (!block || block->size - block->used < bytes) {
    const size_t size = bytes > BLOCK ? bytes : BLOCK;
    block = l4r_alloc(1, sizeof *block + size, "texts of a table");
    if (!block) {
      remember(table, L4R_ENVIRONMENT);
      return NULL;
    }
    block->size = size;
    block->next = table->texts;
    table->texts = block;
  }
  char *text = block->bytes + block->used;
  block->used += bytes;
  return text;
}

void l4r_table_free(struct l4r_table *table) {
  for (size_t r = 0; r < table->rows; r++) l4r_free(table->row[r].remark);
  for (struct l4r_table_text *block = table->texts, *next; block; block = next) {
    next = block->next;
    l4r_free(block);
  }
  l4r_free(table->column);
  l4r_free(table->row);
  l4r_free(table->cell);
  l4r_free(table->note);
  *table = (struct l4r_table){.status = L4R_OK};
}

const char *l4r_table_text_list(struct l4r_table *table, const char *format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  const int wanted = vsnprintf(NULL, 0, format, again);
  va_end(again);
  const size_t bytes = wanted < 0 ? 1 : (size_t)wanted + 1;
  size_t used = 0;
  char *text = take(table, bytes);
  if (!text) return "";
  l4r_text_add_list(text, bytes, &used, format, arguments);
  return text;
}

/* Sets `const char *TEXT` from the arguments of `format`. */
#define TEXT_OF_ARGUMENTS(TEXT)                                                                    \
  va_list arguments;                                                                               \
  va_start(arguments, format);                                                                     \
  const char *TEXT = l4r_table_text_list(table, format, arguments);                                \
  va_end(arguments)

const char *l4r_table_text(struct l4r_table *table, const char *format, ...) {
  TEXT_OF_ARGUMENTS(text);
  return text;
}

/* `more` was made last, so it is usually stored directly after `text` and needs no copy. */
static const char *join(struct l4r_table *table, const char *text, const char *more) {
  const size_t old = strlen(text), bytes = strlen(more);
  if (more == text + old + 1) {
    memmove((char *)text + old, more, bytes + 1);
    table->texts->used--;
    return text;
  }
  char *whole = take(table, 2 * (old + bytes) + 1); /* leaves room to double */
  if (!whole) return "";
  memcpy(whole, text, old);
  memcpy(whole + old, more, bytes + 1);
  table->texts->used -= old + bytes;
  return whole;
}

const char *l4r_table_more(struct l4r_table *table, const char *text, const char *format, ...) {
  TEXT_OF_ARGUMENTS(more);
  return join(table, text, more);
}

void l4r_table_title(struct l4r_table *table, const char *format, ...) {
  TEXT_OF_ARGUMENTS(text);
  table->title = text;
}

void l4r_table_foot(struct l4r_table *table, const char *format, ...) {
  TEXT_OF_ARGUMENTS(line);
  table->foot = table->foot ? l4r_table_more(table, table->foot, L4R_LINE "%s", line) : line;
}

void l4r_table_column(struct l4r_table *table, struct l4r_column column) {
  if (l4r_grow(&table->column, &table->column_room, table->columns + 1, sizeof *table->column,
               "columns of a table")) {
    remember(table, L4R_ENVIRONMENT);
    return;
  }
  column.key = l4r_table_text(table, "%s", column.key);
  column.title = column.title ? l4r_table_text(table, "%s", column.title) : column.key;
  column.unit = l4r_table_text(table, "%s", column.unit ? column.unit : "");
  table->column[table->columns++] = column;
}

void l4r_table_columns(struct l4r_table *table, const struct l4r_column *column, size_t columns) {
  for (size_t c = 0; c < columns; c++) l4r_table_column(table, column[c]);
}

void l4r_table_keys(struct l4r_table *table, const char *keys) {
  for (size_t n; *keys; keys += n + (keys[n] == ' ')) {
    n = strcspn(keys, " ");
    const int interval = keys[n - 1] == '+';
    const char *key = l4r_table_text(table, "%.*s", (int)n - interval, keys);
    l4r_table_column(table, (struct l4r_column){.key = key, .interval = interval});
  }
}

/* --- rows ----------------------------------------------------------------------------------------
 */

static struct l4r_table_row *add_row(struct l4r_table *table) {
  if (l4r_grow(&table->row, &table->row_room, table->rows + 1, sizeof *table->row,
               "rows of a table")) {
    remember(table, L4R_ENVIRONMENT);
    return NULL;
  }
  struct l4r_table_row *row = &table->row[table->rows++];
  *row = (struct l4r_table_row){.first = table->cells};
  return row;
}

void l4r_row(struct l4r_table *table) {
  add_row(table);
}

void l4r_row_across(struct l4r_table *table, const char *format, ...) {
  TEXT_OF_ARGUMENTS(text);
  struct l4r_table_row *row = add_row(table);
  if (row) row->across = text;
}

void l4r_row_remark(struct l4r_table *table, const char *format, ...) {
  TEXT_OF_ARGUMENTS(text);
  if (!table->rows) return;
  struct l4r_table_row *row = &table->row[table->rows - 1];
  if (l4r_grow(&row->remark, &row->room, row->remarks + 1, sizeof *row->remark,
               "remarks of a table"))
    remember(table, L4R_ENVIRONMENT);
  else
    row->remark[row->remarks++] = text;
}

/* --- cells ---------------------------------------------------------------------------------------
 */

/* Returns the cell added last, or one that nobody reads where there is none. */
static struct l4r_table_cell *last(struct l4r_table *table) {
  static _Thread_local struct l4r_table_cell nobody;
  nobody = (struct l4r_table_cell){.text = ""};
  return table->cells ? &table->cell[table->cells - 1] : &nobody;
}

static void add_cell(struct l4r_table *table, const char *text, struct l4r_shown number,
                     double key) {
  struct l4r_table_row *row = table->rows ? &table->row[table->rows - 1] : NULL;
  if (table->status) return; /* only the first error is reported */
  if (!row || row->across || row->cells == (int)table->columns) {
    remember(table,
             l4r_fail(L4R_ENVIRONMENT,
                      "a program error: a row of a table got more cells than there are columns: %s",
                      text));
    return;
  }
  if (l4r_grow(&table->cell, &table->cell_room, table->cells + 1, sizeof *table->cell,
               "cells of a table")) {
    remember(table, L4R_ENVIRONMENT);
    return;
  }
  table->cell[table->cells++] = (struct l4r_table_cell){.text = text, .number = number, .key = key};
  row->cells++;
}

static const struct l4r_shown nothing = {NAN, NAN, NAN};

void l4r_cell(struct l4r_table *table, const char *format, ...) {
  TEXT_OF_ARGUMENTS(text);
  add_cell(table, text, nothing, NAN);
}

void l4r_cell_count(struct l4r_table *table, int64_t count) {
  const double value = (double)count;
  add_cell(table, l4r_table_text(table, "%lld", (long long)count),
           (struct l4r_shown){value, NAN, NAN}, value);
}

void l4r_cell_fixed(struct l4r_table *table, double value, int decimals, const char *unit) {
  if (isnan(value))
    add_cell(table, "-", nothing, NAN);
  else
    add_cell(table, l4r_table_text(table, "%.*f%s", decimals, value, unit),
             (struct l4r_shown){value, NAN, NAN}, value);
}

void l4r_cell_exact(struct l4r_table *table, struct l4r_shown number) {
  if (isnan(number.value))
    add_cell(table, "-", nothing, NAN);
  else
    add_cell(table, l4r_table_text(table, "%.10g", number.value), number, number.value);
}

void l4r_cell_absent(struct l4r_table *table, const char *reason) {
  add_cell(table, "-", nothing, NAN);
  if (reason) l4r_cell_note(table, reason);
}

/* Adds a number in a unit, "1.23 ms", and its interval. */
static void add_number(struct l4r_table *table, struct l4r_shown number, struct l4r_unit unit,
                       int decimals, enum l4r_place place) {
  char value[32], lo[32], hi[32];
  const char *blank = *unit.name ? " " : "";
  if (isnan(number.value)) {
    add_cell(table, "-", nothing, NAN);
    return;
  }
  l4r_digits(value, number.value / unit.scale, decimals);
  add_cell(table, l4r_table_text(table, "%s%s%s", value, blank, unit.name), number, NAN);
  last(table)->key = strtod(value, NULL) * unit.scale * unit.base; /* as shown: equals stay so */
  if (isnan(number.lo)) return;
  l4r_digits(lo, number.lo / unit.scale, decimals);
  l4r_digits(hi, number.hi / unit.scale, decimals);
  if (place == L4R_UNDER)
    l4r_cell_interval(table, 0, "%s–%s", lo, hi);
  else if (place == L4R_BRACKETS)
    l4r_cell_interval(table, 1, L4R_BRACKET "%s, %s]", lo, hi);
  else
    l4r_cell_interval(table, 1, "(%s to %s)", lo, hi);
}

void l4r_cell_time(struct l4r_table *table, struct l4r_shown ns, enum l4r_place place) {
  char lo[32], hi[32];
  add_number(table, ns, l4r_unit_of_time(ns.value), 2, place);
  if (isnan(ns.value) || isnan(ns.lo) || place != L4R_WORDS) return;
  /* in words, each end is shown in its own best unit */
  l4r_cell_interval(table, 1, "(%s to %s)", l4r_time_text(lo, ns.lo), l4r_time_text(hi, ns.hi));
}

void l4r_cell_bytes(struct l4r_table *table, double bytes) {
  add_number(table, (struct l4r_shown){bytes, NAN, NAN}, l4r_unit_of_bytes(bytes), 2, L4R_UNDER);
}

void l4r_cell_digits(struct l4r_table *table, struct l4r_shown number, int decimals,
                     enum l4r_place place) {
  add_number(table, number, (struct l4r_unit){1, 1, ""}, decimals, place);
}

void l4r_cell_text(struct l4r_table *table, const char *format, ...) {
  TEXT_OF_ARGUMENTS(text);
  last(table)->text = text;
  last(table)->number = nothing;
  last(table)->key = NAN;
}

void l4r_cell_value(struct l4r_table *table, struct l4r_shown number) {
  last(table)->number = number;
  last(table)->key = number.value;
}

void l4r_cell_interval(struct l4r_table *table, int beside, const char *format, ...) {
  TEXT_OF_ARGUMENTS(text);
  last(table)->interval = text;
  last(table)->beside = beside;
}

void l4r_cell_add(struct l4r_table *table, const char *format, ...) {
  TEXT_OF_ARGUMENTS(more);
  last(table)->text = join(table, last(table)->text, more);
}

void l4r_cell_note(struct l4r_table *table, const char *text) {
  l4r_cell_add(table, " " L4R_BRACKET "%d]", l4r_table_note(table, text));
}

int l4r_table_note(struct l4r_table *table, const char *text) {
  for (size_t n = 0; n < table->notes; n++)
    if (!strcmp(table->note[n], text)) return (int)n + 1;
  if (table->notes == NOTES) { /* or a number would point to the text of another note */
    table->note[NOTES - 1] = "there are more notes than numbers; the records hold them";
    return NOTES;
  }
  if (l4r_grow(&table->note, &table->note_room, table->notes + 1, sizeof *table->note,
               "notes of a table")) {
    remember(table, L4R_ENVIRONMENT);
    return 0;
  }
  table->note[table->notes++] = l4r_table_text(table, "%s", text);
  return (int)table->notes;
}
