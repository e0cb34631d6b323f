/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/units.h"
#include "bench/history/history.h"
#include "bench/derive/door.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

enum { ROWS = 40, SERIES = 25, ALL_ROWS = 1000, LEAST_ROWS = 4 };

static double times_longer(const struct l4r_segment *segment) {
  return exp(segment->level - segment[-1].level);
}

static void print_heading(const struct l4r_history *history,
                          const struct l4r_history_series *series, FILE *stream) {
  fprintf(stream, "%s, %s, %s, %lld thread%s", series->name, series->label, series->scenario,
          (long long)series->threads, series->threads == 1 ? "" : "s");
  if (series->batch > 1) fprintf(stream, ", batches of %lld", (long long)series->batch);
  fprintf(stream, "; %s of %s\n%s, machine %s%.12s: %lld record%s, ",
          l4r_round_metric_names[history->metric], series->requests,
          *series->cpu ? series->cpu : "unknown processor",
          series->derived ? "(by its facts) " : "", series->machine, (long long)series->points,
          series->points == 1 ? "" : "s");
  if (series->noise > 0)
    fprintf(stream, "which vary by %.2f %%; %lld change%s of level\n", 100 * series->noise,
            (long long)series->segments - 1, series->segments == 2 ? "" : "s");
  else
    fprintf(stream, "too few for changes of level (%d)\n", L4R_STEPS_FROM);
  fprintf(stream, "  %-20s  %-16s  %6s  %s\n", "time", "commit", "rounds", "a user, 95 %");
}

static void print_interval(const struct l4r_estimate *ns, FILE *stream) {
  const struct l4r_unit unit = l4r_unit_of_time(ns->value);
  l4r_print_digits(stream, ns->value / unit.scale);
  fprintf(stream, " %s", unit.name);
  if (ns->withheld) return;
  fputs(" [", stream);
  l4r_print_digits(stream, ns->lo / unit.scale);
  fputs(", ", stream);
  l4r_print_digits(stream, ns->hi / unit.scale);
  fputs("]", stream);
}

static const char *or_dash(const char *text) {
  return *text ? text : "-";
}

static void print_levels(const struct l4r_segment *segment, FILE *stream) {
  l4r_print_time(stream, exp(segment[-1].level));
  fputs(" -> ", stream);
  l4r_print_time(stream, exp(segment->level));
}

static void print_text_row(const struct l4r_history_series *series, int64_t p,
                           const struct l4r_segment *change, FILE *stream) {
  const struct l4r_history_point *point = &series->point[p];
  if (change) {
    fprintf(stream, "  CHANGE %.3f times as long (", times_longer(change));
    print_levels(change, stream);
    fprintf(stream, "), between %s and %s\n", or_dash(point[-1].git), or_dash(point->git));
  }
  fprintf(stream, "  %-20s  %-16s  %6lld  ", or_dash(point->time), or_dash(point->git),
          (long long)point->rounds);
  print_interval(&point->ns, stream);
  fputc('\n', stream);
}

static void print_markdown_heading(const struct l4r_history *history,
                                   const struct l4r_history_series *series, FILE *stream) {
  fputs("**", stream);
  for (const char *c = series->name; *c; c++) {
    if (*c == '*' || *c == '|') fputc('\\', stream);
    fputc(*c == '\\' || *c == '<' ? '/' : *c, stream);
  }
  fputs("**, ", stream);
  l4r_print_plain(stream, series->label);
  fputs(", ", stream);
  l4r_print_plain(stream, series->scenario);
  fprintf(stream, ", %lld thread%s; %s of %s; ", (long long)series->threads,
          series->threads == 1 ? "" : "s", l4r_round_metric_names[history->metric],
          series->requests);
  l4r_print_plain(stream, *series->cpu ? series->cpu : "unknown processor");
  fputs(", machine ", stream);
  char machine[16];
  l4r_text_set(machine, sizeof machine, "%.12s", series->machine);
  l4r_print_plain(stream, machine);
  fputs("\n\n", stream);
  fputs("| time | commit | rounds | a user, 95 % | change |\n|---|---|--:|---|---|\n", stream);
}

static void print_markdown_row(const struct l4r_history_series *series, int64_t p,
                               const struct l4r_segment *change, FILE *stream) {
  const struct l4r_history_point *point = &series->point[p];
  fputs("| ", stream);
  l4r_print_plain(stream, or_dash(point->time));
  fputs(" | ", stream);
  l4r_print_plain(stream, or_dash(point->git));
  fprintf(stream, " | %lld | ", (long long)point->rounds);
  print_interval(&point->ns, stream);
  fputs(" | ", stream);
  if (change) {
    fprintf(stream, "**%.3f times as long** (", times_longer(change));
    print_levels(change, stream);
    fputs(") ", stream);
  }
  fputs("|\n", stream);
}

