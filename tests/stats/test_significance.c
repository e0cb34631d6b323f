/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/stats/significance.h"

#include <criterion/criterion.h>
#include <math.h>

enum { USERS = 60 };

/* As in test_paired.c. */
static void figures(double *a, double *b) {
  for (int u = 0; u < USERS; u++) {
    const double gain = 1 / log2(2 + u % 5);
    a[u] = u % 3 == 0 ? gain : 0;
    b[u] = (u % 3 == 0 && u % 4 != 0 ? gain : 0) + (u % 17 == 0 ? .25 : 0);
  }
}

/* scipy.stats.bootstrap (percentile, 200,000 resamples) and permutation_test (samples, 400,000):
 * 10,000 resamples know the interval's ends to about .001 and p to +-.011. */
Test(significance, interval_and_p_are_scipys) {
  double a[USERS], b[USERS];
  struct l4r_significance s, again;
  figures(a, b);
  cr_assert_eq(l4r_significance_of(a, b, USERS, 10000, 1, &s), 0);
  cr_expect_float_eq(s.difference, -.032474318648, 1e-11);
  cr_expect_float_eq(s.lo, -.07815, .0025, "%g", s.lo);
  cr_expect_float_eq(s.hi, .00605, .002, "%g", s.hi);
  cr_expect_float_eq(s.permutation, .1722, .012, "%g", s.permutation);
  cr_assert_eq(l4r_significance_of(a, b, USERS, 10000, 1, &again), 0);
  cr_expect(s.lo == again.lo && s.hi == again.hi && s.permutation == again.permutation);
  cr_assert_eq(l4r_significance_of(b, a, USERS, 10000, 1, &again), 0);
  cr_expect_float_eq(again.difference, -s.difference, 1e-15);
  cr_expect_eq(again.permutation, s.permutation);
}

Test(significance, the_same_is_no_difference_and_a_clear_one_is_found) {
  double a[USERS], b[USERS];
  struct l4r_significance s;
  figures(a, b);
  cr_assert_eq(l4r_significance_of(a, a, USERS, 1000, 1, &s), 0);
  cr_expect(s.difference == 0 && s.lo == 0 && s.hi == 0 && s.permutation == 1);
  for (int u = 0; u < USERS; u++)
    a[u] = u % 3 == 0, b[u] = u % 3 == 1; /* as many gains as losses */
  cr_assert_eq(l4r_significance_of(a, b, USERS, 1000, 1, &s), 0);
  cr_expect(s.difference == 0 && s.permutation == 1, "%g %g", s.difference, s.permutation);
  for (int u = 0; u < USERS; u++) b[u] = a[u] + .1 + .01 * (u % 3);
  cr_assert_eq(l4r_significance_of(a, b, USERS, 1000, 1, &s), 0);
  cr_expect_gt(s.lo, .1);
  cr_expect_float_eq(s.permutation, 1. / 1001, 1e-12); /* never 0 */
}
