/* SPDX-License-Identifier: BSD-3-Clause */
/* Beam search against full enumeration and hand-made cases, with a decoder that is a table: its
 * logits are a function of the user and the tokens so far. What transformers itself answers is
 * compared in test_parity.c. */
#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/search/log_sum_exp.h"
#include "baselines/beam/search/search.h"
#include "tests/baselines/beam/search/table.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct l4r_search *open_search(const struct l4r_trie *trie, int64_t users, int64_t beams,
                                      struct l4r_team *team) {
  struct l4r_search_spec spec = {.max_users = users,
                                 .beams = beams,
                                 .vocabulary = TABLE_VOCABULARY,
                                 .steps = TABLE_LONGEST + 1,
                                 .trie = trie,
                                 .team = team};
  struct l4r_search *search;
  cr_assert_eq(l4r_search_open(&spec, &search), L4R_OK, "%s", l4r_error_message());
  return search;
}

/* With as many beams as items nothing is ever cut off, so beam search is exact. */
Test(beam_search, with_beams_to_spare_equals_enumeration) {
  struct l4r_id_tokens ids;
  struct l4r_trie trie;
  test_table_ids(&ids, &trie);
  static struct test_table table;
  struct l4r_search *search = open_search(&trie, 3, TABLE_ITEMS + 10, NULL);
  cr_assert_eq(l4r_search_run(search, 3, test_table_step, &table), L4R_OK);
  for (int64_t user = 0; user < 3; user++) {
    const struct l4r_answer *answer;
    cr_assert_eq(l4r_search_answers(search, user, &answer), TABLE_ITEMS,
                 "each item once, no filler");
    int seen[TABLE_ITEMS + 1] = {0};
    for (int i = 0; i < TABLE_ITEMS; i++) {
      l4r_item item = trie.item[answer[i].node];
      cr_assert(item && !seen[item]++);
      cr_expect_eq(l4r_trie_find(&trie, answer[i].token, answer[i].length), item);
      cr_expect_float_eq(answer[i].score, test_table_score(&ids, item, user), 1e-5);
      if (i) cr_expect_geq(answer[i - 1].score, answer[i].score);
    }
  }
  l4r_search_close(search);
  l4r_trie_free(&trie);
}

Test(beam_search, restricted_with_beams_to_spare_equals_enumeration) {
  struct l4r_id_tokens ids;
  struct l4r_trie trie;
  test_table_ids(&ids, &trie);
  static struct test_table table = {.restricted = 1};
  const struct l4r_search_spec spec = {.max_users = 3,
                                       .beams = TABLE_ITEMS + 10,
                                       .vocabulary = TABLE_VOCABULARY,
                                       .steps = TABLE_LONGEST + 1,
                                       .trie = &trie,
                                       .restricted = 1};
  struct l4r_search *search;
  cr_assert_eq(l4r_search_open(&spec, &search), L4R_OK, "%s", l4r_error_message());
  uint64_t before = l4r_alloc_count();
  cr_assert_eq(l4r_search_run(search, 3, test_table_step, &table), L4R_OK);
  cr_expect_eq(l4r_alloc_count(), before, "a search allocates nothing");
  for (int64_t user = 0; user < 3; user++) {
    const struct l4r_answer *answer;
    double whole = 0;
    cr_assert_eq(l4r_search_answers(search, user, &answer), TABLE_ITEMS);
    for (int i = 0; i < TABLE_ITEMS; i++) {
      l4r_item item = trie.item[answer[i].node];
      cr_expect_eq(l4r_trie_find(&trie, answer[i].token, answer[i].length), item);
      cr_expect_float_eq(answer[i].score, test_table_restricted_score(&ids, &trie, item, user),
                         1e-5);
      whole += exp(answer[i].score * (answer[i].length + 1));
    }
    cr_expect_float_eq(whole, 1, 1e-4, "the probabilities of all ids sum to %g", whole);
  }
  int64_t inner = 0;
  for (int32_t node = 0; node < trie.nodes; node++) inner += !l4r_trie_is_leaf(&trie, node);
  cr_expect_eq(table.decoded, 3 * inner, "leaves are not decoded");
  l4r_search_close(search);
  const struct l4r_search_spec free_spec = {
      .max_users = 1, .beams = 2, .vocabulary = TABLE_VOCABULARY, .steps = 2, .restricted = 1};
  cr_expect_eq(l4r_search_open(&free_spec, &search), L4R_USAGE, "restricted by what?");
  l4r_trie_free(&trie);
}

