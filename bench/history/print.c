/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/history/print.h"
#include "bench/history/history.h"

#include "bench/derive/door.h"
#include "bench/history/changes.h"
#include "bench/table/units.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

enum { ROWS = 40, SERIES = 25, ALL_ROWS = 1000, LEAST_ROWS = 4 };

static double times_longer(const struct l4r_segment *segment) {
  return exp(segment->level - segment[-1].level);
}

static const char *or_dash(const char *text) {
  return *text ? text : "-";
}

static const struct l4r_column columns[] = {
    {"time", "time", .align = L4R_LEFT, .width = 20},
    {"commit", "commit", .align = L4R_LEFT, .width = 16},
    {"rounds", "rounds", .align = L4R_RIGHT, .width = 6},
    {"ns", "a user, 95 %", "ns", .align = L4R_LEFT, .interval = 1},
    {"change", "change", .align = L4R_LEFT}, /* in text, a line across the table */
};

static const char *cpu_of(const struct l4r_history_series *series) {
  return *series->cpu ? series->cpu : "unknown processor";
}

static const char *plural(int64_t count) {
  return count == 1 ? "" : "s";
}

static void add_text_title(struct l4r_table *table, const struct l4r_history *history,
                           const struct l4r_history_series *series) {
  char batch[48] = "", vary[96];
  if (series->batch > 1)
    l4r_text_set(batch, sizeof batch, ", batches of %lld", (long long)series->batch);
  if (series->noise > 0)
    l4r_text_set(vary, sizeof vary, "which vary by %.2f %%; %lld change%s of level",
                 100 * series->noise, (long long)series->segments - 1,
                 plural(series->segments - 1));
  else
    l4r_text_set(vary, sizeof vary, "too few for changes of level (%d)", L4R_STEPS_FROM);
  l4r_table_title(table,
                  "%s, %s, %s, %lld thread%s%s; %s of %s" L4R_LINE
                  "%s, machine %s%.12s: %lld record%s, %s",
                  series->name, series->label, series->scenario, (long long)series->threads,
                  plural(series->threads), batch, l4r_round_metric_names[history->metric],
                  series->requests, cpu_of(series), series->derived ? "(key derived) " : "",
                  series->machine, (long long)series->points, plural(series->points), vary);
}

static void begin_table(struct l4r_table *table, const struct l4r_history *history,
                        const struct l4r_history_series *series, int document) {
  *table = (struct l4r_table){.layout = {.indent = 2, .gap = 2}};
  l4r_table_columns(table, columns, document ? 5 : 4);
  if (!document)
    add_text_title(table, history, series);
  else
    l4r_table_title(table,
                    L4R_STRONG "%s" L4R_STRONG ", %s, %s, %lld thread%s; %s of %s; %s, machine "
                               "%.12s",
                    series->name, series->label, series->scenario, (long long)series->threads,
                    plural(series->threads), l4r_round_metric_names[history->metric],
                    series->requests, cpu_of(series), series->machine);
}

static int is_time(enum l4r_round_metric metric) {
  return metric != L4R_ROUND_RATE && metric != L4R_ROUND_MEMORY && metric != L4R_ROUND_INSTRUCTIONS;
}

static void add_figure(struct l4r_table *table, enum l4r_round_metric metric,
                       const struct l4r_estimate *ns) {
  const struct l4r_shown shown = {ns->value, ns->withheld ? NAN : ns->lo,
                                  ns->withheld ? NAN : ns->hi};
  char text[32];
  if (is_time(metric)) {
    l4r_cell_time(table, shown, L4R_BRACKETS);
    return;
  }
  l4r_cell(table, "%s", l4r_history_figure(metric, ns->value, text));
  l4r_cell_value(table, shown);
}

static void add_row(struct l4r_table *table, const struct l4r_history_series *series, int64_t p,
                    const struct l4r_segment *change, int document) {
  const struct l4r_history_point *point = &series->point[p];
  const struct l4r_estimate *ns = &point->ns;
  char before[32], after[32];
  const char *much = is_time(series->metric) ? "long" : "much";
  if (change) {
    l4r_history_figure(series->metric, exp(change[-1].level), before);
    l4r_history_figure(series->metric, exp(change->level), after);
  }
  if (change && !document)
    l4r_row_across(table, "CHANGE %.3f times as %s (%s -> %s), between %s and %s",
                   times_longer(change), much, before, after, or_dash(point[-1].git),
                   or_dash(point->git));
  l4r_row(table);
  l4r_cell(table, "%s", or_dash(point->time));
  l4r_cell(table, "%s", or_dash(point->git));
  l4r_cell_count(table, point->rounds);
  add_figure(table, series->metric, ns);
  if (change && document)
    l4r_cell(table, L4R_STRONG "%.3f times as %s" L4R_STRONG " (%s -> %s)", times_longer(change),
             much, before, after);
}

