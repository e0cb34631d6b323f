/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes tables for plots/history.sh. Series of one machine, data set, scenario and batch form a
 * figure, or several figures where there are many series. */
#include "bench/history/plot_tables.h"
#include "bench/table/files.h"
#include "bench/table/tsv.h"
#include "bench/history/history.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <time.h>

/* A figure has a legend of its series and a colour or shape for each (plots/style.gp has 24). Its
 * records are marks in an image of 1,200 pixels, and each takes 440 bytes of SVG with its interval:
 * all of 10^5 would be 44 MB of overlapping marks. */
enum { FIGURE_SERIES = 24, FIGURE_RECORDS = 2000 };

struct figure {
  int64_t first;           /* the first of its series */
  int series, part, parts; /* parts: number of figures of the same group, at its head */
  int64_t head;            /* the first figure of the same group */
  int64_t records, drawn;  /* records with a time, and how many of them are in the table */
};

struct figures {
  struct figure *list; /* [count] */
  int64_t count;
  size_t room;
  int64_t *of; /* [series] the figure of each */
};

/* Returns seconds of "2026-11-26T07:50:27Z" since 1970, -1 for another text. */
static long long seconds_of(const char *text) {
  struct tm utc = {.tm_year = 0};
  const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return end && !*end ? (long long)timegm(&utc) : -1;
}

/* Marks the records of a series that a figure shows: the ends of levels, unless there are too many
 * to see, and the fastest and the slowest of each of `most` / 2 stretches. */
static void choose(const struct l4r_history_series *series, int64_t most, char *chosen) {
  const int64_t n = series->points, stretches = most / 2;
  const int all = n <= most;
  memset(chosen, all, (size_t)n);
  for (int64_t s = 0; s < series->segments && series->segments <= stretches; s++)
    chosen[series->segment[s].begin] = chosen[series->segment[s].end - 1] = 1;
  for (int64_t stretch = 0; stretch < stretches && !all; stretch++) {
    const int64_t begin = n * stretch / stretches, end = n * (stretch + 1) / stretches;
    int64_t fastest = begin, slowest = begin;
    for (int64_t p = begin; p < end; p++) {
      if (series->point[p].ns.value < series->point[fastest].ns.value) fastest = p;
      if (series->point[p].ns.value > series->point[slowest].ns.value) slowest = p;
    }
    chosen[fastest] = chosen[slowest] = 1;
  }
}

struct row { /* a row of the table of records */
  int64_t group;
  int arm, change;
  double level_ns;
};

static void add_point(struct l4r_table *table, const struct row *row, long long seconds,
                      const struct l4r_estimate *ns) {
  l4r_row(table);
  l4r_cell_count(table, row->group);
  l4r_cell_count(table, row->arm);
  l4r_cell_count(table, seconds);
  l4r_cell_exact(table, (struct l4r_shown){ns->value, ns->withheld ? NAN : ns->lo,
                                           ns->withheld ? NAN : ns->hi});
  l4r_cell_exact(table, (struct l4r_shown){row->level_ns, NAN, NAN});
  l4r_cell_count(table, row->change);
}

static int add_points(struct l4r_table *table, struct row row,
                      const struct l4r_history_series *series, struct figure *figure) {
  char *chosen = l4r_alloc((size_t)series->points, 1, "records of a figure");
  if (!chosen) return L4R_ENVIRONMENT;
  choose(series, FIGURE_RECORDS / figure->series, chosen);
  for (int64_t s = 0; s < series->segments; s++)
    for (int64_t p = series->segment[s].begin; p < series->segment[s].end; p++) {
      const struct l4r_history_point *point = &series->point[p];
      const long long seconds = seconds_of(point->time);
      if (seconds < 0) continue;
      figure->records++;
      if (!chosen[p]) continue;
      figure->drawn++;
      row.change = s && p == series->segment[s].begin;
      row.level_ns = exp(series->segment[s].level);
      add_point(table, &row, seconds, &point->ns);
    }
  l4r_free(chosen);
  return L4R_OK;
}

enum { POINTS, ARMS, GROUPS, FILES };

