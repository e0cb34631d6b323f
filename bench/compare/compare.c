/* SPDX-License-Identifier: BSD-3-Clause */
/* Records are matched by what they state (arm, data set, scenario, batch and threads), never by
 * their order. Where a side has two records for one place, the program refuses and asks the user to
 * choose. */
#include "bench/compare/compare.h"

#include "bench/compare/admit.h"
#include "bench/compare/rows.h"
#include "bench/derive/door.h"
#include "bench/record/distinct.h"
#include "bench/record/machine.h"
#include "bench/record/read.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>

struct side { /* used while one side is read */
  struct l4r_record_filter filter;
  struct l4r_records *kept;
  int64_t seen;
};

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

static int note(struct l4r_compare_table *table, json_t *text) {
  return json_array_append_new(table->notes, text)
             ? l4r_fail(L4R_ENVIRONMENT, "no memory for notes")
             : L4R_OK;
}

/* Adds a note for each warning of a record. */
static int note_warnings(struct l4r_compare_table *table, const struct l4r_record *record) {
  int status = L4R_OK;
  for (int64_t w = 0; w < record->data.warnings.count && !status; w++)
    status = note(table, json_sprintf("%s (%s): warning: %s", l4r_compared_place(record),
                                      l4r_compared_arm(record),
                                      l4r_text_or_none(record->data.warnings.at[w].text)));
  return status;
}

static int note_pair(struct l4r_compare_table *table, const struct l4r_compared *row) {
  const struct l4r_record *a = row->record[0], *b = row->record[1];
  int status = L4R_OK;
  const int64_t all = row->rounds[0] > row->rounds[1] ? row->rounds[0] : row->rounds[1];
  if (row->figure->source == L4R_OF_ROUNDS && row->pairs < all)
    status = note(table, json_sprintf("%s has %lld rounds, %s %lld: the %lld of equal number are "
                                      "paired, the others left out",
                                      l4r_compared_place(a), (long long)row->rounds[0],
                                      l4r_compared_place(b), (long long)row->rounds[1],
                                      (long long)row->pairs));
  if (!status && !l4r_text_same(a->data.model.sha256, b->data.model.sha256) &&
      l4r_compared_same_arm(a, b))
    status = note(table, json_sprintf("%s and %s served different weights (model.sha256)",
                                      l4r_compared_place(a), l4r_compared_place(b)));
  if (!status && !l4r_text_same(a->data.pinned.asked, b->data.pinned.asked))
    status = note(table, json_sprintf("%s and %s were pinned differently", l4r_compared_place(a),
                                      l4r_compared_place(b)));
  for (int side = 0; side < 2 && !status; side++) status = note_warnings(table, row->record[side]);
  if (!status && l4r_text_same(a->data.sha256, b->data.sha256))
    status = note(table, json_sprintf("%s is compared with itself", l4r_compared_place(a)));
  return status;
}

/* A guard that cannot be compared is left out, and the reader told why. */
static int add_row(struct l4r_compare_table *table, const struct l4r_target *target,
                   const struct l4r_record *a, const struct l4r_record *b) {
  struct l4r_compared *row = &table->row[table->rows];
  *row = (struct l4r_compared){
      .record = {a, b}, .target = target, .figure = &target->figure, .margin = target->margin};
  const int status = l4r_compared_fill(row);
  if (!status) table->family[row->figure->source]++;
  if (!status || status == L4R_ENVIRONMENT || !target->is_guard) {
    table->rows++;
    return status;
  }
  l4r_compared_free(row);
  return note(table,
              json_sprintf("%s is not compared: %s", target->figure.name, l4r_error_message()));
}

static int add_pair(struct l4r_compare_table *table, const struct l4r_compare_options *options,
                    struct l4r_record *a, struct l4r_record *b) {
  struct l4r_door door = {.unsealed = options->unsealed, .need_samples = 1};
  const int64_t first = table->rows;
  int status = l4r_compared_admit(a, b, options->across_machines);
  if (!status) status = l4r_record_admit(&door, a);
  if (!status) status = l4r_record_admit(&door, b);
  l4r_door_close(&door);
  for (int t = 0; t < options->targets->count && !status; t++) {
    const struct l4r_target *target = &options->targets->at[t];
    if (!l4r_record_matches(a, &target->filter)) continue;
    status = add_row(table, target, a, b);
  }
  return !status && table->rows > first ? note_pair(table, &table->row[first]) : status;
}

/* Returns 1 when another record of the side has the same place and name as this one. */
static int has_twin(const struct l4r_records *records, const struct l4r_record *record) {
  for (int64_t i = 0; i < records->count; i++) {
    const struct l4r_record *other = &records->at[i];
    if (other != record && l4r_compared_same_place(other, record) &&
        l4r_compared_same_arm(other, record))
      return 1;
  }
  return 0;
}

