/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/engine.h"

#include "tests/red/engines.h"

#include <criterion/criterion.h>
#include <string.h>

/* What does not fit is refused; its neighbours in the struct stay as they are. */
Test(engine, stages_and_timers_beyond_their_room_are_refused) {
  struct l4r_timers timers = {.invalid_strings = 77, .short_rankings = 77};
  struct {
    struct l4r_cost cost;
    int64_t behind;
  } asked = {.behind = 77};
  for (int t = 0; t < 2 * L4R_TIMERS_MAX; t++)
    cr_assert_eq(l4r_timers_add(&timers, "timer", t), t < L4R_TIMERS_MAX ? L4R_OK : L4R_CHECK);
  cr_assert(strstr(l4r_error_message(), "at most 4 timers"), "%s", l4r_error_message());
  for (int s = 0; s < 2 * L4R_STAGES_MAX; s++) {
    const struct l4r_stage stage = {.name = "stage", .flops = s, .bytes = s};
    cr_assert_eq(l4r_cost_add(&asked.cost, &stage), s < L4R_STAGES_MAX ? L4R_OK : L4R_CHECK);
  }
  cr_assert(strstr(l4r_error_message(), "at most 12 stages"), "%s", l4r_error_message());
  cr_assert_eq(timers.timers, L4R_TIMERS_MAX);
  cr_assert_eq(asked.cost.stages, L4R_STAGES_MAX);
  cr_assert_eq(timers.timer[L4R_TIMERS_MAX - 1].ns, L4R_TIMERS_MAX - 1);
  cr_assert_float_eq(asked.cost.stage[L4R_STAGES_MAX - 1].flops, L4R_STAGES_MAX - 1, 0);
  cr_assert_eq(timers.invalid_strings, 77);
  cr_assert_eq(timers.short_rankings, 77);
  cr_assert_eq(asked.behind, 77);
}

Test(engine, names_beyond_their_room_are_refused) {
  struct l4r_timers timers = {.timers = 0};
  struct l4r_cost cost = {.stages = 0};
  struct l4r_stage stage = {.flops = 1};
  memset(stage.name, 'x', sizeof stage.name);
  cr_assert_eq(l4r_cost_add(&cost, &stage), L4R_CHECK);
  cr_assert_eq(l4r_timers_add(&timers, "a name of more than 31 characters", 1), L4R_CHECK);
  cr_assert_eq(cost.stages + timers.timers, 0);
  stage.name[sizeof stage.name - 1] = '\0';
  cr_assert_eq(l4r_cost_add(&cost, &stage), L4R_OK);
  cr_assert_eq(l4r_timers_add(&timers, "a name that is of 31 characters", 1), L4R_OK);
}

static void refused(const struct l4r_engine *engine, const char *what) {
  cr_assert_eq(l4r_engine_check(engine), L4R_INPUT, "%s", what);
  cr_assert(strstr(l4r_error_message(), what), "%s, not %s", l4r_error_message(), what);
}

Test(engine, a_table_of_another_contract_or_with_holes_is_refused) {
  struct l4r_engine engine = red_honest;
  cr_assert_eq(l4r_engine_check(&engine), L4R_OK);
  engine.score = NULL, engine.own_ns = NULL, engine.cost = NULL;
  cr_assert_eq(l4r_engine_check(&engine), L4R_OK, "these are optional");
  refused(NULL, "no table");
  engine.abi = 1;
  refused(&engine, "contract 1, this program speaks 3");
  engine = red_honest, engine.name = "";
  refused(&engine, "'name'");
  engine = red_honest, engine.open = NULL;
  refused(&engine, "'open'");
  engine = red_honest, engine.recommend = NULL;
  refused(&engine, "'recommend'");
  engine = red_honest, engine.about = NULL;
  refused(&engine, "'about'");
  engine = red_honest, engine.close = NULL;
  refused(&engine, "'close'");
}

/* What a shared object was compiled with has to be what it meets. */
Test(engine, a_struct_of_another_size_is_another_contract) {
  static const struct {
    const char *name;
    size_t size, of_contract_3;
  } structs[] = {{"request", sizeof(struct l4r_request), 24},
                 {"ranking", sizeof(struct l4r_ranking), 24},
                 {"option", sizeof(struct l4r_option), 16},
                 {"stage_hook", sizeof(struct l4r_stage_hook), 16},
                 {"open_options", sizeof(struct l4r_open_options), 72},
                 {"about", sizeof(struct l4r_about), 1232},
                 {"measured", sizeof(struct l4r_measured), 56},
                 {"part", sizeof(struct l4r_budget_part), 48},
                 {"budget", sizeof(struct l4r_budget), 1160},
                 {"stage", sizeof(struct l4r_stage), 56},
                 {"cost", sizeof(struct l4r_cost), 680},
                 {"timer", sizeof(struct l4r_timer), 40},
                 {"timers", sizeof(struct l4r_timers), 184},
                 {"engine", sizeof(struct l4r_engine), 104},
                 {"dataset_view", sizeof(struct l4r_dataset_view), 72},
                 {"item_text", sizeof(struct l4r_item_text), 32}};
  cr_assert_eq(L4R_ENGINE_ABI, 3, "then these are the sizes of another contract");
  for (size_t i = 0; i < sizeof structs / sizeof *structs; i++)
    cr_expect_eq(structs[i].size, structs[i].of_contract_3,
                 "l4r_%s has %zu bytes now: raise L4R_ENGINE_ABI", structs[i].name,
                 structs[i].size);
}
