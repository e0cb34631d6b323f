/* SPDX-License-Identifier: BSD-3-Clause */
/* `data check`: is a folder what dataset.json says, and can anything in it give answers away?
 *
 * Opening already refuses files that do not match their hashes, ids or counts. What is left are
 * properties of the data: a held-out item inside its user's own training part, times out of order,
 * and ids that tell the order of first use. The last shows in a control that knows nothing but ids:
 * how often the next item is the largest id of the history plus one. */
#include "bench/import/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/lines.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"
#include "impl/base/text.h"
#include "impl/data/dataset.h"
#include "impl/data/dataset_files.h"

/* --- times.txt -----------------------------------------------------------------------------------
 */

/* A split by time is what it says when every time lies on its part's side of the cuts. */
static int check_cut(const struct l4r_lines *lines, const struct l4r_dataset *dataset, int64_t at,
                     int64_t time) {
  const int64_t user = lines->number - 1;
  const int64_t train = l4r_dataset_history_length(dataset, user, 0);
  const int64_t both = l4r_dataset_history_length(dataset, user, 1);
  const int part = (time >= dataset->cut[0]) + (time >= dataset->cut[1]);
  if (!dataset->cut[0] || part == (at >= train) + (at >= both)) return 0;
  return l4r_fail(L4R_INPUT,
                  "%s:%" PRId64 ": interaction %" PRId64 " at time %" PRId64
                  " is on the wrong side of a cut (%" PRId64 ", %" PRId64 ")",
                  lines->path, lines->number, at + 1, time, dataset->cut[0], dataset->cut[1]);
}

static int check_times_line(const struct l4r_lines *lines, const struct l4r_dataset *dataset,
                            char *line) {
  const int64_t user = lines->number - 1;
  char *cursor = line, *token = strsep(&cursor, " ");
  int64_t value = 0, before = INT64_MIN, count = 0;
  if (user >= dataset->users || l4r_parse_int(token, &value) || value != user + 1)
    return l4r_fail(L4R_INPUT,
                    "%s:%" PRId64 ": users must be 1 to %" PRId64 " in order, one a line",
                    lines->path, lines->number, dataset->users);
  for (; (token = strsep(&cursor, " ")) != NULL; count++, before = value) {
    if (l4r_parse_int(token, &value) || value < before)
      return l4r_fail(L4R_INPUT,
                      "%s:%" PRId64
                      ": time '%.40s' is not a whole number or is before the one that "
                      "precedes it",
                      lines->path, lines->number, token);
    int status = check_cut(lines, dataset, count, value);
    if (status) return status;
  }
  const int64_t *test = dataset->test_part.start + user;
  const int64_t expected = l4r_dataset_history_length(dataset, user, 1) + test[1] - test[0];
  if (count == expected) return 0;
  return l4r_fail(L4R_INPUT, "%s:%" PRId64 ": %" PRId64 " times for %" PRId64 " interactions",
                  lines->path, lines->number, count, expected);
}

/* Checks that the hash which dataset.json states for times.txt is the file's. Either both are
 * absent or neither. */
static int check_times_hash(const struct l4r_dataset *dataset, const char *path, int *there) {
  char hash[L4R_DATASET_FILES][65] = {""}, part[L4R_PATH_MAX], identity[65];
  int status = 0;
  *there = access(path, F_OK) == 0;
  for (int i = 0; i < L4R_DATASET_FILES && !status; i++) {
    if (i == L4R_FILE_USERS || (i == L4R_FILE_TIMES && !*there)) continue;
    status = l4r_path_join(part, dataset->path, l4r_dataset_file[i]);
    if (!status) status = l4r_sha256_file(part, hash[i]);
  }
  if (status) return status;
  l4r_dataset_identity(hash, dataset->cut, identity);
  if (!strcmp(identity, dataset->sha256)) return 0;
  return l4r_fail(L4R_INPUT, "%s: %s what dataset.json states; import the data set again", path,
                  *there ? "the file is not" : "the file is missing, against");
}

