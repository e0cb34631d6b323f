/* SPDX-License-Identifier: BSD-3-Clause */
/* A race is what may be compared: the rows of one group (data, scenario, batch, machine) on one
 * model, with as many threads, that search alike. Its entrants are engines with their options but
 * the precision's, which are the columns. */
#include "bench/export/peers.h"

#include "bench/engines.h"
#include "bench/export/paired.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

enum { PRECISIONS = 4 };
static const char *const precision_names[PRECISIONS] = {"fp32", "bf16", "int8", "bf16x3"};
/* Options that change what is asked, and so the race; the others are of the entrant. */
static const char *const asked[] = {"beams", "trie"};
/* Options of a precision, which are no difference between entrants. */
static const char *const of_precision[] = {"precision", "fallback"};
enum { ASKED = sizeof asked / sizeof *asked, OF_PRECISION = 2 };

struct entrant {
  char name[320]; /* "peer:torch compile=on" */
  int foreign;
  const struct l4r_row *row[PRECISIONS]; /* NULL: not measured */
};

struct race {
  const struct l4r_row *first;
  struct entrant *entrant; /* this project's first, each kind in the order of the records */
  int64_t entrants;
};

static int precision_of(const struct l4r_row *row) {
  for (int p = 0; p < PRECISIONS; p++)
    if (!strcmp(l4r_row_text(row, "precision"), precision_names[p])) return p;
  return -1;
}

static int is_foreign(const struct l4r_row *row) {
  return l4r_engine_is_foreign(l4r_row_text(row, "engine"));
}

static int is_listed(const char *key, const char *const *list, int count) {
  for (int i = 0; i < count; i++)
    if (!strcmp(key, list[i])) return 1;
  return 0;
}

static const char *option_of(const struct l4r_row *row, const char *key) {
  return json_string_value(json_object_get(row->record->data.options, key));
}

static int same_race(const struct l4r_row *a, const struct l4r_row *b) {
  const struct l4r_record_record *x = &a->record->data, *y = &b->record->data;
  int same = a->group == b->group && a->threads == b->threads &&
             l4r_text_same(x->model.sha256, y->model.sha256) &&
             l4r_text_same(x->model.name, y->model.name);
  for (int o = 0; o < ASKED; o++)
    same &= l4r_text_same(option_of(a, asked[o]), option_of(b, asked[o]));
  return same;
}

static void name_entrant(const struct l4r_row *row, char *name, size_t size) {
  const char *key;
  json_t *value;
  size_t used = 0;
  l4r_text_add(name, size, &used, "%.200s", l4r_row_text(row, "engine"));
  json_object_foreach(row->record->data.options, key, value) {
    if (is_listed(key, asked, ASKED) || is_listed(key, of_precision, OF_PRECISION)) continue;
    l4r_text_add(name, size, &used, " %.40s=%.60s", key, l4r_text_of(value));
  }
}

static void enter(struct race *race, const struct l4r_row *row) {
  char name[sizeof race->entrant->name];
  const int precision = precision_of(row);
  int64_t e = 0;
  if (precision < 0 || row->rate > 0) return; /* an open loop's times include waiting */
  name_entrant(row, name, sizeof name);
  while (e < race->entrants && strcmp(race->entrant[e].name, name) != 0) e++;
  struct entrant *entrant = &race->entrant[e];
  if (e == race->entrants) {
    *entrant = (struct entrant){.foreign = is_foreign(row)};
    strcpy(entrant->name, name);
    race->entrants++;
  }
  entrant->row[precision] = row;
}

/* Ours first. */
static void gather(const struct l4r_rows *rows, const struct l4r_row *first, struct race *race) {
  race->first = first;
  race->entrants = 0;
  for (int foreign = 0; foreign < 2; foreign++)
    for (int64_t r = 0; r < rows->count; r++)
      if (same_race(&rows->row[r], first) && is_foreign(&rows->row[r]) == foreign)
        enter(race, &rows->row[r]);
}

/* The first row of a race in which a foreign engine runs. */
static int begins_race(const struct l4r_rows *rows, int64_t r) {
  int foreign = 0;
  for (int64_t other = 0; other < rows->count; other++) {
    if (!same_race(&rows->row[other], &rows->row[r])) continue;
    if (other < r) return 0;
    foreign |= is_foreign(&rows->row[other]) && !(rows->row[other].rate > 0);
  }
  return foreign;
}

