#include "bench/export/units.h"
#include "bench/history/history.h"
#include "impl/base/error.h"

#include <math.h>
#include <string.h>

/* The segment that begins at a point behind the first; NULL where the level goes on. */
static const struct l4r_segment *change_at(const struct l4r_history_series *series, int64_t point) {
  for (int64_t s = 1; s < series->segments; s++)
    if (series->segment[s].begin == point) return &series->segment[s];
  return NULL;
}

static double times_longer(const struct l4r_segment *segment) {
  return exp(segment->level - segment[-1].level);
}

static void print_heading(const struct l4r_history *history,
                          const struct l4r_history_series *series, FILE *stream) {
  fprintf(stream, "%s, %s, %s, %lld thread%s", series->name, series->dataset, series->scenario,
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

static void print_text(const struct l4r_history *history, const struct l4r_history_series *series,
                       FILE *stream) {
  print_heading(history, series, stream);
  fprintf(stream, "  %-20s  %-16s  %6s  %s\n", "time", "commit", "rounds", "a user, 95 %");
  for (int64_t p = 0; p < series->points; p++) {
    const struct l4r_history_point *point = &series->point[p];
    const struct l4r_segment *segment = change_at(series, p);
    if (segment) {
      fprintf(stream, "  CHANGE %.3f times as long (", times_longer(segment));
      print_levels(segment, stream);
      fprintf(stream, "), between %s and %s\n", or_dash(point[-1].git), or_dash(point->git));
    }
    fprintf(stream, "  %-20s  %-16s  %6lld  ", or_dash(point->time), or_dash(point->git),
            (long long)point->rounds);
    print_interval(&point->ns, stream);
    fputc('\n', stream);
  }
}

static void print_markdown(const struct l4r_history *history,
                           const struct l4r_history_series *series, FILE *stream) {
  fputs("**", stream);
  for (const char *c = series->name; *c; c++) {
    if (*c == '*' || *c == '|') fputc('\\', stream);
    fputc(*c, stream);
  }
  fprintf(stream, "**, %s, %s, %lld thread%s; %s of %s; %s, machine %.12s\n\n", series->dataset,
          series->scenario, (long long)series->threads, series->threads == 1 ? "" : "s",
          l4r_round_metric_names[history->metric], series->requests,
          *series->cpu ? series->cpu : "unknown processor", series->machine);
  fputs("| time | commit | rounds | a user, 95 % | change |\n|---|---|--:|---|---|\n", stream);
  for (int64_t p = 0; p < series->points; p++) {
    const struct l4r_history_point *point = &series->point[p];
    const struct l4r_segment *segment = change_at(series, p);
    fprintf(stream, "| %s | %s | %lld | ", or_dash(point->time), or_dash(point->git),
            (long long)point->rounds);
    print_interval(&point->ns, stream);
    fputs(" | ", stream);
    if (segment) {
      fprintf(stream, "**%.3f times as long** (", times_longer(segment));
      print_levels(segment, stream);
      fputs(") ", stream);
    }
    fputs("|\n", stream);
  }
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
  json_t *points = json_array(), *changes = json_array(), *levels = json_array();
  for (int64_t p = 0; p < series->points; p++)
    json_array_append_new(points, point_json(&series->point[p]));
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
  return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:b, s:s, s:f, s:o, s:o, s:o}", "arm",
                   series->name, "dataset", series->dataset, "scenario", series->scenario,
                   "requests", series->requests, "threads", (json_int_t)series->threads, "batch",
                   (json_int_t)series->batch, "machine", series->machine, "machine_derived",
                   series->derived, "cpu", series->cpu, "noise", series->noise, "points", points,
                   "levels", levels, "changes", changes);
}

/* A series at a time, so that no text of the whole is in memory. */
static int print_json(const struct l4r_history *history, FILE *stream) {
  int failed = 0;
  fprintf(stream,
          "{\"schema\": 1, \"kind\": \"history\", \"metric\": \"%s\", \"left_out\": %lld, "
          "\"series\": [\n",
          l4r_round_metric_names[history->metric], (long long)history->left_out);
  for (int64_t s = 0; s < history->count && !failed; s++) {
    json_t *object = series_json(&history->series[s]);
    if (s) fputs(",\n", stream);
    failed = !object || json_dumpf(object, stream, JSON_COMPACT | JSON_REAL_PRECISION(12));
    json_decref(object);
  }
  fputs("\n]}\n", stream);
  return failed ? l4r_fail(L4R_ENVIRONMENT, "the history could not be written as JSON") : L4R_OK;
}

int l4r_history_print(const struct l4r_history *history, enum l4r_table_format format,
                      FILE *stream) {
  if (format == L4R_FORMAT_JSON) return print_json(history, stream);
  for (int64_t s = 0; s < history->count; s++) {
    if (s) fputc('\n', stream);
    if (format == L4R_FORMAT_MARKDOWN)
      print_markdown(history, &history->series[s], stream);
    else
      print_text(history, &history->series[s], stream);
  }
  if (history->left_out)
    fprintf(stream, "\n%lld records have no %s and are left out.\n", (long long)history->left_out,
            l4r_round_metric_names[history->metric]);
  return ferror(stream) ? l4r_fail(L4R_ENVIRONMENT, "the history could not be written") : L4R_OK;
}
