/* SPDX-License-Identifier: BSD-3-Clause */
/* The exact search against transformers scoring the catalogue item by item (tests/oracle/exact.py
 * made the golden files): on both stacks, with both decoders, by the trie's mask and by the trie as
 * head, for the whole catalogue and for its best, users alone and together, with rows to spare and
 * with one for each user. */
#include "baselines/beam/search/exact_open.h"
#include "tests/baselines/beam/golden.h"

#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ITEMS_MAX = 64 };

struct expected { /* of transformers */
  json_t *root;
  const json_t *users; /* under the trie at hand */
};

static double expected_of(const struct golden *golden, const struct expected *expected,
                          int64_t user, l4r_item item, int by_sum) {
  const json_t *list = json_array_get(expected->users, (size_t)user);
  cr_assert_eq(json_array_size(list), (size_t)golden->ids.items);
  const double sum = json_real_value(json_array_get(list, (size_t)item - 1));
  const int64_t tokens = golden->ids.start[item] - golden->ids.start[item - 1] + 1;
  return by_sum ? sum : sum / (double)tokens;
}

/* How many items transformers scores higher than `score`, beyond the tolerance. */
static int64_t better_than(const struct golden *golden, const struct expected *expected,
                           int64_t user, double score, int by_sum) {
  int64_t better = 0;
  for (l4r_item item = 1; item <= golden->ids.items; item++)
    better += expected_of(golden, expected, user, item, by_sum) > score + 1e-5 + 1e-4 * fabs(score);
  return better;
}

struct exact_case {
  struct golden *golden;
  struct golden_model *model;
  struct l4r_exact *exact;
  const struct expected *expected;
  const char *where;
  int by_sum;
};

static void check_users(const struct exact_case *one, int64_t first, int64_t count, int64_t k) {
  const struct l4r_exact_decoder decoder = {one->model, golden_model_step, golden_model_rewind};
  golden_model_begin(one->golden, one->model, first, count);
  cr_assert_eq(l4r_exact_run(one->exact, count, k, &decoder), L4R_OK, "%s: %s", one->where,
               l4r_error_message());
  for (int64_t user = 0; user < count; user++) {
    l4r_item item[ITEMS_MAX];
    float score[ITEMS_MAX];
    struct l4r_ranking ranking = {.item = item, .score = score};
    int seen[ITEMS_MAX + 1] = {0};
    l4r_exact_ranking(one->exact, user, &ranking);
    cr_assert_eq(ranking.count, k, "%s", one->where);
    for (int64_t i = 0; i < k; i++) {
      cr_assert(item[i] >= 1 && item[i] <= one->golden->ids.items && !seen[item[i]]++);
      const double reference = expected_of(one->golden, one->expected, first + user, item[i],
                                           one->by_sum);
      cr_assert(fabs(score[i] - reference) <= 1e-5 + 1e-4 * fabs(reference),
                "%s, place %lld: item %d has %.7f, transformers %.7f", one->where, (long long)i,
                item[i], score[i], reference);
      const int64_t better = better_than(one->golden, one->expected, first + user, score[i],
                                         one->by_sum);
      cr_assert_leq(better, i, "%s, place %lld: %lld items are better", one->where, (long long)i,
                    (long long)better);
    }
  }
}

static void run_case(struct golden *golden, const struct golden_model_spec *model_spec, int by_sum,
                     const struct expected *expected, const char *where) {
  const json_t *unused = json_object_get(golden->root, "unused");
  static const int64_t popularity[ITEMS_MAX + 1];
  struct golden_model model;
  golden_model_open(golden, model_spec, &model);
  const struct l4r_exact_spec spec = {.max_users = golden->users,
                                      .max_k = golden->ids.items,
                                      .rows = model_spec->rows,
                                      .vocabulary = golden->config.p5.vocabulary,
                                      .unused_begin = json_integer_value(json_array_get(unused, 0)),
                                      .unused_end = json_integer_value(json_array_get(unused, 1)),
                                      .steps = golden_number(golden->root, "steps"),
                                      .trie = &golden->trie,
                                      .restricted = model_spec->restricted,
                                      .by_sum = by_sum,
                                      .popularity = popularity,
                                      .team = model_spec->team};
  struct exact_case one = {golden, &model, NULL, expected, where, by_sum};
  cr_assert_eq(l4r_exact_open(&spec, &one.exact), L4R_OK, "%s", l4r_error_message());
  check_users(&one, 0, golden->users, golden->ids.items);
  check_users(&one, 0, golden->users, 5);
  check_users(&one, golden->users - 1, 1, golden->ids.items);
  check_users(&one, 0, 1, 1);
  l4r_exact_close(one.exact);
  golden_model_close(&model);
}

static void run_name(const char *name, const char *stack, int cached, int workers) {
  struct golden golden;
  struct expected expected;
  char path[256], where[128];
  json_error_t error;
  golden_open(name, &golden);
  cr_assert_leq(golden.ids.items, ITEMS_MAX);
  snprintf(path, sizeof path, "tests/golden/beam/%s.exact.json", name);
  expected.root = json_load_file(path, 0, &error);
  cr_assert(expected.root, "%s: %s", path, error.text);
  struct l4r_team *team = NULL;
  if (workers > 1) cr_assert_eq(l4r_team_create(workers, NULL, &team), L4R_OK);
  const int64_t rows[] = {golden.users, golden.users + 3, 300};
  for (int c = 0; c < 12; c++) {
    const int restricted = c % 2, by_sum = c / 2 % 2;
    const struct golden_model_spec spec = {.stack = stack,
                                           .cached = cached,
                                           .rewinds = 1,
                                           .restricted = restricted,
                                           .rows = rows[c / 4],
                                           .team = team};
    expected.users = json_object_get(expected.root, restricted ? "head" : "on");
    snprintf(where, sizeof where, "%s on %s, %s, trie %s, by %s, %lld rows", name, stack,
             cached ? "cached" : "plain", restricted ? "head" : "on", by_sum ? "sum" : "mean",
             (long long)spec.rows);
    run_case(&golden, &spec, by_sum, &expected, where);
  }
  l4r_team_free(team);
  json_decref(expected.root);
  golden_close(&golden);
}

static void run_names(const char *stack, int cached, int workers) {
  run_name("v10", stack, cached, workers);
  run_name("v11", stack, cached, workers);
  run_name("few", stack, cached, workers);
}

Test(exact_parity, reference_cached) {
  run_names("reference", 1, 2);
}
Test(exact_parity, reference_plain) {
  run_names("reference", 0, 1);
}
Test(exact_parity, blis_cached) {
  run_names("blis", 1, 1);
}
Test(exact_parity, blis_plain) {
  run_names("blis", 0, 2);
}
Test(exact_parity, blis_in_three_parts_of_bf16) {
  run_names(GOLDEN_IN_THREE, 1, 2);
}