static double mean_of(const struct l4r_row *row) {
  return l4r_row_latency(row, "mean").value;
}

/* This project's fastest row of the run that `row` is of, in that precision (-1: in any), or
 * NULL. */
static const struct l4r_row *ours(const struct race *race, const struct l4r_row *row,
                                  int precision) {
  const struct l4r_row *best = NULL;
  for (int64_t e = 0; e < race->entrants; e++)
    for (int p = 0; p < PRECISIONS; p++) {
      const struct l4r_row *one = race->entrant[e].row[p];
      if (race->entrant[e].foreign || !one || (precision >= 0 && p != precision)) continue;
      if (!l4r_paired_run(one->record, row->record)) continue;
      if (!best || mean_of(one) < mean_of(best)) best = one;
    }
  return best;
}

static const struct l4r_row *fastest(const struct entrant *entrant) {
  const struct l4r_row *best = NULL;
  for (int p = 0; p < PRECISIONS; p++)
    if (entrant->row[p] && (!best || mean_of(entrant->row[p]) < mean_of(best)))
      best = entrant->row[p];
  return best;
}

/* --- the tables --- */

static void add_columns(struct l4r_table *table, const char *unit) {
  l4r_table_column(table, (struct l4r_column){"engine", "engine", .align = L4R_LEFT});
  for (int p = 0; p < PRECISIONS; p++)
    l4r_table_column(table, (struct l4r_column){precision_names[p], precision_names[p], unit,
                                                .align = L4R_FIGURE, .interval = 1});
}

static const char *title_of(const struct l4r_rows *rows, const struct race *race,
                            struct l4r_table *table) {
  const struct l4r_row *row = race->first;
  const struct l4r_row_group *group = &rows->group[row->group];
  const char *text = l4r_table_text(
      table, L4R_STRONG "%s" L4R_STRONG "%s%s; %s %s", group->title, *group->cpu ? " on " : "",
      group->cpu, l4r_row_text(row, "model.kind"), l4r_row_text(row, "model.size"));
  text = l4r_table_more(table, text, " (" L4R_CODE "%s" L4R_CODE ")",
                        l4r_row_text(row, "model.name"));
  if (row->threads)
    text = l4r_table_more(table, text, ", %lld thread%s", (long long)row->threads,
                          row->threads == 1 ? "" : "s");
  for (int o = 0; o < ASKED; o++)
    if (option_of(row, asked[o]))
      text = l4r_table_more(table, text, ", %s=%s", asked[o], option_of(row, asked[o]));
  return text;
}

static void add_times(struct l4r_sheet *sheet, const struct l4r_rows *rows,
                      const struct race *race) {
  struct l4r_table table = {.layout = {.gap = 2}};
  l4r_table_title(&table, "%s. A user's mean time, with its 95 %% interval over rounds.",
                  title_of(rows, race, &table));
  add_columns(&table, "ns");
  for (int64_t e = 0; e < race->entrants; e++) {
    l4r_row(&table);
    l4r_cell(&table, L4R_CODE "%s" L4R_CODE, race->entrant[e].name);
    for (int p = 0; p < PRECISIONS; p++)
      if (race->entrant[e].row[p])
        l4r_cell_time(&table, l4r_row_latency(race->entrant[e].row[p], "mean"), L4R_WORDS);
      else
        l4r_cell_absent(&table, NULL);
  }
  l4r_sheet_table(sheet, &table);
}

static int add_ratio(struct l4r_table *table, const struct l4r_row *row,
                     const struct l4r_row *against) {
  if (!row || !against) {
    l4r_cell_absent(table, row ? "this project's engine did not run beside it" : NULL);
    return 0;
  }
  l4r_cell_digits(table, l4r_paired_figure(l4r_paired_ratio(row->record, against->record, -1)), 2,
                  L4R_WORDS);
  return 1;
}

