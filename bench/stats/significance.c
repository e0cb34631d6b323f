/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/stats/significance.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <math.h>
#include <stdlib.h>

enum { BOOTSTRAP = 41, PERMUTATION = 42 }; /* streams */

static int ascending(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/* The p-quantile of sorted values, interpolated as numpy's default. */
static double quantile(const double *sorted, int64_t n, double p) {
  const double at = p * (double)(n - 1);
  const int64_t below = (int64_t)at;
  const int64_t above = below + 1 < n ? below + 1 : below;
  return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

static void bootstrap(const double *d, int64_t n, int64_t resamples, uint64_t seed, double *mean,
                      struct l4r_significance *out) {
  for (int64_t r = 0; r < resamples; r++) {
    struct l4r_random random;
    double sum = 0;
    l4r_random_stream(&random, seed, BOOTSTRAP, (uint64_t)r);
    for (int64_t i = 0; i < n; i++) sum += d[l4r_random_below(&random, (uint64_t)n)];
    mean[r] = sum / (double)n;
  }
  qsort(mean, (size_t)resamples, sizeof *mean, ascending);
  out->lo = quantile(mean, resamples, .025);
  out->hi = quantile(mean, resamples, .975);
}

static void permute(const double *d, int64_t n, int64_t resamples, uint64_t seed,
                    struct l4r_significance *out) {
  int64_t as_large = 0;
  /* Sums of the same terms with other signs differ in their last bits. */
  double sizes = 0;
  for (int64_t i = 0; i < n; i++) sizes += fabs(d[i]);
  const double seen = fabs(out->difference) * (double)n - 1e-12 * sizes;
  for (int64_t r = 0; r < resamples; r++) {
    struct l4r_random random;
    double sum = 0;
    uint64_t bits = 0;
    l4r_random_stream(&random, seed, PERMUTATION, (uint64_t)r);
    for (int64_t i = 0; i < n; i++) {
      if (i % 32 == 0) bits = l4r_random_below(&random, UINT64_C(1) << 32);
      sum += bits & 1 ? d[i] : -d[i];
      bits >>= 1;
    }
    as_large += fabs(sum) >= seen;
  }
  out->permutation = (double)(as_large + 1) / (double)(resamples + 1);
}

int l4r_significance_of(const double *a, const double *b, int64_t n, int64_t resamples,
                        uint64_t seed, struct l4r_significance *significance) {
  double *d = l4r_alloc((size_t)n, sizeof *d, "differences");
  double *mean = l4r_alloc((size_t)resamples, sizeof *mean, "resamples");
  const int status = d && mean ? L4R_OK : L4R_ENVIRONMENT;
  *significance = (struct l4r_significance){.permutation = 1};
  for (int64_t i = 0; i < n && !status; i++) {
    d[i] = b[i] - a[i];
    significance->difference += d[i];
  }
  significance->difference /= (double)n;
  if (!status) bootstrap(d, n, resamples, seed, mean, significance);
  if (!status) permute(d, n, resamples, seed, significance);
  l4r_free(d);
  l4r_free(mean);
  return status;
}
