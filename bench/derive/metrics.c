/* SPDX-License-Identifier: BSD-3-Clause */
/* Every metric here depends only on a user's rank, and only on ranks up to 20. So a sample of users
 * is a histogram of 21 classes (rank 1..20, or a miss), a metric is a dot product with it, and a
 * bootstrap resample costs one random draw and one increment per user. 2,000 resamples of 22,363
 * users take a fraction of a second without any approximation. */
#include "bench/derive/metrics.h"

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

/* histogram[r] counts users of rank r, [0] misses. */
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

/* Sorts values[metric][resamples] in place and cuts off 2.5 % on each side. */
static void ends(double *values, int64_t resamples, struct l4r_metric_intervals *interval) {
  int64_t below = (int64_t)floor(.025 * (double)resamples);
  for (int m = 0; m < L4R_METRICS; m++) {
    double *column = values + m * resamples;
    qsort(column, (size_t)resamples, sizeof *column, ascending);
    interval->lo[m] = column[below];
    interval->hi[m] = column[resamples - 1 - below];
  }
}

/* Users are counted by their pair of ranks, in four histograms side by side. Most users miss under
 * both conventions, and each increment of a single counter would wait for the previous one. */
enum { CLASSES = L4R_METRIC_DEPTH + 1, PAIRS = CLASSES * CLASSES, CHUNK = 2048, LANES = 4 };

static void resample(const uint16_t *class, int64_t n, struct l4r_random *random,
                     int64_t histogram[2][CLASSES]) {
  uint32_t drawn[CHUNK];
  int64_t count[LANES][PAIRS] = {{0}};
  for (int64_t begin = 0; begin < n; begin += CHUNK) {
    const size_t some = n - begin < CHUNK ? (size_t)(n - begin) : CHUNK;
    l4r_random_many_below(random, (uint64_t)n, drawn, some);
    for (size_t i = 0; i < some; i++) count[i % LANES][class[drawn[i]]]++;
  }
  memset(histogram, 0, 2 * sizeof *histogram);
  for (int pair = 0; pair < PAIRS; pair++) {
    const int64_t users = count[0][pair] + count[1][pair] + count[2][pair] + count[3][pair];
    histogram[0][pair / CLASSES] += users;
    histogram[1][pair % CLASSES] += users;
  }
}

int l4r_metrics_bootstrap(const int64_t *keep, const int64_t *mask, int64_t n, int64_t resamples,
                          uint64_t seed, struct l4r_metric_intervals *keep_interval,
                          struct l4r_metric_intervals *mask_interval) {
  if (n < 1 || resamples < 40 || n > UINT32_MAX)
    return l4r_fail(L4R_USAGE, "a bootstrap needs a user and 40 resamples, got %lld and %lld",
                    (long long)n, (long long)resamples);
  uint16_t *class = l4r_alloc((size_t)n, sizeof *class, "bootstrap classes");
  double *values = l4r_alloc((size_t)resamples, 2 * L4R_METRICS * sizeof(double),
                             "bootstrap values");
  if (!class || !values) {
    l4r_free(class);
    l4r_free(values);
    return L4R_ENVIRONMENT;
  }
  for (int64_t u = 0; u < n; u++)
    class[u] = (uint16_t)(rank_class(keep[u]) * CLASSES + rank_class(mask[u]));
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
