#include "bench/claims/verdict.h"
#include "impl/base/error.h"
#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <math.h>

Test(verdict, needs_every_interval_on_one_side_of_the_bound) {
  const struct l4r_gain gain[] = {{0.5, 0.47, 0.6}, {0.55, 0.5, 0.6}, {0.52, 0.48, 0.57}};
  cr_assert_eq(l4r_verdict_of(gain, 3, 3, 0.468), L4R_SUPPORTED);
  cr_assert_eq(l4r_verdict_of(gain, 3, 3, 0.49), L4R_INCONCLUSIVE);
  cr_assert_eq(l4r_verdict_of(gain, 3, 3, 0.7), L4R_REFUTED);
  cr_assert_eq(l4r_verdict_of(gain, 2, 3, 0.1), L4R_INCONCLUSIVE);
  cr_assert_str_eq(l4r_verdict_name(L4R_NOT_TESTABLE), "NOT TESTABLE HERE");
}

Test(verdict, relative_gain_of_known_ranks) {
  /* a hits for three of four users within 10, b for two */
  const int64_t a[] = {1, 10, 3, 0}, b[] = {1, 11, 2, 0};
  struct l4r_gain gain;
  cr_assert_eq(l4r_gain_of_ranks(a, b, 4, 10, 0, 1, &gain), 0);
  cr_assert_float_eq(gain.value, 0.5, 1e-12);
  cr_assert(gain.lo <= gain.value && gain.value <= gain.hi);
  const double ndcg_a = 1 + 1 / log2(11) + 0.5, ndcg_b = 1 + 1 / log2(3);
  cr_assert_eq(l4r_gain_of_ranks(a, b, 4, 10, 1, 1, &gain), 0);
  cr_assert_float_eq(gain.value, ndcg_a / ndcg_b - 1, 1e-12);
}

Test(verdict, a_baseline_without_hits_has_no_gain) {
  const int64_t a[] = {1, 1}, b[] = {0, 25};
  struct l4r_gain gain;
  cr_assert_eq(l4r_gain_of_ranks(a, b, 2, 10, 0, 1, &gain), L4R_INPUT);
}

Test(verdict, equal_arms_gain_nothing_and_pairing_narrows_the_interval) {
  enum { USERS = 500 };
  int64_t a[USERS], b[USERS];
  struct l4r_random random;
  l4r_random_seed(&random, 5);
  for (int i = 0; i < USERS; ++i) a[i] = b[i] = (int64_t)l4r_random_below(&random, 40);
  struct l4r_gain gain;
  cr_assert_eq(l4r_gain_of_ranks(a, b, USERS, 10, 0, 1, &gain), 0);
  cr_assert_float_eq(gain.hi - gain.lo, 0, 1e-12);
}

/* The interval of the saving must cover the truth about as often as it says. */
Test(verdict, saving_of_noisy_rounds_covers_the_truth) {
  struct l4r_random random;
  l4r_random_seed(&random, 9);
  int covered = 0;
  for (int run = 0; run < 2000; ++run) {
    double a[5], b[5];
    for (int i = 0; i < 5; ++i) {
      const double drift = exp(0.1 * l4r_random_normal(&random)); /* shared: the machine's speed */
      a[i] = 0.05 * drift * exp(0.02 * l4r_random_normal(&random));
      b[i] = drift * exp(0.02 * l4r_random_normal(&random));
    }
    struct l4r_gain gain;
    cr_assert_eq(l4r_saving_of_rounds(a, b, 5, &gain), 0);
    covered += gain.lo <= 0.95 && 0.95 <= gain.hi;
  }
  cr_assert(covered >= 1860 && covered <= 1940, "covered %d of 2000", covered);
}

Test(verdict, one_round_has_no_interval) {
  const double a[] = {1}, b[] = {2};
  struct l4r_gain gain;
  cr_assert_eq(l4r_saving_of_rounds(a, b, 1, &gain), L4R_INPUT);
}
