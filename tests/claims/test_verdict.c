/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/verdict.h"
#include "impl/base/error.h"
#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

Test(verdict, needs_every_interval_on_one_side_of_the_bound) {
  const struct l4r_gain gain[] = {{0.5, 0.47, 0.6}, {0.55, 0.5, 0.6}, {0.52, 0.48, 0.57}};
  cr_assert_eq(l4r_verdict_of(gain, 3, 3, 0.468), L4R_SUPPORTED);
  cr_assert_eq(l4r_verdict_of(gain, 3, 3, 0.49), L4R_INCONCLUSIVE);
  cr_assert_eq(l4r_verdict_of(gain, 3, 3, 0.7), L4R_REFUTED);
  cr_assert_eq(l4r_verdict_of(gain, 2, 3, 0.1), L4R_INCONCLUSIVE);
  cr_assert_str_eq(l4r_verdict_name(L4R_NOT_TESTABLE), "NOT TESTABLE HERE");
}

static int gain_of(const int64_t *a, const int64_t *b, struct l4r_gain_metric metric,
                   struct l4r_gain *gain) {
  const struct l4r_rank_pair pair = {a, b};
  return l4r_gains_of_ranks(&pair, 1, &metric, gain);
}

Test(verdict, relative_gain_of_known_ranks) {
  /* a hits for three of four users within 10, b for two */
  const int64_t a[] = {1, 10, 3, 0}, b[] = {1, 11, 2, 0};
  struct l4r_gain gain;
  cr_assert_eq(gain_of(a, b, (struct l4r_gain_metric){4, 10, 0, 1}, &gain), 0);
  cr_assert_float_eq(gain.value, 0.5, 1e-12);
  cr_assert(gain.lo <= gain.value && gain.value <= gain.hi);
  const double ndcg_a = 1 + 1 / log2(11) + 0.5, ndcg_b = 1 + 1 / log2(3);
  cr_assert_eq(gain_of(a, b, (struct l4r_gain_metric){4, 10, 1, 1}, &gain), 0);
  cr_assert_float_eq(gain.value, ndcg_a / ndcg_b - 1, 1e-12);
}

Test(verdict, a_baseline_without_hits_has_no_gain) {
  const int64_t a[] = {1, 1}, b[] = {0, 25};
  struct l4r_gain gain;
  cr_assert_eq(gain_of(a, b, (struct l4r_gain_metric){2, 10, 0, 1}, &gain), L4R_INPUT);
}

Test(verdict, equal_arms_gain_nothing_and_pairing_narrows_the_interval) {
  enum { USERS = 500 };
  int64_t a[USERS], b[USERS];
  struct l4r_random random;
  l4r_random_seed(&random, 5);
  for (int i = 0; i < USERS; ++i) a[i] = b[i] = (int64_t)l4r_random_below(&random, 40);
  struct l4r_gain gain;
  cr_assert_eq(gain_of(a, b, (struct l4r_gain_metric){USERS, 10, 0, 1}, &gain), 0);
  cr_assert_float_eq(gain.hi - gain.lo, 0, 1e-12);
}

/* The bootstrap as it is defined, pair by pair and user by user, none left out. */
static void bootstrap(const int64_t *a, const int64_t *b, const struct l4r_gain_metric *metric,
                      double gains[4000]) {
  for (int r = 0; r < 4000; r++) {
    struct l4r_random random;
    double sum_a = 0, sum_b = 0;
    l4r_random_stream(&random, metric->seed, 1, (uint64_t)r);
    for (int64_t i = 0; i < metric->users; i++) {
      const uint64_t u = l4r_random_below(&random, (uint64_t)metric->users);
      if (a[u] >= 1 && a[u] <= metric->depth) sum_a += 1 / log2((double)a[u] + 1);
      if (b[u] >= 1 && b[u] <= metric->depth) sum_b += 1 / log2((double)b[u] + 1);
    }
    gains[r] = sum_a / sum_b - 1;
  }
}

static int ascending_doubles(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

Test(verdict, pairs_side_by_side_have_the_gains_of_the_plain_bootstrap_to_the_bit) {
  enum { USERS = 300, PAIRS = 3 };
  static int64_t rank[2 * PAIRS][USERS];
  static double gains[4000];
  struct l4r_random random;
  l4r_random_seed(&random, 8);
  for (int k = 0; k < 2 * PAIRS; k++)
    for (int u = 0; u < USERS; u++) rank[k][u] = (int64_t)l4r_random_below(&random, 60);
  struct l4r_rank_pair pair[PAIRS];
  struct l4r_gain gain[PAIRS];
  for (int p = 0; p < PAIRS; p++) pair[p] = (struct l4r_rank_pair){rank[2 * p], rank[2 * p + 1]};
  const struct l4r_gain_metric metric = {USERS, 20, 1, 7};
  cr_assert_eq(l4r_gains_of_ranks(pair, PAIRS, &metric, gain), 0);
  for (int p = 0; p < PAIRS; p++) {
    bootstrap(pair[p].a, pair[p].b, &metric, gains);
    qsort(gains, 4000, sizeof *gains, ascending_doubles);
    cr_expect_eq(gain[p].lo, gains[99], "pair %d", p);
    cr_expect_eq(gain[p].hi, gains[3900], "pair %d", p);
  }
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