/* Prints a line in place of the records [begin, end), which have `changes` changes of level. */
static void add_gap(struct l4r_table *table, const struct l4r_history_series *series, int64_t begin,
                    int64_t end, int64_t changes, int document) {
  double least = INFINITY, most = 0;
  char from[32], to[32], among[64] = "";
  for (int64_t p = begin; p < end; p++) {
    least = fmin(least, series->point[p].ns.value);
    most = fmax(most, series->point[p].ns.value);
  }
  l4r_history_figure(series->metric, least, from);
  l4r_history_figure(series->metric, most, to);
  if (changes)
    l4r_text_set(among, sizeof among, "%lld change%s of level among them", (long long)changes,
                 plural(changes));
  if (!document) {
    l4r_row_across(table, "... %lld record%s of %s to %s%s%s", (long long)(end - begin),
                   plural(end - begin), from, to, changes ? ", " : "", among);
    return;
  }
  l4r_row(table);
  l4r_cell(table, "...");
  l4r_cell(table, "%s", "");
  l4r_cell(table, "%lld records", (long long)(end - begin));
  l4r_cell(table, "%s to %s", from, to);
  l4r_cell(table, "%s", among);
}

/* Marks the records of a series that are shown in `rows` rows: the newest, the first, those on
 * either side of the newest changes, and then as many of the newest as fit. */
static void choose(const struct l4r_history_series *series, int64_t rows, char *shown) {
  const int64_t n = series->points;
  int64_t left = rows;
  if (n <= rows) {
    memset(shown, 1, (size_t)n);
    return;
  }
  const int64_t ends[] = {n - 1, 0};
  for (int e = 0; e < 2 && left; e++, left--) shown[ends[e]] = 1;
  for (int64_t s = series->segments - 1; s >= 1; s--)
    for (int64_t p = series->segment[s].begin; p >= series->segment[s].begin - 1 && left; p--) {
      left -= !shown[p];
      shown[p] = 1;
    }
  for (int64_t p = n - 1; p >= 0 && left; p--) {
    left -= !shown[p];
    shown[p] = 1;
  }
}

static int add_rows(struct l4r_table *table, const struct l4r_history_series *series, int64_t rows,
                    int document) {
  const int64_t n = series->points;
  char *shown = l4r_alloc((size_t)n, 1, "rows of a table");
  if (!shown) return L4R_ENVIRONMENT;
  choose(series, rows, shown);
  int64_t s = 0, gap = 0, changes = 0; /* the segment of p; the place after the last row */
  for (int64_t p = 0; p < n; p++) {
    const int changed = p == series->segment[s].end;
    s += changed;
    if (!shown[p]) {
      changes += changed;
      continue;
    }
    if (gap < p) add_gap(table, series, gap, p, changes, document);
    gap = p + 1;
    changes = 0;
    add_row(table, series, p, changed ? &series->segment[s] : NULL, document);
  }
  if (gap < n) add_gap(table, series, gap, n, changes, document);
  l4r_free(shown);
  return L4R_OK;
}

static json_t *point_json(const struct l4r_history_point *point) {
  const struct l4r_estimate *ns = &point->ns;
  json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:f}", "time", point->time, "git",
                             point->git, "sha256", point->sha256, "file", point->file, "line",
                             (json_int_t)point->line, "rounds", (json_int_t)point->rounds, "ns",
                             ns->value);
  if (object && !ns->withheld)
    json_object_set_new(object, "ci95", json_pack("[f, f]", ns->lo, ns->hi));
  return object;
}

static json_t *series_json(const struct l4r_history_series *series) {
  json_t *changes = json_array(), *levels = json_array();
  for (int64_t s = 0; s < series->segments; s++) {
    const struct l4r_segment *segment = &series->segment[s];
    json_array_append_new(levels,
                          json_pack("{s:I, s:I, s:f}", "begin", (json_int_t)segment->begin, "end",
                                    (json_int_t)segment->end, "ns", exp(segment->level)));
    if (!s) continue;
    const struct l4r_history_point *at = &series->point[segment->begin];
    json_array_append_new(changes,
                          json_pack("{s:I, s:s, s:s, s:s, s:f}", "at", (json_int_t)segment->begin,
                                    "time", at->time, "after_git", at[-1].git, "git", at->git,
                                    "ratio", times_longer(segment)));
  }
  return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:b, s:s, s:f, s:o, s:o}", "arm",
                   series->name, "dataset", series->dataset, "scenario", series->scenario,
                   "requests", series->requests, "threads", (json_int_t)series->threads, "batch",
                   (json_int_t)series->batch, "machine", series->machine, "machine_derived",
                   series->derived, "cpu", series->cpu, "noise", series->noise, "levels", levels,
                   "changes", changes);
}

