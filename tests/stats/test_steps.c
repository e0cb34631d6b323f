/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/stats/steps.h"
#include "bench/stats/quantile.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static struct l4r_segment *segment;
static int64_t segments;
static double noise;

static void find(const double *value, int64_t n) {
  l4r_free(segment);
  cr_assert_eq(l4r_steps_find(value, n, .001, &segment, &segments, &noise), 0);
  cr_assert_eq(segment[0].begin, 0);
  cr_assert_eq(segment[segments - 1].end, n);
  for (int64_t s = 1; s < segments; s++) cr_assert_eq(segment[s].begin, segment[s - 1].end);
}

Test(steps, levels_and_places_of_plain_steps) {
  double y[30];
  for (int i = 0; i < 30; i++) y[i] = (i < 10 ? 1 : i < 16 ? 1.2 : 1.1) + .002 * (i % 3);
  find(y, 30);
  cr_assert_eq(segments, 3);
  cr_expect_eq(segment[1].begin, 10);
  cr_expect_eq(segment[2].begin, 16);
  cr_expect_float_eq(segment[1].level, 1.202, 1e-3);
  cr_expect_float_eq(segment[2].level, 1.102, 1e-3);
}

Test(steps, short_series_and_equal_values_are_one_level) {
  const double equal[12] = {0}, short_one[7] = {1, 1, 1, 1, 2, 2, 2};
  find(equal, 12);
  cr_expect_eq(segments, 1);
  cr_expect_eq(noise, .001); /* the floor */
  find(short_one, 7);
  cr_expect_eq(segments, 1);
  cr_expect_eq(noise, 0);
  find(short_one, 1);
  cr_expect_eq(segments, 1);
  cr_expect_eq(segment[0].level, 1);
}

Test(steps, single_values_far_off_make_no_level) {
  struct l4r_random random;
  double y[40];
  l4r_random_seed(&random, 9);
  for (int i = 0; i < 40; i++) y[i] = .01 * l4r_random_normal(&random);
  y[7] += 1, y[20] -= .5, y[39] += 2;
  find(y, 40);
  cr_expect_eq(segments, 1);
  cr_expect_lt(fabs(segment[0].level), .01); /* nor do they move one: .01 / sqrt(40) = .0016 */
  for (int i = 37; i < 40; i++) y[i] = .3;   /* three of them are a level */
  find(y, 40);
  cr_expect_eq(segments, 2);
  cr_expect_eq(segment[1].begin, 37);
}

/* What is pruned must not change what is found: against all segmentations of a short series. */
static double cost(const double *y, int begin, int end) {
  double mean = 0, squares = 0;
  for (int i = begin; i < end; i++) mean += y[i] / (end - begin);
  for (int i = begin; i < end; i++) squares += (y[i] - mean) * (y[i] - mean);
  return squares;
}

static double least(const double *y, int end, double penalty) {
  if (end == 0) return -penalty;
  double best = INFINITY;
  for (int begin = 0; begin + L4R_STEP_LEAST <= end; begin++)
    best = fmin(best, least(y, begin, penalty) + cost(y, begin, end) + penalty);
  return best;
}

Test(steps, what_is_found_is_the_best_of_all) {
  struct l4r_random random;
  l4r_random_seed(&random, 10);
  int several = 0;
  for (int run = 0; run < 60; run++) {
    enum { N = 18 };
    double y[N], found = 0;
    for (int i = 0; i < N; i++)
      y[i] = .5 * l4r_random_uniform(&random) + 4 * (i / 5 % 2) * (run % 3);
    find(y, N);
    const double penalty = (2 * log(N) + 6) * noise * noise;
    /* Nothing here is beyond 3 sigma of its neighbours' median but steps, which keep their sides.
     */
    for (int64_t s = 0; s < segments; s++)
      found += cost(y, (int)segment[s].begin, (int)segment[s].end) + (s ? penalty : 0);
    cr_expect_float_eq(found, least(y, N, penalty), 1e-9 * fmax(1, found), "run %d", run);
    several += segments > 1;
  }
  cr_expect_gt(several, 20);
}

