/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/table.h"

#include "bench/derive/busy.h"
#include "bench/derive/door.h"
#include "bench/record/distinct.h"
#include "bench/record/text.h"
#include "bench/table/cells.h"
#include "bench/table/remarks.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

/* In characters, of text. */
enum { ARM = 26, THREADS = 3, FIGURE = 13, MEMORY = 7 };
#define COLUMN(KEY, TITLE, UNIT, WIDTH)                                                            \
  {KEY, TITLE, UNIT, .align = L4R_FIGURE, .width = WIDTH, .interval = (WIDTH) == FIGURE}

static const struct l4r_column arm_columns[] = {
    {"arm", "arm", .align = L4R_LEFT, .width = ARM},
    {"threads", "thr", .align = L4R_RIGHT, .width = THREADS}};

void l4r_record_columns(struct l4r_table *table, int document) {
  static const struct l4r_column columns[] = {COLUMN("hr10_keep", "HR@10 keep", "", FIGURE),
                                              COLUMN("ndcg10_keep", "NDCG@10 keep", "", FIGURE),
                                              COLUMN("hr10_mask", "HR@10 mask", "", FIGURE),
                                              COLUMN("ndcg10_mask", "NDCG@10 mask", "", FIGURE),
                                              COLUMN("p50_ns", "p50", "ns", FIGURE),
                                              COLUMN("p90_ns", "p90", "ns", FIGURE),
                                              COLUMN("p99_ns", "p99", "ns", FIGURE),
                                              COLUMN("users_per_second", "users/s", "", FIGURE),
                                              COLUMN("weights_bytes", "weights", "bytes", MEMORY)};
  l4r_table_column(table, arm_columns[0]);
  struct l4r_column threads = arm_columns[1];
  if (document) threads.title = "threads";
  l4r_table_column(table, threads);
  l4r_table_columns(table, columns, sizeof columns / sizeof *columns);
  const char *peak = document ? "peak memory" : "peak";
  l4r_table_column(table, (struct l4r_column)COLUMN("peak_rss_bytes", peak, "bytes", MEMORY));
}

/* Adds as footnotes the record's warnings and what was not checked. */
static void add_marks(struct l4r_table *table, const struct l4r_record *record) {
  const enum l4r_checked checked = l4r_checked_of(record);
  if (checked == L4R_UNCHECKED || checked == L4R_CHECKED_MISSING)
    l4r_cell_note(table, l4r_checked_names[checked]);
  for (int64_t w = 0; w < record->data.warnings.count; w++)
    l4r_cell_note(table, l4r_text_or_none(record->data.warnings.at[w].text));
}

void l4r_record_row(struct l4r_table *table, const struct l4r_record *record, const char *name,
                    int document) {
  const struct l4r_record_record *data = &record->data;
  const struct l4r_record_accuracy *accuracy = &data->accuracy;
  l4r_row(table);
  char busy[32]; /* what spoils a row stands in it */
  l4r_cell(table, document ? L4R_CODE "%s" L4R_CODE : "%s", name);
  if (*l4r_busy_text(record, busy, sizeof busy)) l4r_cell_add(table, ", %s", busy);
  if (document) add_marks(table, record);
  if (data->threads != L4R_NONE)
    l4r_cell_count(table, data->threads);
  else
    l4r_cell(table, "-");
  l4r_cell_accuracy(table, accuracy->keep.hr10, &accuracy->ci95.keep.hr10);
  l4r_cell_accuracy(table, accuracy->keep.ndcg10, &accuracy->ci95.keep.ndcg10);
  l4r_cell_accuracy(table, accuracy->mask.hr10, &accuracy->ci95.mask.hr10);
  l4r_cell_accuracy(table, accuracy->mask.ndcg10, &accuracy->ci95.mask.ndcg10);
  l4r_cell_estimate(table, &data->latency_ns.p50, 1, !document);
  l4r_cell_estimate(table, &data->latency_ns.p90, 1, !document);
  l4r_cell_estimate(table, &data->latency_ns.p99, 1, !document);
  l4r_cell_estimate(table, &data->users_per_second, 0, !document);
  l4r_cell_memory(table, data->resources.weights_bytes);
  l4r_cell_memory(table, data->resources.peak_rss_bytes);
  if (!document) l4r_row_remarks(table, record);
}

/* --- the table of `run` --------------------------------------------------------------------------
 */

static long long count(int64_t value) {
  return value == L4R_NONE ? 0 : (long long)value;
}