enum { JSON = JSON_COMPACT | JSON_REAL_PRECISION(12) };

/* Prints the points one by one, so that memory need not hold a tree of 10^5 points. Returns 0, or 1
 * without memory. */
static int print_series_json(const struct l4r_history_series *series, FILE *stream) {
  json_t *object = series_json(series);
  fputc('{', stream);
  int failed = !object || json_dumpf(object, stream, JSON | JSON_EMBED);
  json_decref(object);
  fputs(",\"points\":[", stream);
  for (int64_t p = 0; p < series->points && !failed; p++) {
    fputs(p ? "," : "", stream);
    json_t *point = point_json(&series->point[p]);
    failed = !point || json_dumpf(point, stream, JSON);
    json_decref(point);
  }
  fputs("]}", stream);
  return failed;
}

int l4r_history_json(const struct l4r_history *history, FILE *stream) {
  int failed = 0;
  fprintf(stream,
          "{\"schema\": 1, \"kind\": \"history\", \"metric\": \"%s\", \"left_out\": %lld, "
          "\"unsealed\": %lld, \"series\": [\n",
          l4r_round_metric_names[history->metric], (long long)history->left_out,
          (long long)history->unsealed);
  for (int64_t s = 0; s < history->count && !failed; s++) {
    if (s) fputs(",\n", stream);
    failed = print_series_json(&history->series[s], stream);
  }
  fputs("\n]}\n", stream);
  return failed || ferror(stream)
             ? l4r_fail(L4R_ENVIRONMENT, "the history could not be written as JSON")
             : L4R_OK;
}

/* Where there are many series, those that changed matter most. */
static int64_t rows_of(const struct l4r_history *history, int64_t changed, int64_t asked,
                       const struct l4r_history_series *series) {
  if (asked >= 0) return asked ? asked : series->points;
  if (history->count <= SERIES) return ROWS;
  if (series->segments == 1) return 1;
  const int64_t each = ALL_ROWS / changed;
  return each > ROWS ? ROWS : each < LEAST_ROWS ? LEAST_ROWS : each;
}

static void add_counts(struct l4r_sheet *sheet, const struct l4r_history *history, int64_t records,
                       int64_t hidden, int64_t changed) {
  const int64_t count[L4R_CHECKS] = {[L4R_UNCHECKED] = history->unsealed};
  char line[L4R_CHECKS][256];
  if (history->count > SERIES)
    l4r_sheet_text(sheet, "%lld series of %lld records; %lld with changes of level.",
                   (long long)history->count, (long long)records, (long long)changed);
  if (hidden)
    l4r_sheet_text(sheet, "%lld records have no row of their own; --rows 0 shows every record.",
                   (long long)hidden);
  if (l4r_checked_count_lines(count, line)) l4r_sheet_text(sheet, "%s", line[0]);
  if (history->left_out)
    l4r_sheet_text(sheet, "%lld records have no %s and are left out.", (long long)history->left_out,
                   l4r_round_metric_names[history->metric]);
}

int l4r_history_print(const struct l4r_history *history, const struct l4r_printer *printer,
                      int64_t asked, FILE *stream) {
  struct l4r_sheet sheet;
  int64_t records = 0, hidden = 0, changed = 0;
  int status = L4R_OK;
  l4r_sheet_begin(&sheet, printer, stream, "history");
  for (int64_t s = 0; s < history->count; s++) changed += history->series[s].segments > 1;
  for (int64_t s = 0; s < history->count && !status; s++) {
    const struct l4r_history_series *series = &history->series[s];
    const int64_t rows = rows_of(history, changed, asked, series);
    struct l4r_table table;
    begin_table(&table, history, series, printer->document);
    status = add_rows(&table, series, rows, printer->document);
    if (status) table.status = status;
    l4r_sheet_table(&sheet, &table);
    records += series->points;
    hidden += series->points > rows ? series->points - rows : 0;
  }
  add_counts(&sheet, history, records, hidden, changed);
  return l4r_sheet_end(&sheet, status);
}
