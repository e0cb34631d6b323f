/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/stats/quantile.h"
#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static double binomial_tail_below(int n, int k, double p) { /* P(B <= k), by the recurrence */
  double mass = pow(1 - p, n), sum = 0;
  for (int i = 0; i <= k; i++) {
    sum += mass;
    mass *= (double)(n - i) / (i + 1) * p / (1 - p);
  }
  return sum;
}

Test(quantile, interval_ranks_are_the_tightest_that_hold) {
  static const double levels[] = {.5, .9, .95};
  for (int n = 6; n <= 200; n += 7)
    for (int q = 0; q < 3; q++) {
      int64_t lower, upper;
      double p = levels[q];
      l4r_quantile_ranks(n, p, .95, &lower, &upper);
      /* P(X(lower) > q) = P(B <= lower - 1); P(X(upper) < q) = P(B >= upper). */
      if (lower > 0) cr_assert_leq(binomial_tail_below(n, (int)lower - 1, p), .025 + 1e-12);
      cr_assert_gt(binomial_tail_below(n, (int)lower, p), .025 - 1e-12);
      if (upper == 0) {
        cr_assert_gt(1 - binomial_tail_below(n, n - 1, p), .025 - 1e-12);
        continue;
      }
      cr_assert_leq(1 - binomial_tail_below(n, (int)upper - 1, p), .025 + 1e-12);
      cr_assert_gt(1 - binomial_tail_below(n, (int)upper - 2, p), .025 - 1e-12);
    }
}

Test(quantile, ranks_of_a_textbook_case) {
  int64_t lower, upper; /* median of 10: the 2nd and the 9th (Le Boudec, table A.1) */
  l4r_quantile_ranks(10, .5, .95, &lower, &upper);
  cr_assert_eq(lower, 2);
  cr_assert_eq(upper, 9);
  cr_assert_eq(l4r_quantile_rank(100, .99), 99);
  cr_assert_eq(l4r_quantile_rank(101, .99), 100);
  cr_assert_eq(l4r_quantile_rank(1, .5), 1);
}

Test(quantile, withheld_where_the_design_says_so) {
  cr_assert_eq(l4r_quantile_needed(.5, .95), 6);
  cr_assert_eq(l4r_quantile_needed(.9, .95), 36);
  cr_assert_eq(l4r_quantile_needed(.95, .95), 72);
  cr_assert_eq(l4r_quantile_needed(.99, .95), 368);
  cr_assert_eq(l4r_quantile_needed(.999, .95), 3688);
  static const double levels[] = {.9, .95, .99};
  for (int q = 0; q < 3; q++) { /* and the ranks agree: an end is missing just below */
    int64_t lower, upper, needed = l4r_quantile_needed(levels[q], .95);
    l4r_quantile_ranks(needed, levels[q], .95, &lower, &upper);
    cr_assert(lower >= 1 && upper == needed);
    l4r_quantile_ranks(needed - 1, levels[q], .95, &lower, &upper);
    cr_assert_eq(upper, 0);
  }
  int64_t sorted[400];
  for (int i = 0; i < 400; i++) sorted[i] = i;
  /* Ten repeats of 40 users are 40 observations. */
  cr_assert_eq(l4r_quantile_estimate(sorted, 400, 40, .9, .95).withheld, L4R_WITHHELD_NOTHING);
  struct l4r_estimate p99 = l4r_quantile_estimate(sorted, 400, 40, .99, .95);
  cr_assert_eq(p99.withheld, L4R_WITHHELD_VALUE);
  cr_assert_eq(p99.needed, 368);
}

/* Rank (n + 1/3) p + 1/3, between its neighbours. */
Test(quantile, between_two_values_by_hand) {
  static const int64_t four[] = {10, 20, 30, 40}, one[] = {7};
  cr_assert_float_eq(l4r_quantile_unbiased(four, 4, .5), 25, 1e-12);
  cr_assert_float_eq(l4r_quantile_unbiased(four, 4, .25), 14.1666666667, 1e-9);
  cr_assert_eq(l4r_quantile_unbiased(four, 4, .9), 40);
  cr_assert_eq(l4r_quantile_unbiased(four, 4, .01), 10);
  cr_assert_eq(l4r_quantile_unbiased(one, 1, .5), 7);
}

