/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/table.h"

#include "bench/derive/door.h"
#include "bench/record/distinct.h"
#include "bench/record/text.h"
#include "bench/table/cells.h"
#include "bench/table/remarks.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

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

/* What the record says against its figures, and what was not checked of it. */
static void add_marks(struct l4r_table *table, const json_t *record) {
  size_t index;
  const json_t *warning;
  const enum l4r_checked checked = l4r_record_checked(record);
  if (checked == L4R_UNCHECKED || checked == L4R_CHECKED_MISSING)
    l4r_cell_note(table, l4r_checked_names[checked]);
  json_array_foreach(json_object_get(record, "warnings"), index, warning)
    l4r_cell_note(table, l4r_warning_text(warning));
}

void l4r_record_row(struct l4r_table *table, const json_t *record, const char *name, int document) {
  const json_t *latency = json_object_get(record, "latency_ns");
  const json_t *accuracy = json_object_get(record, "accuracy");
  const json_t *resources = json_object_get(record, "resources");
  const json_int_t threads = json_integer_value(json_object_get(record, "threads"));
  l4r_row(table);
  l4r_cell(table, document ? L4R_CODE "%s" L4R_CODE : "%s", name);
  if (document) add_marks(table, record);
  if (threads)
    l4r_cell_count(table, threads);
  else
    l4r_cell(table, "-");
  l4r_cell_accuracy(table, accuracy, "keep", "HR@10");
  l4r_cell_accuracy(table, accuracy, "keep", "NDCG@10");
  l4r_cell_accuracy(table, accuracy, "mask", "HR@10");
  l4r_cell_accuracy(table, accuracy, "mask", "NDCG@10");
  l4r_cell_estimate(table, json_object_get(latency, "p50"), 1, !document);
  l4r_cell_estimate(table, json_object_get(latency, "p90"), 1, !document);
  l4r_cell_estimate(table, json_object_get(latency, "p99"), 1, !document);
  l4r_cell_estimate(table, json_object_get(record, "users_per_second"), 0, !document);
  l4r_cell_memory(table, json_object_get(resources, "weights_bytes"));
  l4r_cell_memory(table, json_object_get(resources, "peak_rss_bytes"));
  if (!document) l4r_row_remarks(table, record);
}

/* --- the table of `run` --------------------------------------------------------------------------
 */

static void add_heading(struct l4r_table *table, const json_t *record) {
  const json_t *dataset = json_object_get(record, "dataset"), *warning;
  const json_t *k = json_object_get(json_object_get(record, "settings"), "k");
  char evaluated[64] = "", wanted[32] = "";
  size_t index;
  if (!strcmp(l4r_text_at(dataset, "split"), "time"))
    l4r_text_set(evaluated, sizeof evaluated, ", split by time, %lld users evaluated",
                 (long long)json_integer_value(
                     json_object_get(json_object_get(record, "accuracy"), "users")));
  if (json_is_integer(k))
    l4r_text_set(wanted, sizeof wanted, ", k %lld", (long long)json_integer_value(k));
  l4r_table_title(table,
                  "%s%s: %lld users, %lld items, ties by %s%s; %s, pin %s%s; below each figure its "
                  "95 %% interval",
                  strstr(l4r_text_at(dataset, "filters"), "repeats=all")
                      ? "repeats kept: a test item may stand in its own history, and mask never "
                        "finds it" L4R_LINE
                      : "",
                  l4r_text_at(dataset, "name"),
                  (long long)json_integer_value(json_object_get(dataset, "users")),
                  (long long)json_integer_value(json_object_get(dataset, "items")),
                  l4r_text_at(dataset, "tie"), evaluated, l4r_text_at(record, "scenario"),
                  l4r_text_at(json_object_get(record, "pinned"), "asked"), wanted);
  json_array_foreach(json_object_get(json_object_get(record, "manifest"), "warnings"), index,
                     warning)
    table->title = l4r_table_more(table, table->title, L4R_LINE "warning: %s",
                                  l4r_warning_text(warning));
}

