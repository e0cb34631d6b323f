/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/metrics.h"
#include "impl/base/error.h"
#include "impl/base/random.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Test(metrics, by_hand) {
  /* Ranks 1, 3, 11, a miss, 21. */
  const int64_t rank[] = {1, 3, 11, 0, 21};
  struct l4r_metrics m;
  l4r_metrics_of_ranks(rank, 5, &m);
  const double expected[L4R_METRICS] = {1. / 5,
                                        2. / 5,
                                        2. / 5,
                                        3. / 5,
                                        1. / 5,
                                        (1 + .5) / 5,
                                        (1 + .5) / 5,
                                        (1 + .5 + 1 / log2(12)) / 5,
                                        (1 + 1. / 3 + 1. / 11) / 5};
  for (int i = 0; i < L4R_METRICS; i++)
    cr_assert_float_eq(m.value[i], expected[i], 1e-15, "%s: %.17g", l4r_metric_names[i],
                       m.value[i]);
  cr_assert_str_eq(l4r_metric_names[L4R_HR_10], "HR@10");
  cr_assert_str_eq(l4r_metric_names[L4R_NDCG_10], "NDCG@10");
}

Test(metrics, agree_with_the_golden_file) {
  /* Made by tests/oracle/metrics.py with pytrec_eval on rankings drawn there. */
  json_error_t error;
  json_t *golden = json_load_file("tests/golden/metrics.json", 0, &error);
  cr_assert(golden, "tests/golden/metrics.json: %s", error.text);
  size_t index, u;
  json_t *one, *value;
  json_array_foreach(json_object_get(golden, "cases"), index, one) {
    int64_t rank[1000];
    json_t *ranks = json_object_get(one, "ranks");
    cr_assert_leq(json_array_size(ranks), 1000);
    json_array_foreach(ranks, u, value) rank[u] = json_integer_value(value);
    struct l4r_metrics m;
    l4r_metrics_of_ranks(rank, (int64_t)json_array_size(ranks), &m);
    for (int i = 0; i < L4R_METRICS; i++)
      cr_assert_float_eq(
          m.value[i],
          json_number_value(json_object_get(json_object_get(one, "metrics"), l4r_metric_names[i])),
          1e-9, "case %zu, %s", index, l4r_metric_names[i]);
  }
  cr_assert_geq(index, 3);
  json_decref(golden);
}

Test(bootstrap, covers_a_known_share) {
  /* HR@10 of users who hit with probability .3: the interval holds .3 in about 95 % of samples. */
  struct l4r_random random;
  l4r_random_seed(&random, 3);
  int held = 0, runs = 300;
  for (int run = 0; run < runs; run++) {
    int64_t keep[400], mask[400];
    for (int u = 0; u < 400; u++) {
      keep[u] = l4r_random_uniform(&random) < .3 ? 4 : 0;
      mask[u] = keep[u] ? 2 : 50;
    }
    struct l4r_metric_intervals a, b;
    cr_assert_eq(l4r_metrics_bootstrap(keep, mask, 400, 400, 1, &a, &b), 0);
    held += a.lo[L4R_HR_10] <= .3 && .3 <= a.hi[L4R_HR_10];
    /* the same users are drawn for both: equal hits, equal intervals */
    cr_assert_eq(a.lo[L4R_HR_10], b.lo[L4R_HR_10]);
    cr_assert_eq(a.hi[L4R_HR_10], b.hi[L4R_HR_10]);
  }
  cr_assert_float_eq((double)held / runs, .95, .04);
}

Test(bootstrap, same_seed_same_interval_and_bad_input) {
  int64_t rank[50];
  for (int u = 0; u < 50; u++) rank[u] = u % 25;
  struct l4r_metric_intervals a, b, c;
  cr_assert_eq(l4r_metrics_bootstrap(rank, rank, 50, 200, 9, &a, &b), 0);
  cr_assert_eq(l4r_metrics_bootstrap(rank, rank, 50, 200, 9, &c, &b), 0);
  cr_assert_eq(memcmp(&a, &c, sizeof a), 0);
  struct l4r_metrics m;
  l4r_metrics_of_ranks(rank, 50, &m);
  for (int i = 0; i < L4R_METRICS; i++) cr_assert(a.lo[i] <= m.value[i] && m.value[i] <= a.hi[i]);
  test_fails(l4r_metrics_bootstrap(rank, rank, 0, 200, 9, &a, &b), L4R_USAGE, "needs a user");
}

/* What metrics.c does where a table has no room, by the plainest loop. */
static double lower_end_of_hr10(const int64_t *rank, int64_t n, int64_t resamples, uint64_t seed) {
  struct l4r_random random;
  l4r_random_seed(&random, seed);
  double *share = malloc((size_t)resamples * sizeof *share);
  cr_assert_not_null(share);
  for (int64_t r = 0; r < resamples; r++) {
    uint32_t drawn[512];
    int64_t hits = 0;
    cr_assert_leq(n, 512);
    l4r_random_many_below(&random, (uint64_t)n, drawn, (size_t)n);
    for (int64_t i = 0; i < n; i++) hits += rank[drawn[i]] >= 1 && rank[drawn[i]] <= 10;
    share[r] = (double)hits / (double)n;
  }
  for (int64_t r = 1; r < resamples; r++) /* insertion sort */
    for (int64_t i = r; i > 0 && share[i] < share[i - 1]; i--) {
      const double swap = share[i];
      share[i] = share[i - 1];
      share[i - 1] = swap;
    }
  const double lo = share[(int64_t)(.025 * (double)resamples)];
  free(share);
  return lo;
}

Test(bootstrap, draws_that_are_shared_give_the_interval_of_those_that_are_not) {
  enum { SIZES = 12 }; /* more than are kept */
  int64_t rank[512];
  for (int u = 0; u < 512; u++) rank[u] = u * 7 % 31;
  for (int again = 0; again < 2; again++)
    for (int s = 0; s < SIZES; s++) {
      const int64_t n = 300 + 17 * s;
      struct l4r_metric_intervals keep, mask;
      cr_assert_eq(l4r_metrics_bootstrap(rank, rank, n, 200, 5, &keep, &mask), 0);
      cr_assert_eq(keep.lo[L4R_HR_10], lower_end_of_hr10(rank, n, 200, 5));
      cr_assert_eq(mask.lo[L4R_HR_10], keep.lo[L4R_HR_10]);
    }
}
