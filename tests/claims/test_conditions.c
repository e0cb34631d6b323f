/* SPDX-License-Identifier: BSD-3-Clause */
/* When times give no verdict, whatever they are. */
#include "bench/claims/conditions.h"
#include "bench/claims/judge.h"
#include "bench/derive/door.h"
#include "impl/base/error.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <string.h>

/* A record on the claim's data, five rounds of about mean_ns. */
static json_t *record(const char *engine, const char *kind, double mean_ns) {
  json_t *rounds = json_array();
  for (int i = 0; i < 5; i++)
    json_array_append_new(rounds, json_pack("{s:f, s:{s:{s:f, s:f, s:f}, s:f, s:f}}", "mean_ns",
                                            mean_ns * (1 + .001 * i), "machine", "ghz", "before",
                                            3.7, "during", 3.6, "after", 3.7, "steal_share", .02,
                                            "others_share", .03));
  return json_pack(
      "{s:s, s:s, s:s, s:s, s:i, s:s, s:{}, s:{s:s, s:s, s:s, s:i}, s:{s:s, s:s, s:i, s:i}, "
      "s:{s:i, s:i, s:i}, s:{s:s}, s:[], s:o}",
      "_run", "run-1", "engine", engine, "arm", kind, "scenario", "single-stream", "threads", 2,
      "precision", "fp32", "options", "model", "kind", kind, "size", "mini", "init", "random",
      "seed", 1, "dataset", "sha256", "d", "split", "leave-one-out", "users", 6040, "interactions",
      999611, "settings", "users", 600, "seed", 1, "k", 20, "requests", "sha256", "r", "warnings",
      "rounds", rounds);
}

static json_t *pair(void) {
  return json_pack("[o, o]", record("blis", "lite", 1e6), record("beam", "p5", 50e6));
}

static struct l4r_judgement judge(json_t *records, int without_samples) {
  struct l4r_paper paper;
  struct l4r_judgement j = {.gains = -1};
  cr_assert_eq(l4r_paper_open(&paper), 0, "%s", l4r_error_message());
  const struct l4r_record_set set = {.records = test_records_of(records),
                                     .without_samples = without_samples};
  for (int64_t i = 0; i < paper.claims; i++)
    if (!strcmp(paper.claim[i].id, "efficiency"))
      cr_assert_eq(l4r_judge(&paper.claim[i], &set, &j), 0, "%s", l4r_error_message());
  l4r_paper_close(&paper);
  return j;
}

/* The figure is still shown, with neither verdict. */
static void open_because(json_t *records, const char *reason) {
  const struct l4r_judgement j = judge(records, 0);
  cr_assert_eq(j.gains, 1);
  cr_assert_eq(j.direction, L4R_INCONCLUSIVE);
  cr_assert_eq(j.magnitude, L4R_INCONCLUSIVE);
  cr_assert(strstr(j.reason, reason), "%s", j.reason);
  json_decref(records);
}

static json_t *machine_of(json_t *records, size_t side, size_t round) {
  json_t *rounds = json_object_get(json_array_get(records, side), "rounds");
  return json_object_get(json_array_get(rounds, round), "machine");
}

Test(conditions, a_quiet_machine_has_verdicts) {
  json_t *records = pair();
  const struct l4r_judgement j = judge(records, 0);
  cr_assert_eq(j.direction, L4R_SUPPORTED);
  cr_assert_eq(j.magnitude, L4R_SUPPORTED);
  cr_assert_str_eq(j.reason, "5 rounds");
}

Test(conditions, a_busy_machine_has_none) {
  static const char *const keys[] = {"steal_share", "others_share"};
  for (size_t side = 0; side < 2; side++)
    for (size_t k = 0; k < 2; k++)
      for (size_t round = 0; round < 5; round += 4) {
        json_t *records = pair();
        json_object_set_new(machine_of(records, side, round), keys[k], json_real(.88));
        open_because(records, "a busy machine: 9");
      }
  json_t *records = pair(); /* neither alone, but both together */
  json_object_set_new(machine_of(records, 1, 2), "steal_share", json_real(.06));
  json_object_set_new(machine_of(records, 1, 2), "others_share", json_real(.06));
  open_because(records, "a busy machine: 12 % of the processors' time was taken by others in round "
                        "3 of p5");
}

Test(conditions, a_clock_that_fell_has_none) {
  for (size_t side = 0; side < 2; side++) {
    json_t *records = pair();
    json_object_set_new(json_object_get(machine_of(records, side, 3), "ghz"), "after",
                        json_real(2));
    open_because(records, "the clock went from 3.70 to 2.00 GHz");
  }
}

Test(conditions, other_requests_have_none) {
  json_t *records = pair();
  json_object_set_new(json_object_get(json_array_get(records, 1), "requests"), "sha256",
                      json_string("s"));
  open_because(records, "read different histories");
  static const char *const drawn_by[] = {"users", "seed", "k"};
  for (size_t d = 0; d < 3; d++) { /* records of before the requests' hash */
    records = pair();
    for (size_t side = 0; side < 2; side++)
      json_object_del(json_array_get(records, side), "requests");
    cr_assert_eq(judge(records, 0).magnitude, L4R_SUPPORTED);
    json_object_set_new(json_object_get(json_array_get(records, 0), "settings"), drawn_by[d],
                        json_integer(7));
    open_because(records, "read different histories");
  }
}

Test(conditions, a_warning_that_spoils_has_none_and_another_does_not_matter) {
  json_t *records = pair(), *warnings = json_object_get(json_array_get(records, 1), "warnings");
  json_array_append_new(warnings, json_pack("{s:s, s:s}", "kind", "steal", "text", "a little"));
  json_array_append_new(warnings, json_string("of an older version"));
  cr_assert_eq(judge(records, 0).magnitude, L4R_SUPPORTED);
  json_array_append_new(warnings, json_pack("{s:s, s:s, s:b}", "kind", "wall", "text",
                                            "time that nothing explains", "spoils", 1));
  open_because(records, "p5: time that nothing explains");
}

Test(conditions, missing_samples_have_none_unless_asked_for) {
  json_t *records = pair();
  json_object_set_new(json_array_get(records, 0), "_checked",
                      json_string(l4r_checked_names[L4R_CHECKED_MISSING]));
  cr_assert_eq(judge(records, 1).magnitude, L4R_SUPPORTED);
  open_because(records, "samples missing: the times of lite cannot be recomputed");
  records = pair();
  json_object_set_new(json_array_get(records, 0), "_checked",
                      json_string(l4r_checked_names[L4R_UNCHECKED]));
  const struct l4r_judgement j = judge(records, 0);
  cr_assert_eq(j.magnitude, L4R_SUPPORTED);
  cr_assert(strstr(j.reason, "UNSEALED"), "%s", j.reason);
}

Test(conditions, of_two_measurements_the_undisturbed_one_counts) {
  json_t *records = pair(), *later = pair();
  for (size_t side = 0; side < 2; side++) {
    json_t *one = json_array_get(later, side);
    json_object_set_new(one, "_run", json_string("run-2"));
    json_object_set_new(one, "manifest", json_pack("{s:s}", "time", "2026-02-02"));
  }
  json_object_set_new(machine_of(later, 0, 0), "others_share", json_real(.5));
  json_array_extend(records, later);
  const struct l4r_judgement j = judge(records, 0);
  cr_assert_eq(j.magnitude, L4R_SUPPORTED);
  cr_assert_eq(j.side[0]->from.json, json_array_get(records, 0));
}
