/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/stats/trend.h"
#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <math.h>

enum { POINTS = 40 };

/* limit - drop * exp(-t / tau) with noise, a point a minute. */
static void curve(double drop, double tau, double noise, double time[POINTS],
                  double value[POINTS]) {
  struct l4r_random random;
  l4r_random_seed(&random, 5);
  for (int i = 0; i < POINTS; i++) {
    time[i] = 60.0 * (i + 1);
    value[i] = .2 - drop * exp(-time[i] / tau) + noise * l4r_random_normal(&random);
  }
}

Test(trend, a_saturating_curve_is_continued_to_its_limit) {
  double time[POINTS], value[POINTS];
  curve(.1, 1500, 0, time, value);
  const struct l4r_trend trend = l4r_trend_of(time, value, POINTS);
  cr_assert_eq(trend.state, L4R_TREND_RISING);
  cr_assert_eq(trend.points, 21, "the last half of the time, its begin included");
  cr_assert_float_eq(trend.end, .2 - .1 * exp(-2400 / 1500.0), 1e-4);
  cr_assert_float_eq(trend.twice, .2 - .1 * exp(-4800 / 1500.0), 1e-3, "%g", trend.twice);
  cr_assert_float_eq(trend.limit, .2, 1e-3, "%g", trend.limit);
}

Test(trend, noise_moves_the_continuation_little) {
  double time[POINTS], value[POINTS];
  curve(.1, 1500, 5e-4, time, value);
  const struct l4r_trend trend = l4r_trend_of(time, value, POINTS);
  cr_assert_eq(trend.state, L4R_TREND_RISING);
  cr_assert_float_eq(trend.twice, .2 - .1 * exp(-4800 / 1500.0), 6e-3, "%g", trend.twice);
}

Test(trend, a_curve_that_has_arrived_is_flat_however_steep_it_began) {
  double time[POINTS], value[POINTS];
  curve(.15, 200, 0, time, value);
  const struct l4r_trend trend = l4r_trend_of(time, value, POINTS);
  cr_assert_eq(trend.state, L4R_TREND_FLAT, "a slope above zero without a gain to come");
  cr_assert(isnan(trend.twice) && isnan(trend.limit));
  curve(0, 1500, 1e-3, time, value);
  cr_assert_eq(l4r_trend_of(time, value, POINTS).state, L4R_TREND_FLAT, "noise alone");
}

Test(trend, a_straight_rise_shows_no_limit) {
  double time[POINTS], value[POINTS];
  for (int i = 0; i < POINTS; i++) {
    time[i] = i + 1;
    value[i] = .1 + .001 * i;
  }
  const struct l4r_trend trend = l4r_trend_of(time, value, POINTS);
  cr_assert_eq(trend.state, L4R_TREND_RISING);
  cr_assert(isnan(trend.limit));
  cr_assert_float_eq(trend.twice, .179, .003, "%g", trend.twice);
}

Test(trend, falling_and_too_short_curves_are_told) {
  double time[POINTS], value[POINTS];
  curve(-.1, 1500, 1e-4, time, value);
  cr_assert_eq(l4r_trend_of(time, value, POINTS).state, L4R_TREND_FALLING);
  const struct l4r_trend trend = l4r_trend_of(time, value, 9);
  cr_assert_eq(trend.state, L4R_TREND_UNKNOWN, "%lld points", (long long)trend.points);
  cr_assert(isnan(trend.end));
  cr_assert_eq(l4r_trend_of(time, value, 0).state, L4R_TREND_UNKNOWN);
}
