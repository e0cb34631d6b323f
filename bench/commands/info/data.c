/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/commands/info/data.h"

#include "bench/cli/fold.h"
#include "bench/import/check.h"
#include "bench/record/text.h"
#include "bench/run/facts.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <stdlib.h>

static int more(const void *left, const void *right) {
  const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  return (a < b) - (a > b);
}

/* The share of training interactions that the tenth of the items seen most has. */
static double head_share(const struct l4r_dataset *dataset) {
  int64_t *count = l4r_alloc((size_t)dataset->items, sizeof *count, "counts of items");
  int64_t all = 0, head = 0;
  const int64_t tenth = (dataset->items + 9) / 10;
  if (!count) return 0;
  for (int64_t i = 0; i < dataset->items; i++) all += count[i] = dataset->train_count[i + 1];
  qsort(count, (size_t)dataset->items, sizeof *count, more);
  for (int64_t i = 0; i < tenth; i++) head += count[i];
  l4r_free(count);
  return all ? (double)head / (double)all : 0;
}

/* Titles of the first user's first items, as recommend --history takes them. */
static json_t *example_of(const struct l4r_dataset *dataset) {
  enum { TITLES = 3 };
  char text[400] = "";
  size_t used = 0;
  const int64_t end = dataset->train_start[1] < TITLES ? dataset->train_start[1] : TITLES;
  for (int64_t i = dataset->train_start[0]; i < end; i++)
    l4r_text_add(text, sizeof text, &used, "%s%.100s", used ? "; " : "",
                 dataset->text[dataset->train_item[i]].title);
  return json_string(text);
}

static int add_report(const struct l4r_dataset *dataset, const struct l4r_check_report *report,
                      const char *folder, json_t *facts) {
  json_t *some = json_pack(
      "{s:s, s:{s:I, s:I, s:I}, s:{s:I, s:I}, s:I, s:I, s:I, s:f, s:o}", "folder", folder,
      "history", "shortest", (json_int_t)report->shortest, "median", (json_int_t)report->median,
      "longest", (json_int_t)report->longest, "targets", "validation",
      (json_int_t)report->validation_targets, "test", (json_int_t)report->test_targets,
      "cold_items", (json_int_t)report->unseen_items, "items_without_text",
      (json_int_t)report->without_text, "leaked_users", (json_int_t)report->leaked_users,
      "head_share", head_share(dataset), "example", example_of(dataset));
  const int failed = !some || !facts || json_object_update(facts, some);
  json_decref(some);
  return failed ? l4r_fail(L4R_ENVIRONMENT, "no memory for what the data set holds") : L4R_OK;
}

int l4r_info_data(const char *folder, json_t **facts) {
  const unsigned parts = L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST | L4R_PART_TEXT;
  struct l4r_check_report report = {0};
  struct l4r_dataset *dataset = NULL;
  *facts = NULL;
  int status = l4r_dataset_check(folder, &report);
  if (status == L4R_CHECK) status = L4R_OK; /* leaks are told */
  if (!status) status = l4r_dataset_open(folder, parts, &dataset);
  if (status) return status;
  *facts = l4r_dataset_facts(dataset);
  status = add_report(dataset, &report, folder, *facts);
  l4r_dataset_close(dataset);
  return status;
}

static long long whole(const json_t *object, const char *one, const char *two) {
  const json_t *inner = json_object_get(object, one);
  return (long long)json_integer_value(two ? json_object_get(inner, two) : inner);
}

void l4r_info_data_print(FILE *stream, const json_t *facts) {
  const char *folder = l4r_text_at(facts, "folder"), *filters = l4r_text_at(facts, "filters");
  l4r_fold_fact(stream, "data set", "%s: %lld users, %lld items, %lld interactions; %s",
                l4r_text_at(facts, "name"), whole(facts, "users", NULL),
                whole(facts, "items", NULL), whole(facts, "interactions", NULL), folder);
  l4r_fold_fact(stream, "split", "%s, ties by %s%s%s", l4r_text_at(facts, "split"),
                l4r_tie_words(l4r_text_at(facts, "tie")), *filters ? ", " : "", filters);
  l4r_fold_fact(stream, "histories", "of the training part: %lld to %lld items, median %lld",
                whole(facts, "history", "shortest"), whole(facts, "history", "longest"),
                whole(facts, "history", "median"));
  l4r_fold_fact(stream, "evaluated", "%lld users on validation, %lld on test",
                whole(facts, "targets", "validation"), whole(facts, "targets", "test"));
  l4r_fold_fact(stream, "items",
                "the tenth that is seen most has %.0f %% of the training interactions; %lld have "
                "none, %lld have no text",
                100 * json_number_value(json_object_get(facts, "head_share")),
                whole(facts, "cold_items", NULL), whole(facts, "items_without_text", NULL));
  if (whole(facts, "leaked_users", NULL))
    l4r_fold_fact(stream, "warning",
                  "held-out items of %lld users stand in their training part: lite4rec data check",
                  whole(facts, "leaked_users", NULL));
  l4r_fold_fact(stream, "SHA-256", "%s", l4r_text_at(facts, "sha256"));
  l4r_fold_fact(stream, "example", "\"%s\"", l4r_text_at(facts, "example"));
  l4r_fold_fact(stream, "next", "lite4rec train pop --data %s --out MODEL", folder);
}
