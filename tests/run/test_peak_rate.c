/* SPDX-License-Identifier: BSD-3-Clause */
/* What is decided about rates before and between measurements. */
#include "bench/run/peak_rate.h"
#include "bench/run/run.h"
#include "bench/run/run_check.h"
#include "impl/base/error.h"
#include "tests/red/engines.h"
#include "tests/support/models.h"
#include "tests/support/runs.h"

#include <criterion/criterion.h>
#include <math.h>

/* Searches where exactly the rates up to `truth` pass. */
static struct l4r_peak_rate search(double first, double truth) {
  struct l4r_peak_rate peak_rate;
  l4r_peak_rate_begin(&peak_rate, first);
  while (!peak_rate.stopped) l4r_peak_rate_set(&peak_rate, peak_rate.next <= truth);
  return peak_rate;
}

Test(peak_rate, is_found_within_the_tolerance) {
  for (double truth = 3; truth < 3e5; truth *= 1.7) {
    const struct l4r_peak_rate peak_rate = search(700, truth);
    if (peak_rate.trials < L4R_PEAK_RATE_TRIALS) {
      cr_expect(peak_rate.passed <= truth && truth < peak_rate.failed, "%g", truth);
      cr_expect_leq(peak_rate.failed, l4r_peak_rate_tolerance * peak_rate.passed);
      cr_expect_str_eq(peak_rate.stopped, "within tolerance");
    }
  }
  /* From the begin 0.7 of capacity, a peak at .1 to .98 of it takes at most 9 rates. */
  for (double truth = .1; truth < 1; truth += .04) cr_expect_leq(search(.7, truth).trials, 9);
}

Test(peak_rate, stops_when_nothing_passes_or_all_does) {
  const struct l4r_peak_rate none = search(100, 0), all = search(100, 1e30);
  cr_expect_eq(none.trials, L4R_PEAK_RATE_TRIALS);
  cr_expect_eq(none.passed, 0);
  cr_expect_str_eq(none.stopped, "limit of trials");
  cr_expect_eq(all.failed, 0);
  cr_expect_float_eq(all.passed, 100 * pow(1.5, L4R_PEAK_RATE_TRIALS - 1), 1e-6 * all.passed);
  struct l4r_peak_rate peak_rate;
  l4r_peak_rate_begin(&peak_rate, 10);
  l4r_peak_rate_set(&peak_rate, 0);
  l4r_peak_rate_stop(&peak_rate, "slow");
  cr_expect_str_eq(peak_rate.stopped, "slow");
}

Test(rates, what_cannot_be_measured_is_refused) {
  static struct l4r_arm arms[4];
  struct l4r_run_options good = test_run_options(arms, &red_honest, NULL), bad;
  test_fails((bad = good, bad.rate.value[bad.rate.count++] = 5, l4r_run_check(&bad)), L4R_USAGE,
             "belong to --scenario server");
  test_fails((bad = good, bad.bound_ms = 5, l4r_run_check(&bad)), L4R_USAGE, "belong to");
  test_fails((bad = good, bad.find_peak_rate = 1, l4r_run_check(&bad)), L4R_USAGE, "belong to");
  good.scenario = L4R_SERVER;
  good.bound_ms = 5;
  test_fails(l4r_run_check(&good), L4R_USAGE, "wants --rate");
  test_fails((bad = good, bad.find_peak_rate = 1, l4r_run_check(&bad)), L4R_USAGE,
             "368 distinct users, and the sample has 60");
  good.rate.count = 2;
  good.rate.value[0] = 10;
  const double wrong[] = {0, -1, NAN, INFINITY, 1e8};
  for (int w = 0; w < 5; w++)
    test_fails((bad = good, bad.rate.value[1] = wrong[w], l4r_run_check(&bad)), L4R_USAGE,
               "--rate wants users a second above 0");
  good.rate.value[1] = .5;
  cr_assert_eq(l4r_run_check(&good), 0, "%s", l4r_error_message());
  test_fails((bad = good, bad.bound_ms = 0, l4r_run_check(&bad)), L4R_USAGE, "wants --bound");
  test_fails((bad = good, bad.bound_ms = -2, l4r_run_check(&bad)), L4R_USAGE, "negative");
  test_fails((bad = good, bad.bound_ms = NAN, l4r_run_check(&bad)), L4R_USAGE, "wants --bound");
  test_fails((bad = good, bad.find_peak_rate = 1, l4r_run_check(&bad)), L4R_USAGE, "not both");
  good = test_run_options(arms, &red_honest, NULL);
  good.scenario = L4R_MULTI_STREAM;
  good.batch = 60;
  cr_assert_eq(l4r_run_check(&good), 0);
  good.batch = 61;
  test_fails(l4r_run_check(&good), L4R_USAGE, "more than the 60 users");
}

/* More users asked for than there are: known only once the sample is drawn. */
Test(rates, a_sample_that_comes_out_too_small_is_refused_before_measuring) {
  static struct l4r_arm arms[4];
  char path[L4R_PATH_MAX];
  struct l4r_run_options options = test_run_options(arms, &red_honest, NULL);
  json_t *records;
  options.scenario = L4R_MULTI_STREAM;
  options.users = 5000;
  options.batch = TEST_USERS + 1;
  test_fails(l4r_run(&options, &records, path), L4R_USAGE, "more than the 400 users");
}
