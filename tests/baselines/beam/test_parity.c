/* SPDX-License-Identifier: BSD-3-Clause */
/* Beam search against transformers' `generate` (tests/oracle/beam.py made the golden files): on
 * both stacks, with both decoders, with and without trie and with the trie as head, greedy
 * included, every user alone in its batch and all of them together. Scores within the parity
 * tolerance, answers one by one wherever the neighbouring scores are further apart than ten
 * tolerances. */
#include "baselines/beam/search/search.h"
#include "tests/baselines/beam/golden.h"

#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static double score_at(const json_t *answers, size_t place) {
  return json_real_value(json_object_get(json_array_get(answers, place), "score"));
}

static int same_tokens(const json_t *expected, const struct l4r_answer *answer) {
  const json_t *token = json_object_get(expected, "token");
  if ((int64_t)json_array_size(token) != answer->length) return 0;
  for (size_t i = 0; i < json_array_size(token); i++)
    if (json_integer_value(json_array_get(token, i)) != answer->token[i]) return 0;
  return golden_number(expected, "finished") == answer->finished;
}

/* Compares a user's list; returns how many answers were compared by their tokens. */
static int64_t compare_user(const char *where, const json_t *expected,
                            const struct l4r_answer *answer, int64_t count) {
  const size_t listed = json_array_size(expected);
  cr_assert_eq((size_t)count, listed, "%s: %lld answers, transformers has %zu", where,
               (long long)count, listed);
  int scored = json_is_real(json_object_get(json_array_get(expected, 0), "score"));
  int64_t compared = 0;
  for (size_t i = 0; i < listed; i++) {
    double reference = score_at(expected, i), tolerance = 1e-5 + 1e-4 * fabs(reference);
    int apart = !scored ||
                ((i == 0 || score_at(expected, i - 1) - reference > 10 * tolerance) &&
                 (i + 1 == listed || reference - score_at(expected, i + 1) > 10 * tolerance));
    if (scored)
      cr_assert(fabs(answer[i].score - reference) <= tolerance,
                "%s, answer %zu: score %.7f, transformers %.7f", where, i, answer[i].score,
                reference);
    if (!apart) continue;
    compared++;
    cr_assert(same_tokens(json_array_get(expected, i), &answer[i]), "%s, answer %zu differs", where,
              i);
  }
  return compared;
}

/* Runs users first..first+count-1 as one batch. */
static void run_batch(const struct golden *golden, const json_t *search_case,
                      struct golden_model *model, struct l4r_search *search, const char *where,
                      int64_t first, int64_t count) {
  golden_model_begin(golden, model, first, count);
  cr_assert_eq(l4r_search_run(search, count, golden_model_step, model), L4R_OK, "%s",
               l4r_error_message());
  const json_t *users = json_object_get(search_case, "users");
  int64_t compared = 0, listed = 0;
  for (int64_t user = 0; user < count; user++) {
    const struct l4r_answer *answer;
    const json_t *expected = json_array_get(users, (size_t)(first + user));
    int64_t answers = l4r_search_answers(search, user, &answer);
    compared += compare_user(where, expected, answer, answers);
    listed += answers;
  }
  cr_assert(2 * compared >= listed, "%s: only %lld of %lld answers are apart", where,
            (long long)compared, (long long)listed);
}

static void run_searches(const char *name, const char *stack, int cached, int workers) {
  struct golden golden;
  golden_open(name, &golden);
  struct l4r_team *team = NULL;
  if (workers > 1) cr_assert_eq(l4r_team_create(workers, NULL, &team), L4R_OK);
  const json_t *searches = json_object_get(golden.root, "searches");
  const json_t *unused = json_object_get(golden.root, "unused");
  cr_assert_eq(json_array_size(searches), 9);
  for (size_t i = 0; i < json_array_size(searches); i++) {
    const json_t *search_case = json_array_get(searches, i);
    struct golden_model model;
    const int64_t beams = golden_number(search_case, "beams");
    const char *trie = json_string_value(json_object_get(search_case, "trie"));
    const int restricted = !strcmp(trie, "head");
    char where[96];
    snprintf(where, sizeof where, "%s on %s, %s, %lld beams, trie %s", name, stack,
             cached ? "cached" : "plain", (long long)beams, trie);
    const struct golden_model_spec spec_of_model = {.stack = stack,
                                                    .cached = cached,
                                                    .restricted = restricted,
                                                    .rows = golden.users * beams,
                                                    .team = team};
    golden_model_open(&golden, &spec_of_model, &model);
    const struct l4r_search_spec spec = {
        .max_users = golden.users,
        .beams = beams,
        .vocabulary = golden.config.p5.vocabulary,
        .unused_begin = json_integer_value(json_array_get(unused, 0)),
        .unused_end = json_integer_value(json_array_get(unused, 1)),
        .steps = golden_number(golden.root, "steps"),
        .trie = strcmp(trie, "off") ? &golden.trie : NULL,
        .restricted = restricted,
        .team = team};
    struct l4r_search *search;
    cr_assert_eq(l4r_search_open(&spec, &search), L4R_OK);
    run_batch(&golden, search_case, &model, search, where, 0, golden.users);
    for (int64_t user = 0; user < golden.users; user++)
      run_batch(&golden, search_case, &model, search, where, user, 1);
    l4r_search_close(search);
    golden_model_close(&model);
  }
  l4r_team_free(team);
  golden_close(&golden);
}

static void run_names(const char *stack, int cached, int workers) {
  run_searches("v10", stack, cached, workers);
  run_searches("v11", stack, cached, workers);
  run_searches("few", stack, cached, workers);
}

Test(beam_parity, reference_cached) {
  run_names("reference", 1, 1);
}
Test(beam_parity, reference_plain) {
  run_names("reference", 0, 2);
}
Test(beam_parity, blis_cached) {
  run_names("blis", 1, 2);
}
Test(beam_parity, blis_plain) {
  run_names("blis", 0, 1);
}
Test(beam_parity, blis_in_three_parts_of_bf16) {
  run_names(GOLDEN_IN_THREE, 1, 2);
}
