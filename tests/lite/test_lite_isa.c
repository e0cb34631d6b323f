/* SPDX-License-Identifier: BSD-3-Clause */
/* By which instructions the Lite engines compute, and where they say that time goes. */
#include "tests/lite/world.h"

#include "impl/base/cpu.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/lite/lite.h"
#include "tests/support/t5.h"
#include "tests/support/told.h"

#include <criterion/criterion.h>
#include <string.h>

static int open_reference(const struct world *world, const char *key) {
  const struct l4r_option option = {key, "portable"};
  const struct l4r_open_options options = {.model = world->model,
                                           .dataset = world->dataset,
                                           .option = &option,
                                           .options = 1,
                                           .max_batch = 1,
                                           .max_k = 1};
  void *handle;
  return l4r_engine_lite_reference.open(&options, &handle);
}

/* Every set that is here serves, and says so; what was measured can be asked for by name. */
Test(lite_isa, a_set_of_instructions_can_be_asked_for) {
  struct world world;
  test_world_make(2, &world);
  for (int set = 0; set <= L4R_ISAS; set++) {
    const int named = set < L4R_ISAS;
    if (named && !l4r_cpu_offers((enum l4r_isa)set)) continue;
    const struct l4r_option option[] = {{"isa", named ? l4r_isa_name((enum l4r_isa)set) : "auto"},
                                        {"cache", "off"}};
    const struct l4r_open_options options = {.model = world.model,
                                             .dataset = world.dataset,
                                             .option = option,
                                             .options = 2,
                                             .max_batch = 1,
                                             .max_k = 1};
    void *handle;
    test_ok(l4r_engine_lite_blis.open(&options, &handle));
    const struct l4r_about about = test_told(&l4r_engine_lite_blis, handle, 3).about;
    if (named) cr_expect_str_eq(about.isa, option[0].value);
    cr_expect(*about.kernel && *about.chosen, "'%s' '%s'", about.kernel, about.chosen);
    if (!named && about.measured_kernels) cr_expect_gt(about.measured[0].ns, 0);
    l4r_engine_lite_blis.close(handle);
  }
  cr_expect_eq(open_reference(&world, "isa"), L4R_USAGE);
  cr_expect_str_eq(l4r_error_message(),
                   "isa=portable: stack reference is plain loops as the compiler made them; only "
                   "stack blis has a choice of instruction sets");
  cr_expect_eq(open_reference(&world, "kernel"), L4R_USAGE);
  test_world_close(&world);
}

static void note_nothing(void *context, int timer) {
  (void)context;
  (void)timer;
}

/* The parts of a call follow each other: they take no longer than it does, and name its work. */
Test(lite_isa, says_where_time_goes_where_stages_are_listened_to) {
  struct world world;
  test_world_make(2, &world);
  for (int listens = 0; listens < 2; listens++) {
    const struct l4r_open_options options = {.model = world.model,
                                             .dataset = world.dataset,
                                             .max_batch = 1,
                                             .max_k = 5,
                                             .on_stage.begins = listens ? note_nothing : NULL};
    void *handle;
    struct l4r_budget budget = {0};
    l4r_item item[5];
    float score[5];
    struct l4r_ranking ranking = {.item = item, .score = score};
    static const l4r_item history[] = {3, 40, 1, 3};
    const struct l4r_request request = {.history = history, .length = 4};
    test_ok(l4r_engine_lite_blis.open(&options, &handle));
    const int64_t began = l4r_now_ns();
    for (int r = 0; r < 10; r++)
      test_ok(l4r_engine_lite_blis.recommend(handle, &request, 1, 5, &ranking));
    const int64_t took = l4r_now_ns() - began;
    test_ok(l4r_engine_lite_blis.budget(handle, &budget));
    int64_t sum = 0;
    int named = 0;
    for (int p = 0; p < budget.parts; p++) {
      sum += budget.part[p].ns;
      cr_expect_gt(budget.part[p].times, 0);
      named += !strcmp(budget.part[p].name, "attention") ||
               !strcmp(budget.part[p].name, "head's product") ||
               !strcmp(budget.part[p].name, "feed-forward");
    }
    cr_expect_eq(named, listens ? 3 : 0);
    cr_expect_leq(sum, took);
    if (listens) cr_expect_gt(sum, 0);
    l4r_engine_lite_blis.close(handle);
  }
  test_world_close(&world);
}
