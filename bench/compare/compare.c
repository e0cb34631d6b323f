/* SPDX-License-Identifier: BSD-3-Clause */
/* Records are matched by what they state (arm, data set, scenario, batch and threads), never by
 * their order. Where a side has two records for one place, the program refuses and asks the user to
 * choose. */
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

struct side { /* used while one side is read */
  struct l4r_record_filter filter;
  struct l4r_records *kept;
  int64_t seen;
};

/* Returns "file:line" of a record in one of four buffers. */
static const char *place_of(const struct l4r_record *record) {
  static _Thread_local char text[4][1100];
  static _Thread_local int next;
  char *out = text[next++ % 4];
  return l4r_record_where(record, out, sizeof text[0]);
}

/* Returns 1 when the texts are equal or both are missing. */
static int same(const char *a, const char *b) {
  return a && b ? !strcmp(a, b) : a == b;
}

static const char *arm_of(const struct l4r_record *record) {
  return record->data.arm ? record->data.arm : "?";
}

static long long threads_of(const struct l4r_record *record) {
  return record->data.threads == L4R_NONE ? 0 : (long long)record->data.threads;
}

static int keep(void *context, struct l4r_record *record) {
  struct side *side = context;
  side->seen++;
  return l4r_record_matches(record, &side->filter) ? l4r_records_add(side->kept, record) : L4R_OK;
}

static int read_side(const struct l4r_compare_options *options, int s, struct l4r_records *kept) {
  struct side side = {{options->arm[s], options->scenario, options->threads}, kept, 0};
  const int status = l4r_records_each(&options->path[s], 1, keep, &side);
  if (status || kept->count) return status;
  return l4r_fail(L4R_INPUT,
                  "none of the %lld records in %s is of the arm, scenario and threads asked for; "
                  "'lite4rec export csv %s' lists what there is",
                  (long long)side.seen, options->path[s], options->path[s]);
}

/* Returns 1 when two records have the same place in a table, apart from their arms. */
static int same_place(const struct l4r_record *a, const struct l4r_record *b) {
  return same(a->data.scenario, b->data.scenario) && a->data.threads == b->data.threads &&
         a->data.batch == b->data.batch && same(a->data.dataset.name, b->data.dataset.name);
}

static int same_arm(const struct l4r_record *a, const struct l4r_record *b) {
  return same(a->data.arm, b->data.arm);
}

static int refuse_twins(const struct l4r_records *records) {
  for (int64_t i = 0; i < records->count; i++)
    for (int64_t j = 0; j < i; j++) {
      const struct l4r_record *a = &records->at[i], *b = &records->at[j];
      if (!same_place(a, b) || !same_arm(a, b) || !l4r_indistinct(a, b)) continue;
      return l4r_fail(L4R_INPUT,
                      "%s and %s are both of arm %s, %s, %lld threads: name one file in place of "
                      "the folder to choose between them",
                      place_of(b), place_of(a), arm_of(a),
                      a->data.scenario ? a->data.scenario : "?", threads_of(a));
    }
  return L4R_OK;
}

/* Returns the first member by which two records show that they served different requests; NULL when
 * there is none. */
static const char *other_requests(const struct l4r_record *left, const struct l4r_record *right) {
  const struct l4r_record_record *a = &left->data, *b = &right->data;
  if (!same(a->dataset.sha256, b->dataset.sha256)) return "dataset.sha256";
  if (!same(a->dataset.split, b->dataset.split)) return "dataset.split";
  if (a->settings.users != b->settings.users) return "settings.users";
  if (a->settings.seed != b->settings.seed) return "settings.seed";
  if (a->settings.k != b->settings.k) return "settings.k";
  if (a->batch != b->batch) return "batch";
  /* Older records do not state the hash. */
  const int both = a->requests.sha256 && b->requests.sha256;
  return both && !same(a->requests.sha256, b->requests.sha256) ? "requests.sha256" : NULL;
}

