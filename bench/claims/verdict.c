#include "bench/claims/verdict.h"

#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <math.h>
#include <stdlib.h>

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

/* The relative gain of each resample; resamples in which b never hits gain without bound. */
static void resample(const double *a, const double *b, int64_t n, uint64_t seed, double *gains) {
  for (int64_t r = 0; r < RESAMPLES; ++r) {
    struct l4r_random random;
    l4r_random_stream(&random, seed, 1, (uint64_t)r);
    double sum_a = 0, sum_b = 0;
    for (int64_t i = 0; i < n; ++i) {
      const uint64_t u = l4r_random_below(&random, (uint64_t)n);
      sum_a += a[u];
      sum_b += b[u];
    }
    gains[r] = sum_b > 0 ? sum_a / sum_b - 1 : INFINITY;
  }
}

int l4r_gain_of_ranks(const int64_t *a, const int64_t *b, int64_t n, int64_t depth, int ndcg,
                      uint64_t seed, struct l4r_gain *gain) {
  double *credit_a = l4r_alloc((size_t)n, sizeof *credit_a, "credits");
  double *credit_b = l4r_alloc((size_t)n, sizeof *credit_b, "credits");
  double *gains = l4r_alloc(RESAMPLES, sizeof *gains, "bootstrap gains");
  int status = credit_a && credit_b && gains ? L4R_OK : L4R_ENVIRONMENT;
  double sum_a = 0, sum_b = 0;
  for (int64_t i = 0; !status && i < n; ++i) {
    sum_a += credit_a[i] = credit(a[i], depth, ndcg);
    sum_b += credit_b[i] = credit(b[i], depth, ndcg);
  }
  if (!status && !(sum_b > 0))
    status = l4r_fail(L4R_INPUT,
                      "the baseline hits for none of %lld users, so a relative gain has "
                      "no value",
                      (long long)n);
  if (!status) {
    resample(credit_a, credit_b, n, seed, gains);
    qsort(gains, RESAMPLES, sizeof *gains, compare_doubles);
    *gain = (struct l4r_gain){sum_a / sum_b - 1, gains[RESAMPLES / 40 - 1],
                              gains[RESAMPLES - RESAMPLES / 40]};
  }
  l4r_free(credit_a);
  l4r_free(credit_b);
  l4r_free(gains);
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