static int check_times(const struct l4r_dataset *dataset, struct l4r_check_report *report) {
  char path[L4R_PATH_MAX], *content = NULL, *line;
  size_t bytes = 0;
  int status = l4r_path_join(path, dataset->path, l4r_dataset_file[L4R_FILE_TIMES]);
  if (!status) status = check_times_hash(dataset, path, &report->has_times);
  if (status || !report->has_times) return status;
  status = l4r_read_file(path, 1, &content, &bytes);
  if (status) return status;
  struct l4r_lines lines;
  l4r_lines_init(&lines, path, content, bytes);
  while (!status && l4r_lines_next(&lines, &line)) status = check_times_line(&lines, dataset, line);
  if (!status && lines.number != dataset->users)
    status = l4r_fail(L4R_INPUT, "%s:%" PRId64 ": the file ends here, before user %" PRId64, path,
                      lines.number, dataset->users);
  l4r_free(content);
  return status;
}

/* --- sequences -----------------------------------------------------------------------------------
 */

static int compare_lengths(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

static int measure_lengths(const struct l4r_dataset *dataset, struct l4r_check_report *report) {
  int64_t *length = l4r_alloc((size_t)dataset->users, sizeof *length, "history lengths");
  if (!length) return L4R_ENVIRONMENT;
  for (int64_t u = 0; u < dataset->users; u++)
    length[u] = dataset->train_start[u + 1] - dataset->train_start[u];
  qsort(length, (size_t)dataset->users, sizeof *length, compare_lengths);
  report->shortest = length[0];
  report->median = length[dataset->users / 2];
  report->longest = length[dataset->users - 1];
  l4r_free(length);
  return 0;
}

/* What has been seen of the user at hand: seen_by[item] is user + 1 + users * part, part counting
 * from 0 for training. */
struct scan {
  const struct l4r_dataset *dataset;
  struct l4r_check_report *report;
  int64_t *seen_by;
  l4r_item largest, smallest, before;
  int up, down;      /* ids have only risen or fallen so far */
  int leaked, twice; /* a held-out item stands in the training part; held-out parts share one */
};

static void scan_part(struct scan *scan, int64_t user, const int64_t *start, const l4r_item *item,
                      int part) {
  const int64_t users = scan->dataset->users;
  for (int64_t i = start[user]; i < start[user + 1]; i++) {
    int64_t *seen = &scan->seen_by[item[i]];
    const int mine = *seen > 0 && (*seen - 1) % users == user;
    const int trained = mine && *seen <= users;
    if (part == 0) scan->report->repeats += mine;
    if (part > 0) scan->leaked |= trained;
    if (part > 0) scan->twice |= mine && !trained;
    *seen = 1 + user + users * part;
    if (part < 2 && item[i] > scan->largest) scan->largest = item[i];
    if (part < 2 && item[i] < scan->smallest) scan->smallest = item[i];
    if (scan->before) {
      scan->up = scan->up && item[i] > scan->before;
      scan->down = scan->down && item[i] < scan->before;
    }
    scan->before = item[i];
  }
}

/* 1 / sum of squared shares of items among those that users begin (or end) with. */
static double variety(const struct l4r_dataset *dataset, int last, int64_t *count) {
  double squares = 0;
  memset(count, 0, ((size_t)dataset->items + 1) * sizeof *count);
  for (int64_t u = 0; u < dataset->users; u++)
    count[last ? dataset->test[u] : dataset->train_item[dataset->train_start[u]]]++;
  for (int64_t i = 1; i <= dataset->items; i++) squares += (double)count[i] * (double)count[i];
  return (double)dataset->users * (double)dataset->users / squares;
}

static int measure_variety(const struct l4r_dataset *dataset, struct l4r_check_report *report) {
  if (dataset->cut[0]) return 0;
  int64_t *count = l4r_alloc((size_t)dataset->items + 1, sizeof *count, "first and last items");
  if (!count) return L4R_ENVIRONMENT;
  report->first_variety = variety(dataset, 0, count);
  report->last_variety = variety(dataset, 1, count);
  l4r_free(count);
  return 0;
}

static void count_targets(const struct l4r_dataset *dataset, int64_t user,
                          struct l4r_check_report *report) {
  const l4r_item validation = dataset->validation[user], test = dataset->test[user];
  report->validation_targets += validation > 0;
  report->test_targets += test > 0;
  report->cold_validation += validation && !dataset->train_count[validation];
  report->cold_test += test && !dataset->train_count[test];
}

static int scan_users(const struct l4r_dataset *dataset, struct l4r_check_report *report) {
  int64_t *seen_by = l4r_alloc((size_t)dataset->items + 1, sizeof *seen_by, "items of a user");
  if (!seen_by) return L4R_ENVIRONMENT;
  int64_t next = 0, ten = 0, below = 0;
  for (int64_t u = 0; u < dataset->users; u++) {
    struct scan scan = {.dataset = dataset,
                        .report = report,
                        .seen_by = seen_by,
                        .smallest = (l4r_item)dataset->items + 1,
                        .up = 1,
                        .down = 1};
    const l4r_item test = dataset->test[u];
    scan_part(&scan, u, dataset->train_start, dataset->train_item, 0);
    scan_part(&scan, u, dataset->validation_part.start, dataset->validation_part.item, 1);
    scan_part(&scan, u, dataset->test_part.start, dataset->test_part.item, 2);
    count_targets(dataset, u, report);
    report->leaked_users += scan.leaked;
    report->equal_held_out += scan.twice;
    next += test == scan.largest + 1;
    ten += test > scan.largest && test <= scan.largest + 10;
    below += test && test < scan.smallest && test >= scan.smallest - 10;
    report->ascending += scan.up;
    report->descending += scan.down;
  }
  const double users = report->test_targets ? (double)report->test_targets : 1;
  report->next_id = (double)next / users;
  report->next_ten = (double)ten / users;
  report->ten_below = (double)below / users;
  report->ten_chance = dataset->items > 10 ? 10.0 / (double)dataset->items : 1.0;
  l4r_free(seen_by);
  return 0;
}

int l4r_looks_newest_first(const struct l4r_check_report *report, char *words, size_t room) {
  *words = '\0';
  if (report->has_times) return 0;
  if (report->users >= 100 && 2 * report->last_variety < report->first_variety)
    l4r_text_set(words, room,
                 "users end with fewer different items (as many as %.0f equally common ones) than "
                 "they begin with (%.0f), which is the other way round elsewhere: are the "
                 "sequences newest first?",
                 report->last_variety, report->first_variety);
  else if (report->ten_below > 10 * report->ten_chance && report->ten_below > report->next_ten)
    l4r_text_set(words, room,
                 "the test item of %.2f %% of users is one of the ten ids below their smallest: "
                 "are the sequences newest first?",
                 100 * report->ten_below);
  return *words != '\0';
}

static void count_items(const struct l4r_dataset *dataset, struct l4r_check_report *report) {
  for (int64_t item = 1; item <= dataset->items; item++) {
    const struct l4r_item_text *text = &dataset->text[item];
    report->unseen_items += !dataset->train_count[item];
    report->without_text += !*text->title && !*text->brand && !*text->categories;
  }
}

int l4r_dataset_check(const char *folder, struct l4r_check_report *report) {
  struct l4r_dataset *dataset;
  int status = l4r_dataset_open(
      folder, L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST | L4R_PART_TEXT | L4R_PART_USERS,
      &dataset);
  if (status) return status;
  *report = (struct l4r_check_report){.users = dataset->users,
                                      .items = dataset->items,
                                      .interactions = dataset->interactions,
                                      .training = dataset->parts[0]};
  status = check_times(dataset, report);
  if (!status) status = measure_lengths(dataset, report);
  if (!status) status = scan_users(dataset, report);
  if (!status) status = measure_variety(dataset, report);
  if (!status) count_items(dataset, report);
  report->repeats_stay = dataset->repeats;
  l4r_dataset_close(dataset);
  if (!status && !report->repeats_stay && (report->leaked_users || report->equal_held_out))
    status = l4r_fail(L4R_CHECK,
                      "leak: %s: %" PRId64
                      " users have a held-out item in their own training part, "
                      "%" PRId64 " the same item held out twice; drop the repeats",
                      folder, report->leaked_users, report->equal_held_out);
  return status;
}