static int check_same_measurement(const struct l4r_record *a, const struct l4r_record *b) {
  const char *member = other_requests(a, b);
  if (!member) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "%s and %s differ in %s: they served different requests, so their times "
                  "cannot be compared",
                  place_of(a), place_of(b), member);
}

static int check_machine(const struct l4r_record *a, const struct l4r_record *b, int across) {
  if (across || l4r_machine_same(a, b)) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "%s and %s: manifest: they are of two machines; measure both on one, or give "
                  "--across-machines",
                  place_of(a), place_of(b));
}

static int figure_of(const struct l4r_compared *row, int s, int64_t index, double *ns) {
  const char *reason;
  *ns = l4r_round_figure(row->record[s], index, row->metric, &reason);
  if (*ns > 0) return L4R_OK;
  return l4r_fail(L4R_INPUT, "%s: rounds[%lld].%s_ns: %s; --metric mean needs no percentiles",
                  place_of(row->record[s]), (long long)index, l4r_round_metric_names[row->metric],
                  reason);
}

static int pair_rounds(struct l4r_compared *row) {
  int64_t i = 0, j = 0;
  int status = L4R_OK;
  while (!status && i < row->rounds[0] && j < row->rounds[1]) {
    const int64_t a = l4r_round_number(row->record[0], i), b = l4r_round_number(row->record[1], j);
    if (a == b) {
      status = figure_of(row, 0, i, &row->figure[0][row->pairs]);
      if (!status) status = figure_of(row, 1, j, &row->figure[1][row->pairs]);
      row->pairs++;
    }
    i += a <= b;
    j += b <= a;
  }
  for (int64_t r = 0; !status && r < row->rounds[0]; r++)
    status = figure_of(row, 0, r, &row->all[r]);
  if (status || row->pairs >= L4R_COMPARE_ROUNDS) return status;
  return l4r_fail(L4R_INPUT,
                  "%s and %s have %lld rounds in common; a comparison needs %d at least: measure "
                  "again with --rounds %d or more",
                  place_of(row->record[0]), place_of(row->record[1]), (long long)row->pairs,
                  L4R_COMPARE_ROUNDS, L4R_COMPARE_ROUNDS);
}

