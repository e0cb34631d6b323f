/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare/compare.h"
#include "bench/compare/gate.h"
#include "bench/table/units.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 10, CELL = 320 };
static const char *const heads[COLUMNS] = {"arm",         "data set", "scenario", "threads",
                                           "metric",      "pairs",    "A",        "B",
                                           "B / A, 95 %", "verdict"};

static const char *text_of(const json_t *record, const char *object, const char *key) {
  const json_t *from = object ? json_object_get(record, object) : record;
  const char *text = json_string_value(json_object_get(from, key));
  return text ? text : "?";
}

static void print_ns(char *out, double ns) {
  char *text = NULL;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  if (stream) {
    l4r_print_time(stream, ns);
    fclose(stream);
  }
  l4r_text_set(out, CELL, "%s", text ? text : "?");
  free(text);
}

static void fill_cells(const struct l4r_compared *row, char cell[COLUMNS][CELL]) {
  const char *a = text_of(row->record[0], NULL, "arm"), *b = text_of(row->record[1], NULL, "arm");
  if (strcmp(a, b))
    l4r_text_set(cell[0], CELL, "%.140s -> %.140s", a, b);
  else
    l4r_text_set(cell[0], CELL, "%.300s", a);
  l4r_dataset_label_in(row->record[0], cell[1], CELL);
  l4r_text_set(cell[2], CELL, "%.100s", text_of(row->record[0], NULL, "scenario"));
  snprintf(cell[3], CELL, "%lld",
           (long long)json_integer_value(json_object_get(row->record[0], "threads")));
  l4r_text_set(cell[4], CELL, "%s", l4r_round_metric_names[row->metric]);
  snprintf(cell[5], CELL, "%lld", (long long)row->pairs);
  print_ns(cell[6], row->ns[0]);
  print_ns(cell[7], row->ns[1]);
  snprintf(cell[8], CELL, "%.3f [%.3f, %.3f]", row->comparison.ratio, row->comparison.lo,
           row->comparison.hi);
  l4r_text_set(cell[9], CELL, "%s", l4r_change_name(row->change));
}

/* Bytes that are not the rest of a UTF-8 character. */
static int width_of(const char *text) {
  int width = 0;
  for (; *text; text++) width += ((unsigned char)*text & 0xc0) != 0x80;
  return width;
}

static void print_text_row(FILE *stream, char cell[COLUMNS][CELL], const int *width) {
  for (int c = 0; c < COLUMNS; c++) {
    fprintf(stream, "%s%s", c ? "  " : "", cell[c]);
    for (int pad = width_of(cell[c]); pad < width[c] && c + 1 < COLUMNS; pad++) fputc(' ', stream);
  }
  fputc('\n', stream);
}

static void print_text(const struct l4r_compare_table *table, FILE *stream) {
  char cell[COLUMNS][CELL];
  int width[COLUMNS];
  for (int c = 0; c < COLUMNS; c++) width[c] = width_of(heads[c]);
  for (int64_t r = 0; r < table->rows; r++) {
    fill_cells(&table->row[r], cell);
    for (int c = 0; c < COLUMNS; c++)
      if (width_of(cell[c]) > width[c]) width[c] = width_of(cell[c]);
  }
  for (int c = 0; c < COLUMNS; c++) l4r_text_set(cell[c], CELL, "%s", heads[c]);
  print_text_row(stream, cell, width);
  for (int64_t r = 0; r < table->rows; r++) {
    fill_cells(&table->row[r], cell);
    print_text_row(stream, cell, width);
  }
}

static void print_markdown(const struct l4r_compare_table *table, FILE *stream) {
  char cell[COLUMNS][CELL];
  for (int c = 0; c < COLUMNS; c++) fprintf(stream, "| %s ", heads[c]);
  fputs("|\n|---|---|---|--:|---|--:|--:|--:|---|---|\n", stream);
  for (int64_t r = 0; r < table->rows; r++) {
    fill_cells(&table->row[r], cell);
    for (int c = 0; c < COLUMNS; c++) {
      fputs("| ", stream);
      for (const char *at = cell[c]; *at; at++) {
        if (*at == '|') fputc('\\', stream);
        fputc(*at == '\\' || *at == '<' ? '/' : *at, stream);
      }
      fputc(' ', stream);
    }
    fputs("|\n", stream);
  }
}

static void print_gate(const struct l4r_compare_table *table, const struct l4r_gate *gate,
                       FILE *stream) {
  fprintf(stream,
          "gate: A against itself, %d resamples of its rounds: called SLOWER in %.2f %% of them\n",
          L4R_GATE_RESAMPLES, 100 * gate->false_alarms);
  for (int64_t r = 0; r < table->rows; r++)
    fprintf(stream,
            "gate: %s, %s: rounds vary by %.2f %%; a slowdown of %.1f %% is found in nine of ten "
            "cases, and margins of %.1f %% and more can be held\n",
            text_of(table->row[r].record[0], NULL, "arm"),
            l4r_round_metric_names[table->row[r].metric], 100 * gate->sight[r].noise,
            100 * gate->sight[r].found, 100 * gate->sight[r].least_margin);
}

static void print_remarks(const struct l4r_compare_table *table, const struct l4r_gate *gate,
                          enum l4r_table_format format, FILE *stream) {
  size_t index;
  const json_t *text;
  const char *item = format == L4R_FORMAT_MARKDOWN ? "- " : "";
  fprintf(stream, "\n%sMargin %g %%. B / A by paired rounds, Student's t on log ratios, 95 %%",
          item, 100 * table->margin);
  if (table->rows > 1)
    fprintf(stream, " over all %lld rows together (Bonferroni)", (long long)table->rows);
  fputs("; SAME by the 90 % interval.\n", stream);
  json_array_foreach(table->notes, index, text) {
    fprintf(stream, "%snote: ", item);
    l4r_print_line(stream, json_string_value(text));
    fputc('\n', stream);
  }
  if (gate) print_gate(table, gate, stream);
}

static json_t *side_of(const struct l4r_compared *row, int s) {
  const json_t *record = row->record[s];
  return json_pack("{s:s, s:O, s:O, s:O, s:O, s:f, s:I}", "arm", text_of(record, NULL, "arm"),
                   "file", json_object_get(record, "_path"), "line",
                   json_object_get(record, "_line"), "sha256", json_object_get(record, "sha256"),
                   "threads", json_object_get(record, "threads"), "ns", row->ns[s], "rounds",
                   (json_int_t)row->rounds[s]);
}

static json_t *row_json(const struct l4r_compared *row, const struct l4r_sight *sight) {
  const struct l4r_comparison *c = &row->comparison;
  json_t *object = json_pack("{s:s, s:s, s:s, s:I, s:f, s:[f, f], s:[f, f], s:s, s:o, s:o}",
                             "dataset", text_of(row->record[0], "dataset", "name"), "scenario",
                             text_of(row->record[0], NULL, "scenario"), "metric",
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

static int print_json(const struct l4r_compare_table *table, const struct l4r_gate *gate,
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

int l4r_compare_print(const struct l4r_compare_table *table, const struct l4r_gate *gate,
                      enum l4r_table_format format, FILE *stream) {
  if (format == L4R_FORMAT_JSON) return print_json(table, gate, stream);
  if (format == L4R_FORMAT_MARKDOWN)
    print_markdown(table, stream);
  else
    print_text(table, stream);
  print_remarks(table, gate, format, stream);
  return ferror(stream) ? l4r_fail(L4R_ENVIRONMENT, "the table could not be written") : L4R_OK;
}