Test(quantile, repeats_do_not_narrow_the_interval) {
  int64_t once[50], thrice[150];
  for (int i = 0; i < 50; i++) once[i] = 10 * i;
  for (int i = 0; i < 150; i++) thrice[i] = 10 * (i / 3);
  struct l4r_estimate a = l4r_quantile_estimate(once, 50, 50, .5, .95);
  struct l4r_estimate b = l4r_quantile_estimate(thrice, 150, 50, .5, .95);
  cr_assert_eq(a.value, b.value);
  cr_assert_eq(a.lo, b.lo);
  cr_assert_eq(a.hi, b.hi);
}

/* Share of simulated samples whose interval holds the true quantile. kind 0: normal, 1: log-normal,
 * 2: two modes far apart. */
static double coverage(int kind, int n, double p, double truth, int runs) {
  struct l4r_random random;
  l4r_random_seed(&random, 11);
  int64_t *sample = malloc((size_t)n * sizeof *sample);
  int held = 0;
  for (int run = 0; run < runs; run++) {
    for (int i = 0; i < n; i++) {
      double x = l4r_random_normal(&random);
      if (kind == 1) x = exp(x);
      if (kind == 2) x = x / 10 + (l4r_random_uniform(&random) < .3 ? 100 : 0);
      sample[i] = (int64_t)llround(x * 1e6);
    }
    l4r_sort_i64(sample, n);
    struct l4r_estimate estimate = l4r_quantile_estimate(sample, n, n, p, .95);
    held += estimate.lo <= truth * 1e6 && truth * 1e6 <= estimate.hi;
  }
  free(sample);
  return (double)held / runs;
}

Test(quantile, intervals_cover_the_truth) {
  /* Exact binomial intervals hold 95 % at least; 2,000 runs know a share of .95 to +-.015. */
  cr_assert_geq(coverage(0, 100, .5, 0, 2000), .935);
  cr_assert_geq(coverage(0, 200, .9, 1.2815515655446004, 2000), .935);
  cr_assert_geq(coverage(1, 200, .95, exp(1.6448536269514722), 2000), .935);
  cr_assert_geq(coverage(1, 400, .99, exp(2.3263478740408408), 2000), .935);
  /* .3 of the mass at 100: the .9 quantile is the 2/3 quantile of that mode. */
  cr_assert_geq(coverage(2, 200, .9, 100 + .1 * .43072729929545767, 2000), .935);
  /* and are not far wider: the discreteness of n = 100 at the median gives 96.5 %. */
  cr_assert_leq(coverage(0, 100, .5, 0, 2000), .98);
}

Test(student, quantiles_of_the_tables) {
  cr_assert_float_eq(l4r_student_quantile(.975, 1), 12.7062047361747, 1e-8);
  cr_assert_float_eq(l4r_student_quantile(.975, 4), 2.77644510519779, 1e-10);
  cr_assert_float_eq(l4r_student_quantile(.95, 9), 1.83311293265624, 1e-10);
  cr_assert_float_eq(l4r_student_quantile(.975, 1e6), 1.95996636817, 1e-6);
  cr_assert_float_eq(l4r_student_quantile(.025, 4), -2.77644510519779, 1e-10);
}

Test(student, mean_intervals_cover_the_truth) {
  struct l4r_random random;
  l4r_random_seed(&random, 5);
  int held = 0, runs = 4000;
  for (int run = 0; run < runs; run++) {
    double round[5];
    for (int i = 0; i < 5; i++) round[i] = 3 + .2 * l4r_random_normal(&random);
    struct l4r_estimate estimate = l4r_mean_estimate(round, 5, .95);
    held += estimate.lo <= 3 && 3 <= estimate.hi;
  }
  cr_assert_float_eq((double)held / runs, .95, .0125);
  double one = 2;
  cr_assert_eq(l4r_mean_estimate(&one, 1, .95).withheld, L4R_WITHHELD_INTERVAL);
  cr_assert_eq(l4r_mean_estimate(&one, 0, .95).withheld, L4R_WITHHELD_VALUE);
}

Test(quantile, median_of_odd_and_even_counts) {
  double odd[] = {3, 1, 2}, even[] = {4, 1, 3, 2}, one[] = {7};
  cr_expect_eq(l4r_median(odd, 3), 2);
  cr_expect_eq(l4r_median(even, 4), 2.5);
  cr_expect_eq(l4r_median(one, 1), 7);
}
