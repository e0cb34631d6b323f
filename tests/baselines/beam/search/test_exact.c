/* SPDX-License-Identifier: BSD-3-Clause */
/* The exact search against scores of each item by itself, over a decoder that is a table. What
 * transformers computes is compared in test_exact_parity.c. */
#include "baselines/beam/search/exact_open.h"
#include "tests/baselines/beam/search/table.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/rank.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct l4r_id_tokens ids;
static struct l4r_trie trie;
static struct test_table table;
static int64_t popularity[TABLE_ITEMS + 1];
static const struct l4r_exact_decoder decoder = {&table, test_table_step, test_table_rewind};

static struct l4r_exact_spec spec_of(int64_t users, int64_t rows, int restricted, int by_sum) {
  if (!trie.nodes) test_table_ids(&ids, &trie);
  table = (struct test_table){.restricted = restricted};
  return (struct l4r_exact_spec){.max_users = users,
                                 .max_k = TABLE_ITEMS,
                                 .rows = rows,
                                 .vocabulary = TABLE_VOCABULARY,
                                 .steps = TABLE_LONGEST + 1,
                                 .trie = &trie,
                                 .restricted = restricted,
                                 .by_sum = by_sum,
                                 .popularity = popularity};
}

static struct l4r_exact *open_exact(const struct l4r_exact_spec *spec) {
  struct l4r_exact *exact;
  cr_assert_eq(l4r_exact_open(spec, &exact), L4R_OK, "%s", l4r_error_message());
  return exact;
}

static double alone(const struct l4r_exact_spec *spec, l4r_item item, int64_t user) {
  const double mean = spec->restricted ? test_table_restricted_score(&ids, &trie, item, user)
                                       : test_table_score(&ids, item, user);
  return spec->by_sum ? mean * (double)(ids.start[item] - ids.start[item - 1] + 1) : mean;
}

/* The places of all items that are not excluded, scored one by one. */
static int64_t rank_alone(const struct l4r_exact_spec *spec, const unsigned char *excluded,
                          int64_t user, int64_t k, l4r_item *item, float *score) {
  struct l4r_heap heap = {
      .item = item, .score = score, .capacity = k, .popularity = spec->popularity};
  for (l4r_item i = 1; i <= TABLE_ITEMS; i++)
    if (!excluded || !excluded[i]) l4r_heap_offer(&heap, i, (float)alone(spec, i, user));
  l4r_heap_sort(&heap);
  return heap.count;
}

static void check_user(const struct l4r_exact *exact, const struct l4r_exact_spec *spec,
                       const unsigned char *excluded, int64_t user, int64_t k) {
  l4r_item item[TABLE_ITEMS], want_item[TABLE_ITEMS];
  float score[TABLE_ITEMS], want_score[TABLE_ITEMS];
  struct l4r_ranking ranking = {.item = item, .score = score};
  const int64_t count = rank_alone(spec, excluded, user, k, want_item, want_score);
  l4r_exact_ranking(exact, user, &ranking);
  cr_assert_eq(ranking.count, count, "user %d: %d of %d", (int)user, (int)ranking.count,
               (int)count);
  for (int64_t i = 0; i < count; i++) {
    cr_assert_eq(item[i], want_item[i], "user %d, place %d: item %d, not %d", (int)user, (int)i,
                 item[i], want_item[i]);
    cr_assert_float_eq(score[i], want_score[i], 2e-5);
  }
}

/* Every bound on rows, both kinds of probabilities and of scores, from the best alone to all. */
Test(exact_search, equals_scores_of_each_item_by_itself) {
  static const int64_t rows[] = {3, 4, 7, 30, TABLE_ROWS}, ks[] = {1, 2, 10, TABLE_ITEMS};
  for (int c = 0; c < 20; c++) {
    const struct l4r_exact_spec spec = spec_of(3, rows[c / 4], c % 2, c / 2 % 2);
    struct l4r_exact *exact = open_exact(&spec);
    for (int i = 0; i < 4; i++) {
      table.largest_batch = 0;
      cr_assert_eq(l4r_exact_run(exact, 3, ks[i], &decoder), L4R_OK, "%s", l4r_error_message());
      cr_expect_leq(table.largest_batch, spec.rows);
      for (int64_t user = 0; user < 3; user++) check_user(exact, &spec, NULL, user, ks[i]);
    }
    l4r_exact_close(exact);
  }
}

