/* SPDX-License-Identifier: BSD-3-Clause */
/* What an engine says of itself, from engines that say too much, too little or something else. */
#include "bench/run/session/describe.h"

#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct l4r_about said;
static struct l4r_timers ran;
static int asked, stages_of_long;
static char stage_name[33];

static int tell_about(void *handle, struct l4r_about *about) {
  *about = said;
  return 0;
}

static double flops_of(int64_t length) {
  return 1.0 / 3 * (double)(length * length);
}

static int tell_cost(void *handle, int64_t length, struct l4r_cost *cost) {
  asked++;
  cost->stages = length > 100 ? stages_of_long : 2;
  cost->stage[0] = (struct l4r_stage){"first", flops_of(length), .1 * (double)length, 0};
  memcpy(cost->stage[1].name, stage_name, sizeof cost->stage[1].name);
  return 0;
}

static int tell_timers(void *handle, struct l4r_timers *timers) {
  *timers = ran;
  return 0;
}

static struct l4r_budget spent;

static int tell_budget(void *handle, struct l4r_budget *budget) {
  (void)handle;
  *budget = spent;
  return L4R_OK;
}

static const struct l4r_engine teller = {.abi = L4R_ENGINE_ABI,
                                         .name = "teller",
                                         .about = tell_about,
                                         .cost = tell_cost,
                                         .timers = tell_timers,
                                         .budget = tell_budget};
static struct l4r_session session;

static void begin(void) {
  session.engine = &teller;
  strcpy(session.arm.text, "teller@model");
  said = (struct l4r_about){.kernels = "loops", .isa = "scalar", .precision = "fp32"};
  ran = (struct l4r_timers){.timer = {{"one", 5}}, .timers = 1, .short_rankings = 3};
  stages_of_long = 2;
  strcpy(stage_name, "second");
}

static int describe(const int64_t *length, int64_t count, json_t **description) {
  return l4r_session_describe(&session, length, count, description);
}

Test(describe, a_cost_is_asked_once_a_distinct_shape, .init = begin) {
  static const int64_t length[] = {1, 1, 4, 4, 4, 4, 9};
  enum { COUNT = sizeof length / sizeof *length };
  double mean = 0;
  for (int i = 0; i < COUNT; i++) mean += flops_of(length[i]) / COUNT;
  json_t *description;
  cr_assert_eq(describe(length, COUNT, &description), 0, "%s", l4r_error_message());
  cr_assert_eq(asked, 3);
  const json_t *stages = json_object_get(description, "stages");
  cr_assert_eq(json_array_size(stages), 2);
  const json_t *first = json_array_get(stages, 0);
  cr_assert_float_eq(json_real_value(json_object_get(first, "flops")), mean, 0,
                     "to the last digit, in the order of the requests");
  cr_assert_eq(json_integer_value(json_object_get(description, "short_rankings")), 3);
  json_decref(description);
}

/* Leaves no zeros where the next call's variables will lie. */
__attribute__((noinline)) static void soil_stack(void) {
  volatile char room[1 << 15];
  for (size_t i = 0; i < sizeof room; i++) room[i] = 0x55;
}

Test(describe, no_request_has_no_stages, .init = begin) {
  json_t *description;
  soil_stack();
  cr_assert_eq(describe(NULL, 0, &description), 0, "%s", l4r_error_message());
  cr_expect_eq(asked, 0);
  cr_expect_eq(json_array_size(json_object_get(description, "stages")), 0);
  json_decref(description);
}

static void refused(const char *evidence) {
  static const int64_t length[] = {4, 200};
  json_t *description = NULL;
  cr_assert_eq(describe(length, 2, &description), L4R_CHECK, "%s", evidence);
  cr_assert(strstr(l4r_error_message(), "arm teller@model"), "%s", l4r_error_message());
  cr_assert(strstr(l4r_error_message(), evidence), "%s, not %s", l4r_error_message(), evidence);
  cr_assert_null(description);
}

Test(describe, what_cannot_be_is_refused, .init = begin) {
  stages_of_long = 1;
  refused("the stages of a request of 200 items are not those of one of 4");
  stages_of_long = L4R_STAGES_MAX + 1;
  refused("number of stages that is out of range");
  stages_of_long = -1;
  refused("number of stages that is out of range");
  begin();
  memset(stage_name, 'x', sizeof stage_name);
  refused("name of a stage that does not end");
  begin();
  memset(said.isa, 'x', sizeof said.isa);
  refused("isa that does not end");
  begin();
  memset(said.settings, 'x', sizeof said.settings);
  refused("settings that does not end");
  begin();
  memset(said.kernel, 'x', sizeof said.kernel);
  refused("kernel that does not end");
  begin();
  said.measured_kernels = L4R_MEASURED_MAX + 1;
  refused("number of measured kernels that is out of range");
  begin();
  said.measured_kernels = 1;
  said.measured[0].ns = -1;
  refused("time of a measured kernel that is out of range");
  begin();
  said.item_vectors_seconds = NAN;
  refused("item_vectors_seconds that is out of range");
  begin();
  ran.timers = L4R_TIMERS_MAX + 1;
  refused("number of timers that is out of range");
  begin();
  memset(ran.timer[0].name, 'x', sizeof ran.timer[0].name);
  refused("name of a timer that does not end");
  begin();
  strcpy(said.kernels, "\xff");
  refused("not UTF-8");
}

Test(describe, timers_that_cannot_be_are_none, .init = begin) {
  struct l4r_timer timer[L4R_TIMERS_MAX];
  cr_assert_eq(l4r_session_timers(&session, timer), 1);
  cr_assert_eq(timer[0].ns, 5);
  ran.timers = L4R_TIMERS_MAX + 1;
  cr_assert_eq(l4r_session_timers(&session, timer), 0);
}

Test(describe, a_budget_that_cannot_be_is_none, .init = begin) {
  struct l4r_budget budget;
  spent = (struct l4r_budget){.part = {{"one", 7, 2}}, .parts = 1};
  l4r_session_budget(&session, &budget);
  cr_assert_eq(budget.parts, 1);
  cr_assert_eq(budget.part[0].ns, 7);
  spent.part[0].ns = -1;
  l4r_session_budget(&session, &budget);
  cr_assert_eq(budget.parts, 0);
  spent.part[0].ns = 7;
  memset(spent.part[0].name, 'x', sizeof spent.part[0].name);
  l4r_session_budget(&session, &budget);
  cr_assert_eq(budget.parts, 0);
  spent.parts = L4R_PARTS_MAX + 1;
  l4r_session_budget(&session, &budget);
  cr_assert_eq(budget.parts, 0);
}

Test(describe, a_choice_of_kernels_is_passed_on, .init = begin) {
  static const int64_t length = 3;
  json_t *description;
  strcpy(said.kernel, "fast");
  strcpy(said.chosen, "measured");
  said.measured[0] = (struct l4r_measured){"fast", 5};
  said.measured[1] = (struct l4r_measured){"slow", 9};
  said.measured_kernels = 2;
  cr_assert_eq(describe(&length, 1, &description), 0, "%s", l4r_error_message());
  cr_expect_str_eq(json_string_value(json_object_get(description, "kernel")), "fast");
  const json_t *slow = json_array_get(json_object_get(description, "measured"), 1);
  cr_expect_str_eq(json_string_value(json_object_get(slow, "kernel")), "slow");
  cr_expect_float_eq(json_real_value(json_object_get(slow, "ns")), 9, 0);
  json_decref(description);
}