/* What stands for the records [begin, end), `changes` of which begin a level. */
static void print_gap(const struct l4r_history_series *series, int64_t begin, int64_t end,
                      int64_t changes, int markdown, FILE *stream) {
  double least = INFINITY, most = 0;
  for (int64_t p = begin; p < end; p++) {
    least = fmin(least, series->point[p].ns.value);
    most = fmax(most, series->point[p].ns.value);
  }
  fprintf(stream, markdown ? "| ... | | %lld records | " : "  ... %lld record%s of ",
          (long long)(end - begin), end - begin == 1 ? "" : "s");
  l4r_print_time(stream, least);
  fputs(" to ", stream);
  l4r_print_time(stream, most);
  if (markdown) fputs(" | ", stream);
  if (changes)
    fprintf(stream, "%s%lld change%s of level among them", markdown ? "" : ", ", (long long)changes,
            changes == 1 ? "" : "s");
  fputs(markdown ? " |\n" : "\n", stream);
}

/* Marks the records of a series that are shown in `rows` rows: the newest, the first, those on
 * either side of the newest changes, and with the rows left the newest before. */
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

static int print_rows(const struct l4r_history_series *series, int64_t rows, int markdown,
                      FILE *stream) {
  const int64_t n = series->points;
  char *shown = l4r_alloc((size_t)n, 1, "rows of a table");
  if (!shown) return L4R_ENVIRONMENT;
  choose(series, rows, shown);
  int64_t s = 0, gap = 0, changes = 0; /* the segment of p; behind the last row */
  for (int64_t p = 0; p < n; p++) {
    const int changed = p == series->segment[s].end;
    s += changed;
    if (!shown[p]) {
      changes += changed;
      continue;
    }
    if (gap < p) print_gap(series, gap, p, changes, markdown, stream);
    gap = p + 1;
    changes = 0;
    (markdown ? print_markdown_row : print_text_row)(series, p,
                                                     changed ? &series->segment[s] : NULL, stream);
  }
  if (gap < n) print_gap(series, gap, n, changes, markdown, stream);
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

/* Its points one by one, so that no tree of 10^5 of them is in memory: 0, or 1 without memory. */
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

static int print_json(const struct l4r_history *history, FILE *stream) {
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
  return failed ? l4r_fail(L4R_ENVIRONMENT, "the history could not be written as JSON") : L4R_OK;
}

/* Where series are many, those that changed are what somebody looks for. */
static int64_t rows_of(const struct l4r_history *history, int64_t changed, int64_t asked,
                       const struct l4r_history_series *series) {
  if (asked >= 0) return asked ? asked : series->points;
  if (history->count <= SERIES) return ROWS;
  if (series->segments == 1) return 1;
  const int64_t each = ALL_ROWS / changed;
  return each > ROWS ? ROWS : each < LEAST_ROWS ? LEAST_ROWS : each;
}

static void print_unsealed(const struct l4r_history *history, FILE *stream) {
  const int64_t count[L4R_CHECKS] = {[L4R_UNCHECKED] = history->unsealed};
  char line[L4R_CHECKS][256];
  if (l4r_checked_count_lines(count, line)) fprintf(stream, "\n%s\n", line[0]);
}

static int print_tables(const struct l4r_history *history, int64_t asked, int markdown,
                        FILE *stream) {
  int64_t records = 0, hidden = 0, changed = 0;
  int status = L4R_OK;
  for (int64_t s = 0; s < history->count; s++) changed += history->series[s].segments > 1;
  for (int64_t s = 0; s < history->count && !status; s++) {
    const struct l4r_history_series *series = &history->series[s];
    const int64_t rows = rows_of(history, changed, asked, series);
    if (s) fputc('\n', stream);
    (markdown ? print_markdown_heading : print_heading)(history, series, stream);
    status = print_rows(series, rows, markdown, stream);
    records += series->points;
    hidden += series->points > rows ? series->points - rows : 0;
  }
  if (history->count > SERIES)
    fprintf(stream, "\n%lld series of %lld records; %lld with changes of level.\n",
            (long long)history->count, (long long)records, (long long)changed);
  if (hidden)
    fprintf(stream, "\n%lld records have no row of their own; --rows 0 shows every record.\n",
            (long long)hidden);
  print_unsealed(history, stream);
  if (history->left_out)
    fprintf(stream, "\n%lld records have no %s and are left out.\n", (long long)history->left_out,
            l4r_round_metric_names[history->metric]);
  return status;
}

int l4r_history_print(const struct l4r_history *history, enum l4r_table_format format, int64_t rows,
                      FILE *stream) {
  const int status = format == L4R_FORMAT_JSON
                         ? print_json(history, stream)
                         : print_tables(history, rows, format == L4R_FORMAT_MARKDOWN, stream);
  if (status) return status;
  return ferror(stream) ? l4r_fail(L4R_ENVIRONMENT, "the history could not be written") : L4R_OK;
}
