/* SPDX-License-Identifier: BSD-3-Clause */
/* Three lines a row: the figures; their 95 % intervals below them; the counters with their source.
 */
#include "bench/table/table.h"

#include "bench/derive/door.h"
#include "bench/record/distinct.h"
#include "bench/table/footnotes.h"
#include "bench/record/text.h"
#include "bench/table/cells.h"
#include "bench/table/remarks.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <string.h>

static void accuracy_cells(const json_t *accuracy, struct l4r_cell *cell) {
  cell[0] = l4r_accuracy_cell(accuracy, "keep", "HR@10");
  cell[1] = l4r_accuracy_cell(accuracy, "keep", "NDCG@10");
  cell[2] = l4r_accuracy_cell(accuracy, "mask", "HR@10");
  cell[3] = l4r_accuracy_cell(accuracy, "mask", "NDCG@10");
}

/* The arm's label in its column, or on a line of its own where it is longer. */
static void print_label(FILE *stream, const char *label, long long threads) {
  if (strlen(label) >= L4R_ARM_WIDTH)
    fprintf(stream, "%s\n%*s", label, L4R_ARM_WIDTH, "");
  else
    fprintf(stream, "%-*s", L4R_ARM_WIDTH, label);
  if (threads)
    fprintf(stream, "%3lld", threads);
  else
    fprintf(stream, "   ");
}

static void print_row(FILE *stream, const struct l4r_named *named, struct l4r_footnotes *notes) {
  const json_t *record = named->record;
  const json_t *latency = json_object_get(record, "latency_ns");
  const json_t *resources = json_object_get(record, "resources");
  struct l4r_cell cell[10];
  accuracy_cells(json_object_get(record, "accuracy"), cell);
  cell[4] = l4r_estimate_cell(json_object_get(latency, "p50"), 1, notes);
  cell[5] = l4r_estimate_cell(json_object_get(latency, "p90"), 1, notes);
  cell[6] = l4r_estimate_cell(json_object_get(latency, "p99"), 1, notes);
  cell[7] = l4r_estimate_cell(json_object_get(record, "users_per_second"), 0, notes);
  cell[8] = l4r_bytes_cell(json_object_get(resources, "weights_bytes"));
  cell[9] = l4r_bytes_cell(json_object_get(resources, "peak_rss_bytes"));
  char arm[640];
  snprintf(arm, sizeof arm, "%.400s%s", named->name, named->suffix);
  print_label(stream, arm, json_integer_value(json_object_get(record, "threads")));
  l4r_print_cells(stream, cell, 10);
  l4r_print_counters(stream, record, notes);
  l4r_print_stage_counters(stream, record, notes);
  l4r_print_remarks(stream, record);
  l4r_print_warnings(stream, json_object_get(record, "warnings"), "    ");
}

static void print_notes(FILE *stream, const struct l4r_footnotes *notes) {
  for (int n = 0; n < notes->count; n++) fprintf(stream, "[%d] %s\n", n + 1, notes->text[n]);
}