Test(beam_search, few_beams_return_that_many_valid_answers) {
  struct l4r_id_tokens ids;
  struct l4r_trie trie;
  test_table_ids(&ids, &trie);
  static struct test_table table;
  struct l4r_search *search = open_search(&trie, 4, 6, NULL);
  cr_assert_eq(l4r_search_run(search, 4, test_table_step, &table), L4R_OK);
  cr_expect_leq(table.largest_batch, 4 * 6);
  for (int64_t user = 0; user < 4; user++) {
    const struct l4r_answer *answer;
    cr_assert_eq(l4r_search_answers(search, user, &answer), 6);
    for (int i = 0; i < 6; i++)
      cr_expect_float_eq(answer[i].score, test_table_score(&ids, trie.item[answer[i].node], user),
                         1e-5);
  }
  l4r_search_close(search);
  l4r_trie_free(&trie);
}

Test(beam_search, same_answers_alone_in_company_and_with_a_team) {
  struct l4r_id_tokens ids;
  struct l4r_trie trie;
  test_table_ids(&ids, &trie);
  struct l4r_team *team;
  cr_assert_eq(l4r_team_create(2, NULL, &team), L4R_OK);
  static struct test_table table;
  struct l4r_search *alone = open_search(&trie, 1, 5, NULL);
  struct l4r_search *company = open_search(&trie, 9, 5, team);
  cr_assert_eq(l4r_search_run(company, 9, test_table_step, &table), L4R_OK);
  cr_assert_eq(l4r_search_run(alone, 1, test_table_step, &table), L4R_OK);
  const struct l4r_answer *one, *many;
  int64_t count = l4r_search_answers(alone, 0, &one);
  cr_assert_eq(l4r_search_answers(company, 0, &many), count);
  for (int64_t i = 0; i < count; i++) {
    cr_expect_eq(one[i].node, many[i].node);
    cr_expect_eq(one[i].score, many[i].score);
  }
  l4r_search_close(alone);
  l4r_search_close(company);
  l4r_team_free(team);
  l4r_trie_free(&trie);
}

Test(beam_search, allocates_nothing_after_opening) {
  struct l4r_id_tokens ids;
  struct l4r_trie trie;
  test_table_ids(&ids, &trie);
  static struct test_table table;
  struct l4r_search *search = open_search(&trie, 4, 6, NULL);
  uint64_t before = l4r_alloc_count();
  cr_assert_eq(l4r_search_run(search, 4, test_table_step, &table), L4R_OK);
  cr_expect_eq(l4r_alloc_count(), before);
  cr_expect_eq(l4r_search_run(search, 5, test_table_step, &table), L4R_USAGE,
               "more users than asked");
  l4r_search_close(search);
  l4r_trie_free(&trie);
}

/* A scripted decoder: probabilities by step, the same for every row. */
struct script {
  int64_t step;
  float probability[3][5];
};

static int script_step(void *decoder, const struct l4r_decode_rows *rows, float *logits) {
  struct script *script = decoder;
  for (int64_t r = 0; r < rows->rows; r++)
    for (int v = 0; v < 5; v++) logits[r * 5 + v] = logf(script->probability[script->step][v]);
  script->step++;
  return L4R_OK;
}

static struct l4r_search *open_script(int64_t beams, int64_t steps, int64_t unused_begin) {
  struct l4r_search_spec spec = {.max_users = 1,
                                 .beams = beams,
                                 .vocabulary = 5,
                                 .unused_begin = unused_begin,
                                 .unused_end = 5,
                                 .steps = steps};
  struct l4r_search *search;
  cr_assert_eq(l4r_search_open(&spec, &search), L4R_OK);
  return search;
}

Test(beam_search, an_end_beyond_the_first_s_candidates_is_no_answer) {
  struct script script = {
      .probability = {{.01f, .3f, .6f, .05f, .04f}, {.02f, .9f, .03f, .03f, .02f}}};
  struct l4r_search *search = open_script(1, 3, 5);
  struct l4r_search_work work = {0};
  cr_expect_eq(l4r_search_work(search, 0, &work), 0, "nobody was searched for");
  cr_assert_eq(l4r_search_run(search, 1, script_step, &script), L4R_OK);
  for (int64_t t = 0; t < 3; t++) { /* the answer ended at the second of three steps */
    cr_assert_eq(l4r_search_work(search, t, &work), 1);
    cr_expect_eq(work.rows, t < 2);
    cr_expect_eq(work.users, t < 2);
  }
  const struct l4r_answer *answer;
  cr_assert_eq(l4r_search_answers(search, 0, &answer), 1);
  cr_assert_eq(answer->length, 1);
  cr_expect_eq(answer->token[0], 2, "</s> was second best of one beam");
  cr_expect_eq(answer->finished, 1);
  cr_expect_float_eq(answer->score, (log(.6) + log(.9)) / 2, 1e-6);
  l4r_search_close(search);
}

