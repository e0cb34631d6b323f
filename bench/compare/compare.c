/* SPDX-License-Identifier: BSD-3-Clause */
/* Which records belong together is found by what they say, never by their order: arm, data set,
 * scenario, batch and threads. Where a side has two records for one place, somebody has to choose,
 * and the program does not. */
#include "bench/compare/compare.h"

#include "bench/derive/door.h"
#include "bench/record/distinct.h"
#include "bench/record/machine.h"
#include "bench/record/read.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

struct side { /* while one side is read */
  struct l4r_record_filter filter;
  json_t *kept;
  int64_t seen;
};

/* "file:line" of a record, one of four buffers. */
static const char *place_of(const json_t *record) {
  static _Thread_local char text[4][1024];
  static _Thread_local int next;
  const char *path = json_string_value(json_object_get(record, "_path"));
  char *out = text[next++ % 4];
  l4r_text_set(out, sizeof text[0], "%.1000s:%lld", path ? path : "a record",
               (long long)json_integer_value(json_object_get(record, "_line")));
  return out;
}

static const json_t *at(const json_t *record, const char *object, const char *key) {
  return json_object_get(object ? json_object_get(record, object) : record, key);
}

static int same(const json_t *a, const json_t *b, const char *object, const char *key) {
  const json_t *x = at(a, object, key), *y = at(b, object, key);
  return x == y || json_equal(x, y);
}

static const char *text_of(const json_t *record, const char *key) {
  const char *text = json_string_value(json_object_get(record, key));
  return text ? text : "?";
}

static int keep(void *context, json_t *record) {
  struct side *side = context;
  side->seen++;
  if (!l4r_record_matches(record, &side->filter)) return L4R_OK;
  return json_array_append(side->kept, record) ? l4r_fail(L4R_ENVIRONMENT, "no memory for records")
                                               : L4R_OK;
}

static int read_side(const struct l4r_compare_options *options, int s, json_t **kept) {
  struct side side = {{options->arm[s], options->scenario, options->threads}, json_array(), 0};
  *kept = side.kept;
  if (!side.kept) return l4r_fail(L4R_ENVIRONMENT, "no memory for records");
  const int status = l4r_records_each(&options->path[s], 1, keep, &side);
  if (status || json_array_size(side.kept)) return status;
  return l4r_fail(L4R_INPUT,
                  "none of the %lld records in %s is of the arm, scenario and threads asked for; "
                  "'lite4rec export csv %s' lists what there is",
                  (long long)side.seen, options->path[s], options->path[s]);
}

/* 1 when two records take the same place in a table, whatever their arms. */
static int same_place(const json_t *a, const json_t *b) {
  return same(a, b, NULL, "scenario") && same(a, b, NULL, "threads") && same(a, b, NULL, "batch") &&
         same(a, b, "dataset", "name");
}

static int refuse_twins(const json_t *records) {
  size_t i, j;
  const json_t *a;
  json_array_foreach(records, i, a)
    for (j = 0; j < i; j++) {
      const json_t *b = json_array_get(records, j);
      if (!same_place(a, b) || !same(a, b, NULL, "arm") || !l4r_indistinct(a, b)) continue;
      return l4r_fail(
          L4R_INPUT,
          "%s and %s are both of arm %s, %s, %lld threads: which of them? Name one file "
          "in place of the folder",
          place_of(b), place_of(a), text_of(a, "arm"), text_of(a, "scenario"),
          (long long)json_integer_value(json_object_get(a, "threads")));
    }
  return L4R_OK;
}

