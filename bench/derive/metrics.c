/* SPDX-License-Identifier: BSD-3-Clause */
/* Every metric here depends only on a user's rank, and only on ranks up to 20. So a sample of users
 * is a histogram of 21 classes (rank 1..20, or a miss), and a metric is a dot product with it.
 * Which users a bootstrap draws is the same for all records over as many users, so it is drawn once
 * (resamples.h); a resample then costs one addition for each user that hits. */
#include "bench/derive/metrics.h"

#include "bench/derive/resamples.h"
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

enum { CLASSES = L4R_METRIC_DEPTH + 1, PAIRS = CLASSES * CLASSES, LANES = 4 };

/* The users of a bootstrap by their pair of ranks. */
struct classes {
  uint16_t *of;             /* [users] their pairs; 0: they miss under both conventions */
  uint32_t *user;           /* those that hit, pair by pair */
  int64_t begin[PAIRS + 1]; /* where a pair begins among them; of pair 0 there are none */
  /* Of the draws, in four histograms side by side: most users miss under both conventions, and each
   * increment of a single counter would wait for the previous one. */
  int64_t count[LANES][PAIRS];
};

static void classify(struct classes *classes, const int64_t *keep, const int64_t *mask, int64_t n) {
  int64_t next[PAIRS + 1] = {0};
  for (int64_t u = 0; u < n; u++) {
    classes->of[u] = (uint16_t)(rank_class(keep[u]) * CLASSES + rank_class(mask[u]));
    if (classes->of[u]) next[classes->of[u] + 1]++;
  }
  for (int pair = 0; pair < PAIRS; pair++) next[pair + 1] += next[pair];
  memcpy(classes->begin, next, sizeof next);
  for (int64_t u = 0; u < n; u++)
    if (classes->of[u]) classes->user[next[classes->of[u]]++] = (uint32_t)u;
}

static void count_drawn(void *context, const uint32_t *drawn, int64_t count) {
  struct classes *classes = context;
  for (int64_t i = 0; i < count; i++) classes->count[i % LANES][classes->of[drawn[i]]]++;
}

static void histograms_of(const int64_t *users, int64_t histogram[2][CLASSES]) {
  memset(histogram, 0, 2 * sizeof *histogram);
  for (int pair = 0; pair < PAIRS; pair++) {
    histogram[0][pair / CLASSES] += users[pair];
    histogram[1][pair % CLASSES] += users[pair];
  }
}

static void resample(struct classes *classes, int64_t n, struct l4r_random *random,
                     int64_t histogram[2][CLASSES]) {
  int64_t users[PAIRS];
  memset(classes->count, 0, sizeof classes->count);
  l4r_resample_draw(random, n, count_drawn, classes);
  for (int pair = 0; pair < PAIRS; pair++)
    users[pair] = classes->count[0][pair] + classes->count[1][pair] + classes->count[2][pair] +
                  classes->count[3][pair];
  histograms_of(users, histogram);
}

/* The same from a resample that is already drawn: only those that hit are looked at. */
static void resample_drawn(const struct classes *classes, int64_t n, const unsigned char *times,
                           int64_t histogram[2][CLASSES]) {
  int64_t users[PAIRS], hits = 0;
  for (int pair = 1; pair < PAIRS; pair++) {
    uint32_t sum = 0;
    for (int64_t i = classes->begin[pair]; i < classes->begin[pair + 1]; i++)
      sum += times[classes->user[i]];
    users[pair] = sum;
    hits += sum;
  }
  users[0] = n - hits;
  histograms_of(users, histogram);
}

int l4r_metrics_bootstrap(const int64_t *keep, const int64_t *mask, int64_t n, int64_t resamples,
                          uint64_t seed, struct l4r_metric_intervals *keep_interval,
                          struct l4r_metric_intervals *mask_interval) {
  if (n < 1 || resamples < 40 || n > UINT32_MAX)
    return l4r_fail(L4R_USAGE, "a bootstrap needs a user and 40 resamples, got %lld and %lld",
                    (long long)n, (long long)resamples);
  struct classes classes = {.of = l4r_alloc((size_t)n, sizeof *classes.of, "bootstrap classes"),
                            .user = l4r_alloc((size_t)n, sizeof *classes.user, "bootstrap users")};
  double *values = l4r_alloc((size_t)resamples, 2 * L4R_METRICS * sizeof(double),
                             "bootstrap values");
  if (!classes.of || !classes.user || !values) {
    l4r_free(classes.of);
    l4r_free(classes.user);
    l4r_free(values);
    return L4R_ENVIRONMENT;
  }
  classify(&classes, keep, mask, n);
  const struct l4r_resamples *drawn = l4r_resamples_take(n, resamples, seed);
  struct l4r_random random;
  l4r_random_seed(&random, seed);
  for (int64_t b = 0; b < resamples; b++) {
    int64_t histogram[2][CLASSES];
    if (drawn)
      resample_drawn(&classes, n, drawn->times + b * n, histogram);
    else
      resample(&classes, n, &random, histogram);
    for (int convention = 0; convention < 2; convention++) {
      struct l4r_metrics metrics;
      metrics_of_histogram(histogram[convention], n, &metrics);
      for (int m = 0; m < L4R_METRICS; m++)
        values[(convention * L4R_METRICS + m) * resamples + b] = metrics.value[m];
    }
  }
  l4r_resamples_give_back(drawn);
  ends(values, resamples, keep_interval);
  ends(values + L4R_METRICS * resamples, resamples, mask_interval);
  l4r_free(classes.of);
  l4r_free(classes.user);
  l4r_free(values);
  return L4R_OK;
}
