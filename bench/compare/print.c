/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare/print.h"
#include "bench/compare/compare.h"

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
    {"a_ns", "A", "ns", .align = L4R_FIGURE},
    {"b_ns", "B", "ns", .align = L4R_FIGURE},
    {"ratio", "B / A, 95 %", .align = L4R_LEFT, .interval = 1},
    {"verdict", "verdict", .align = L4R_LEFT},
};

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
  l4r_cell(table, "%s", l4r_round_metric_names[row->metric]);
  l4r_cell_count(table, row->pairs);
  for (int s = 0; s < 2; s++)
    l4r_cell_time(table, (struct l4r_shown){row->ns[s], NAN, NAN}, L4R_UNDER);
  l4r_cell_fixed(table, c->ratio, 3, "");
  l4r_cell_value(table, (struct l4r_shown){c->ratio, c->lo, c->hi});
  l4r_cell_interval(table, 1, L4R_BRACKET "%.3f, %.3f]", c->lo, c->hi);
  l4r_cell(table, "%s", l4r_change_name(row->change));
}

static void add_gate(struct l4r_sheet *sheet, const struct l4r_compare_table *table,
                     const struct l4r_gate *gate) {
  l4r_sheet_item(
      sheet, "gate: A against itself, %d resamples of its rounds: called SLOWER in %.2f %% of them",
      L4R_GATE_RESAMPLES, 100 * gate->false_alarms);
  for (int64_t r = 0; r < table->rows; r++)
    l4r_sheet_item(sheet,
                   "gate: %s, %s: rounds vary by %.2f %%; a slowdown of %.1f %% is found in nine "
                   "of ten cases, and margins of %.1f %% and more can be held",
                   arm_of(table->row[r].record[0]), l4r_round_metric_names[table->row[r].metric],
                   100 * gate->sight[r].noise, 100 * gate->sight[r].found,
                   100 * gate->sight[r].least_margin);
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
  char together[80] = "";
  if (compared->rows > 1)
    l4r_text_set(together, sizeof together, " over all %lld rows together (Bonferroni)",
                 (long long)compared->rows);
  l4r_sheet_item(&sheet,
                 "Margin %g %%. B / A by paired rounds, Student's t on log ratios, 95 %%%s; SAME "
                 "by the 90 %% interval.",
                 100 * compared->margin, together);
  json_array_foreach(compared->notes, index, text)
    l4r_sheet_item(&sheet, "note: %s", json_string_value(text));
  if (gate) add_gate(&sheet, compared, gate);
  return l4r_sheet_end(&sheet, L4R_OK);
}

static json_t *side_of(const struct l4r_compared *row, int s) {
  const struct l4r_record *record = row->record[s];
  return json_pack("{s:s, s:s, s:I, s:s, s:I, s:f, s:I}", "arm", arm_of(record), "file",
                   record->from.path, "line", (json_int_t)record->from.line, "sha256",
                   l4r_text_or_none(record->data.sha256), "threads",
                   (json_int_t)record->data.threads, "ns", row->ns[s], "rounds",
                   (json_int_t)row->rounds[s]);
}

static json_t *row_json(const struct l4r_compared *row, const struct l4r_sight *sight) {
  const struct l4r_comparison *c = &row->comparison;
  json_t *object = json_pack("{s:s, s:s, s:s, s:I, s:f, s:[f, f], s:[f, f], s:s, s:o, s:o}",
                             "dataset", or_unknown(row->record[0]->data.dataset.name), "scenario",
                             or_unknown(row->record[0]->data.scenario), "metric",
                             l4r_round_metric_names[row->metric], "pairs", (json_int_t)row->pairs,
                             "ratio", c->ratio, "ci95", c->lo, c->hi, "ci90", c->same_lo,
                             c->same_hi, "verdict", l4r_change_name(row->change), "a",
                             side_of(row, 0), "b", side_of(row, 1));
  if (object && sight)
    json_object_set_new(object, "gate",
                        json_pack("{s:f, s:f, s:f, s:I}", "round_noise", sight->noise,
                                  "slowdown_found", sight->found, "least_margin",
                                  sight->least_margin, "rounds_needed", (json_int_t)sight->needed));
  return object;
}

int l4r_compare_json(const struct l4r_compare_table *table, const struct l4r_gate *gate,
                     FILE *stream) {
  json_t *rows = json_array();
  json_t *root = json_pack("{s:i, s:s, s:f, s:O, s:o}", "schema", 1, "kind", "comparison", "margin",
                           table->margin, "notes", table->notes, "rows", rows);
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