/* The same by dynamic programming over all beginnings, which is quadratic; for longer series, and
 * with values far off, which are replaced first as steps.h says. */
static double least_of_all(const double *value, int n) {
  double y[400], best[401];
  for (int i = 0; i < n; i++) {
    double near[5];
    int64_t count = 0;
    for (int j = i - 2; j <= i + 2; j++)
      if (j >= 0 && j < n) near[count++] = value[j];
    const double middle = l4r_median(near, count);
    y[i] = (fabs(value[i] - middle) > 3 * noise ? middle : value[i]) / noise;
  }
  const double penalty = 2 * log(n) + 6;
  best[0] = -penalty;
  for (int end = 1; end <= n; end++) {
    double mean = 0, squares = 0;
    best[end] = INFINITY;
    for (int begin = end - 1; begin >= 0; begin--) { /* Welford's, backwards */
      const double away = y[begin] - mean;
      mean += away / (end - begin);
      squares += away * (y[begin] - mean);
      if (end - begin >= L4R_STEP_LEAST)
        best[end] = fmin(best[end], best[begin] + squares + penalty);
    }
  }
  /* and what was found, in the same sigmas */
  double found = -penalty;
  for (int64_t s = 0; s < segments; s++)
    found += cost(y, (int)segment[s].begin, (int)segment[s].end) + penalty;
  cr_expect_float_eq(found, best[n], 1e-9 * fmax(1, fabs(best[n])), "%d values: %.12g, least %.12g",
                     n, found, best[n]);
  return best[n];
}

Test(steps, longer_series_have_the_least_cost_too) {
  struct l4r_random random;
  static double y[400];
  int most = 0;
  l4r_random_seed(&random, 12);
  for (int run = 0; run < 400; run++) {
    const int n = 8 + (int)l4r_random_below(&random, 393), shape = run % 5;
    double level = 0;
    for (int i = 0; i < n; i++) {
      const double z = l4r_random_normal(&random);
      if (shape && l4r_random_uniform(&random) < .01 * shape * shape) level += .2 * z;
      y[i] = level + .015 * l4r_random_normal(&random);
      if (shape == 1 && l4r_random_uniform(&random) < .03) y[i] += .5;      /* far off */
      if (shape == 3) y[i] = .02 * sin(i * (.01 + .0003 * run)) + .001 * z; /* no levels at all */
      if (shape == 4) y[i] = level + .01 * (double)l4r_random_below(&random, 4); /* ties */
    }
    find(y, n);
    least_of_all(y, n);
    if (segments > most) most = (int)segments;
  }
  cr_expect_gt(most, 30, "at most %d levels", most);
}

/* Pruning as soon as a later beginning is better, although no segment from it can end yet, finds
 * five levels here, whose cost is 814.6. */
Test(steps, a_beginning_is_not_lost_to_one_that_is_too_new) {
  static const int hundredths[] = {1, 2, 2, 2, 2, 2, 1, 5, 7, 7, 7, 5, 7, 7, 0, 2, 2, 2, 0, 0};
  enum { N = sizeof hundredths / sizeof *hundredths };
  double y[N];
  for (int i = 0; i < N; i++) y[i] = .01 * hundredths[i];
  find(y, N);
  cr_expect_eq(segments, 4);
  cr_expect_float_eq(least_of_all(y, N), 807.4, .1);
}

Test(steps, a_change_is_found_and_none_is_not_in_brief) {
  struct l4r_random random;
  int wrong = 0, found = 0;
  double y[30];
  l4r_random_seed(&random, 11);
  for (int run = 0; run < 300; run++) {
    for (int i = 0; i < 30; i++) y[i] = .015 * l4r_random_normal(&random);
    find(y, 30);
    wrong += segments > 1;
    for (int i = 15; i < 30; i++) y[i] += log(1.06);
    find(y, 30);
    found += segments == 2 && llabs(segment[1].begin - 15) <= 1;
  }
  cr_expect_leq(wrong, 18); /* 6 %; tests/check measures the rate */
  cr_expect_geq(found, 270);
}
