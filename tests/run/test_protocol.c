/* SPDX-License-Identifier: BSD-3-Clause */
/* The accuracy pass against an independent reading of the files: who is asked, with which history,
 * and what rank the target gets. Meant to fail for an evaluator that drops users, shows the target,
 * forgets to mask, masks a part, or counts the target's ties in its favour. */
#include "bench/engines.h"
#include "bench/run/accuracy.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "impl/base/error.h"
#include "impl/data/dataset_write.h"
#include "tests/support/datasets.h"
#include "tests/support/files.h"

enum { USERS = 150, ITEMS = 40, MOST = 24 };

/* --- a witness: scores are arbitrary but known, and every request is written down --- */

static struct {
  int64_t asked[USERS], length[USERS];
  l4r_item history[USERS][MOST];
} seen;

/* Few levels, so that there are ties; history and target get high scores often. */
static float witness_score(int64_t user, int64_t item) {
  return (float)((user * 31 + item * 17) % 13);
}

static int witness_open(const struct l4r_open_options *options, void **handle) {
  cr_assert_null(options->dataset->test);
  cr_assert_null(options->dataset->validation);
  memset(&seen, 0, sizeof seen);
  *handle = &seen;
  return 0;
}

static int witness_score_all(void *handle, const struct l4r_request *request, int64_t n,
                             float *scores) {
  (void)handle;
  for (int64_t r = 0; r < n; r++) {
    const int64_t user = request[r].user;
    seen.asked[user]++;
    seen.length[user] = request[r].length;
    memcpy(seen.history[user], request[r].history,
           (size_t)request[r].length * sizeof *request[r].history);
    for (int64_t i = 1; i <= ITEMS; i++) scores[r * ITEMS + i - 1] = witness_score(user, i);
  }
  return 0;
}

static int witness_recommend(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                             struct l4r_ranking *ranking) {
  (void)handle, (void)request, (void)n, (void)k, (void)ranking;
  return l4r_fail(L4R_USAGE, "the witness scores");
}

static int witness_about(void *handle, struct l4r_about *about) {
  (void)handle;
  *about = (struct l4r_about){.kernels = "none", .isa = "none", .precision = "fp32"};
  return 0;
}

static void witness_close(void *handle) {
  (void)handle;
}

static const struct l4r_engine witness = {.abi = L4R_ENGINE_ABI,
                                          .name = "witness",
                                          .open = witness_open,
                                          .recommend = witness_recommend,
                                          .score = witness_score_all,
                                          .about = witness_about,
                                          .close = witness_close};

/* --- data: user u has 3 + u % 20 interactions at increasing times --- */

static void write_data(const int64_t *cut) {
  static int64_t start[USERS + 1], time[USERS * MOST];
  static l4r_item item[USERS * MOST];
  static struct l4r_item_text text[ITEMS + 1];
  for (int i = 0; i <= ITEMS; i++) text[i] = (struct l4r_item_text){"x", "x", "", ""};
  for (int u = 0; u < USERS; u++) {
    const int n = 3 + u % 20;
    start[u + 1] = start[u] + n;
    for (int i = 0; i < n; i++) {
      item[start[u] + i] = (l4r_item)((u * 7 + i * 9) % ITEMS + 1); /* 9 and 40: no repeats */
      time[start[u] + i] = 1 + (u * 5) % 70 + i * 5;
    }
  }
  const struct test_interactions of = {USERS, ITEMS, start, item};
  struct l4r_dataset_source source = test_source("p", &of, text);
  source.time = time;
  source.cut = cut;
  test_dataset_write("d", &source);
}

static struct l4r_bundle evaluate(int shuffle, uint64_t seed) {
  struct l4r_bundle nothing = {0}, result = {0};
  const struct l4r_job job = {.task = L4R_TASK_ACCURACY,
                              .arm = "witness@model",
                              .data = test_path("d"),
                              .pin = {.asked = "none", .threads = 1},
                              .k = 20,
                              .batch = 1,
                              .seed = seed,
                              .shuffle = shuffle,
                              .counters = "none"};
  cr_assert_eq(l4r_bundle_init(&nothing), 0);
  cr_assert_eq(l4r_bundle_init(&result), 0);
  l4r_engine_register(&witness);
  cr_assert_eq(l4r_accuracy_do(&nothing, &job, &result), 0, "%s", l4r_error_message());
  l4r_bundle_free(&nothing);
  return result;
}

/* --- the files, read by sscanf --- */

struct files {
  int n[3];               /* of the training, validation and test part */
  l4r_item item[3][MOST]; /* of the user at hand */
};

static void read_user(int user, struct files *files) {
  static const char *const names[] = {"d/train.txt", "d/validation.txt", "d/test.txt"};
  static char *content[3];
  for (int p = 0; p < 3; p++) {
    if (user == 0) content[p] = test_read(names[p]);
    char *at = content[p];
    for (int line = 0; line < user; line++) at = strchr(at, '\n') + 1;
    cr_assert_eq(strtol(at, &at, 10), user + 1);
    files->n[p] = 0;
    while (*at == ' ') files->item[p][files->n[p]++] = (l4r_item)strtol(at, &at, 10);
  }
}