static void add_heading(struct l4r_table *table, const struct l4r_record *record) {
  const struct l4r_record_dataset *dataset = &record->data.dataset;
  const struct l4r_texts *warnings = &record->data.manifest.warnings;
  char evaluated[64] = "", wanted[32] = "";
  if (!strcmp(l4r_text_or_none(dataset->split), "time"))
    l4r_text_set(evaluated, sizeof evaluated, ", split by time, %lld users evaluated",
                 count(record->data.accuracy.users));
  if (record->data.settings.k != L4R_NONE)
    l4r_text_set(wanted, sizeof wanted, ", k %lld", count(record->data.settings.k));
  l4r_table_title(table,
                  "%s%s: %lld users, %lld items, ties by %s%s; %s, pin %s%s; below each figure its "
                  "95 %% interval",
                  strstr(l4r_text_or_none(dataset->filters), "repeats=all")
                      ? "repeats kept: a test item may stand in its own history, and mask never "
                        "finds it" L4R_LINE
                      : "",
                  l4r_text_or_none(dataset->name), count(dataset->users), count(dataset->items),
                  l4r_tie_words(dataset->tie), evaluated, l4r_text_or_none(record->data.scenario),
                  l4r_text_or_none(record->data.pinned.asked), wanted);
  for (int64_t w = 0; w < warnings->count; w++)
    table->title = l4r_table_more(table, table->title, L4R_LINE "warning: %s", warnings->at[w]);
}

/* Returns 1 when the same heading fits both. */
static int same_heading(const struct l4r_record *left, const struct l4r_record *right) {
  const struct l4r_record_record *a = &left->data, *b = &right->data;
  return l4r_text_same(a->scenario, b->scenario) &&
         l4r_text_same(a->dataset.sha256, b->dataset.sha256) &&
         l4r_text_same(a->dataset.name, b->dataset.name) &&
         l4r_text_same(a->dataset.tie, b->dataset.tie) &&
         l4r_text_same(a->dataset.split, b->dataset.split) &&
         l4r_text_same(a->pinned.asked, b->pinned.asked) && a->settings.k == b->settings.k;
}

/* Fills the table with all records from `first` on that share its heading, under names that tell
 * them apart; returns how many were added. */
static int64_t add_under_heading(struct l4r_table *table, const struct l4r_named *named, int64_t n,
                                 char *printed, int64_t first, int document) {
  int64_t added = 0;
  *table = (struct l4r_table){.layout = {.gap = 1, .below = 1}};
  add_heading(table, named[first].record);
  l4r_record_columns(table, document);
  for (int64_t r = first; r < n; r++) {
    char name[640];
    if (printed[r] || !same_heading(named[r].record, named[first].record)) continue;
    l4r_text_set(name, sizeof name, "%.400s%s", named[r].name, named[r].suffix);
    l4r_record_row(table, named[r].record, name, document);
    printed[r] = 1;
    added++;
  }
  if (named[first].record->data.latency_ns.interval)
    l4r_table_foot(table, "intervals, 95 %%: of percentiles for users and rounds like these; of "
                          "the mean and users/s for these users, over rounds like these");
  return added;
}

/* Copies the chosen records to named[], with suffixes that tell them from all records; returns how
 * many, or a negative error. */
static int64_t name_among(const struct l4r_records *all, const char *chosen,
                          struct l4r_named *named) {
  int64_t wanted = 0;
  for (int64_t r = 0; r < all->count; r++)
    named[r] = (struct l4r_named){.record = &all->at[r],
                                  .name = l4r_text_or_none(all->at[r].data.arm)};
  const int status = l4r_distinguish_by(named, all->count,
                                        L4R_BY_MODEL | L4R_BY_DATA | L4R_BY_MACHINE);
  if (status) return status;
  for (int64_t r = 0; r < all->count; r++)
    if (!chosen || chosen[r]) named[wanted++] = named[r];
  return wanted;
}

static void add_checks(struct l4r_table *table, const struct l4r_named *named, int64_t n) {
  char line[L4R_CHECKS][256];
  int64_t marks[L4R_CHECKS] = {0};
  for (int64_t r = 0; r < n; r++) marks[l4r_checked_of(named[r].record)]++;
  const int lines = l4r_checked_count_lines(marks, line);
  for (int l = 0; l < lines; l++) l4r_table_foot(table, "%s", line[l]);
}

int l4r_table_run_among(struct l4r_sheet *sheet, const struct l4r_records *all,
                        const char *chosen) {
  struct l4r_named *named = l4r_alloc((size_t)all->count, sizeof *named, "rows of a table");
  char *printed = l4r_alloc((size_t)all->count, 1, "rows of a table");
  const int64_t n = named && printed ? name_among(all, chosen, named) : L4R_ENVIRONMENT;
  int64_t added = 0;
  for (int64_t r = 0; r < n; r++) {
    struct l4r_table table;
    if (printed[r]) continue;
    added += add_under_heading(&table, named, n, printed, r, sheet->printer->document);
    if (added == n) add_checks(&table, named, n);
    l4r_sheet_table(sheet, &table);
  }
  l4r_free(named);
  l4r_free(printed);
  return n < 0 ? (int)n : L4R_OK;
}