static void add_ratios(struct l4r_sheet *sheet, const struct race *race) {
  struct l4r_table table = {.layout = {.gap = 2}};
  l4r_table_title(&table, "How many times as long as this project's fastest engine of the same run "
                          "takes: in the same precision, and each in its fastest.");
  add_columns(&table, "");
  l4r_table_column(
      &table, (struct l4r_column){"fastest", "fastest", "", .align = L4R_FIGURE, .interval = 1});
  for (int64_t e = 0; e < race->entrants; e++) {
    const struct entrant *entrant = &race->entrant[e];
    if (!entrant->foreign) continue;
    const struct l4r_row *best = fastest(entrant);
    const struct l4r_row *against = best ? ours(race, best, -1) : NULL;
    l4r_row(&table);
    l4r_cell(&table, L4R_CODE "%s" L4R_CODE, entrant->name);
    for (int p = 0; p < PRECISIONS; p++)
      add_ratio(&table, entrant->row[p], entrant->row[p] ? ours(race, entrant->row[p], p) : NULL);
    if (add_ratio(&table, best, against))
      l4r_cell_note(&table, l4r_table_text(&table, "%s against %s", l4r_row_text(best, "precision"),
                                           l4r_row_text(against, "precision")));
  }
  l4r_sheet_table(sheet, &table);
}

/* Settings without the library's hash, which the record has for who doubts. */
static const char *settings_of(struct l4r_table *table, const struct l4r_row *row) {
  static const char hash[] = "library_sha256=";
  const char *settings = l4r_row_text(row, "description.settings"), *at = strstr(settings, hash);
  if (!at) return l4r_table_text(table, "%s", settings);
  const char *after = at + strcspn(at, ",");
  const int before = (int)(at - settings) - (at > settings && at[-1] == ',');
  if (before <= 0 && *after) after++;
  return l4r_table_text(table, "%.*s%s", before > 0 ? before : 0, settings, after);
}

static void add_what_ran(struct l4r_sheet *sheet, const struct race *race) {
  static const struct l4r_column columns[] = {{"engine", "engine", .align = L4R_LEFT},
                                              {"precision", "precision", .align = L4R_LEFT},
                                              {"version", "version, kernels", .align = L4R_LEFT},
                                              {"isa", "ISA that ran", .align = L4R_LEFT},
                                              {"weights", "weights", "bytes", .align = L4R_RIGHT},
                                              {"load", "ready after", "ns", .align = L4R_RIGHT},
                                              {"settings", "settings", .align = L4R_LEFT}};
  struct l4r_table table = {.layout = {.gap = 2}};
  l4r_table_title(&table, "What ran.");
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  for (int64_t e = 0; e < race->entrants; e++)
    for (int p = 0; p < PRECISIONS; p++) {
      const struct l4r_row *row = race->entrant[e].row[p];
      if (!row) continue;
      l4r_row(&table);
      l4r_cell(&table, L4R_CODE "%s" L4R_CODE, race->entrant[e].name);
      l4r_cell(&table, "%s", precision_names[p]);
      l4r_cell(&table, "%s", l4r_row_text(row, "description.kernels"));
      l4r_cell(&table, "%s", l4r_row_text(row, "description.isa"));
      l4r_cell_bytes(&table, l4r_row_number(row, "description.weights_bytes"));
      l4r_cell_time(
          &table,
          (struct l4r_shown){l4r_row_number(row, "description.open_seconds") * 1e9, NAN, NAN},
          L4R_WORDS);
      l4r_cell(&table, "%s", settings_of(&table, row));
    }
  l4r_sheet_table(sheet, &table);
}

int l4r_export_peers(const struct l4r_rows *rows, struct l4r_sheet *sheet) {
  struct race race = {
      .entrant = l4r_alloc((size_t)rows->count, sizeof *race.entrant, "engines of a race")};
  int64_t races = 0;
  if (!race.entrant) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < rows->count; r++) {
    if (!begins_race(rows, r)) continue;
    gather(rows, &rows->row[r], &race);
    add_times(sheet, rows, &race);
    add_ratios(sheet, &race);
    add_what_ran(sheet, &race);
    races++;
  }
  l4r_free(race.entrant);
  return races ? L4R_OK
               : l4r_fail(L4R_INPUT, "these records have no engine of somebody else's (peer:NAME, "
                                     "so:FILE) to compare with; lite4rec run --arm peer:NAME@MODEL "
                                     "measures one, which make bench-peers does for all");
}