/* 1 when a heading says the same of both. */
static int same_heading(const json_t *a, const json_t *b) {
  static const char *const members[][2] = {{"dataset", "sha256"}, {"dataset", "name"},
                                           {"dataset", "tie"},    {"dataset", "split"},
                                           {"pinned", "asked"},   {"settings", "k"}};
  const json_t *x = json_object_get(a, "scenario"), *y = json_object_get(b, "scenario");
  int equal = x == y || json_equal(x, y);
  for (size_t m = 0; m < sizeof members / sizeof *members && equal; m++) {
    x = json_object_get(json_object_get(a, members[m][0]), members[m][1]);
    y = json_object_get(json_object_get(b, members[m][0]), members[m][1]);
    equal = x == y || json_equal(x, y);
  }
  return equal;
}

/* The table of the records from `first` on that stand under its heading, under names that tell them
 * apart; how many were added. */
static size_t add_under_heading(struct l4r_table *table, struct l4r_named *named, size_t count,
                                char *printed, size_t first, int document) {
  size_t added = 0;
  *table = (struct l4r_table){.layout = {.gap = 1, .below = 1}};
  add_heading(table, named[first].record);
  l4r_record_columns(table, document);
  for (size_t r = first; r < count; r++) {
    char name[640];
    if (printed[r] || !same_heading(named[r].record, named[first].record)) continue;
    l4r_text_set(name, sizeof name, "%.400s%s", named[r].name, named[r].suffix);
    l4r_record_row(table, named[r].record, name, document);
    printed[r] = 1;
    added++;
  }
  const json_t *latency = json_object_get(named[first].record, "latency_ns");
  if (*l4r_text_at(latency, "interval"))
    l4r_table_foot(table, "intervals, 95 %%: of percentiles for users and rounds like these; of "
                          "the mean and users/s for these users, over rounds like these");
  return added;
}

/* named[0 .. count) of `records`, with suffixes that tell them from all of `all`, in whose order
 * they stand. */
static int name_among(const json_t *records, const json_t *all, struct l4r_named *named) {
  const size_t count = json_array_size(all), wanted = json_array_size(records);
  struct l4r_named *each = l4r_alloc(count, sizeof *each, "rows of tables");
  if (!each) return L4R_ENVIRONMENT;
  for (size_t r = 0; r < count; r++) {
    const json_t *record = json_array_get(all, r);
    each[r] = (struct l4r_named){.record = record, .name = l4r_text_at(record, "arm")};
  }
  const int status = l4r_distinguish_by(each, (int64_t)count,
                                        L4R_BY_MODEL | L4R_BY_DATA | L4R_BY_MACHINE);
  for (size_t r = 0, at = 0; at < wanted && r < count; r++)
    if (each[r].record == json_array_get(records, at)) named[at++] = each[r];
  l4r_free(each);
  return status;
}

int l4r_table_run_among(struct l4r_sheet *sheet, const json_t *records, const json_t *all) {
  const size_t count = json_array_size(records);
  struct l4r_named *named = l4r_alloc(count, sizeof *named, "rows of a table");
  char *printed = l4r_alloc(count, 1, "rows of a table"), line[L4R_CHECKS][256];
  int status = named && printed ? name_among(records, all, named) : L4R_ENVIRONMENT;
  size_t added = 0;
  for (size_t r = 0; r < count && !status; r++) {
    struct l4r_table table;
    if (printed[r]) continue;
    added += add_under_heading(&table, named, count, printed, r, sheet->printer->document);
    const int lines = added == count ? l4r_checked_lines(records, line) : 0;
    for (int l = 0; l < lines; l++) l4r_table_foot(&table, "%s", line[l]);
    l4r_sheet_table(sheet, &table);
  }
  l4r_free(named);
  l4r_free(printed);
  return status;
}

int l4r_table_run(FILE *stream, const json_t *records) {
  struct l4r_sheet sheet;
  l4r_sheet_begin(&sheet, &l4r_print_text, stream, "run");
  return l4r_sheet_end(&sheet, l4r_table_run_among(&sheet, records, records));
}

