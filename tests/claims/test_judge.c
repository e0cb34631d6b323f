/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/judge.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "tests/support/derived.h"
#include "tests/support/every.h"

#include <criterion/criterion.h>
#include <string.h>

enum { USERS = 6040 };

/* Users hit at rank 1 with the record's HR@10, each by its own stream: a stand-in for sample files.
 */
static int fake_ranks(void *context, const struct l4r_record *record, int mask, int64_t **rank,
                      int64_t *users) {
  const double hr = record->data.accuracy.keep.hr10;
  *rank = l4r_alloc(USERS, sizeof **rank, "ranks");
  *users = USERS;
  for (int i = 0; i < USERS; ++i) (*rank)[i] = i < hr * USERS ? 1 : 0;
  return L4R_OK;
}

static json_t *record(const char *engine, const char *kind, int seed, double hr, double mean_ns) {
  json_t *rounds = json_array();
  for (int i = 0; i < 5; ++i)
    json_array_append_new(rounds, json_pack("{s:f}", "mean_ns", mean_ns * (1 + 0.001 * i)));
  return json_pack(
      "{s:s, s:s, s:s, s:i, s:s, s:{}, s:{s:s, s:s, s:s, s:i}, s:{s:s, s:s, s:i, s:i}, "
      "s:{s:{s:f}}, s:o}",
      "_run", "run-1", "engine", engine, "scenario", "single-stream", "threads", 2, "precision",
      "fp32", "options", "model", "kind", kind, "size", "mini", "init", "random", "seed", seed,
      "dataset", "sha256", "d", "split", "leave-one-out", "users", USERS, "interactions", 999611,
      "accuracy", "keep", "HR@10", hr, "rounds", rounds);
}

static struct l4r_claim find_claim(struct l4r_paper *paper, const char *id) {
  cr_assert_eq(l4r_paper_open(paper), 0, "%s", l4r_error_message());
  for (int64_t i = 0; i < paper->claims; ++i)
    if (strcmp(paper->claim[i].id, id) == 0) return paper->claim[i];
  cr_assert_fail("no claim %s", id);
  return (struct l4r_claim){0};
}

static struct l4r_judgement judge(const char *id, json_t *records) {
  struct l4r_paper paper;
  const struct l4r_claim claim = find_claim(&paper, id);
  const struct l4r_record_set set = {.records = test_records_of(records), .ranks = fake_ranks};
  struct l4r_judgement judgement;
  cr_assert_eq(l4r_judge(&claim, &set, &judgement), 0, "%s", l4r_error_message());
  l4r_paper_close(&paper);
  json_decref(records);
  return judgement;
}

Test(judge, paper_holds_both_versions_of_the_efficiency_claim) {
  struct l4r_paper paper;
  cr_assert_float_eq(find_claim(&paper, "efficiency").value, 0.9728, 1e-12);
  l4r_paper_close(&paper);
  cr_assert_float_eq(find_claim(&paper, "efficiency-final").value, 0.9948, 1e-12);
  l4r_paper_close(&paper);
}

Test(judge, time_is_judged_from_five_rounds) {
  json_t *records = json_array();
  json_array_append_new(records, record("blis", "lite", 1, 0.3, 1e6));
  json_array_append_new(records, record("beam", "p5", 1, 0.25, 50e6));
  const struct l4r_judgement j = judge("efficiency", records);
  cr_assert_float_eq(j.gain[0].value, 0.98, 1e-9);
  cr_assert_eq(j.direction, L4R_SUPPORTED);
  cr_assert_eq(j.magnitude, L4R_SUPPORTED);
  cr_assert_not_null(strstr(j.cell, "2 threads"));
}

/* The same models in two runs, the newer one read first. */
Test(judge, of_the_same_models_the_newest_measurement_counts) {
  static const char *const runs[] = {"new", "old"}, *const times[] = {"2026-02-02", "2026-01-01"};
  json_t *records = json_array();
  for (int i = 0; i < 4; i++) {
    json_t *one = i % 2 ? record("beam", "p5", 1, 0.25, i < 2 ? 10e6 : 50e6)
                        : record("blis", "lite", 1, 0.3, 1e6);
    json_object_set_new(one, "_run", json_string(runs[i / 2]));
    json_object_set_new(one, "manifest", json_pack("{s:s}", "time", times[i / 2]));
    json_array_append_new(records, one);
  }
  const struct l4r_judgement j = judge("efficiency", records);
  cr_assert_float_eq(j.gain[0].value, 0.9, 1e-9);
}

Test(judge, slower_than_claimed_is_refuted_in_magnitude_alone) {
  json_t *records = json_array();
  json_array_append_new(records, record("blis", "lite", 1, 0.3, 1e6));
  json_array_append_new(records, record("beam", "p5", 1, 0.25, 10e6));
  const struct l4r_judgement j = judge("efficiency", records);
  cr_assert_eq(j.direction, L4R_SUPPORTED);
  cr_assert_eq(j.magnitude, L4R_REFUTED);
}