int l4r_table_run(FILE *stream, const struct l4r_records *records) {
  struct l4r_sheet sheet;
  l4r_sheet_begin(&sheet, &l4r_print_text, stream, "run");
  return l4r_sheet_end(&sheet, l4r_table_run_among(&sheet, records, NULL));
}

/* --- the tables of `eval` ------------------------------------------------------------------------
 */

static void add_group(struct l4r_table *table, const char *what,
                      const struct l4r_record_group *group) {
  const char *name = l4r_text_or_none(group->name);
  l4r_row(table);
  l4r_cell(table, "%s%s%s %lld to %lld", what, *name ? ", " : "", name, count(group->from),
           count(group->to));
  l4r_cell_count(table, count(group->users));
  for (int convention = 0; convention < 2; convention++) {
    const struct l4r_record_group_figures *figures = convention ? &group->mask : &group->keep;
    l4r_cell_fixed(table, isnan(figures->hr10) ? 0 : figures->hr10, 4, "");
    l4r_cell_fixed(table, isnan(figures->ndcg10) ? 0 : figures->ndcg10, 4, "");
  }
}

void l4r_table_groups(struct l4r_sheet *sheet, const char *title,
                      const struct l4r_record_groups *groups) {
  static const struct l4r_column columns[] = {
      {"group", "group, bounds included", .align = L4R_LEFT, .width = 40},
      {"users", "users", .align = L4R_RIGHT, .width = 6},
      {"hr10_keep", "keep HR@10", .align = L4R_FIGURE},
      {"ndcg10_keep", "NDCG@10", .align = L4R_FIGURE},
      {"hr10_mask", "mask HR@10", .align = L4R_FIGURE},
      {"ndcg10_mask", "NDCG@10", .align = L4R_FIGURE}};
  struct l4r_table table = {.layout = {.indent = 4, .gap = 2}};
  if (!groups->is_there) return;
  l4r_table_title(&table, "%s", title);
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  for (int64_t g = 0; g < groups->history_length.count; g++)
    add_group(&table, "history of", &groups->history_length.at[g]);
  for (int64_t g = 0; g < groups->target_popularity.count; g++)
    add_group(&table, "target trained on", &groups->target_popularity.at[g]);
  l4r_sheet_table(sheet, &table);
}

static void add_conventions(struct l4r_table *table, const struct l4r_record *row,
                            const char *control) {
  const struct l4r_record_accuracy *accuracy = &row->data.accuracy;
  for (int mask = 0; mask < 2; mask++) {
    const struct l4r_record_metrics *m = mask ? &accuracy->mask : &accuracy->keep;
    const struct l4r_record_intervals *i = mask ? &accuracy->ci95.mask : &accuracy->ci95.keep;
    l4r_row(table);
    l4r_cell(table, "%s %s%s%s%s", l4r_text_or_none(row->data.arm), mask ? "mask" : "keep",
             control ? " (control: " : "", control ? control : "", control ? ")" : "");
    l4r_cell_accuracy(table, m->hr1, &i->hr1);
    l4r_cell_accuracy(table, m->hr5, &i->hr5);
    l4r_cell_accuracy(table, m->hr10, &i->hr10);
    l4r_cell_accuracy(table, m->hr20, &i->hr20);
    l4r_cell_accuracy(table, m->ndcg5, &i->ndcg5);
    l4r_cell_accuracy(table, m->ndcg10, &i->ndcg10);
    l4r_cell_accuracy(table, m->ndcg20, &i->ndcg20);
    l4r_cell_accuracy(table, m->mrr20, &i->mrr20);
  }
  l4r_row_remarks(table, row);
}

int l4r_table_accuracy(struct l4r_sheet *sheet, const char *title, const json_t *rows) {
  static const char *const metrics[] = {"HR@1",   "HR@5",    "HR@10",   "HR@20",
                                        "NDCG@5", "NDCG@10", "NDCG@20", "MRR@20"};
  struct l4r_table table = {.layout = {.gap = 1, .below = 1}};
  struct l4r_records records;
  const int status = l4r_records_of(rows, &records);
  if (status) return status;
  l4r_table_title(&table, "%s", title);
  l4r_table_column(&table, (struct l4r_column){"arm", "arm, convention", .align = L4R_LEFT,
                                               .width = ARM + 1 + THREADS});
  for (int m = 0; m < 8; m++)
    l4r_table_column(&table, (struct l4r_column)COLUMN(metrics[m], metrics[m], "", FIGURE));
  for (int64_t r = 0; r < records.count; r++) {
    const json_t *control = json_object_get(records.at[r].from.json, "control");
    add_conventions(&table, &records.at[r], control ? l4r_text_at(control, "name") : NULL);
  }
  l4r_sheet_table(sheet, &table);
  for (int64_t r = 0; r < records.count; r++)
    l4r_table_groups(sheet, l4r_text_or_none(records.at[r].data.arm),
                     &records.at[r].data.accuracy.groups);
  l4r_records_free(&records);
  return L4R_OK;
}
