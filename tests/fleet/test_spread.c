/* SPDX-License-Identifier: BSD-3-Clause */
/* Which host of several is off. */
#include "bench/fleet/spread.h"
#include "tests/support/command.h"

#include <criterion/criterion.h>
#include <math.h>

static struct l4r_spread spread_of(const double *value, int count) {
  struct l4r_spread spread;
  OK(l4r_spread_of(value, count, &spread));
  return spread;
}

/* scipy 1.17.1: median_abs_deviation(x, scale=1/1.4826) of [10, 11, 12, 9.5, 20] is 1.4826. */
Test(spread, median_deviation_and_range_are_those_of_the_definition) {
  static const double value[] = {10, 11, 12, 9.5, 20};
  const struct l4r_spread spread = spread_of(value, 5);
  cr_assert_eq(spread.measured, 5);
  cr_assert_float_eq(spread.median, 11, 1e-12);
  cr_assert_float_eq(spread.sigma, 1.4826, 1e-12);
  cr_assert_float_eq(spread.range, 10.5 / 11, 1e-12);
  cr_assert_eq(spread.typical, 1);
  cr_assert_float_eq(l4r_spread_sigmas(&spread, 20), 9 / 1.4826, 1e-12);
  cr_assert(l4r_spread_is_off(&spread, 20, 1.5, 2.2));
  cr_assert_not(l4r_spread_is_off(&spread, 12, 1.01, 1.2));
}

Test(spread, two_hosts_have_a_range_and_nobody_is_off) {
  static const double value[] = {10, 40};
  const struct l4r_spread spread = spread_of(value, 2);
  cr_assert_float_eq(spread.range, 30. / 25, 1e-12);
  cr_assert(isnan(spread.sigma));
  cr_assert_not(l4r_spread_is_off(&spread, 40, 3, 5));
}

Test(spread, rounds_that_cannot_tell_two_hosts_apart_acquit) {
  static const double value[] = {10, 10.01, 10.3};
  const struct l4r_spread spread = spread_of(value, 3);
  cr_assert(l4r_spread_sigmas(&spread, 10.3) > L4R_SPREAD_CUT);
  cr_assert(l4r_spread_is_off(&spread, 10.3, 1.01, 1.05));
  cr_assert_not(l4r_spread_is_off(&spread, 10.3, 0.98, 1.08));
  cr_assert_not(l4r_spread_is_off(&spread, 10.3, NAN, NAN));
}

Test(spread, a_host_without_a_figure_is_left_out) {
  static const double value[] = {NAN, 10, 12, NAN, 11};
  const struct l4r_spread spread = spread_of(value, 5);
  cr_assert_eq(spread.measured, 3);
  cr_assert_eq(spread.typical, 4);
  cr_assert(isnan(l4r_spread_sigmas(&spread, NAN)));
  cr_assert_not(l4r_spread_is_off(&spread, NAN, 2, 3));
  cr_assert_eq(spread_of(value, 1).typical, -1);
  cr_assert(isnan(spread_of(value, 1).median));
}

Test(spread, hosts_that_do_not_differ_make_any_other_infinitely_far) {
  static const double value[] = {10, 10, 10, 11};
  const struct l4r_spread spread = spread_of(value, 4);
  cr_assert(isinf(l4r_spread_sigmas(&spread, 11)));
  cr_assert(l4r_spread_is_off(&spread, 11, 1.05, 1.15));
  cr_assert_not(l4r_spread_is_off(&spread, 10, 1, 1));
}