Test(judge, accuracy_needs_three_seeds_and_a_pop_row) {
  json_t *records = json_array();
  for (int seed = 1; seed <= 3; ++seed) {
    json_array_append_new(records, record("blis", "lite", seed, 0.32, 1e6));
    json_array_append_new(records, record("beam", "p5", seed, 0.21, 50e6));
  }
  struct l4r_judgement j = judge("performance", json_deep_copy(records));
  cr_assert_eq(j.direction, L4R_NOT_TESTABLE, "without pop the floor is unknown");
  json_array_append_new(records, record("heuristic", "pop", 0, 0.02, 1e3));
  j = judge("performance", json_deep_copy(records));
  cr_assert_eq(j.gains, 3);
  cr_assert_eq(j.direction, L4R_SUPPORTED);
  json_array_remove(records, 0);
  j = judge("performance", records);
  cr_assert_eq(j.direction, L4R_INCONCLUSIVE);
  cr_assert_not_null(strstr(j.reason, "3 are needed"));
}

Test(judge, an_under_trained_baseline_is_no_evidence) {
  json_t *records = json_array();
  json_array_append_new(records, record("blis", "lite", 1, 0.3, 1e6));
  json_array_append_new(records, record("beam", "p5", 1, 0.10, 50e6));
  json_array_append_new(records, record("heuristic", "pop", 0, 0.02, 1e3));
  const struct l4r_judgement j = judge("performance", records);
  cr_assert_eq(j.direction, L4R_NOT_TESTABLE);
  cr_assert_not_null(strstr(j.reason, "under-trained"));
  cr_assert_float_eq(j.gain[0].value, 2.0, 1e-3);
}

Test(judge, other_data_get_a_ratio_and_no_verdict) {
  json_t *records = json_array(), *r;
  json_array_append_new(records, r = record("blis", "lite", 1, 0.3, 1e6));
  json_object_set_new(json_object_get(r, "dataset"), "users", json_integer(500));
  json_array_append_new(records, r = record("beam", "p5", 1, 0.2, 50e6));
  json_object_set_new(json_object_get(r, "dataset"), "users", json_integer(500));
  const struct l4r_judgement j = judge("efficiency", records);
  cr_assert_eq(j.magnitude, L4R_NOT_TESTABLE);
  cr_assert_str_eq(j.reason, "other data");
  cr_assert_float_eq(j.gain[0].value, 0.98, 1e-9);
}

Test(judge, another_split_of_the_same_interactions_is_other_data) {
  json_t *records = json_array(), *r;
  json_array_append_new(records, r = record("blis", "lite", 1, 0.3, 1e6));
  json_object_set_new(json_object_get(r, "dataset"), "split", json_string("time"));
  json_array_append_new(records, r = record("beam", "p5", 1, 0.2, 50e6));
  json_object_set_new(json_object_get(r, "dataset"), "split", json_string("time"));
  const struct l4r_judgement j = judge("efficiency", records);
  cr_assert_eq(j.magnitude, L4R_NOT_TESTABLE);
  cr_assert_str_eq(j.reason, "other data");
}

Test(judge, arms_of_different_cells_are_never_paired) {
  json_t *records = json_array(), *r;
  json_array_append_new(records, record("blis", "lite", 1, 0.3, 1e6));
  json_array_append_new(records, r = record("beam", "p5", 1, 0.2, 50e6));
  json_object_set_new(r, "threads", json_integer(1));
  const struct l4r_judgement j = judge("efficiency", records);
  cr_assert_eq(j.gains, 0);
  cr_assert_eq(j.direction, L4R_NOT_TESTABLE);
}

Test(judge, one_peer_serving_both_is_a_cell_and_no_verdict) {
  json_t *records = json_array();
  json_array_append_new(records, record("blis", "lite", 1, 0.3, 1e6));
  json_array_append_new(records, record("peer:torch", "lite", 1, 0.3, 2e6));
  json_array_append_new(records, record("peer:torch", "p5", 1, 0.2, 80e6));
  json_array_append_new(records, record("peer:onnx", "p5", 1, 0.2, 9e6));
  int64_t cursor = 0, rounds;
  const struct l4r_records *typed = test_records_of(records);
  const struct l4r_record *lite, *beam;
  struct l4r_gain gain;
  char cell[512];
  cr_assert(l4r_next_pair(typed, &cursor, &lite, &beam));
  l4r_pair_cell(lite, beam, cell, sizeof cell);
  cr_expect_str_eq(cell, "both in peer:torch; single-stream, 2 threads, fp32, 20 beams, trie on, "
                         "size mini, init random");
  cr_assert_eq(l4r_pair_saving(lite, beam, &gain, &rounds), 0);
  cr_expect_float_eq(gain.value, 1 - 2.0 / 80, 1e-9);
  cr_expect(!l4r_next_pair(typed, &cursor, &lite, &beam), "blis with torch, torch with onnx");
  const struct l4r_judgement j = judge("efficiency", records);
  cr_expect_eq(j.gains, 0, "the claim's verdict is about this project's engines");
}

