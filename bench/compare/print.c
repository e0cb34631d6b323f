/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare/print.h"
#include "bench/compare/compare.h"
#include "bench/compare/rows.h"

#include "bench/compare/gate.h"
#include "bench/record/text.h"
#include "bench/table/sheet.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *or_unknown(const char *text) {
  return text ? text : "?";
}

static const char *arm_of(const struct l4r_record *record) {
  return or_unknown(record->data.arm);
}

static const struct l4r_column columns[] = {
    {"arm", "arm", .align = L4R_LEFT},
    {"dataset", "data set", .align = L4R_LEFT},
    {"scenario", "scenario", .align = L4R_LEFT},
    {"threads", "threads", .align = L4R_FIGURE},
    {"metric", "metric", .align = L4R_LEFT},
    {"pairs", "pairs", .align = L4R_FIGURE},
    {"a", "A", .align = L4R_FIGURE},
    {"b", "B", .align = L4R_FIGURE},
    {"ratio", "B / A, 95 %", .align = L4R_LEFT, .interval = 1},
    {"verdict", "verdict", .align = L4R_LEFT},
};

static void add_figure(struct l4r_table *table, enum l4r_figure_unit unit, double value) {
  switch (unit) {
  case L4R_UNIT_NS:
    l4r_cell_time(table, (struct l4r_shown){value, NAN, NAN}, L4R_UNDER);
    break;
  case L4R_UNIT_BYTES:
    l4r_cell_bytes(table, value);
    break;
  case L4R_UNIT_SHARE:
    l4r_cell_fixed(table, value, 4, "");
    break;
  case L4R_UNIT_COUNT:
    l4r_cell_count(table, llround(value));
    break;
  case L4R_UNIT_RATE:
    l4r_cell_digits(table, (struct l4r_shown){value, NAN, NAN}, 3, L4R_UNDER);
    l4r_cell_add(table, "/s");
    break;
  }
}

static void add_row(struct l4r_table *table, const struct l4r_compared *row) {
  const struct l4r_record *record = row->record[0];
  const char *a = arm_of(record), *b = arm_of(row->record[1]);
  const struct l4r_comparison *c = &row->comparison;
  char label[256];
  l4r_row(table);
  if (strcmp(a, b))
    l4r_cell(table, "%.140s -> %.140s", a, b);
  else
    l4r_cell(table, "%.300s", a);
  l4r_cell(table, "%s", l4r_dataset_label_of(record, label, sizeof label));
  l4r_cell(table, "%.100s", or_unknown(record->data.scenario));
  l4r_cell_count(table, record->data.threads == L4R_NONE ? 0 : record->data.threads);
  l4r_cell(table, "%s", row->figure->name);
  l4r_cell_count(table, row->pairs);
  for (int s = 0; s < 2; s++) add_figure(table, row->figure->unit, row->mean[s]);
  l4r_cell_fixed(table, c->ratio, 3, "");
  l4r_cell_value(table, (struct l4r_shown){c->ratio, c->lo, c->hi});
  l4r_cell_interval(table, 1, L4R_BRACKET "%.3f, %.3f]", c->lo, c->hi);
  l4r_cell(table, "%s", l4r_verdict(row));
}

static void add_sight(struct l4r_sheet *sheet, const struct l4r_compared *row,
                      const struct l4r_sight *sight) {
  const char *arm = arm_of(row->record[0]), *name = row->figure->name;
  const double found = 100 * sight->found, least = 100 * sight->least_margin;
  if (row->figure->source == L4R_OF_RECORD)
    l4r_sheet_item(sheet, "gate: %s, %s: no noise of time; counts within %.3f %% (margin %g %%)",
                   arm, name, 100 * sight->noise, 100 * row->margin);
  else if (row->figure->source == L4R_OF_ROUNDS)
    l4r_sheet_item(sheet,
                   "gate: %s, %s: rounds vary by %.2f %%; a change of %.1f %% is found in nine "
                   "of ten cases, and margins of %.1f %% and more can be held (here %g %%)",
                   arm, name, 100 * sight->noise, found, least, 100 * row->margin);
  else if (sight->least_margin > row->margin)
    l4r_sheet_item(sheet,
                   "gate: %s, %s: too few users for %g %%: the paired interval is +-%.1f %%, and "
                   "a smaller loss is not seen",
                   arm, name, 100 * row->margin, 100 * sight->noise);
  else
    l4r_sheet_item(sheet, "gate: %s, %s: paired interval of +-%.2f %% (margin %g %%)", arm, name,
                   100 * sight->noise, 100 * row->margin);
}

static void add_gate(struct l4r_sheet *sheet, const struct l4r_compare_table *table,
                     const struct l4r_gate *gate) {
  if (table->family[L4R_OF_ROUNDS])
    l4r_sheet_item(sheet,
                   "gate: A against itself, %d resamples of its rounds: called worse in %.2f %% of "
                   "them",
                   L4R_GATE_RESAMPLES, 100 * gate->false_alarms);
  for (int64_t r = 0; r < table->rows; r++) add_sight(sheet, &table->row[r], &gate->sight[r]);
}

