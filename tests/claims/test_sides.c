/* SPDX-License-Identifier: BSD-3-Clause */
/* "Beam search is ultimately unnecessary", judged on planted records: the exact ranking of the same
 * model, and a head trained as long, against 20 beams. */
#include "bench/claims/judge.h"
#include "bench/claims/sides.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { USERS = 6040, SEEDS = 3 };

/* Users are hit at rank 1 as often as the record says, the same ones first: paired sides differ in
 * those between their two figures. */
static int fake_ranks(void *context, const struct l4r_record *record, int mask, int64_t **rank,
                      int64_t *users) {
  (void)context, (void)mask;
  const double hr = record->data.accuracy.keep.hr10;
  *rank = l4r_alloc(USERS, sizeof **rank, "ranks");
  *users = USERS;
  for (int i = 0; i < USERS; ++i) (*rank)[i] = i < hr * USERS ? 1 : 0;
  return L4R_OK;
}

struct side {
  const char *kind, *key, *value; /* an option of the arm; NULL: none */
  double hr, seconds;             /* seconds of training */
  int model;                      /* models of one number and seed are the same */
};

static json_t *record_of(const struct side *side, int seed) {
  char sha[65];
  snprintf(sha, sizeof sha, "%032d%032d", side->model, seed);
  json_t *options = json_object();
  if (side->key) json_object_set_new(options, side->key, json_string(side->value));
  return json_pack(
      "{s:s, s:s, s:s, s:i, s:s, s:o, s:{s:s, s:s, s:s, s:i, s:s, s:f}, s:{s:s, s:s, s:i, s:i}, "
      "s:{s:{s:f}}}",
      "_run", "run-1", "engine", strcmp(side->kind, "pop") ? "beam" : "heuristic", "scenario",
      "single-stream", "threads", 2, "precision", "fp32", "options", options, "model", "kind",
      side->kind, "size", "mini", "init", "random", "seed", seed, "sha256", sha, "training_seconds",
      side->seconds, "dataset", "sha256", "d", "split", "leave-one-out", "users", USERS,
      "interactions", 999611, "accuracy", "keep", "HR@10", side->hr);
}

static const struct side beams = {"p5", NULL, NULL, .25, 3600, 1};

static struct l4r_judgement judge(const char *id, const struct side *first, int seeds) {
  static const struct side pop = {"pop", NULL, NULL, .03, 1, 9};
  json_t *records = json_array();
  json_array_append_new(records, record_of(&pop, 0));
  for (int seed = 1; seed <= seeds; seed++) {
    json_array_append_new(records, record_of(&beams, seed));
    if (first) json_array_append_new(records, record_of(first, seed));
  }
  struct l4r_paper paper;
  struct l4r_judgement judgement = {.gains = -1};
  const struct l4r_record_set set = {.records = test_records_of(records), .ranks = fake_ranks};
  cr_assert_eq(l4r_paper_open(&paper), L4R_OK, "%s", l4r_error_message());
  for (int64_t i = 0; i < paper.claims; ++i) {
    if (strcmp(paper.claim[i].id, id)) continue;
    cr_expect(paper.claim[i].is_margin);
    cr_expect_float_eq(paper.claim[i].value, -.01, 1e-12);
    cr_assert_eq(l4r_judge(&paper.claim[i], &set, &judgement), L4R_OK, "%s", l4r_error_message());
  }
  cr_assert_neq(judgement.gains, -1, "no claim %s", id);
  l4r_paper_close(&paper);
  json_decref(records);
  return judgement;
}

static void expect(const struct l4r_judgement *j, enum l4r_verdict magnitude, const char *reason) {
  cr_expect_eq(j->magnitude, magnitude, "%s: %s", l4r_verdict_name(j->magnitude), j->reason);
  cr_expect(strstr(j->reason, reason), "%s", j->reason);
}