static json_t *trained(json_t *r, const char *settings, double ndcg) {
  json_t *model = json_object_get(r, "model");
  json_object_set_new(model, "settings", json_pack("{s:s}", "training", settings));
  json_object_set_new(model, "validation", json_pack("{s:f}", "NDCG@10", ndcg));
  return r;
}

Test(judge, time_is_judged_on_the_models_best_on_validation) {
  static const double ndcg[] = {0.05, 0.15, 0.10}, mean_ns[] = {5e6, 10e6, 100e6};
  json_t *records = json_array(), *r;
  for (int run = 0; run < 3; run++) {
    char name[16];
    snprintf(name, sizeof name, "run-%d", run);
    json_array_append_new(records, r = trained(record("blis", "lite", 1, 0.3, 1e6), "a", 0.2));
    json_object_set_new(r, "_run", json_string(name));
    r = trained(record("beam", "p5", 1, 0.25, mean_ns[run]), "b", ndcg[run]);
    json_object_set_new(r, "_run", json_string(name));
    json_array_append_new(records, r);
  }
  const struct l4r_judgement j = judge("efficiency", records);
  cr_assert_float_eq(j.gain[0].value, 0.9, 1e-9, "%g", j.gain[0].value);
}

Test(judge, accuracy_is_judged_across_runs_on_the_variants_best_on_validation) {
  json_t *records = json_array(), *r;
  json_array_append_new(records, record("heuristic", "pop", 0, 0.02, 1e3));
  for (int seed = 3; seed >= 1; --seed) {
    r = trained(record("blis", "lite", seed, 0.32, 1e6), "causal", 0.2);
    json_object_set_new(r, "_run", json_string("run-of-lite"));
    json_array_append_new(records, r);
    /* better on test, worse on validation: not the one */
    json_array_append_new(records, trained(record("blis", "lite", seed, 0.9, 1e6), "other", 0.1));
    r = trained(record("beam", "p5", seed, 0.21, 50e6), "collaborative", 0.15);
    json_object_set_new(r, "_run", json_string("run-of-p5"));
    json_array_append_new(records, r);
    json_array_append_new(records, trained(record("beam", "p5", seed, 0.20, 5e6), "random", 0.1));
  }
  const struct l4r_judgement j = judge("performance", records);
  cr_assert_eq(j.gains, 3);
  cr_assert_float_eq(j.gain[0].value, 0.32 / 0.21 - 1, 2e-3);
  cr_assert_eq(j.direction, L4R_SUPPORTED);
  cr_assert_not_null(strstr(j.cell, "the best of 2"), "%s", j.cell);
}

Test(judge, one_weak_seed_of_the_baseline_is_an_obstacle) {
  json_t *records = json_array();
  json_array_append_new(records, record("heuristic", "pop", 0, 0.02, 1e3));
  for (int seed = 1; seed <= 3; ++seed) {
    json_array_append_new(records, record("blis", "lite", seed, 0.32, 1e6));
    json_array_append_new(records, record("beam", "p5", seed, seed == 3 ? 0.1 : 0.21, 50e6));
  }
  const struct l4r_judgement j = judge("performance", records);
  cr_assert_eq(j.direction, L4R_NOT_TESTABLE);
}

/* Names of every length in the cell of two variants of each side, which is put together in parts.
 */
Test(judge, names_of_any_length_have_room) {
  for (size_t length = 1; length < 600; length += 33 * (size_t)test_every()) {
    char name[600];
    memset(name, 'n', length);
    name[length] = '\0';
    json_t *records = json_array();
    for (int i = 0; i < 4; i++) {
      json_t *one = i % 2 ? record("beam", "p5", 1, .25, 1e6) : record("blis", "lite", 1, .3, 1e6);
      json_t *model = json_object_get(one, "model");
      json_object_set_new(model, "loss", json_string(i < 2 ? "one" : "other"));
      json_object_set_new(model, "validation", json_pack("{s:f}", "NDCG@10", .1 + i));
      json_object_set_new(one, "row", json_pack("{s:s}", "name", name));
      json_array_append_new(records, one);
    }
    const struct l4r_judgement j = judge("performance", records);
    cr_assert_lt(strlen(j.cell), sizeof j.cell);
    if (length < 99 || length > 200)
      cr_assert(strstr(j.cell, length < 99 ? "the best of 2" : "..."), "%s", j.cell);
  }
}

/* Beam arms of before the search without the history: their masked side is too low, and it is said.
 */
Test(judge, gains_under_mask_over_capped_beams_are_marked) {
  for (int capped = 0; capped < 2; capped++) {
    json_t *records = json_array();
    for (int seed = 1; seed <= 3; seed++) {
      json_t *beam = record("beam", "p5", seed, .2, 2e6);
      if (!capped)
        json_object_set_new(json_object_get(beam, "accuracy"), "mask_by",
                            json_string("a search without the history"));
      json_array_append_new(records, record("blis", "lite", seed, .3, 1e6));
      json_array_append_new(records, beam);
    }
    const struct l4r_judgement judgement = judge("performance", records);
    cr_assert_gt(judgement.gains, 0, "%s", judgement.reason);
    cr_assert_eq(judgement.mask_capped, capped);
  }
}
