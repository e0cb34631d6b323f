/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/engine.h"

#include <criterion/criterion.h>
#include <string.h>

/* What does not fit is left out; its neighbours in the struct stay as they are. */
Test(description, stages_and_timers_beyond_its_room_are_left_out) {
  struct l4r_description description;
  memset(&description, 0, sizeof description);
  description.invalid_strings = description.short_rankings = 77;
  for (int t = 0; t < 2 * L4R_TIMERS_MAX; t++) l4r_description_timer(&description, "timer", t);
  for (int s = 0; s < 2 * L4R_STAGES_MAX; s++) l4r_description_stage(&description, "stage", s, s);
  cr_assert_eq(description.timers, L4R_TIMERS_MAX);
  cr_assert_eq(description.stages, L4R_STAGES_MAX);
  cr_assert_eq(description.timer[L4R_TIMERS_MAX - 1].ns, L4R_TIMERS_MAX - 1);
  cr_assert_float_eq(description.stage[L4R_STAGES_MAX - 1].flops, L4R_STAGES_MAX - 1, 0);
  cr_assert_eq(description.invalid_strings, 77);
  cr_assert_eq(description.short_rankings, 77);
}