static int add_figure(const struct l4r_history *history, const struct figures *figures,
                      int64_t group, struct l4r_tsv *tsv) {
  struct figure *figure = &figures->list[group];
  struct row row = {.group = group};
  size_t longest = 0;
  int status = L4R_OK;
  for (int64_t s = figure->first; row.arm < figure->series && !status; s++) {
    const struct l4r_history_series *series = &history->series[s];
    if (figures->of[s] != group) continue;
    char label[320];
    l4r_text_set(label, sizeof label, "%.240s, %lld thread%s, %.60s", series->name,
                 (long long)series->threads, series->threads == 1 ? "" : "s", series->requests);
    if (strlen(label) > longest) longest = strlen(label);
    l4r_row(&tsv[ARMS].table);
    l4r_cell_count(&tsv[ARMS].table, group);
    l4r_cell_count(&tsv[ARMS].table, row.arm);
    l4r_cell(&tsv[ARMS].table, "%s", label);
    status = add_points(&tsv[POINTS].table, row, series, figure);
    l4r_tsv_flush(&tsv[POINTS]);
    row.arm++;
  }
  const struct l4r_history_series *head = &history->series[figure->first];
  const int parts = figures->list[figure->head].parts;
  struct l4r_table *table = &tsv[GROUPS].table;
  l4r_row(table);
  l4r_cell_count(table, group);
  l4r_cell_count(table, figure->series);
  l4r_cell_count(table, (int64_t)longest);
  l4r_cell_count(table, figure->records);
  l4r_cell_count(table, figure->drawn);
  l4r_cell(table, "%s; %s; %s, machine %.12s", head->dataset, head->scenario,
           *head->cpu ? head->cpu : "unknown processor", head->machine);
  if (parts > 1) l4r_cell_add(table, " (part %d of %d)", figure->part + 1, parts);
  if (history->unsealed)
    l4r_cell_add(table, "; unsealed: %lld not checked", (long long)history->unsealed);
  return status;
}

/* Finds the open figure for a series' machine, data set, scenario and batch, or begins a new one
 * where it is full. */
static int place(const struct l4r_history_series *series, json_t *open, struct figures *figures,
                 int64_t s) {
  json_t *key = json_sprintf("%s\n%s\n%s\n%lld", series->machine, series->dataset, series->scenario,
                             (long long)series->batch);
  const char *text = json_string_value(key);
  const json_t *known = text ? json_object_get(open, text) : NULL;
  const int64_t before = known ? (int64_t)json_integer_value(known) : -1;
  assert(!known || (figures->list && before >= 0 && before < figures->count));
  int status = text ? L4R_OK : l4r_fail(L4R_ENVIRONMENT, "no memory for a figure");
  if (known && figures->list[before].series < FIGURE_SERIES) {
    figures->of[s] = before;
  } else if (!status) {
    status = l4r_grow(&figures->list, &figures->room, (size_t)figures->count + 1,
                      sizeof *figures->list, "figures");
    if (!status && json_object_set_new(open, text, json_integer((json_int_t)figures->count)))
      status = l4r_fail(L4R_ENVIRONMENT, "no memory for a figure");
    if (!status) {
      struct figure *figure = &figures->list[figures->count];
      *figure = (struct figure){.first = s, .head = figures->count};
      if (known) figure->head = figures->list[before].head;
      figure->part = figures->list[figure->head].parts++;
      figures->of[s] = figures->count++;
    }
  }
  json_decref(key);
  if (!status) figures->list[figures->of[s]].series++;
  return status;
}

static int make_figures(const struct l4r_history *history, struct figures *figures) {
  json_t *open = json_object();
  *figures = (struct figures){
      .of = l4r_alloc((size_t)history->count, sizeof *figures->of, "figures of series")};
  int status = open && figures->of ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t s = 0; s < history->count && !status; s++)
    status = place(&history->series[s], open, figures, s);
  json_decref(open);
  return status;
}

static int add_all(const struct l4r_history *history, const struct figures *figures,
                   struct l4r_export_files *files) {
  static const struct l4r_tsv_file tables[FILES] = {
      {"history.tsv", "group arm seconds ns+ level_ns change"},
      {"history-arms.tsv", "group arm label"},
      {"history-groups.tsv", "group arms longest records drawn title"}};
  struct l4r_tsv tsv[FILES];
  FILE *stream = NULL;
  int begun = 0, status = L4R_OK;
  while (begun < FILES && !(status = l4r_export_file(files, tables[begun].name, &stream))) {
    l4r_tsv_begin(&tsv[begun], stream, tables[begun].keys);
    begun++;
  }
  for (int64_t g = 0; g < figures->count && !status; g++)
    status = add_figure(history, figures, g, tsv);
  for (int f = 0; f < begun; f++) status = l4r_tsv_end(&tsv[f], status);
  return status;
}

int l4r_history_plot_tables(const struct l4r_history *history, const char *folder) {
  struct l4r_export_files files;
  struct figures figures;
  int status = make_figures(history, &figures);
  if (!status) {
    status = l4r_export_files_open(&files, folder);
    if (!status)
      status = l4r_export_files_end(&files, add_all(history, &figures, &files), NULL, NULL);
  }
  l4r_free(figures.of);
  l4r_free(figures.list);
  return status;
}