static int fill_row(struct l4r_compared *row) {
  for (int s = 0; s < 2; s++) row->rounds[s] = row->record[s]->data.rounds.count;
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

/* Adds a note for each warning of a record. */
static int note_warnings(struct l4r_compare_table *table, const struct l4r_record *record) {
  int status = L4R_OK;
  for (int64_t w = 0; w < record->data.warnings.count && !status; w++)
    status = note(table, json_sprintf("%s (%s): warning: %s", place_of(record), arm_of(record),
                                      l4r_text_or_none(record->data.warnings.at[w].text)));
  return status;
}

static int note_pair(struct l4r_compare_table *table, const struct l4r_compared *row) {
  const struct l4r_record *a = row->record[0], *b = row->record[1];
  int status = L4R_OK;
  const int64_t all = row->rounds[0] > row->rounds[1] ? row->rounds[0] : row->rounds[1];
  if (row->pairs < all)
    status = note(table, json_sprintf("%s has %lld rounds, %s %lld: the %lld of equal number are "
                                      "paired, the others left out",
                                      place_of(a), (long long)row->rounds[0], place_of(b),
                                      (long long)row->rounds[1], (long long)row->pairs));
  if (!status && !same(a->data.model.sha256, b->data.model.sha256) && same_arm(a, b))
    status = note(table, json_sprintf("%s and %s served different weights (model.sha256)",
                                      place_of(a), place_of(b)));
  if (!status && !same(a->data.pinned.asked, b->data.pinned.asked))
    status = note(table,
                  json_sprintf("%s and %s were pinned differently", place_of(a), place_of(b)));
  for (int side = 0; side < 2 && !status; side++) status = note_warnings(table, row->record[side]);
  if (!status && same(a->data.sha256, b->data.sha256))
    status = note(table, json_sprintf("%s is compared with itself", place_of(a)));
  return status;
}

static int add_pair(struct l4r_compare_table *table, const struct l4r_compare_options *options,
                    struct l4r_record *a, struct l4r_record *b) {
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

/* Returns 1 when another record of the side has the same place and name as this one. */
static int has_twin(const struct l4r_records *records, const struct l4r_record *record) {
  for (int64_t i = 0; i < records->count; i++) {
    const struct l4r_record *other = &records->at[i];
    if (other != record && same_place(other, record) && same_arm(other, record)) return 1;
  }
  return 0;
}

/* Returns 1 when b is the counterpart of a. */
static int belongs(const struct l4r_compare_table *table, const struct l4r_compare_options *options,
                   const struct l4r_record *a, const struct l4r_record *b) {
  const int single = table->records[0].count == 1 && table->records[1].count == 1;
  const int named = options->arm[0] && options->arm[1];
  if (!same_place(a, b)) return 0;
  if (single || named) return 1;
  /* Where a side has several records of the name, those of the same model and data are
   * counterparts. */
  return same_arm(a, b) && (l4r_indistinct(a, b) ||
                            !(has_twin(&table->records[0], a) || has_twin(&table->records[1], b)));
}

static int match_one(struct l4r_compare_table *table, const struct l4r_compare_options *options,
                     struct l4r_record *a) {
  int64_t found = 0;
  for (int64_t j = 0; j < table->records[1].count; j++) {
    struct l4r_record *b = &table->records[1].at[j];
    if (!belongs(table, options, a, b)) continue;
    found++;
    const int status = add_pair(table, options, a, b);
    if (status) return status;
  }
  if (found) return L4R_OK;
  if (options->complete)
    return l4r_fail(L4R_INPUT,
                    "%s (%s, %lld threads) has no counterpart in %s; a gate needs every arm of A: "
                    "measure it, or narrow with --arm, --scenario, --threads",
                    place_of(a), arm_of(a), threads_of(a), options->path[1]);
  return note(table, json_sprintf("%s (%s) has no counterpart in B", place_of(a), arm_of(a)));
}

static int match(struct l4r_compare_table *table, const struct l4r_compare_options *options) {
  int status = L4R_OK;
  for (int64_t i = 0; i < table->records[0].count && !status; i++)
    status = match_one(table, options, &table->records[0].at[i]);
  return status;
}

/* Adds a note for records of one side that were not checked. */
static int note_checks(struct l4r_compare_table *table, int s) {
  char line[L4R_CHECKS][256];
  const int lines = l4r_checked_lines(&table->records[s], line);
  int status = L4R_OK;
  for (int l = 0; l < lines && !status; l++)
    status = note(table, json_sprintf("%s: %s", s ? "B" : "A", line[l]));
  return status;
}

static int note_others(struct l4r_compare_table *table, const struct l4r_compare_options *options) {
  int status = L4R_OK, apart = 0;
  for (int64_t j = 0; j < table->records[1].count && !status; j++) {
    const struct l4r_record *b = &table->records[1].at[j];
    int found = 0;
    for (int64_t i = 0; i < table->records[0].count; i++)
      found |= belongs(table, options, &table->records[0].at[i], b);
    if (!found)
      status = note(table, json_sprintf("%s (%s) has no counterpart in A", place_of(b), arm_of(b)));
  }
  for (int s = 0; s < 2 && !status; s++) status = note_checks(table, s);
  for (int64_t r = 0; r < table->rows; r++)
    apart |= !same(table->row[r].record[0]->from.path, table->row[r].record[1]->from.path);
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
  for (int s = 0; s < 2 && !status; s++) status = refuse_twins(&table->records[s]);
  if (status) return status;
  /* No record has two counterparts: such records are refused before. */
  const size_t most = (size_t)table->records[0].count * L4R_ROUND_METRICS;
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
  for (int s = 0; s < 2; s++) l4r_records_free(&table->records[s]);
  json_decref(table->notes);
  *table = (struct l4r_compare_table){.rows = 0};
}