/* Returns 1 when b is the counterpart of a. */
static int belongs(const struct l4r_compare_table *table, const struct l4r_compare_options *options,
                   const struct l4r_record *a, const struct l4r_record *b) {
  const int single = table->records[0].count == 1 && table->records[1].count == 1;
  const int named = options->arm[0] && options->arm[1];
  if (!l4r_compared_same_place(a, b)) return 0;
  if (single || named) return 1;
  /* Where a side has several records of the name, those of the same model and data are
   * counterparts. */
  return l4r_compared_same_arm(a, b) &&
         (l4r_indistinct(a, b) ||
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
                    l4r_compared_place(a), l4r_compared_arm(a), l4r_compared_threads(a),
                    options->path[1]);
  return note(table, json_sprintf("%s (%s) has no counterpart in B", l4r_compared_place(a),
                                  l4r_compared_arm(a)));
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

/* Records of one file, and those of the two builds of one `run --ab`, took turns. */
static int same_run(const struct l4r_record *a, const struct l4r_record *b) {
  if (l4r_text_same(a->from.path, b->from.path)) return 1;
  return a->data.build && b->data.build && l4r_text_same(a->data.command, b->data.command) &&
         l4r_text_same(a->data.manifest.time, b->data.manifest.time);
}

static int note_others(struct l4r_compare_table *table, const struct l4r_compare_options *options) {
  int status = L4R_OK, apart = 0;
  for (int64_t j = 0; j < table->records[1].count && !status; j++) {
    const struct l4r_record *b = &table->records[1].at[j];
    int found = 0;
    for (int64_t i = 0; i < table->records[0].count; i++)
      found |= belongs(table, options, &table->records[0].at[i], b);
    if (!found)
      status = note(table, json_sprintf("%s (%s) has no counterpart in A", l4r_compared_place(b),
                                        l4r_compared_arm(b)));
  }
  for (int s = 0; s < 2 && !status; s++) status = note_checks(table, s);
  for (int64_t r = 0; r < table->rows; r++)
    apart |= !same_run(table->row[r].record[0], table->row[r].record[1]);
  if (!status && apart)
    status = note(table, json_string("A and B were measured in different runs: what changed on the "
                                     "machine between them is in the ratio, and no interval knows "
                                     "of it; arms of one run take turns"));
  return status;
}

/* L4R_INPUT for a target that no pair of records is of. */
static int check_targets(const struct l4r_compare_table *table,
                         const struct l4r_compare_options *options) {
  for (int t = 0; t < options->targets->count; t++) {
    const struct l4r_target *target = &options->targets->at[t];
    int found = target->is_guard;
    for (int64_t r = 0; r < table->rows && !found; r++) found = table->row[r].target == target;
    if (found) continue;
    char chosen[400] = "";
    size_t used = 0;
    const struct l4r_record_filter *filter = &target->filter;
    if (filter->arm) l4r_text_add(chosen, sizeof chosen, &used, ", arm %.200s", filter->arm);
    if (filter->scenario)
      l4r_text_add(chosen, sizeof chosen, &used, ", scenario %.60s", filter->scenario);
    if (filter->threads)
      l4r_text_add(chosen, sizeof chosen, &used, ", threads %lld", (long long)filter->threads);
    return l4r_fail(L4R_INPUT,
                    "%s: no pair of records is of %s%s; the first record is of arm %s, scenario "
                    "%s, threads %lld",
                    options->targets->source, target->figure.name, chosen,
                    l4r_compared_arm(&table->records[0].at[0]),
                    l4r_text_or_none(table->records[0].at[0].data.scenario),
                    l4r_compared_threads(&table->records[0].at[0]));
  }
  return L4R_OK;
}

int l4r_compare(const struct l4r_compare_options *options, struct l4r_compare_table *table) {
  *table = (struct l4r_compare_table){.notes = json_array()};
  int status = table->notes ? L4R_OK : l4r_fail(L4R_ENVIRONMENT, "no memory for notes");
  for (int s = 0; s < 2 && !status; s++) status = read_side(options, s, &table->records[s]);
  for (int s = 0; s < 2 && !status; s++) status = l4r_compared_refuse_twins(&table->records[s]);
  if (!status && options->complete) status = l4r_compared_one_machine(table->records);
  if (status) return status;
  /* No record has two counterparts: such records are refused before. */
  const size_t most = (size_t)table->records[0].count * (size_t)options->targets->count;
  table->row = l4r_alloc(most, sizeof *table->row, "rows of a comparison");
  if (!table->row) return L4R_ENVIRONMENT;
  status = match(table, options);
  if (!status && !table->rows && options->targets->at[0].filter.arm == NULL)
    return l4r_fail(L4R_INPUT,
                    "%s and %s have no arm, data set, scenario, batch and number of threads in "
                    "common; --arm and --against name two arms to compare",
                    options->path[0], options->path[1]);
  if (!status) status = check_targets(table, options);
  if (!status) status = note_others(table, options);
  for (int64_t r = 0; r < table->rows && !status; r++)
    l4r_compared_compare(&table->row[r], table->family[table->row[r].figure->source]);
  return status;
}

void l4r_compare_free(struct l4r_compare_table *table) {
  for (int64_t r = 0; r < table->rows; r++) l4r_compared_free(&table->row[r]);
  l4r_free(table->row);
  for (int s = 0; s < 2; s++) l4r_records_free(&table->records[s]);
  json_decref(table->notes);
  *table = (struct l4r_compare_table){.rows = 0};
}