static void print_heading(FILE *stream, const json_t *record) {
  const json_t *dataset = json_object_get(record, "dataset");
  const json_t *accuracy = json_object_get(record, "accuracy");
  if (strstr(l4r_text_at(dataset, "filters"), "repeats=all"))
    fputs("repeats kept: a test item may stand in its own history, and mask never finds it\n",
          stream);
  fprintf(stream, "%s: %lld users, %lld items, ties by %s", l4r_text_at(dataset, "name"),
          (long long)json_integer_value(json_object_get(dataset, "users")),
          (long long)json_integer_value(json_object_get(dataset, "items")),
          l4r_text_at(dataset, "tie"));
  if (!strcmp(l4r_text_at(dataset, "split"), "time"))
    fprintf(stream, ", split by time, %lld users evaluated",
            (long long)json_integer_value(json_object_get(accuracy, "users")));
  fprintf(stream, "; %s, pin %s", l4r_text_at(record, "scenario"),
          l4r_text_at(json_object_get(record, "pinned"), "asked"));
  const json_t *k = json_object_get(json_object_get(record, "settings"), "k");
  if (json_is_integer(k)) fprintf(stream, ", k %lld", (long long)json_integer_value(k));
  fprintf(stream, "; below each figure its 95 %% interval\n");
  l4r_print_warnings(stream, json_object_get(json_object_get(record, "manifest"), "warnings"), "");
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

/* The records from `first` on that stand under its heading, under names that tell them apart. */
static void print_under_heading(FILE *stream, struct l4r_named *named, size_t count, char *printed,
                                size_t first) {
  static const char *const names[] = {"HR@10 keep", "NDCG@10 keep", "HR@10 mask", "NDCG@10 mask",
                                      "p50",        "p90",          "p99",        "users/s",
                                      "weights",    "peak MB"};
  struct l4r_footnotes notes = {{0}, 0};
  if (first) fprintf(stream, "\n");
  print_heading(stream, named[first].record);
  fprintf(stream, "%-*s%3s", L4R_ARM_WIDTH, "arm", "thr");
  for (int c = 0; c < 10; c++)
    fprintf(stream, " %-*s", (c < 8 ? L4R_COLUMN_WIDTH : 8) - 1, names[c]);
  fprintf(stream, "\n");
  for (size_t r = first; r < count; r++) {
    if (printed[r] || !same_heading(named[r].record, named[first].record)) continue;
    print_row(stream, &named[r], &notes);
    printed[r] = 1;
  }
  print_notes(stream, &notes);
  const json_t *latency = json_object_get(named[first].record, "latency_ns");
  if (*l4r_text_at(latency, "interval"))
    fprintf(stream, "intervals, 95 %%: of percentiles for users and rounds like these; of the mean "
                    "and users/s for these users, over rounds like these\n");
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

int l4r_table_run_among(FILE *stream, const json_t *records, const json_t *all) {
  const size_t count = json_array_size(records);
  struct l4r_named *named = l4r_alloc(count, sizeof *named, "rows of a table");
  char *printed = l4r_alloc(count, 1, "rows of a table");
  int status = named && printed ? name_among(records, all, named) : L4R_ENVIRONMENT;
  for (size_t r = 0; r < count && !status; r++)
    if (!printed[r]) print_under_heading(stream, named, count, printed, r);
  if (!status) l4r_checked_print(stream, records, "", "\n");
  l4r_free(named);
  l4r_free(printed);
  return status;
}

int l4r_table_run(FILE *stream, const json_t *records) {
  return l4r_table_run_among(stream, records, records);
}

static void print_group(FILE *stream, const char *what, const json_t *group) {
  char label[96];
  const char *name = l4r_text_at(group, "name");
  const long long from = (long long)json_integer_value(json_object_get(group, "from"));
  const long long to = (long long)json_integer_value(json_object_get(group, "to"));
  l4r_text_set(label, sizeof label, "%s%s%s %lld to %lld", what, *name ? ", " : "", name, from, to);
  fprintf(stream, "    %-40s %6lld", label,
          (long long)json_integer_value(json_object_get(group, "users")));
  for (int convention = 0; convention < 2; convention++) {
    const json_t *figures = json_object_get(group, convention ? "mask" : "keep");
    fprintf(stream, "   %.4f  %.4f", json_number_value(json_object_get(figures, "HR@10")),
            json_number_value(json_object_get(figures, "NDCG@10")));
  }
  fprintf(stream, "\n");
}

void l4r_table_groups(FILE *stream, const json_t *accuracy) {
  static const char *const names[][2] = {{"history_length", "history of"},
                                         {"target_popularity", "target trained on"}};
  const json_t *groups = json_object_get(accuracy, "groups"), *group;
  size_t index;
  if (!groups) return;
  fprintf(stream, "    %-40s %6s   %-14s   %s\n", "group, bounds included", "users",
          "keep HR NDCG@10", "mask HR NDCG@10");
  for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
    const json_t *list = json_object_get(groups, names[n][0]);
    json_array_foreach(list, index, group) print_group(stream, names[n][1], group);
  }
}

void l4r_table_accuracy(FILE *stream, const json_t *rows) {
  static const char *const metrics[] = {"HR@1",   "HR@5",    "HR@10",   "HR@20",
                                        "NDCG@5", "NDCG@10", "NDCG@20", "MRR@20"};
  size_t index;
  const json_t *row;
  fprintf(stream, "%-*s   ", L4R_ARM_WIDTH, "arm, convention");
  for (int m = 0; m < 8; m++) fprintf(stream, " %-*s", L4R_COLUMN_WIDTH - 1, metrics[m]);
  fprintf(stream, "\n");
  json_array_foreach(rows, index, row) {
    for (int convention = 0; convention < 2; convention++) {
      const char *name = convention ? "mask" : "keep";
      char label[512];
      struct l4r_cell cell[8];
      for (int m = 0; m < 8; m++)
        cell[m] = l4r_accuracy_cell(json_object_get(row, "accuracy"), name, metrics[m]);
      const json_t *control = json_object_get(row, "control");
      l4r_text_set(label, sizeof label, "%s %s%s%s%s", l4r_text_at(row, "arm"), name,
                   control ? " (control: " : "", l4r_text_at(control, "name"), control ? ")" : "");
      print_label(stream, label, 0);
      l4r_print_cells(stream, cell, 8);
    }
    l4r_print_remarks(stream, row);
    l4r_table_groups(stream, json_object_get(row, "accuracy"));
  }
}
