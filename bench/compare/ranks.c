/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare/ranks.h"

#include "bench/derive/door.h"
#include "bench/record/text.h"
#include "bench/table/sheet.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct side { /* used while one side is read */
  struct l4r_record_filter filter;
  struct l4r_records *kept;
  struct l4r_door *door;
  int64_t seen;
};

/* Records of one arm at several numbers of threads share their ranks. */
static int is_there(const struct l4r_records *records, const struct l4r_record *record) {
  for (int64_t r = 0; r < records->count; r++)
    if (l4r_text_same(records->at[r].data.accuracy.samples, record->data.accuracy.samples))
      return 1;
  return 0;
}

static int keep(void *context, struct l4r_record *record) {
  struct side *side = context;
  side->seen++;
  if (!l4r_record_matches(record, &side->filter) || is_there(side->kept, record)) return L4R_OK;
  const int status = l4r_record_admit(side->door, record);
  return status ? status : l4r_records_add(side->kept, record);
}

static int read_side(const struct l4r_compare_options *options, int s, struct l4r_records *kept) {
  struct l4r_door door = {.unsealed = options->unsealed, .need_samples = 1};
  struct side side = {{options->arm[s], options->scenario, options->threads}, kept, &door, 0};
  const int status = l4r_records_each(&options->path[s], 1, keep, &side);
  l4r_door_close(&door);
  if (status || kept->count) return status;
  return l4r_fail(L4R_INPUT,
                  "none of the %lld records in %s is of the arm, scenario and threads asked for; "
                  "'lite4rec export csv %s' lists what there is",
                  (long long)side.seen, options->path[s], options->path[s]);
}

static int check_data(const struct l4r_record *a, const struct l4r_record *b, const char *where) {
  const struct l4r_record_dataset *one = &a->data.dataset, *other = &b->data.dataset;
  if (l4r_text_same(one->sha256, other->sha256) && l4r_text_same(one->split, other->split))
    return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "%s: their data sets differ (%s with ties by %s, %s with ties by %s): a user of "
                  "one is nobody of the other",
                  where, l4r_text_or_none(one->name), l4r_tie_words(one->tie),
                  l4r_text_or_none(other->name), l4r_tie_words(other->tie));
}

static int add_pair(struct l4r_ranks_table *table, const struct l4r_record *a,
                    const struct l4r_record *b) {
  char left[1100], right[1100], where[2300];
  struct l4r_bundle ranks[2] = {{0}, {0}};
  struct l4r_ranks_pair *pair = &table->pair[table->pairs];
  snprintf(where, sizeof where, "%s and %s", l4r_record_where(a, left, sizeof left),
           l4r_record_where(b, right, sizeof right));
  pair->record[0] = a;
  pair->record[1] = b;
  int status = check_data(a, b, where);
  if (status) return status;
  status = l4r_ranks_read(a, &ranks[0]);
  if (!status) status = l4r_ranks_read(b, &ranks[1]);
  if (!status) status = l4r_ranks_apart(&ranks[0], &ranks[1], pair->apart);
  for (int s = 0; s < 2; s++) l4r_bundle_free(&ranks[s]);
  if (status) return l4r_fail_context(status, "%s: accuracy.samples", where);
  table->pairs++;
  return L4R_OK;
}

int l4r_ranks_table_make(const struct l4r_compare_options *options, struct l4r_ranks_table *table) {
  int status = read_side(options, 0, &table->records[0]);
  if (!status) status = read_side(options, 1, &table->records[1]);
  if (status) return status;
  const struct l4r_records *a = &table->records[0], *b = &table->records[1];
  const int chosen = (options->arm[0] && options->arm[1]) || (a->count == 1 && b->count == 1);
  table->pair = l4r_alloc((size_t)(a->count * b->count), sizeof *table->pair, "pairs of arms");
  if (!table->pair) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i < a->count && !status; i++)
    for (int64_t j = 0; j < b->count && !status; j++)
      if (chosen || l4r_text_same(a->at[i].data.arm, b->at[j].data.arm))
        status = add_pair(table, &a->at[i], &b->at[j]);
  if (status || table->pairs) return status;
  return l4r_fail(L4R_INPUT,
                  "%s and %s have no arm of one name; --arm A's --against B's names two to compare",
                  options->path[0], options->path[1]);
}

void l4r_ranks_table_free(struct l4r_ranks_table *table) {
  for (int s = 0; s < 2; s++) l4r_records_free(&table->records[s]);
  l4r_free(table->pair);
  *table = (struct l4r_ranks_table){.pairs = 0};
}

static const struct l4r_column columns[] = {
    {"arm", "arm", .align = L4R_LEFT},
    {"dataset", "data set", .align = L4R_LEFT},
    {"seen", "seen items", .align = L4R_LEFT},
    {"users", "users", .align = L4R_FIGURE},
    {"differ", "another rank", .align = L4R_FIGURE},
    {"counted", "within 20", .align = L4R_FIGURE},
    {"only_a", "hits of A alone", .align = L4R_FIGURE},
    {"only_b", "of B alone", .align = L4R_FIGURE},
    {"hr10", "HR@10, B - A, 95 %", .align = L4R_LEFT, .interval = 1},
    {"ndcg10", "NDCG@10, B - A, 95 %", .align = L4R_LEFT, .interval = 1},
};

static void add_difference(struct l4r_table *table, const struct l4r_difference_of_means *of) {
  l4r_cell(table, "%+.4f", of->value);
  l4r_cell_value(table, (struct l4r_shown){of->value, of->lo, of->hi});
  l4r_cell_interval(table, 1, L4R_BRACKET "%+.4f, %+.4f]", of->lo, of->hi);
}