static int comes_before(int64_t user, const int64_t *count, l4r_item a, l4r_item b) {
  const float x = witness_score(user, a), y = witness_score(user, b);
  if (x > y || x < y) return x > y;
  return count[a] != count[b] ? count[a] > count[b] : a < b;
}

static void check_user(const struct l4r_bundle *result, int64_t at, int user,
                       const struct files *files, const int64_t *count) {
  const l4r_item target = files->item[2][0];
  const int n = files->n[0] + files->n[1];
  unsigned char in_history[ITEMS + 1] = {0};
  cr_assert_eq(seen.asked[user], 1, "user %d was asked %d times", user, (int)seen.asked[user]);
  cr_assert_eq(seen.length[user], n);
  for (int h = 0; h < n; h++) {
    const l4r_item expected = h < files->n[0] ? files->item[0][h] : files->item[1][h - files->n[0]];
    cr_assert_eq(seen.history[user][h], expected, "user %d, place %d", user, h);
    cr_assert_neq(expected, target);
    in_history[expected] = 1;
  }
  int64_t keep = 1, mask = 1;
  for (l4r_item i = 1; i <= ITEMS; i++) {
    if (i == target || !comes_before(user, count, i, target)) continue;
    keep++;
    mask += !in_history[i];
  }
  cr_assert_eq(l4r_bundle_find(result, "user")->value[at], user);
  cr_assert_eq(l4r_bundle_find(result, "keep")->value[at], keep, "user %d", user);
  cr_assert_eq(l4r_bundle_find(result, "mask")->value[at], mask, "user %d", user);
}

/* Returns how many users are evaluated. */
static int64_t check_all(const struct l4r_bundle *result) {
  int64_t count[ITEMS + 1] = {0}, at = 0;
  struct files files;
  for (int u = 0; u < USERS; u++) {
    read_user(u, &files);
    for (int i = 0; i < files.n[0]; i++) count[files.item[0][i]]++;
  }
  for (int u = 0; u < USERS; u++) {
    read_user(u, &files);
    if (files.n[2])
      check_user(result, at++, u, &files, count);
    else
      cr_assert_eq(seen.asked[u], 0, "user %d has no target and was asked", u);
  }
  cr_assert_eq(l4r_bundle_find(result, "keep")->count, at);
  return at;
}

Test(protocol, leave_one_out_asks_every_user_and_ranks_rightly) {
  write_data(NULL);
  struct l4r_bundle result = evaluate(0, 0);
  cr_assert_eq(check_all(&result), USERS);
  cr_assert_null(json_object_get(result.meta, "control"));
  l4r_bundle_free(&result);
}

Test(protocol, a_split_by_time_asks_those_with_a_target) {
  const int64_t cut[] = {70, 90};
  write_data(cut);
  struct l4r_bundle result = evaluate(0, 0);
  const int64_t evaluated = check_all(&result);
  cr_assert(evaluated > 20 && evaluated < USERS, "%d", (int)evaluated);
  l4r_bundle_free(&result);
}

/* --- shuffled history --- */

Test(protocol, shuffling_changes_the_order_alone) {
  static l4r_item first[USERS][MOST];
  struct files files;
  int moved = 0;
  write_data(NULL);
  struct l4r_bundle a = evaluate(1, 7);
  cr_assert_str_eq(json_string_value(json_object_get(json_object_get(a.meta, "control"), "name")),
                   "shuffled history");
  for (int u = 0; u < USERS; u++) {
    unsigned char there[ITEMS + 1] = {0};
    read_user(u, &files);
    cr_assert_eq(seen.length[u], files.n[0] + 1);
    for (int64_t h = 0; h < seen.length[u]; h++) there[seen.history[u][h]] = 1;
    for (int i = 0; i < files.n[0]; i++) {
      cr_assert(there[files.item[0][i]]);
      moved += seen.history[u][i] != files.item[0][i];
    }
    cr_assert(there[files.item[1][0]]);
    memcpy(first[u], seen.history[u], sizeof first[u]);
  }
  cr_assert_gt(moved, 500); /* of about 1,650 */
  struct l4r_bundle b = evaluate(1, 7);
  for (int u = 0; u < USERS; u++)
    cr_assert_arr_eq(first[u], seen.history[u], (size_t)seen.length[u] * sizeof(l4r_item));
  struct l4r_bundle c = evaluate(1, 8);
  int differ = 0;
  for (int u = 0; u < USERS; u++)
    differ += memcmp(first[u], seen.history[u], (size_t)seen.length[u] * sizeof(l4r_item)) != 0;
  cr_assert_gt(differ, USERS / 2);
  l4r_bundle_free(&a);
  l4r_bundle_free(&b);
  l4r_bundle_free(&c);
}
