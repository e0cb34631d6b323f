/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/counters/stages.h"
#include "tests/counters/fake_pmu.h"

#include <criterion/criterion.h>
#include <string.h>

/* Two stages of 3 and 1 units, called twice. */
static void serve_stages(struct l4r_pmu_session *session, const struct l4r_group *group,
                         struct l4r_stages *stages, int64_t serving_ns) {
  l4r_pmu_start(session);
  l4r_stages_begin(stages, session, group);
  for (int call = 0; call < 2; ++call) {
    l4r_stages_note(stages, 0);
    test_fake.work += 3;
    l4r_stages_note(stages, 1);
    test_fake.work += 1;
    l4r_stages_note(stages, -1);
    test_fake.work += 100; /* between calls: nobody's */
  }
  l4r_stages_end(stages, serving_ns < 0 ? 2 * stages->cost_ns : serving_ns);
  l4r_pmu_stop(session);
  l4r_stages_note(stages, 0); /* nobody listens any more */
}

static const json_t *stage_cell(const json_t *json, size_t stage, size_t cell) {
  const json_t *one = json_array_get(json_object_get(json, "stages"), stage);
  return json_array_get(json_object_get(one, "counters"), cell);
}

Test(stages, counts_belong_to_the_stage_they_fell_into) {
  static const struct l4r_timer timers[2] = {{.name = "first"}, {.name = "second"}};
  struct l4r_stages stages;
  struct l4r_group group;
  cr_assert_eq(l4r_group_parse("g", test_fake_five, &group), 0);
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 8, NULL);
  serve_stages(session, &group, &stages, (int64_t)1e15);
  json_t *json = l4r_stages_json(&stages, timers, 2);
  cr_assert_str_eq(stages.reason, "");
  cr_assert_float_eq(json_number_value(json_object_get(stage_cell(json, 0, 0), "value")), 3, 0);
  cr_assert_float_eq(json_number_value(json_object_get(stage_cell(json, 1, 0), "value")), 1, 0);
  cr_assert_float_eq(json_number_value(json_object_get(stage_cell(json, 1, 4), "value")), 5, 0);
  cr_assert_str_eq(json_string_value(json_object_get(stage_cell(json, 0, 1), "source")),
                   "hardware");
  cr_assert_gt(json_number_value(json_object_get(json, "cost")), 0);
  cr_assert_lt(json_number_value(json_object_get(json, "cost")), L4R_STAGES_COST);
  json_decref(json);
  l4r_pmu_reset(session);
  test_fake_serve(session, 1);
  test_fake_counts(session, "a", 1); /* what the trial counted is forgotten */
  l4r_pmu_session_close(session);
}

Test(stages, that_cost_too_much_or_cannot_count_are_refused) {
  static const struct l4r_timer timers[2] = {{.name = "first"}, {.name = "second"}};
  struct l4r_stages stages;
  struct l4r_group group;
  cr_assert_eq(l4r_group_parse("g", test_fake_five, &group), 0);
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 8, NULL);
  serve_stages(session, &group, &stages, -1); /* half of the serving is reading */
  cr_assert(strstr(stages.reason, "more than 5 %"), "%s", stages.reason);
  json_t *json = l4r_stages_json(&stages, timers, 2);
  cr_assert(json_is_null(json_object_get(stage_cell(json, 0, 0), "value")));
  cr_assert_str_eq(json_string_value(json_object_get(stage_cell(json, 0, 0), "source")), "absent");
  json_decref(json);
  l4r_stages_begin(&stages, session, &group);
  l4r_stages_end(&stages, 1000);
  cr_assert(strstr(stages.reason, "does not say where stages begin"));
  l4r_pmu_session_close(session);
  test_fake.component = "no PMU";
  session = test_fake_session((const char *[]){test_fake_five}, 1, 8, NULL);
  serve_stages(session, &group, &stages, (int64_t)1e15);
  cr_assert(strstr(stages.reason, "no event of group g counts here"), "%s", stages.reason);
  l4r_pmu_session_close(session);
}