Test(beam_search, what_never_ends_is_marked) {
  struct script script = {
      .probability = {{.05f, .05f, .5f, .2f, .2f}, {.05f, .05f, .1f, .6f, .2f}}};
  struct l4r_search *search = open_script(1, 2, 5);
  cr_assert_eq(l4r_search_run(search, 1, script_step, &script), L4R_OK);
  const struct l4r_answer *answer;
  cr_assert_eq(l4r_search_answers(search, 0, &answer), 1);
  cr_expect_eq(answer->finished, 0);
  cr_expect_eq(answer->length, 2);
  cr_expect_eq(answer->token[1], 3);
  cr_expect_float_eq(answer->score, (log(.5) + log(.6)) / 2, 1e-6);
  l4r_search_close(search);
}

Test(beam_search, unused_rows_are_neither_generated_nor_counted) {
  /* row 4 would win; without it the rest sums to .4 */
  struct script script = {
      .probability = {{.02f, .08f, .2f, .1f, .6f}, {.1f, .2f, .05f, .05f, .6f}}};
  struct l4r_search *search = open_script(1, 2, 4);
  cr_assert_eq(l4r_search_run(search, 1, script_step, &script), L4R_OK);
  const struct l4r_answer *answer;
  cr_assert_eq(l4r_search_answers(search, 0, &answer), 1);
  cr_expect_eq(answer->token[0], 2);
  cr_expect_float_eq(answer->score, (log(.5) + log(.5)) / 2, 1e-6);
  l4r_search_close(search);
}

Test(beam_search, refuses_no_beams) {
  struct l4r_search_spec spec = {.max_users = 1, .vocabulary = 5, .steps = 2};
  struct l4r_search *search;
  cr_assert_eq(l4r_search_open(&spec, &search), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "beams=0"));
}

static void check_normaliser(const struct l4r_kernels *kernels) {
  enum { COUNT = 3001 };
  static float row[COUNT];
  struct l4r_random random;
  l4r_random_seed(&random, 5);
  for (int scale = 1; scale <= 1000; scale *= 10) {
    double sum = 0, most = -INFINITY;
    for (int i = 0; i < COUNT; i++) {
      row[i] = (float)(scale * l4r_random_normal(&random));
      if (i < 100 || i >= 130) most = fmax(most, (double)row[i]);
    }
    for (int i = 0; i < COUNT; i++)
      if (i < 100 || i >= 130) sum += exp((double)row[i] - most);
    float got = l4r_log_sum_exp(kernels, row, COUNT, 100, 130);
    cr_expect_float_eq(got, most + log(sum), 2e-6 + 1e-7 * fabs(most));
  }
  for (int i = 0; i < COUNT; i++) row[i] = i == 7 ? 3 : -INFINITY;
  cr_expect_float_eq(l4r_log_sum_exp(kernels, row, COUNT, 0, 0), 3, 1e-6);
  row[7] = -INFINITY;
  cr_expect_eq(l4r_log_sum_exp(kernels, row, COUNT, 0, 0), -INFINITY);
}

Test(beam_search, normaliser_equals_libm) {
  for (int isa = 0; isa < L4R_ISAS; isa++)
    if (l4r_cpu_offers((enum l4r_isa)isa)) check_normaliser(l4r_kernels_of((enum l4r_isa)isa));
}

/* Enumeration of what a user may still get, best first. */
static int64_t enumerate(const struct l4r_id_tokens *ids, const struct l4r_trie *trie,
                         const unsigned char *excluded, int64_t user, l4r_item *best) {
  double score[TABLE_ITEMS];
  int64_t count = 0;
  for (l4r_item item = 1; item <= TABLE_ITEMS; item++) {
    if (excluded[item]) continue;
    const double mine = trie ? test_table_restricted_score(ids, trie, item, user)
                             : test_table_score(ids, item, user);
    int64_t at = count++;
    for (; at > 0 && mine > score[at - 1]; at--) {
      score[at] = score[at - 1];
      best[at] = best[at - 1];
    }
    score[at] = mine;
    best[at] = item;
  }
  return count;
}