/* --- the tables of `eval` ------------------------------------------------------------------------
 */

static void add_group(struct l4r_table *table, const char *what, const json_t *group) {
  const char *name = l4r_text_at(group, "name");
  l4r_row(table);
  l4r_cell(table, "%s%s%s %lld to %lld", what, *name ? ", " : "", name,
           (long long)json_integer_value(json_object_get(group, "from")),
           (long long)json_integer_value(json_object_get(group, "to")));
  l4r_cell_count(table, json_integer_value(json_object_get(group, "users")));
  for (int convention = 0; convention < 2; convention++) {
    const json_t *figures = json_object_get(group, convention ? "mask" : "keep");
    l4r_cell_fixed(table, json_number_value(json_object_get(figures, "HR@10")), 4, "");
    l4r_cell_fixed(table, json_number_value(json_object_get(figures, "NDCG@10")), 4, "");
  }
}

void l4r_table_groups(struct l4r_sheet *sheet, const char *title, const json_t *accuracy) {
  static const char *const names[][2] = {{"history_length", "history of"},
                                         {"target_popularity", "target trained on"}};
  static const struct l4r_column columns[] = {
      {"group", "group, bounds included", .align = L4R_LEFT, .width = 40},
      {"users", "users", .align = L4R_RIGHT, .width = 6},
      {"hr10_keep", "keep HR@10", .align = L4R_FIGURE},
      {"ndcg10_keep", "NDCG@10", .align = L4R_FIGURE},
      {"hr10_mask", "mask HR@10", .align = L4R_FIGURE},
      {"ndcg10_mask", "NDCG@10", .align = L4R_FIGURE}};
  const json_t *groups = json_object_get(accuracy, "groups"), *group;
  struct l4r_table table = {.layout = {.indent = 4, .gap = 2}};
  size_t index;
  if (!groups) return;
  l4r_table_title(&table, "%s", title);
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
    const json_t *list = json_object_get(groups, names[n][0]);
    json_array_foreach(list, index, group) add_group(&table, names[n][1], group);
  }
  l4r_sheet_table(sheet, &table);
}

static void add_conventions(struct l4r_table *table, const json_t *row, const char *const *metric,
                            int metrics) {
  static const char *const conventions[] = {"keep", "mask"};
  const json_t *control = json_object_get(row, "control");
  for (int convention = 0; convention < 2; convention++) {
    l4r_row(table);
    l4r_cell(table, "%s %s%s%s%s", l4r_text_at(row, "arm"), conventions[convention],
             control ? " (control: " : "", l4r_text_at(control, "name"), control ? ")" : "");
    for (int m = 0; m < metrics; m++)
      l4r_cell_accuracy(table, json_object_get(row, "accuracy"), conventions[convention],
                        metric[m]);
  }
  l4r_row_remarks(table, row);
}

void l4r_table_accuracy(struct l4r_sheet *sheet, const char *title, const json_t *rows) {
  static const char *const metrics[] = {"HR@1",   "HR@5",    "HR@10",   "HR@20",
                                        "NDCG@5", "NDCG@10", "NDCG@20", "MRR@20"};
  struct l4r_table table = {.layout = {.gap = 1, .below = 1}};
  size_t index;
  const json_t *row;
  l4r_table_title(&table, "%s", title);
  l4r_table_column(&table, (struct l4r_column){"arm", "arm, convention", .align = L4R_LEFT,
                                               .width = ARM + 1 + THREADS});
  for (int m = 0; m < 8; m++)
    l4r_table_column(&table, (struct l4r_column)COLUMN(metrics[m], metrics[m], "", FIGURE));
  json_array_foreach(rows, index, row) add_conventions(&table, row, metrics, 8);
  l4r_sheet_table(sheet, &table);
  json_array_foreach(rows, index, row)
    l4r_table_groups(sheet, l4r_text_at(row, "arm"), json_object_get(row, "accuracy"));
}
