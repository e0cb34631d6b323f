/* SPDX-License-Identifier: BSD-3-Clause */
/* Every metric here depends on a user's rank alone, and only on ranks up to 20. So a sample of
 * users is a histogram of 21 classes (rank 1..20, or a miss), a metric is a dot product with it,
 * and a bootstrap resample costs one random draw and two increments a user: 2,000 resamples of
 * 22,363 users take a fraction of a second, and no approximation is needed. */
#include "bench/metrics/metrics.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const l4r_metric_names[L4R_METRICS] = {
    "HR@1", "HR@5", "HR@10", "HR@20", "NDCG@1", "NDCG@5", "NDCG@10", "NDCG@20", "MRR@20"};
static const int cutoffs[] = {1, 5, 10, 20};
enum { CUTOFFS = sizeof cutoffs / sizeof *cutoffs };

/* histogram[r] users of rank r, [0] misses. */
static void metrics_of_histogram(const int64_t *histogram, int64_t n, struct l4r_metrics *metrics) {
  for (int c = 0; c < CUTOFFS; c++) {
    int64_t hits = 0;
    double gain = 0;
    for (int r = 1; r <= cutoffs[c]; r++) {
      hits += histogram[r];
      gain += (double)histogram[r] / log2(r + 1.0);
    }
    metrics->value[c] = (double)hits / (double)n;
    metrics->value[CUTOFFS + c] = gain / (double)n;
  }
  double reciprocal = 0;
  for (int r = 1; r <= L4R_METRIC_DEPTH; r++) reciprocal += (double)histogram[r] / r;
  metrics->value[2 * CUTOFFS] = reciprocal / (double)n;
}

static unsigned char rank_class(int64_t rank) {
  return rank >= 1 && rank <= L4R_METRIC_DEPTH ? (unsigned char)rank : 0;
}

void l4r_metrics_of_ranks(const int64_t *rank, int64_t n, struct l4r_metrics *metrics) {
  int64_t histogram[L4R_METRIC_DEPTH + 1] = {0};
  for (int64_t u = 0; u < n; u++) histogram[rank_class(rank[u])]++;
  metrics_of_histogram(histogram, n, metrics);
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/* values[metric][resamples], sorted in place; the ends cut off 2.5 % on each side. */
static void ends(double *values, int64_t resamples, struct l4r_metric_intervals *interval) {
  int64_t below = (int64_t)floor(.025 * (double)resamples);
  for (int m = 0; m < L4R_METRICS; m++) {
    double *column = values + m * resamples;
    qsort(column, (size_t)resamples, sizeof *column, ascending);
    interval->lo[m] = column[below];
    interval->hi[m] = column[resamples - 1 - below];
  }
}

static void resample(const unsigned char *class, int64_t n, struct l4r_random *random,
                     int64_t histogram[2][L4R_METRIC_DEPTH + 1]) {
  memset(histogram, 0, 2 * sizeof *histogram);
  for (int64_t i = 0; i < n; i++) {
    const unsigned char *user = class + 2 * l4r_random_below(random, (uint64_t)n);
    histogram[0][user[0]]++;
    histogram[1][user[1]]++;
  }
}

int l4r_metrics_bootstrap(const int64_t *keep, const int64_t *mask, int64_t n, int64_t resamples,
                          uint64_t seed, struct l4r_metric_intervals *keep_interval,
                          struct l4r_metric_intervals *mask_interval) {
  if (n < 1 || resamples < 40)
    return l4r_fail(L4R_USAGE, "a bootstrap needs a user and 40 resamples, got %lld and %lld",
                    (long long)n, (long long)resamples);
  unsigned char *class = l4r_alloc((size_t)n, 2, "bootstrap classes");
  double *values = l4r_alloc((size_t)resamples, 2 * L4R_METRICS * sizeof(double),
                             "bootstrap values");
  if (!class || !values) {
    l4r_free(class);
    l4r_free(values);
    return L4R_ENVIRONMENT;
  }
  for (int64_t u = 0; u < n; u++) {
    class[2 * u] = rank_class(keep[u]);
    class[2 * u + 1] = rank_class(mask[u]);
  }
  struct l4r_random random;
  l4r_random_seed(&random, seed);
  for (int64_t b = 0; b < resamples; b++) {
    int64_t histogram[2][L4R_METRIC_DEPTH + 1];
    resample(class, n, &random, histogram);
    for (int convention = 0; convention < 2; convention++) {
      struct l4r_metrics metrics;
      metrics_of_histogram(histogram[convention], n, &metrics);
      for (int m = 0; m < L4R_METRICS; m++)
        values[(convention * L4R_METRICS + m) * resamples + b] = metrics.value[m];
    }
  }
  ends(values, resamples, keep_interval);
  ends(values + L4R_METRICS * resamples, resamples, mask_interval);
  l4r_free(class);
  l4r_free(values);
  return L4R_OK;
}
