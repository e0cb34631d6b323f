/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/stats/paired.h"
#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <math.h>

enum { USERS = 60 };

/* Figures with ties, misses and gains. */
static void figures(double *a, double *b) {
  for (int u = 0; u < USERS; u++) {
    const double gain = 1 / log2(2 + u % 5);
    a[u] = u % 3 == 0 ? gain : 0;
    b[u] = (u % 3 == 0 && u % 4 != 0 ? gain : 0) + (u % 17 == 0 ? .25 : 0);
  }
}

/* By scipy 1.x: every t with |mean(b - t a)| <= q sem(b - t a), its ends by root search (brentq),
 * q = scipy.stats.t.ppf. A paired bootstrap of 20,000 draws gives [.627, 1.037]. */
Test(compare_users, the_interval_is_scipys) {
  double a[USERS], b[USERS];
  struct l4r_comparison c;
  figures(a, b);
  l4r_compare_users(a, b, USERS, 1, &c);
  cr_expect_float_eq(c.ratio, .834790051318, 1e-11);
  cr_expect_float_eq(c.lo, .620122735780, 1e-9, "%.12f", c.lo);
  cr_expect_float_eq(c.hi, 1.068016761283, 1e-9, "%.12f", c.hi);
  cr_expect_float_eq(c.same_lo, .659255081623, 1e-9);
  cr_expect_float_eq(c.same_hi, 1.022542116300, 1e-9);
  l4r_compare_users(a, b, USERS, 3, &c);
  cr_expect_float_eq(c.lo, .559324433356, 1e-9);
  cr_expect_float_eq(c.hi, 1.141583720824, 1e-9);
}

Test(compare_users, the_ends_of_what_users_can_be) {
  double a[USERS], b[USERS], none[USERS] = {0};
  struct l4r_comparison c;
  figures(a, b);
  l4r_compare_users(a, a, USERS, 1, &c);
  cr_expect(c.ratio == 1 && c.lo == 1 && c.hi == 1 && c.same_lo == 1 && c.same_hi == 1);
  l4r_compare_users(a, none, USERS, 1, &c); /* everything is lost, and that is known */
  cr_expect(c.ratio == 0 && c.lo == 0 && c.hi == 0);
  l4r_compare_users(none, b, USERS, 1, &c);
  cr_expect(c.lo == 0 && isinf(c.hi));
  l4r_compare_users(none, none, USERS, 1, &c);
  cr_expect(isnan(c.ratio) && c.lo == 0 && isinf(c.hi));
}

/* Of 1,000 pairs of models with a true ratio of .9 whose users are alike, the interval holds it in
 * 95 %, give or take three standard errors. */
Test(compare_users, the_interval_covers) {
  enum { RUNS = 1000, MANY = 400 };
  struct l4r_random random;
  int held = 0;
  l4r_random_seed(&random, 21);
  for (int run = 0; run < RUNS; run++) {
    double a[MANY], b[MANY];
    struct l4r_comparison c;
    for (int u = 0; u < MANY; u++) { /* A hits with .3; B keeps .8 of its hits and finds .03 / .7 */
      a[u] = l4r_random_uniform(&random) < .3;
      b[u] = l4r_random_uniform(&random) < (a[u] > 0 ? .8 : .03 / .7);
    }
    l4r_compare_users(a, b, MANY, 1, &c);
    held += c.lo <= .9 && .9 <= c.hi;
  }
  cr_expect(held > RUNS * .929 && held < RUNS * .971, "%d of %d", held, RUNS);
}
