/* SPDX-License-Identifier: BSD-3-Clause */
/* The reference stack's instructions by stage, on a real PMU, beside its analytic cost. */
#include "bench/counters/pmu.h"
#include "bench/counters/stages.h"
#include "impl/lite/lite.h"
#include "tests/counters/hardware.h"
#include "tests/lite/world.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <stdio.h>

static void note(void *context, int timer) {
  l4r_stages_note(context, timer);
}

struct by_stage {
  double instructions[2], multiply_adds[2]; /* of a call: encoding, head */
};

static void serve_reference(const struct world *world, int64_t length, struct by_stage *by) {
  static const l4r_item history[WORLD_HISTORY] = {3, 40, 1, 17, 22, 9};
  static const char text[] = "EVENTS\ninstructions perf::INSTRUCTIONS\n";
  enum { CALLS = 5, MOST = 10 };
  struct l4r_stages stages = {0};
  struct l4r_group group;
  const struct l4r_option option[] = {{"items", "cached"}, {"cache", "off"}};
  const struct l4r_open_options options = {.model = world->model,
                                           .dataset = world->dataset,
                                           .option = option,
                                           .options = 2,
                                           .max_batch = 1,
                                           .max_k = MOST,
                                           .on_stage = {note, &stages}};
  void *handle;
  test_ok(l4r_group_parse("g", text, &group));
  test_ok(l4r_engine_lite_reference.open(&options, &handle));
  struct l4r_pmu_session *session = test_pmu_session((const char *[]){text}, 1);
  const struct l4r_request request = {.history = history, .length = length};
  l4r_item item[MOST];
  float score[MOST];
  struct l4r_ranking ranking = {.item = item, .score = score};
  test_ok(l4r_engine_lite_reference.recommend(handle, &request, 1, MOST, &ranking));
  l4r_pmu_start(session);
  l4r_stages_begin(&stages, session, &group);
  for (int c = 0; c < CALLS; ++c)
    test_ok(l4r_engine_lite_reference.recommend(handle, &request, 1, MOST, &ranking));
  l4r_stages_end(&stages, INT64_MAX);
  l4r_pmu_stop(session);
  struct l4r_cost cost = {0};
  test_ok(l4r_engine_lite_reference.cost(handle, length, &cost));
  *by = (struct by_stage){{0}, {0}};
  for (int s = 0; s < cost.stages; ++s)
    by->multiply_adds[cost.stage[s].timer] += cost.stage[s].flops / 2;
  for (int t = 0; t < 2; ++t) {
    cr_assert_eq(stages.stage[t].reads[0], CALLS);
    by->instructions[t] = stages.stage[t].sum[0] / CALLS;
    printf("%lld items, %s: %.0f instructions, %.0f multiply-adds, %.3f each\n", (long long)length,
           t ? "head" : "encoding", by->instructions[t], by->multiply_adds[t],
           by->instructions[t] / by->multiply_adds[t]);
  }
  l4r_pmu_session_close(session);
  l4r_engine_lite_reference.close(handle);
}

/* The plain loops of the reference stack take a fixed number of instructions a multiply-add: what
 * is counted grows with the history as the analytic cost does, and the head's does not. */
Test(hardware, the_reference_stack_takes_what_its_analytic_cost_says) {
  enum { LENGTHS = 3 };
  static const int64_t lengths[LENGTHS] = {2, 4, 6};
  struct by_stage by[LENGTHS];
  struct world world;
  test_needs_pmu();
  test_world_make(2, &world);
  for (int i = 0; i < LENGTHS; ++i) serve_reference(&world, lengths[i], &by[i]);
  const double each = by[2].instructions[0] / by[2].multiply_adds[0];
  for (int i = 0; i < LENGTHS - 1; ++i) {
    test_pmu_near("encoding grows", by[i].instructions[0], each * by[i].multiply_adds[0], .02);
    test_pmu_near("the head does not", by[i].instructions[1], by[2].instructions[1], .02);
  }
  test_world_close(&world);
}