/* Decoded once: the whole catalogue's nodes, and fewer for few answers, which miss none. */
Test(exact_search, decodes_no_node_twice_and_few_for_the_best) {
  int64_t inner = 0;
  for (int restricted = 0; restricted < 2; restricted++) {
    const struct l4r_exact_spec spec = spec_of(3, 20, restricted, 1);
    struct l4r_exact *exact = open_exact(&spec);
    struct l4r_search_work work;
    for (int32_t node = 0; !restricted && node < trie.nodes; node++)
      inner += !l4r_trie_is_leaf(&trie, node);
    double bound = 0, rows = 0;
    for (int64_t level = 0; level < spec.steps; level++) {
      cr_expect_eq(l4r_exact_work(exact, level, &work), 0, "nobody was ranked for");
      bound += work.rows;
    }
    const int64_t all = restricted ? inner : trie.nodes;
    cr_expect_eq(bound, all);
    cr_assert_eq(l4r_exact_run(exact, 3, TABLE_ITEMS, &decoder), L4R_OK);
    cr_expect_eq(table.decoded, 3 * all, "%d nodes of %d", (int)table.decoded, (int)(3 * all));
    for (int64_t level = 0; level < spec.steps; level++) {
      cr_expect_eq(l4r_exact_work(exact, level, &work), 1);
      rows += work.rows;
    }
    cr_expect_float_eq(rows, all, 1e-9);
    table.decoded = 0;
    cr_assert_eq(l4r_exact_run(exact, 3, 1, &decoder), L4R_OK);
    cr_expect_lt(table.decoded, 3 * all * 3 / 4, "%d nodes for the best alone", (int)table.decoded);
    l4r_exact_close(exact);
  }
}

/* Users who exclude nothing, some, many, all but two, all; the next run knows nothing of it. */
Test(exact_search, excluded_items_are_neither_ranked_nor_missed) {
  enum { USERS = 5 };
  static const int every[USERS] = {0, 7, 2, 1, 1};
  for (int c = 0; c < 12; c++) {
    const struct l4r_exact_spec spec = spec_of(USERS, USERS * (1 + c / 4 * 9), c % 2, c / 2 % 2);
    struct l4r_exact *exact = open_exact(&spec);
    unsigned char excluded[USERS][TABLE_ITEMS + 1] = {{0}};
    for (int64_t user = 0; user < USERS; user++) {
      l4r_item list[2 * TABLE_ITEMS];
      int64_t n = 0;
      for (l4r_item item = 1; item <= TABLE_ITEMS; item++) {
        if (!every[user] || item % every[user] || (user == 3 && (item == 5 || item == 31)))
          continue;
        excluded[user][item] = 1;
        list[n++] = item;
        if (item % 2) list[n++] = item;
      }
      if (every[user]) cr_assert_eq(l4r_exact_exclude(exact, user, &ids, list, n), L4R_OK);
    }
    const int64_t k = c / 4 ? TABLE_ITEMS : 6;
    cr_assert_eq(l4r_exact_run(exact, USERS, k, &decoder), L4R_OK);
    for (int64_t user = 0; user < USERS; user++) check_user(exact, &spec, excluded[user], user, k);
    cr_assert_eq(l4r_exact_run(exact, USERS, k, &decoder), L4R_OK);
    for (int64_t user = 0; user < USERS; user++) check_user(exact, &spec, NULL, user, k);
    l4r_exact_close(exact);
  }
}

/* Beams to spare find the same, by either score. */
Test(exact_search, equals_a_beam_search_that_cuts_nothing) {
  for (int by_sum = 0; by_sum < 2; by_sum++) {
    const struct l4r_exact_spec spec = spec_of(2, 16, 0, by_sum);
    const struct l4r_search_spec beam_spec = {.max_users = 2,
                                              .beams = TABLE_ITEMS + 8,
                                              .vocabulary = TABLE_VOCABULARY,
                                              .steps = TABLE_LONGEST + 1,
                                              .trie = &trie,
                                              .by_sum = by_sum};
    struct l4r_exact *exact = open_exact(&spec);
    struct l4r_search *search;
    cr_assert_eq(l4r_search_open(&beam_spec, &search), L4R_OK);
    cr_assert_eq(l4r_exact_run(exact, 2, TABLE_ITEMS, &decoder), L4R_OK);
    cr_assert_eq(l4r_search_run(search, 2, test_table_step, &table), L4R_OK);
    for (int64_t user = 0; user < 2; user++) {
      const struct l4r_answer *answer;
      l4r_item item[TABLE_ITEMS];
      float score[TABLE_ITEMS];
      struct l4r_ranking ranking = {.item = item, .score = score};
      l4r_exact_ranking(exact, user, &ranking);
      cr_assert_eq(l4r_search_answers(search, user, &answer), TABLE_ITEMS);
      for (int i = 0; i < TABLE_ITEMS; i++) {
        cr_expect_eq(trie.item[answer[i].node], item[i]);
        cr_expect_float_eq(answer[i].score, score[i], 1e-5);
      }
    }
    l4r_search_close(search);
    l4r_exact_close(exact);
  }
}

