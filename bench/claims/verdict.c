/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/verdict.h"

#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RESAMPLES = 4000 };

const char *l4r_verdict_name(enum l4r_verdict verdict) {
  static const char *const names[] = {"SUPPORTED", "REFUTED", "INCONCLUSIVE", "NOT TESTABLE HERE"};
  return names[verdict];
}

enum l4r_verdict l4r_verdict_of(const struct l4r_gain *gain, int64_t n, int64_t needed,
                                double bound) {
  if (n < needed || n < 1) return L4R_INCONCLUSIVE;
  int64_t above = 0, below = 0;
  for (int64_t i = 0; i < n; ++i) {
    above += gain[i].lo > bound;
    below += gain[i].hi < bound;
  }
  return above == n ? L4R_SUPPORTED : below == n ? L4R_REFUTED : L4R_INCONCLUSIVE;
}

static double credit(int64_t rank, int64_t depth, int ndcg) {
  if (rank < 1 || rank > depth) return 0;
  return ndcg ? 1.0 / log2((double)rank + 1.0) : 1.0;
}

static int compare_doubles(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Credits of the users that have any, with all pairs side by side (a, b, a, b ..). Most users have
 * none, and adding zeros would take most of the time. */
struct credits {
  int64_t width;  /* two per pair */
  int32_t *row;   /* [users]: the user's row in `credit`, or -1 */
  double *credit; /* [rows][width] */
  double *sum;    /* [width], of a resample */
  double *gains;  /* [pairs][RESAMPLES] */
};

static void fill_credits(const struct l4r_rank_pair *pair, int64_t pairs,
                         const struct l4r_gain_metric *metric, struct credits *credits) {
  int32_t rows = 0;
  for (int64_t u = 0; u < metric->users; ++u) {
    double *of = credits->credit + rows * credits->width, any = 0;
    for (int64_t p = 0; p < pairs; ++p) {
      any += of[2 * p] = credit(pair[p].a[u], metric->depth, metric->ndcg);
      any += of[2 * p + 1] = credit(pair[p].b[u], metric->depth, metric->ndcg);
    }
    credits->row[u] = any > 0 ? rows++ : -1;
  }
}

static void add_credits(const struct credits *credits, int32_t row) {
  const double *of = credits->credit + row * credits->width;
  for (int64_t c = 0; c < credits->width; ++c) credits->sum[c] += of[c];
}

/* Computes the relative improvement in each resample; infinite where b never hits. */
static void resample(const struct credits *credits, int64_t pairs,
                     const struct l4r_gain_metric *metric) {
  for (int64_t r = 0; r < RESAMPLES; ++r) {
    struct l4r_random random;
    l4r_random_stream(&random, metric->seed, 1, (uint64_t)r);
    memset(credits->sum, 0, (size_t)credits->width * sizeof *credits->sum);
    for (int64_t i = 0; i < metric->users; ++i) {
      const int32_t row = credits->row[l4r_random_below(&random, (uint64_t)metric->users)];
      if (row >= 0) add_credits(credits, row);
    }
    for (int64_t p = 0; p < pairs; ++p) {
      const double a = credits->sum[2 * p], b = credits->sum[2 * p + 1];
      credits->gains[p * RESAMPLES + r] = b > 0 ? a / b - 1 : INFINITY;
    }
  }
}

/* Computes the improvement over all users, without its interval. */
static int gain_of_all(const struct l4r_rank_pair *pair, const struct l4r_gain_metric *metric,
                       struct l4r_gain *gain) {
  double sum_a = 0, sum_b = 0;
  for (int64_t u = 0; u < metric->users; ++u) {
    sum_a += credit(pair->a[u], metric->depth, metric->ndcg);
    sum_b += credit(pair->b[u], metric->depth, metric->ndcg);
  }
  if (!(sum_b > 0))
    return l4r_fail(L4R_INPUT,
                    "the baseline hits for none of %lld users, so a relative gain has no value",
                    (long long)metric->users);
  *gain = (struct l4r_gain){sum_a / sum_b - 1, NAN, NAN};
  return L4R_OK;
}

int l4r_gains_of_ranks(const struct l4r_rank_pair *pair, int64_t pairs,
                       const struct l4r_gain_metric *metric, struct l4r_gain *gain) {
  const size_t users = (size_t)metric->users, width = 2 * (size_t)pairs;
  int status = L4R_OK;
  for (int64_t p = 0; p < pairs && !status; ++p) status = gain_of_all(&pair[p], metric, &gain[p]);
  if (!status && metric->users >= INT32_MAX) status = l4r_fail(L4R_INPUT, "too many users");
  if (status) return status;
  struct credits credits = {
      .width = (int64_t)width,
      .row = l4r_alloc(users, sizeof *credits.row, "credits"),
      /* The additional row is scratch for the next user. */
      .credit = l4r_alloc(users + 1, width * sizeof *credits.credit, "credits"),
      .sum = l4r_alloc(width, sizeof *credits.sum, "credits"),
      .gains = l4r_alloc((size_t)pairs, RESAMPLES * sizeof *credits.gains, "bootstrap gains")};
  if (credits.row && credits.credit && credits.sum && credits.gains) {
    fill_credits(pair, pairs, metric, &credits);
    resample(&credits, pairs, metric);
    for (int64_t p = 0; p < pairs; ++p) {
      double *gains = credits.gains + p * RESAMPLES;
      qsort(gains, RESAMPLES, sizeof *gains, compare_doubles);
      gain[p].lo = gains[RESAMPLES / 40 - 1];
      gain[p].hi = gains[RESAMPLES - RESAMPLES / 40];
    }
  } else {
    status = L4R_ENVIRONMENT;
  }
  l4r_free(credits.row);
  l4r_free(credits.credit);
  l4r_free(credits.sum);
  l4r_free(credits.gains);
  return status;
}

int l4r_saving_of_rounds(const double *a, const double *b, int64_t n, struct l4r_gain *gain) {
  if (n < 2) return l4r_fail(L4R_INPUT, "%lld rounds give no interval", (long long)n);
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < n; ++i) sum += log(a[i] / b[i]);
  const double mean = sum / (double)n;
  for (int64_t i = 0; i < n; ++i) {
    const double d = log(a[i] / b[i]) - mean;
    squares += d * d;
  }
  const double half = l4r_student_quantile(0.975, (double)(n - 1)) *
                      sqrt(squares / (double)(n - 1) / (double)n);
  *gain = (struct l4r_gain){1 - exp(mean), 1 - exp(mean + half), 1 - exp(mean - half)};
  return L4R_OK;
}