static void add_row(struct l4r_table *table, const struct l4r_ranks_pair *pair, int c) {
  const struct l4r_apart *apart = &pair->apart[c];
  const char *a = l4r_text_or_none(pair->record[0]->data.arm);
  const char *b = l4r_text_or_none(pair->record[1]->data.arm);
  const double share = 100. * (double)apart->differ / (double)apart->users;
  char label[256];
  l4r_row(table);
  if (strcmp(a, b))
    l4r_cell(table, "%.140s -> %.140s", a, b);
  else
    l4r_cell(table, "%.300s", a);
  l4r_cell(table, "%s", l4r_dataset_label_of(pair->record[0], label, sizeof label));
  l4r_cell(table, "%s", l4r_apart_names[c]);
  l4r_cell_count(table, apart->users);
  l4r_cell(table, "%lld (%.3g %%)", (long long)apart->differ, share);
  l4r_cell_value(table, (struct l4r_shown){(double)apart->differ, NAN, NAN});
  l4r_cell_count(table, apart->counted);
  for (int s = 0; s < 2; s++) l4r_cell_count(table, apart->only[s]);
  add_difference(table, &apart->hr10);
  add_difference(table, &apart->ndcg10);
}

int l4r_ranks_table_print(const struct l4r_ranks_table *ranks, const struct l4r_printer *printer,
                          FILE *stream) {
  struct l4r_table table = {.layout = {.gap = 2}};
  struct l4r_sheet sheet;
  l4r_sheet_begin(&sheet, printer, stream, "ranks");
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  for (int64_t p = 0; p < ranks->pairs; p++)
    for (int c = 0; c < L4R_APARTS; c++) add_row(&table, &ranks->pair[p], c);
  l4r_sheet_table(&sheet, &table);
  for (int64_t p = 0; p < ranks->pairs; p++)
    for (int c = 0; c < L4R_APARTS; c++) {
      const struct l4r_ranks_pair *pair = &ranks->pair[p];
      char first[512];
      if (!pair->apart[c].firsts) continue;
      l4r_apart_first(&pair->apart[c], " in A, in B ", first, sizeof first);
      l4r_sheet_item(&sheet, "%s, %s, the first users who differ: %s",
                     l4r_text_or_none(pair->record[1]->data.arm), l4r_apart_names[c], first);
    }
  l4r_sheet_item(&sheet,
                 "Another rank: of the held-out item. Within 20: of those, the users with a "
                 "rank up to 20 in A or B, which metrics see. Hits: HR@10. Intervals are "
                 "normal ones of the users' paired differences.");
  return l4r_sheet_end(&sheet, L4R_OK);
}

static json_t *apart_json(const struct l4r_apart *apart) {
  json_t *first = json_array();
  for (int f = 0; f < apart->firsts; f++)
    json_array_append_new(first,
                          json_pack("{s:I, s:I, s:I}", "user", (json_int_t)apart->first[f].user + 1,
                                    "a", (json_int_t)apart->first[f].rank[0], "b",
                                    (json_int_t)apart->first[f].rank[1]));
  return json_pack("{s:I, s:I, s:I, s:[I, I], s:{s:f, s:[f, f]}, s:{s:f, s:[f, f]}, s:o}", "users",
                   (json_int_t)apart->users, "differ", (json_int_t)apart->differ, "within_20",
                   (json_int_t)apart->counted, "hits_alone", (json_int_t)apart->only[0],
                   (json_int_t)apart->only[1], "HR@10", "difference", apart->hr10.value, "ci95",
                   apart->hr10.lo, apart->hr10.hi, "NDCG@10", "difference", apart->ndcg10.value,
                   "ci95", apart->ndcg10.lo, apart->ndcg10.hi, "first", first);
}

int l4r_ranks_table_json(const struct l4r_ranks_table *table, FILE *stream) {
  json_t *rows = json_array();
  json_t *root = json_pack("{s:i, s:s, s:o}", "schema", 1, "kind", "ranks", "rows", rows);
  int failed = !root;
  for (int64_t p = 0; p < table->pairs && !failed; p++) {
    const struct l4r_ranks_pair *pair = &table->pair[p];
    failed = json_array_append_new(rows,
                                   json_pack("{s:s, s:s, s:s, s:o, s:o}", "a",
                                             l4r_text_or_none(pair->record[0]->data.arm), "b",
                                             l4r_text_or_none(pair->record[1]->data.arm), "dataset",
                                             l4r_text_or_none(pair->record[0]->data.dataset.name),
                                             "keep", apart_json(&pair->apart[L4R_APART_KEEP]),
                                             "mask", apart_json(&pair->apart[L4R_APART_MASK])));
  }
  if (!failed) failed = json_dumpf(root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
  if (!failed) fputc('\n', stream);
  json_decref(root);
  return failed ? l4r_fail(L4R_ENVIRONMENT, "the comparison could not be written as JSON") : L4R_OK;
}

int l4r_ranks_table_judge(const struct l4r_ranks_table *table, double allow) {
  for (int64_t p = 0; p < table->pairs; p++)
    for (int c = 0; c < L4R_APARTS; c++) {
      const struct l4r_apart *apart = &table->pair[p].apart[c];
      if ((double)apart->differ <= allow * (double)apart->users) continue;
      return l4r_fail(L4R_CHECK, "%s: %lld of %lld users have another rank (%s), more than %g %%",
                      l4r_text_or_none(table->pair[p].record[1]->data.arm),
                      (long long)apart->differ, (long long)apart->users, l4r_apart_names[c],
                      100 * allow);
    }
  return L4R_OK;
}
