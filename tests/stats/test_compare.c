/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/stats/compare.h"
#include "bench/stats/quantile.h"
#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <math.h>

Test(compare_rounds, the_interval_is_students_on_log_ratios) {
  /* d = log(b / a) = .01 .. .05: mean .03, deviation .0158114, error .00707107, t(.975, 4) =
   * 2.776445, t(.95, 4) = 2.131847 (tables). */
  double a[5], b[5];
  for (int i = 0; i < 5; i++) {
    a[i] = 1000 * (i + 1); /* levels of rounds cancel */
    b[i] = a[i] * exp(.01 * (i + 1));
  }
  struct l4r_comparison c;
  l4r_compare_rounds(a, b, 5, 1, &c);
  cr_expect_float_eq(log(c.ratio), .03, 1e-12);
  cr_expect_float_eq(log(c.lo), .03 - 2.776445 * .00707107, 1e-7);
  cr_expect_float_eq(log(c.hi), .03 + 2.776445 * .00707107, 1e-7);
  cr_expect_float_eq(log(c.same_lo), .03 - 2.131847 * .00707107, 1e-7);
  cr_expect_float_eq(log(c.same_hi), .03 + 2.131847 * .00707107, 1e-7);
  l4r_compare_rounds(b, a, 5, 1, &c); /* the other way round says the same */
  cr_expect_float_eq(log(c.ratio), -.03, 1e-12);
  cr_expect_float_eq(log(c.hi), -.03 + 2.776445 * .00707107, 1e-7);
  l4r_compare_rounds(a, b, 5, 5, &c); /* five rows: t(.995, 4) = 4.604095, t(.99, 4) = 3.746947 */
  cr_expect_float_eq(log(c.hi), .03 + 4.604095 * .00707107, 1e-7);
  cr_expect_float_eq(log(c.same_hi), .03 + 3.746947 * .00707107, 1e-7);
}

Test(compare_rounds, verdicts_at_their_edges) {
  const double g = .03;
  struct l4r_comparison c = {1.05, 1.0301, 1.08, 1.035, 1.07};
  cr_expect_eq(l4r_change_of(&c, g), L4R_SLOWER);
  c.lo = 1.0299;
  cr_expect_eq(l4r_change_of(&c, g), L4R_UNDECIDED);
  c = (struct l4r_comparison){.95, .92, .9708, .93, .96};
  cr_expect_eq(l4r_change_of(&c, g), L4R_FASTER); /* 1 / 1.03 = .970874 */
  c.hi = .9709;
  cr_expect_eq(l4r_change_of(&c, g), L4R_UNDECIDED);
  c = (struct l4r_comparison){1, .96, 1.04, .9709, 1.0299};
  cr_expect_eq(l4r_change_of(&c, g), L4R_SAME); /* the wider interval may reach out */
  c.same_hi = 1.0301;
  cr_expect_eq(l4r_change_of(&c, g), L4R_UNDECIDED);
  c = (struct l4r_comparison){1, .96, 1.04, .9708, 1.0299};
  cr_expect_eq(l4r_change_of(&c, g), L4R_UNDECIDED);
  cr_expect_str_eq(l4r_change_name(L4R_SLOWER), "SLOWER");
}

Test(compare_rounds, chi_square_quantiles_of_the_tables) {
  cr_expect_float_eq(l4r_chi_square_quantile(.05, 4), .710723, 1e-6);
  cr_expect_float_eq(l4r_chi_square_quantile(.975, 10), 20.483177, 1e-6);
  cr_expect_float_eq(l4r_chi_square_quantile(.5, 2), 1.386294361, 1e-9); /* 2 log 2 */
  /* Wilson and Hilferty's approximation, good to 1e-4 there; z(.3) = -.524401. */
  const double root = 1 - 2 / (9 * 99.) - .524401 * sqrt(2 / (9 * 99.));
  cr_expect_float_eq(l4r_chi_square_quantile(.3, 99) / 99, root * root * root, 2e-4);
}