static int check_same_measurement(const json_t *a, const json_t *b) {
  static const char *const fields[][2] = {
      {"dataset", "sha256"}, {"dataset", "split"}, {"settings", "users"}, {"settings", "seed"},
      {"settings", "k"},     {NULL, "batch"},      {"requests", "sha256"}};
  for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
    const char *object = fields[f][0], *key = fields[f][1];
    if (same(a, b, object, key)) continue;
    if (!strcmp(key, "sha256") && !strcmp(object ? object : "", "requests") &&
        (!at(a, object, key) || !at(b, object, key)))
      continue; /* records of before it was stated */
    return l4r_fail(L4R_INPUT,
                    "%s and %s differ in %s%s%s: they answered other requests, and their times say "
                    "nothing of each other",
                    place_of(a), place_of(b), object ? object : "", object ? "." : "", key);
  }
  return L4R_OK;
}

static int check_machine(const json_t *a, const json_t *b, int across) {
  if (across || l4r_machine_same(a, b)) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "%s and %s: manifest: they are of two machines; measure both on one, or say "
                  "--across-machines",
                  place_of(a), place_of(b));
}

/* The number of a round: rounds that failed leave gaps in it. */
static int64_t number_of(const json_t *record, size_t index) {
  const json_t *round = json_array_get(json_object_get(record, "rounds"), index);
  const json_t *number = json_object_get(round, "round");
  return json_is_integer(number) ? json_integer_value(number) : (int64_t)index;
}

static int figure_of(const struct l4r_compared *row, int s, size_t index, double *ns) {
  const char *reason;
  *ns = l4r_round_figure(row->record[s], index, row->metric, &reason);
  if (*ns > 0) return L4R_OK;
  return l4r_fail(L4R_INPUT, "%s: rounds[%zu].%s_ns: %s; --metric mean needs no percentiles",
                  place_of(row->record[s]), index, l4r_round_metric_names[row->metric], reason);
}

static int pair_rounds(struct l4r_compared *row) {
  size_t i = 0, j = 0;
  int status = L4R_OK;
  while (!status && i < (size_t)row->rounds[0] && j < (size_t)row->rounds[1]) {
    const int64_t a = number_of(row->record[0], i), b = number_of(row->record[1], j);
    if (a == b) {
      status = figure_of(row, 0, i, &row->figure[0][row->pairs]);
      if (!status) status = figure_of(row, 1, j, &row->figure[1][row->pairs]);
      row->pairs++;
    }
    i += a <= b;
    j += b <= a;
  }
  for (size_t r = 0; !status && r < (size_t)row->rounds[0]; r++)
    status = figure_of(row, 0, r, &row->all[r]);
  if (status || row->pairs >= L4R_COMPARE_ROUNDS) return status;
  return l4r_fail(L4R_INPUT,
                  "%s and %s have %lld rounds in common; a comparison needs %d at least: measure "
                  "again with --rounds %d or more",
                  place_of(row->record[0]), place_of(row->record[1]), (long long)row->pairs,
                  L4R_COMPARE_ROUNDS, L4R_COMPARE_ROUNDS);
}

static int fill_row(struct l4r_compared *row) {
  for (int s = 0; s < 2; s++)
    row->rounds[s] = (int64_t)json_array_size(json_object_get(row->record[s], "rounds"));
  const size_t room = (size_t)(row->rounds[0] + row->rounds[1]) + 1;
  for (int s = 0; s < 2; s++) row->figure[s] = l4r_alloc(room, sizeof(double), "rounds");
  row->all = l4r_alloc(room, sizeof(double), "rounds of A");
  if (!row->figure[0] || !row->figure[1] || !row->all) return L4R_ENVIRONMENT;
  const int status = pair_rounds(row);
  for (int s = 0; s < 2 && !status; s++) {
    double sum = 0;
    for (int64_t p = 0; p < row->pairs; p++) sum += log(row->figure[s][p]);
    row->ns[s] = exp(sum / (double)row->pairs);
  }
  return status;
}

static int note(struct l4r_compare_table *table, json_t *text) {
  return json_array_append_new(table->notes, text)
             ? l4r_fail(L4R_ENVIRONMENT, "no memory for notes")
             : L4R_OK;
}

