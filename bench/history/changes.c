/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/history/changes.h"

#include "bench/derive/door.h"
#include "bench/table/units.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 40 };

const char *l4r_history_figure(enum l4r_round_metric metric, double value, char out[32]) {
  char digits[32];
  struct l4r_unit unit;
  switch (metric) {
  case L4R_ROUND_RATE:
    l4r_text_set(out, 32, "%s/s", l4r_digits(digits, value, 3));
    return out;
  case L4R_ROUND_INSTRUCTIONS:
    l4r_text_set(out, 32, "%.0f", value);
    return out;
  case L4R_ROUND_MEMORY:
    unit = l4r_unit_of_bytes(value);
    l4r_text_set(out, 32, "%s %s", l4r_digits(digits, value / unit.scale, 3), unit.name);
    return out;
  default:
    return l4r_time_text(out, value);
  }
}

struct change {
  const struct l4r_history_series *series;
  const struct l4r_segment *segment; /* the one that begins with it */
};

static const struct l4r_history_point *first_of(const struct change *change) {
  return &change->series->point[change->segment->begin];
}

static int newest_first(const void *left, const void *right) {
  const struct change *a = left, *b = right;
  const int order = strcmp(first_of(b)->time, first_of(a)->time);
  return order ? order : (a->series > b->series) - (a->series < b->series);
}

static const struct l4r_column columns[] = {
    {"arm", "arm", .align = L4R_LEFT},           {"dataset", "data set", .align = L4R_LEFT},
    {"scenario", "scenario", .align = L4R_LEFT}, {"threads", "thr", .align = L4R_RIGHT},
    {"time", "since", .align = L4R_LEFT},        {"commits", "commits", .align = L4R_LEFT},
    {"before", "before", .align = L4R_LEFT},     {"after", "after", .align = L4R_LEFT},
    {"ratio", "ratio", .align = L4R_RIGHT},      {"records", "records since", .align = L4R_RIGHT},
};

static void add_change(struct l4r_table *table, enum l4r_round_metric metric,
                       const struct change *change) {
  const struct l4r_history_series *series = change->series;
  const struct l4r_segment *after = change->segment, *before = after - 1;
  const struct l4r_history_point *at = first_of(change);
  char text[32];
  l4r_row(table);
  l4r_cell(table, "%s", series->name);
  l4r_cell(table, "%s", series->label);
  l4r_cell(table, "%s", series->scenario);
  l4r_cell_count(table, series->threads);
  l4r_cell(table, "%.10s", at->time);
  l4r_cell(table, "%s .. %s", *at[-1].git ? at[-1].git : "-", *at->git ? at->git : "-");
  l4r_cell(table, "%s", l4r_history_figure(metric, exp(before->level), text));
  l4r_cell(table, "%s", l4r_history_figure(metric, exp(after->level), text));
  l4r_cell_fixed(table, exp(after->level - before->level), 3, "");
  l4r_cell_count(table, series->points - after->begin);
}

/* Gathers the changes; returns how many, or a negative error. */
static int64_t gather(const struct l4r_history *history, struct change **changes) {
  int64_t count = 0, at = 0;
  for (int64_t s = 0; s < history->count; s++) count += history->series[s].segments - 1;
  *changes = l4r_alloc((size_t)(count > 0 ? count : 0) + 1, sizeof **changes, "changes");
  if (!*changes) return L4R_ENVIRONMENT;
  for (int64_t s = 0; s < history->count; s++)
    for (int64_t c = 1; c < history->series[s].segments; c++)
      (*changes)[at++] = (struct change){&history->series[s], &history->series[s].segment[c]};
  qsort(*changes, (size_t)at, sizeof **changes, newest_first);
  return at;
}

static void add_counts(struct l4r_sheet *sheet, const struct l4r_history *history,
                       int64_t changes) {
  const int64_t unchecked[L4R_CHECKS] = {[L4R_UNCHECKED] = history->unsealed};
  char line[L4R_CHECKS][256];
  int64_t records = 0, changed = 0, brief = 0;
  for (int64_t s = 0; s < history->count; s++) {
    records += history->series[s].points;
    changed += history->series[s].segments > 1;
    brief += history->series[s].points < L4R_STEPS_FROM;
  }
  l4r_sheet_text(
      sheet,
      "%lld of %lld series of %lld records changed their level of %s; %lld are too short "
      "to tell (fewer than %d records). --rows 40 shows the records, --json all figures.",
      (long long)changed, (long long)history->count, (long long)records,
      l4r_round_metric_names[history->metric], (long long)brief, L4R_STEPS_FROM);
  if (changes > SHOWN)
    l4r_sheet_text(sheet, "The newest %d of %lld changes have a row.", SHOWN, (long long)changes);
  if (l4r_checked_count_lines(unchecked, line)) l4r_sheet_text(sheet, "%s", line[0]);
  if (history->left_out)
    l4r_sheet_text(sheet, "%lld records have no %s and are left out.", (long long)history->left_out,
                   l4r_round_metric_names[history->metric]);
}

int l4r_history_print_changes(const struct l4r_history *history, const struct l4r_printer *printer,
                              FILE *stream) {
  struct l4r_sheet sheet;
  struct change *change;
  const int64_t changes = gather(history, &change);
  if (changes < 0) return (int)changes;
  l4r_sheet_begin(&sheet, printer, stream, "history");
  if (changes) {
    struct l4r_table table = {.layout = {.gap = 2}};
    l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
    for (int64_t c = 0; c < changes && c < SHOWN; c++)
      add_change(&table, history->metric, &change[c]);
    l4r_sheet_table(&sheet, &table);
  }
  add_counts(&sheet, history, changes);
  l4r_free(change);
  return l4r_sheet_end(&sheet, L4R_OK);
}
