/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether two recommenders differ over the same users. */
#ifndef L4R_BENCH_STATS_SIGNIFICANCE_H
#define L4R_BENCH_STATS_SIGNIFICANCE_H

#include <stdint.h>

struct l4r_significance {
  double difference; /* mean(b) - mean(a) */
  double lo, hi;     /* its 95 % interval: percentiles of a paired bootstrap over users */
  double
      permutation; /* two-sided p of the sign-flip test (Fisher 1935; for retrieval Smucker, Allan
                      and Carterette, CIKM 2007): how often a difference at least as large comes
                      from swapping a and b at random within users, itself counted, so never 0 */
};

/* Tests n >= 1 users with `resamples` >= 40 resamples, of which both tests draw their own streams
 * of `seed`: the same figures give the same result on every machine. L4R_ENVIRONMENT without
 * memory. Thread-safe. O(n * resamples). */
int l4r_significance_of(const double *a, const double *b, int64_t n, int64_t resamples,
                        uint64_t seed, struct l4r_significance *significance);

#endif