/* What a record itself says against its figures. */
static int note_warnings(struct l4r_compare_table *table, const json_t *record) {
  size_t index;
  const json_t *warning;
  int status = L4R_OK;
  json_array_foreach(json_object_get(record, "warnings"), index, warning)
    if (!status)
      status = note(table, json_sprintf("%s (%s): warning: %s", place_of(record),
                                        text_of(record, "arm"), l4r_warning_text(warning)));
  return status;
}

static int note_pair(struct l4r_compare_table *table, const struct l4r_compared *row) {
  const json_t *a = row->record[0], *b = row->record[1];
  int status = L4R_OK;
  const int64_t all = row->rounds[0] > row->rounds[1] ? row->rounds[0] : row->rounds[1];
  if (row->pairs < all)
    status = note(table, json_sprintf("%s has %lld rounds, %s %lld: the %lld of equal number are "
                                      "paired, the others left out",
                                      place_of(a), (long long)row->rounds[0], place_of(b),
                                      (long long)row->rounds[1], (long long)row->pairs));
  if (!status && !same(a, b, "model", "sha256") && same(a, b, NULL, "arm"))
    status = note(table, json_sprintf("%s and %s served different weights (model.sha256)",
                                      place_of(a), place_of(b)));
  if (!status && !same(a, b, "pinned", "asked"))
    status = note(table,
                  json_sprintf("%s and %s were pinned differently", place_of(a), place_of(b)));
  for (int side = 0; side < 2 && !status; side++) status = note_warnings(table, row->record[side]);
  if (!status && same(a, b, NULL, "sha256"))
    status = note(table, json_sprintf("%s is compared with itself", place_of(a)));
  return status;
}

static int add_pair(struct l4r_compare_table *table, const struct l4r_compare_options *options,
                    json_t *a, json_t *b) {
  struct l4r_door door = {.unsealed = options->unsealed, .need_samples = 1};
  int status = check_machine(a, b, options->across_machines), noted = 0;
  if (!status) status = check_same_measurement(a, b);
  if (!status) status = l4r_record_admit(&door, a);
  if (!status) status = l4r_record_admit(&door, b);
  l4r_door_close(&door);
  for (int m = 0; m < L4R_ROUND_METRICS && !status; m++) {
    if (!(options->metrics & 1u << m)) continue;
    struct l4r_compared *row = &table->row[table->rows++];
    *row = (struct l4r_compared){.record = {a, b}, .metric = (enum l4r_round_metric)m};
    status = fill_row(row);
    if (!status && !noted++) status = note_pair(table, row);
  }
  return status;
}

/* 1 when another record of the side has the place and the name of this one. */
static int has_twin(const json_t *records, const json_t *record) {
  size_t i;
  const json_t *other;
  json_array_foreach(records, i, other)
    if (other != record && same_place(other, record) && same(other, record, NULL, "arm")) return 1;
  return 0;
}

/* 1 when b is what a is compared with. */
static int belongs(const struct l4r_compare_table *table, const struct l4r_compare_options *options,
                   const json_t *a, const json_t *b) {
  const int single = json_array_size(table->records[0]) == 1 &&
                     json_array_size(table->records[1]) == 1;
  const int named = options->arm[0] && options->arm[1];
  if (!same_place(a, b)) return 0;
  if (single || named) return 1;
  /* Where a side has several of the name, those of one thing belong together. */
  return same(a, b, NULL, "arm") && (l4r_indistinct(a, b) || !(has_twin(table->records[0], a) ||
                                                               has_twin(table->records[1], b)));
}

