/* SPDX-License-Identifier: BSD-3-Clause */
/* The schedule against what a Poisson process is: exponential gaps, independent, of the rate asked.
 */
#include "bench/run/session/arrivals.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

enum { N = 20000 };
static int64_t due[N], other[N];

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Kolmogorov and Smirnov's distance of the gaps from 1 - exp(-rate x). */
static double distance(double rate) {
  static double gap[N];
  double most = 0;
  for (int i = 0; i < N; i++) gap[i] = (double)(due[i] - (i ? due[i - 1] : 0)) * 1e-9;
  qsort(gap, N, sizeof *gap, ascending);
  for (int i = 0; i < N; i++) {
    const double below = 1 - exp(-rate * gap[i]);
    most = fmax(most, fmax(fabs(below - (double)i / N), fabs(below - (double)(i + 1) / N)));
  }
  return most;
}

Test(arrivals, gaps_are_exponential_and_independent) {
  const double rates[] = {3, 500, 40000};
  for (int r = 0; r < 3; r++) {
    l4r_arrivals_make(11, 0, rates[r], due, N);
    /* 1.95 / sqrt(n) is exceeded by one seed in a thousand; this one does not. */
    cr_expect_lt(distance(rates[r]), 1.95 / sqrt(N), "rate %g: %g", rates[r], distance(rates[r]));
    /* The mean of n gaps has a relative deviation of 1/sqrt(n). */
    cr_expect_float_eq((double)due[N - 1] * 1e-9 * rates[r] / N, 1, 4 / sqrt(N));
    double sum = 0;
    for (int i = 1; i < N - 1; i++)
      sum += ((double)(due[i] - due[i - 1]) * 1e-9 * rates[r] - 1) *
             ((double)(due[i + 1] - due[i]) * 1e-9 * rates[r] - 1);
    cr_expect_lt(fabs(sum / N), 4 / sqrt(N), "neighbouring gaps are correlated: %g", sum / N);
  }
}

Test(arrivals, are_seeded_and_rounds_differ) {
  l4r_arrivals_make(5, 2, 100, due, 500);
  l4r_arrivals_make(5, 2, 100, other, 500);
  cr_assert_arr_eq(due, other, sizeof(int64_t) * 500);
  l4r_arrivals_make(5, 3, 100, other, 500);
  cr_assert_neq(due[10], other[10]);
  l4r_arrivals_make(6, 2, 100, other, 500);
  cr_assert_neq(due[10], other[10]);
  for (int i = 1; i < 500; i++) cr_assert_geq(due[i], due[i - 1]);
  /* At twice the rate the same draws come twice as soon. */
  l4r_arrivals_make(5, 2, 200, other, 500);
  for (int i = 0; i < 500; i++) cr_assert_leq(llabs(due[i] - 2 * other[i]), 2);
}

static void planned(struct l4r_arrivals_asked asked, int64_t permutations, const char *ended) {
  const struct l4r_arrivals_plan plan = l4r_arrivals_plan(&asked);
  cr_expect_eq(plan.permutations, permutations, "%d", (int)plan.permutations);
  cr_expect_eq(plan.queries, permutations * asked.users);
  cr_expect_str_eq(plan.ended, ended);
}

Test(arrivals, a_round_is_whole_permutations) {
  planned((struct l4r_arrivals_asked){600, 0, 1, 100}, 1, "minimum count");
  planned((struct l4r_arrivals_asked){600, 0, 1, 600}, 1, "minimum count");
  planned((struct l4r_arrivals_asked){600, 0, 1, 601}, 2, "minimum time");
  planned((struct l4r_arrivals_asked){600, 1201, 1, 601}, 3, "minimum count");
  planned((struct l4r_arrivals_asked){600, 0, 1, 1e6}, 6, "sample limit");
  planned((struct l4r_arrivals_asked){600, 6000, 1, 1e6}, 10, "sample limit");
  planned((struct l4r_arrivals_asked){9000, 0, 1, 1e6}, 1, "sample limit");
}