static void draw(struct l4r_random *random, double level, double noise, double *out, int64_t n) {
  for (int64_t i = 0; i < n; i++) out[i] = level * exp(noise * l4r_random_normal(random));
}

Test(compare_rounds, sight_and_the_rounds_it_asks_for_agree) {
  struct l4r_random random;
  double a[64];
  l4r_random_seed(&random, 3);
  draw(&random, 1e6, .015, a, 64);
  const struct l4r_sight sight = l4r_sight_of(a, 10, 10, 1, .03);
  cr_assert_gt(sight.needed, 5);
  const struct l4r_sight with = l4r_sight_of(a, 10, sight.needed, 1, .03);
  const struct l4r_sight fewer = l4r_sight_of(a, 10, sight.needed - 1, 1, .03);
  cr_expect_leq(with.least_margin, .03);
  cr_expect_gt(fewer.least_margin, .03);
  cr_expect_leq(with.found, .06 + 1e-9); /* what is found at the margin: twice the margin */
  cr_expect_gt(fewer.found, .06);
  cr_expect_gt(l4r_sight_of(a, 10, 10, 8, .03).needed, sight.needed); /* rows share the error */
  cr_expect_eq(l4r_sight_of(a, 10, 10, 1, .00001).needed, 0);
  for (int i = 0; i < 10; i++) a[i] = 7; /* no noise: the fewest rounds do */
  cr_expect_eq(l4r_sight_of(a, 10, 10, 1, .03).needed, L4R_COMPARE_ROUNDS);
  cr_expect_lt(l4r_sight_of(a, 10, 10, 1, .03).least_margin, 1e-12);
}

Test(compare_rounds, a_against_itself_alarms_where_it_must) {
  struct l4r_random random;
  double a[40];
  l4r_random_seed(&random, 4);
  draw(&random, 1e6, .015, a, 40);
  const struct l4r_rounds row = {a, 40, 10, 1e-9}, wide = {a, 40, 10, .03};
  cr_expect_leq(l4r_false_alarms(&wide, 1, 2000, 1), .001);
  /* Without a margin worth the name the one-sided error of the interval is left: 2.5 %. 2,000
   * resamples know it to +-.7 %, and 40 rounds are not a normal distribution. */
  cr_expect_float_eq(l4r_false_alarms(&row, 1, 2000, 1), .025, .012);
  const struct l4r_rounds rows[4] = {row, row, row, row};
  cr_expect_float_eq(l4r_false_alarms(rows, 4, 2000, 1), .025, .012); /* of all together */
}

/* The gate as it is used: five rounds, then as many as it asks for, until it is content. */
static int64_t rounds_of_gate(struct l4r_random *random, double noise, double margin, double *a) {
  for (int64_t n = L4R_COMPARE_ROUNDS;;) {
    draw(random, 1e6, noise, a, n);
    const struct l4r_sight sight = l4r_sight_of(a, n, n, 1, margin);
    if (sight.least_margin <= margin) return n;
    cr_assert_gt(sight.needed, n);
    n = sight.needed;
  }
}

Test(compare_rounds, the_gate_keeps_its_word_in_brief) {
  static double a[L4R_GATE_ROUNDS_MAX], b[L4R_GATE_ROUNDS_MAX];
  struct l4r_random random;
  struct l4r_comparison c;
  int alarms = 0, found = 0;
  enum { RUNS = 200 }; /* tests/check has 2,000 and more cases */
  l4r_random_seed(&random, 5);
  for (int run = 0; run < RUNS; run++) {
    const int64_t n = rounds_of_gate(&random, .015, .03, a);
    draw(&random, 1e6, .015, b, n);
    l4r_compare_rounds(a, b, n, 1, &c);
    alarms += l4r_change_of(&c, .03) == L4R_SLOWER;
    draw(&random, 1.06e6, .015, b, n);
    l4r_compare_rounds(a, b, n, 1, &c);
    found += l4r_change_of(&c, .03) == L4R_SLOWER;
  }
  cr_expect_leq(alarms, RUNS / 50);
  cr_expect_geq(found, RUNS * 9 / 10);
}
