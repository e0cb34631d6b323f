/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/heuristics/levels.h"

#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdint.h>

enum { MOST = 500 };

/* The floats are ordered as the doubles, and stay near them. */
static void check(const double *score, int64_t count, double steps) {
  struct l4r_level scratch[2 * MOST];
  float out[MOST];
  l4r_levels(score, count, scratch, out);
  for (int64_t i = 0; i < count; i++) {
    cr_assert_leq(fabs(out[i] - score[i]), steps * FLT_EPSILON * score[i] + FLT_MIN);
    for (int64_t j = 0; j < count; j++) {
      int doubles = (score[i] > score[j]) - (score[i] < score[j]);
      int floats = (out[i] > out[j]) - (out[i] < out[j]);
      cr_assert_eq(floats, doubles, "%.17g and %.17g became %.9g and %.9g", score[i], score[j],
                   (double)out[i], (double)out[j]);
    }
  }
}

Test(levels, doubles_that_round_to_one_float_stay_apart) {
  const double close[] = {1, 1 + 1e-15, 1 - 1e-16, 1 + 2e-15, 0,
                          1, 16777217,  16777216,  1e-300,    2e-300};
  cr_assert_eq((float)close[0], (float)close[1]);
  check(close, 10, 4);
}

Test(levels, random_sums_keep_their_order) {
  struct l4r_random random;
  l4r_random_seed(&random, 8);
  double score[MOST];
  for (int round = 0; round < 20; round++) {
    int64_t count = (int64_t)l4r_random_below(&random, MOST + 1);
    for (int64_t i = 0; i < count; i++) {
      /* Few distinct values, each with neighbours a few units in the last place away. */
      double base = (double)l4r_random_below(&random, 9) * 0.37;
      score[i] = base * (1 + (double)l4r_random_below(&random, 5) * DBL_EPSILON);
    }
    check(score, count, 8);
  }
}

Test(levels, nothing_and_zeros_are_fine) {
  const double zeros[3] = {0, 0, 0};
  check(zeros, 3, 0);
  check(zeros, 0, 0);
}