/* Users who exclude nothing, a few items, whole branches, all but one, all; some twice. */
static void excluding(int restricted) {
  struct l4r_id_tokens ids;
  struct l4r_trie trie;
  test_table_ids(&ids, &trie);
  static struct test_table table;
  table = (struct test_table){.restricted = restricted};
  enum { CASES = 6 };
  const struct l4r_search_spec spec = {.max_users = CASES,
                                       .beams = TABLE_ITEMS,
                                       .vocabulary = TABLE_VOCABULARY,
                                       .steps = TABLE_LONGEST + 1,
                                       .trie = &trie,
                                       .restricted = restricted};
  struct l4r_search *search;
  cr_assert_eq(l4r_search_open(&spec, &search), L4R_OK, "%s", l4r_error_message());
  static const int every[CASES] = {0, 7, 3, 2, 1, 1};
  for (int turn = 0; turn < 3; turn++) { /* the last without exclusions: nothing is left of them */
    unsigned char excluded[CASES][TABLE_ITEMS + 1] = {{0}};
    for (int64_t user = 0; user < CASES && turn < 2; user++) {
      l4r_item list[2 * TABLE_ITEMS];
      int64_t n = 0;
      for (l4r_item item = 1; item <= TABLE_ITEMS; item++) {
        if (!every[user] || (item + turn) % every[user] || (user == 4 && item == 5)) continue;
        excluded[user][item] = 1;
        list[n++] = item;
        if (item % 2) list[n++] = item;
      }
      if (every[user])
        cr_assert_eq(l4r_search_exclude(search, user, &ids, list, n), L4R_OK, "%s",
                     l4r_error_message());
    }
    cr_assert_eq(l4r_search_run(search, CASES, test_table_step, &table), L4R_OK);
    for (int64_t user = 0; user < CASES; user++) {
      const struct l4r_answer *answer;
      l4r_item best[TABLE_ITEMS];
      const int64_t left = enumerate(&ids, restricted ? &trie : NULL, excluded[user], user, best);
      cr_assert_eq(l4r_search_answers(search, user, &answer), left, "turn %d, user %d: %d of %d",
                   turn, (int)user, (int)l4r_search_answers(search, user, &answer), (int)left);
      for (int64_t i = 0; i < left; i++)
        cr_expect_eq(trie.item[answer[i].node], best[i], "turn %d, user %d, place %d", turn,
                     (int)user, (int)i);
    }
  }
  l4r_search_close(search);
  l4r_trie_free(&trie);
}

Test(beam_search, what_is_excluded_is_walked_around) {
  excluding(0);
}
Test(beam_search, what_is_excluded_is_walked_around_restricted) {
  excluding(1);
}

/* What 20 beams return less the history was all that `mask` had. */
Test(beam_search, few_beams_are_filled_with_what_is_not_excluded) {
  struct l4r_id_tokens ids;
  struct l4r_trie trie;
  test_table_ids(&ids, &trie);
  static struct test_table table;
  enum { BEAMS = 6 };
  struct l4r_search *search = open_search(&trie, 1, BEAMS, NULL);
  const struct l4r_answer *answer;
  l4r_item first[BEAMS];
  cr_assert_eq(l4r_search_run(search, 1, test_table_step, &table), L4R_OK);
  const int64_t count = l4r_search_answers(search, 0, &answer);
  cr_assert_eq(count, BEAMS);
  for (int i = 0; i < BEAMS; i++) first[i] = trie.item[answer[i].node];
  cr_assert_eq(l4r_search_exclude(search, 0, &ids, first, BEAMS), L4R_OK);
  cr_assert_eq(l4r_search_run(search, 1, test_table_step, &table), L4R_OK);
  cr_assert_eq(l4r_search_answers(search, 0, &answer), BEAMS, "other items take their places");
  for (int i = 0; i < BEAMS; i++)
    for (int j = 0; j < BEAMS; j++) cr_expect_neq(trie.item[answer[i].node], first[j]);
  l4r_search_close(search);
  struct l4r_search *without = open_search(NULL, 1, BEAMS, NULL);
  cr_expect_eq(l4r_search_exclude(without, 0, &ids, first, 1), L4R_USAGE, "there is no trie");
  l4r_search_close(without);
  l4r_trie_free(&trie);
}