static int flat_step(void *argument, const struct l4r_decode_rows *rows, float *logits) {
  (void)argument;
  memset(logits, 0, (size_t)(rows->rows * TABLE_VOCABULARY) * sizeof *logits);
  return L4R_OK;
}

static int flat_rewind(void *argument, int64_t level) {
  (void)argument;
  (void)level;
  return L4R_OK;
}

/* Ids of one length all score the same: the order is popularity's, then the lower item's. */
Test(exact_search, ties_go_to_the_popular_then_to_the_lower_item) {
  static int64_t start[] = {0, 2, 4, 6, 8};
  static int32_t token[] = {5, 3, 5, 4, 6, 3, 6, 4};
  static const int64_t popular[] = {0, 2, 9, 2, 9};
  const struct l4r_id_tokens even = {.items = 4, .longest = 2, .start = start, .token = token};
  struct l4r_trie small;
  cr_assert_eq(l4r_trie_build(&even, &small), L4R_OK);
  const struct l4r_exact_spec spec = {.max_users = 1,
                                      .max_k = 4,
                                      .rows = 1,
                                      .vocabulary = TABLE_VOCABULARY,
                                      .steps = 3,
                                      .trie = &small,
                                      .popularity = popular};
  const struct l4r_exact_decoder flat = {NULL, flat_step, flat_rewind};
  struct l4r_exact *exact = open_exact(&spec);
  for (int64_t k = 1; k <= 4; k++) {
    static const l4r_item order[] = {2, 4, 1, 3};
    l4r_item item[4];
    float score[4];
    struct l4r_ranking ranking = {.item = item, .score = score};
    cr_assert_eq(l4r_exact_run(exact, 1, k, &flat), L4R_OK);
    l4r_exact_ranking(exact, 0, &ranking);
    cr_assert_eq(ranking.count, k);
    for (int64_t i = 0; i < k; i++) {
      cr_expect_eq(item[i], order[i], "k %d, place %d: item %d", (int)k, (int)i, item[i]);
      cr_expect_float_eq(score[i], -log((double)TABLE_VOCABULARY), 1e-5);
    }
  }
  l4r_exact_close(exact);
  l4r_trie_free(&small);
}

Test(exact_search, same_answers_alone_in_company_and_with_a_team) {
  struct l4r_team *team;
  cr_assert_eq(l4r_team_create(2, NULL, &team), L4R_OK);
  struct l4r_exact_spec spec = spec_of(1, 9, 0, 1);
  struct l4r_exact *one = open_exact(&spec);
  spec.max_users = 9;
  spec.rows = 50;
  spec.team = team;
  struct l4r_exact *many = open_exact(&spec);
  const uint64_t before = l4r_alloc_count();
  cr_assert_eq(l4r_exact_run(one, 1, 12, &decoder), L4R_OK);
  cr_assert_eq(l4r_exact_run(many, 9, 12, &decoder), L4R_OK);
  cr_expect_eq(l4r_alloc_count(), before, "a run allocates nothing");
  check_user(one, &spec, NULL, 0, 12);
  for (int64_t user = 0; user < 9; user++) check_user(many, &spec, NULL, user, 12);
  l4r_exact_close(one);
  l4r_exact_close(many);
  l4r_team_free(team);
}

static int failing_step(void *argument, const struct l4r_decode_rows *rows, float *logits) {
  (void)argument, (void)rows, (void)logits;
  return l4r_fail(L4R_ENVIRONMENT, "a decoder without memory");
}

Test(exact_search, refuses_what_it_was_not_opened_for) {
  struct l4r_exact_spec spec = spec_of(2, 1, 0, 1);
  struct l4r_exact *exact;
  test_fails(l4r_exact_open(&spec, &exact), L4R_USAGE, "a row for each user");
  spec.rows = 2;
  spec.max_k = 0;
  test_fails(l4r_exact_open(&spec, &exact), L4R_USAGE, "bounds of at least 1");
  spec.max_k = 5;
  exact = open_exact(&spec);
  test_fails(l4r_exact_run(exact, 3, 5, &decoder), L4R_USAGE, "2 users and 5 answers, not 3 and 5");
  test_fails(l4r_exact_run(exact, 2, 6, &decoder), L4R_USAGE, "not 2 and 6");
  const l4r_item item = 1;
  test_fails(l4r_exact_exclude(exact, 2, &ids, &item, 1), L4R_USAGE, "no user 2");
  const struct l4r_exact_decoder failing = {NULL, failing_step, flat_rewind};
  test_fails(l4r_exact_run(exact, 2, 5, &failing), L4R_ENVIRONMENT, "a decoder without memory");
  cr_expect_gt(l4r_exact_bytes(exact), 0);
  l4r_exact_close(exact);
}