static int match(struct l4r_compare_table *table, const struct l4r_compare_options *options) {
  size_t i, j;
  json_t *a, *b;
  int status = L4R_OK;
  json_array_foreach(table->records[0], i, a) {
    int64_t found = 0;
    json_array_foreach(table->records[1], j, b) {
      if (status || !belongs(table, options, a, b)) continue;
      found++;
      status = add_pair(table, options, a, b);
    }
    if (status) return status;
    if (!found && options->complete)
      return l4r_fail(
          L4R_INPUT,
          "%s (%s, %lld threads) has no counterpart in %s; a gate needs every arm of A: "
          "measure it, or narrow with --arm, --scenario, --threads",
          place_of(a), text_of(a, "arm"),
          (long long)json_integer_value(json_object_get(a, "threads")), options->path[1]);
    if (!found)
      status = note(
          table, json_sprintf("%s (%s) has no counterpart in B", place_of(a), text_of(a, "arm")));
  }
  return status;
}

/* What was not checked of the records of one side. */
static int note_checks(struct l4r_compare_table *table, int s) {
  char line[L4R_CHECKS][256];
  const int lines = l4r_checked_lines(table->records[s], line);
  int status = L4R_OK;
  for (int l = 0; l < lines && !status; l++)
    status = note(table, json_sprintf("%s: %s", s ? "B" : "A", line[l]));
  return status;
}

static int note_others(struct l4r_compare_table *table, const struct l4r_compare_options *options) {
  size_t i, j;
  const json_t *a, *b;
  int status = L4R_OK, apart = 0;
  json_array_foreach(table->records[1], j, b) {
    int found = 0;
    json_array_foreach(table->records[0], i, a) found |= belongs(table, options, a, b);
    if (!found && !status)
      status = note(
          table, json_sprintf("%s (%s) has no counterpart in A", place_of(b), text_of(b, "arm")));
  }
  for (int s = 0; s < 2 && !status; s++) status = note_checks(table, s);
  for (int64_t r = 0; r < table->rows; r++)
    apart |= !same(table->row[r].record[0], table->row[r].record[1], NULL, "_path");
  if (!status && apart)
    status = note(table, json_string("A and B were measured in different runs: what changed on the "
                                     "machine between them is in the ratio, and no interval knows "
                                     "of it; arms of one run take turns"));
  return status;
}

int l4r_compare(const struct l4r_compare_options *options, struct l4r_compare_table *table) {
  *table = (struct l4r_compare_table){.notes = json_array(), .margin = options->margin};
  int status = table->notes ? L4R_OK : l4r_fail(L4R_ENVIRONMENT, "no memory for notes");
  for (int s = 0; s < 2 && !status; s++) status = read_side(options, s, &table->records[s]);
  for (int s = 0; s < 2 && !status; s++) status = refuse_twins(table->records[s]);
  if (status) return status;
  /* No record has two counterparts: twins are refused. */
  const size_t most = json_array_size(table->records[0]) * L4R_ROUND_METRICS;
  table->row = l4r_alloc(most, sizeof *table->row, "rows of a comparison");
  if (!table->row) return L4R_ENVIRONMENT;
  status = match(table, options);
  if (!status && !table->rows)
    return l4r_fail(L4R_INPUT,
                    "%s and %s have no arm, data set, scenario, batch and number of threads in "
                    "common; --arm and --against name two arms to compare",
                    options->path[0], options->path[1]);
  if (!status) status = note_others(table, options);
  for (int64_t r = 0; r < table->rows && !status; r++) {
    struct l4r_compared *row = &table->row[r];
    l4r_compare_rounds(row->figure[0], row->figure[1], row->pairs, table->rows, &row->comparison);
    row->change = l4r_change_of(&row->comparison, table->margin);
  }
  return status;
}

void l4r_compare_free(struct l4r_compare_table *table) {
  for (int64_t r = 0; r < table->rows; r++) {
    l4r_free(table->row[r].figure[0]);
    l4r_free(table->row[r].figure[1]);
    l4r_free(table->row[r].all);
  }
  l4r_free(table->row);
  for (int s = 0; s < 2; s++) json_decref(table->records[s]);
  json_decref(table->notes);
  *table = (struct l4r_compare_table){.rows = 0};
}