/* Says how the intervals were made, of the families that the table has. */
static void add_method(struct l4r_sheet *sheet, const struct l4r_compare_table *table) {
  static const char *const by[] = {"by paired rounds, Student's t on log ratios", "of counts",
                                   "of the same users, Fieller's interval"};
  /* Tables of `run` show the other convention. */
  static const char masked[] =
      " Items of the history are not ranked (mask), but where keep: says so.";
  char margin[64] = "", together[80];
  const double first = table->row[0].margin;
  int same = 1;
  for (int64_t r = 1; r < table->rows; r++) same &= table->row[r].margin == first;
  if (same) l4r_text_set(margin, sizeof margin, "Margin %g %%. ", 100 * first);
  for (int f = 0; f < 3; f++) {
    if (!table->family[f]) continue;
    *together = '\0';
    if (table->family[f] > 1)
      l4r_text_set(together, sizeof together, " over all %lld rows together (Bonferroni)",
                   (long long)table->family[f]);
    if (f == L4R_OF_RECORD)
      l4r_sheet_item(
          sheet, "%sWeights and instructions: no noise of time; the ends are those of the counts.",
          margin);
    else
      l4r_sheet_item(sheet, "%sB / A %s, 95 %%%s; SAME by the 90 %% interval.%s", margin, by[f],
                     together, f == L4R_OF_USERS ? masked : "");
    *margin = '\0';
  }
}

int l4r_compare_print(const struct l4r_compare_table *compared, const struct l4r_gate *gate,
                      const struct l4r_printer *printer, FILE *stream) {
  struct l4r_table table = {.layout = {.gap = 2}};
  struct l4r_sheet sheet;
  size_t index;
  const json_t *text;
  l4r_sheet_begin(&sheet, printer, stream, "compare");
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  for (int64_t r = 0; r < compared->rows; r++) add_row(&table, &compared->row[r]);
  l4r_sheet_table(&sheet, &table);
  add_method(&sheet, compared);
  json_array_foreach(compared->notes, index, text)
    l4r_sheet_item(&sheet, "note: %s", json_string_value(text));
  if (gate) add_gate(&sheet, compared, gate);
  return l4r_sheet_end(&sheet, L4R_OK);
}

/* A number, or null where it is none that JSON has. */
static json_t *number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

static json_t *side_of(const struct l4r_compared *row, int s) {
  const struct l4r_record *record = row->record[s];
  json_t *side = json_pack("{s:s, s:s, s:I, s:s, s:I, s:f, s:I}", "arm", arm_of(record), "file",
                           record->from.path, "line", (json_int_t)record->from.line, "sha256",
                           l4r_text_or_none(record->data.sha256), "threads",
                           (json_int_t)record->data.threads, "value", row->mean[s], "rounds",
                           (json_int_t)row->rounds[s]);
  if (side && row->figure->unit == L4R_UNIT_NS)
    json_object_set_new(side, "ns", json_real(row->mean[s]));
  return side;
}

static json_t *row_json(const struct l4r_compared *row, const struct l4r_sight *sight) {
  static const char *const units[] = {"ns", "users/s", "bytes", "count", "share"};
  const struct l4r_comparison *c = &row->comparison;
  json_t *object = json_pack(
      "{s:s, s:s, s:s, s:s, s:b, s:f, s:I, s:o, s:[o, o], s:[o, o], s:s, "
      "s:o, s:o}",
      "dataset", or_unknown(row->record[0]->data.dataset.name), "scenario",
      or_unknown(row->record[0]->data.scenario), "metric", row->figure->name, "unit",
      units[row->figure->unit], "more_is_better", row->figure->more_is_better, "margin",
      row->margin, "pairs", (json_int_t)row->pairs, "ratio", number(c->ratio), "ci95",
      number(c->lo), number(c->hi), "ci90", number(c->same_lo), number(c->same_hi), "verdict",
      l4r_verdict(row), "a", side_of(row, 0), "b", side_of(row, 1));
  if (object && sight)
    json_object_set_new(object, "gate",
                        json_pack("{s:o, s:o, s:o, s:I}", "round_noise", number(sight->noise),
                                  "slowdown_found", number(sight->found), "least_margin",
                                  number(sight->least_margin), "rounds_needed",
                                  (json_int_t)sight->needed));
  return object;
}

int l4r_compare_json(const struct l4r_compare_table *table, const struct l4r_gate *gate,
                     FILE *stream) {
  json_t *rows = json_array();
  json_t *root = json_pack("{s:i, s:s, s:O, s:o}", "schema", 1, "kind", "comparison", "notes",
                           table->notes, "rows", rows);
  int failed = !root;
  for (int64_t r = 0; r < table->rows && !failed; r++)
    failed = json_array_append_new(rows, row_json(&table->row[r], gate ? &gate->sight[r] : NULL));
  if (!failed && gate)
    failed = json_object_set_new(root, "gate",
                                 json_pack("{s:i, s:f}", "resamples", L4R_GATE_RESAMPLES,
                                           "false_alarms", gate->false_alarms));
  if (!failed) failed = json_dumpf(root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
  if (!failed) fputc('\n', stream);
  json_decref(root);
  return failed ? l4r_fail(L4R_ENVIRONMENT, "the comparison could not be written as JSON") : L4R_OK;
}