Test(sides, an_exact_ranking_that_loses_nothing_supports) {
  const struct side exact = {"p5", "search", "exact", .25, 3600, 1};
  const struct l4r_judgement j = judge("beam-search", &exact, SEEDS);
  cr_expect_eq(j.gains, SEEDS);
  cr_expect_float_eq(j.gain[0].value, 0, 1e-9);
  expect(&j, L4R_SUPPORTED, "3 training seeds");
}

Test(sides, an_exact_ranking_that_loses_a_tenth_refutes) {
  const struct side exact = {"p5", "search", "exact", .225, 3600, 1};
  const struct l4r_judgement j = judge("beam-search", &exact, SEEDS);
  cr_expect_float_eq(j.gain[0].value, -.1, 1e-3);
  cr_expect_eq(j.direction, L4R_REFUTED);
  expect(&j, L4R_REFUTED, "3 training seeds");
}

Test(sides, an_exact_ranking_about_as_far_off_as_the_margin_is_inconclusive) {
  const struct side exact = {"p5", "search", "exact", .2475, 3600, 1};
  const struct l4r_judgement j = judge("beam-search", &exact, SEEDS);
  expect(&j, L4R_INCONCLUSIVE, "3 training seeds");
}

Test(sides, two_seeds_are_too_few) {
  const struct side exact = {"p5", "search", "exact", .25, 3600, 1};
  const struct l4r_judgement j = judge("beam-search", &exact, 2);
  expect(&j, L4R_INCONCLUSIVE, "3 are needed");
}

Test(sides, without_an_exact_ranking_nothing_is_measured) {
  const struct l4r_judgement j = judge("beam-search", NULL, SEEDS);
  cr_expect_eq(j.gains, 0);
  expect(&j, L4R_NOT_TESTABLE, "not measured: no records of beam@p5:search=exact");
}

Test(sides, another_model_is_no_evidence_about_the_search) {
  const struct side exact = {"p5", "search", "exact", .25, 3600, 2};
  const struct l4r_judgement j = judge("beam-search", &exact, SEEDS);
  expect(&j, L4R_NOT_TESTABLE, "measure both arms of the same model");
}

/* Whoever divides by tokens ranks by another score than the probability. */
Test(sides, an_exact_ranking_by_another_score_is_not_it) {
  const struct side mean = {"p5", "length_penalty", "1", .3, 3600, 1};
  const struct l4r_judgement j = judge("beam-search", &mean, SEEDS);
  expect(&j, L4R_NOT_TESTABLE, "not measured");
}

Test(sides, a_head_trained_as_long_is_judged) {
  struct side head = {"p5-head", NULL, NULL, .26, 3700, 5};
  struct l4r_judgement j = judge("beam-search-head", &head, SEEDS);
  cr_expect_eq(j.direction, L4R_SUPPORTED);
  expect(&j, L4R_SUPPORTED, "3 training seeds");
  head.hr = .2;
  j = judge("beam-search-head", &head, SEEDS);
  expect(&j, L4R_REFUTED, "3 training seeds");
}

Test(sides, a_head_trained_twice_as_long_is_not_alike) {
  const struct side head = {"p5-head", NULL, NULL, .26, 7200, 5};
  const struct l4r_judgement j = judge("beam-search-head", &head, SEEDS);
  expect(&j, L4R_NOT_TESTABLE, "not trained as long: 120 and 60 minutes");
}

/* An exact ranking shares engine and model with the beams, and is none of them. */
Test(sides, an_exact_ranking_is_never_taken_for_beams) {
  const struct side exact = {"p5", "search", "exact", .25, 3600, 1},
                    divided = {"p5", "length_penalty", "0", .25, 3600, 1};
  json_t *records = json_pack("[o, o, o]", record_of(&beams, 1), record_of(&exact, 1),
                              record_of(&divided, 1));
  const struct l4r_records *read = test_records_of(records);
  cr_expect(l4r_record_is_beam(&read->at[0]));
  cr_expect(l4r_record_is_headline_beam(&read->at[0]));
  cr_expect(!l4r_record_is_beam(&read->at[1]));
  cr_expect(l4r_record_is_beam(&read->at[2]));
  cr_expect(!l4r_record_is_headline_beam(&read->at[2]));
  json_decref(records);
}
