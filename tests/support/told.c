/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/told.h"

#include <criterion/criterion.h>

struct told test_told(const struct l4r_engine *engine, void *handle, int64_t length) {
  struct told told = {0};
  cr_assert_eq(l4r_engine_check(engine), 0, "%s", l4r_error_message());
  cr_assert_eq(engine->about(handle, &told.about), 0, "%s", l4r_error_message());
  if (engine->cost)
    cr_assert_eq(engine->cost(handle, length, &told.cost), 0, "%s", l4r_error_message());
  if (engine->timers)
    cr_assert_eq(engine->timers(handle, &told.timers), 0, "%s", l4r_error_message());
  return told;
}
