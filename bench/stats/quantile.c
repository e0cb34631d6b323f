/* SPDX-License-Identifier: BSD-3-Clause */
/* Order-statistic intervals need no model of the latency's distribution. The number of observations
 * below the true quantile is binomial for every distribution, so two order statistics enclose it
 * with a probability that is a binomial sum (Le Boudec, Performance Evaluation of Computer and
 * Communication Systems, section 2.2). Means over rounds are few and nearly normal, because each
 * averages thousands of queries; Student's t applies to them. */
#include "bench/stats/quantile.h"

#include <math.h>
#include <stdlib.h>

int64_t l4r_quantile_rank(int64_t n, double p) {
  /* .99 * 100 may be rounded to above 99, which must not change the rank. */
  int64_t rank = (int64_t)ceil(p * (double)n - 1e-9);
  return rank < 1 ? 1 : rank > n ? n : rank;
}

double l4r_quantile_unbiased(const int64_t *sorted, int64_t n, double p) {
  double place = ((double)n + 1.0 / 3) * p + 1.0 / 3; /* a rank, 1 .. n */
  if (place < 1) place = 1;
  if (place >= (double)n) return (double)sorted[n - 1];
  const int64_t rank = (int64_t)place;
  const double low = (double)sorted[rank - 1], high = (double)sorted[rank];
  return low + (place - (double)rank) * (high - low);
}

static double binomial_mass(int64_t n, int64_t k, double p) {
  double log_choose = lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1);
  return exp(log_choose + (double)k * log(p) + (double)(n - k) * log1p(-p));
}

void l4r_quantile_ranks(int64_t n, double p, double level, int64_t *lower, int64_t *upper) {
  double tail = (1 - level) / 2, sum = 0;
  int64_t k = 0;
  /* B observations lie below q. X(lower) > q means B < lower: count how many terms fit the tail. */
  while (k < n && (sum += binomial_mass(n, k, p)) <= tail) k++;
  *lower = k;
  sum = 0;
  k = n;
  /* X(upper) < q means B >= upper. */
  while (k > 0 && (sum += binomial_mass(n, k, p)) <= tail) k--;
  *upper = k == n ? 0 : k + 1;
}

int64_t l4r_quantile_needed(double p, double level) {
  double tail = (1 - level) / 2, rarer = p > .5 ? p : 1 - p;
  return (int64_t)ceil(log(tail) / log(rarer) - 1e-9);
}

struct l4r_estimate l4r_quantile_estimate(const int64_t *sorted, int64_t n, int64_t distinct,
                                          double p, double level) {
  struct l4r_estimate estimate = {.withheld = L4R_WITHHELD_VALUE,
                                  .needed = l4r_quantile_needed(p, level)};
  if (distinct > n) distinct = n;
  if (n < 1 || distinct < estimate.needed) return estimate;
  int64_t lower, upper;
  l4r_quantile_ranks(distinct, p, level, &lower, &upper);
  double repeats = (double)n / (double)distinct;
  int64_t first = (int64_t)floor((double)(lower - 1) * repeats + 1e-9);
  int64_t last = (int64_t)ceil((double)upper * repeats - 1e-9) - 1;
  estimate.value = (double)sorted[l4r_quantile_rank(n, p) - 1];
  estimate.lo = (double)sorted[first];
  estimate.hi = (double)sorted[last < n ? last : n - 1];
  estimate.withheld = L4R_WITHHELD_NOTHING;
  estimate.needed = 0;
  return estimate;
}

/* The regularised incomplete beta function by Lentz's continued fraction (Abramowitz and Stegun
 * 26.5.8); x in [0, 1]. */
double l4r_beta_probability(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - l4r_beta_probability(b, a, 1 - x);
  double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a;
  double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), fraction = d;
  for (int m = 1; m < 500; m++) {
    double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= c * d;
    double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    double step = c * d;
    fraction *= step;
    if (fabs(step - 1) < 1e-15) break;
  }
  return front * fraction;
}

static double student_quantile(double p, double freedom) { /* p > .5 */
  double low = 0, high = 1;
  /* P(T > t) = I(f / (f + t^2); f/2, 1/2) / 2, decreasing in t: bracket, then bisect. */
  while (l4r_beta_probability(freedom / 2, .5, freedom / (freedom + high * high)) / 2 > 1 - p)
    high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-13 * high; i++) {
    double middle = (low + high) / 2;
    double above = l4r_beta_probability(freedom / 2, .5, freedom / (freedom + middle * middle)) / 2;
    if (above > 1 - p)
      low = middle;
    else
      high = middle;
  }
  return (low + high) / 2;
}

/* The regularised lower incomplete gamma function by its series (Abramowitz and Stegun 6.5.29),
 * whose terms are all positive. The quantiles here need a few hundred terms at most. */
static double incomplete_gamma(double a, double x) {
  if (x <= 0) return 0;
  double term = 1 / a, sum = term;
  for (int k = 1; k < 100000 && term > 1e-17 * sum; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return sum * exp(a * log(x) - x - lgamma(a));
}

double l4r_student_quantile(double p, double freedom) {
  /* Records and rows of a table ask for the same quantile thousands of times. */
  static _Thread_local double last_p, last_freedom, last;
  if (p == .5) return 0;
  if (p < .5) return -l4r_student_quantile(1 - p, freedom);
  if (p != last_p || freedom != last_freedom) last = student_quantile(p, freedom);
  last_p = p;
  last_freedom = freedom;
  return last;
}

double l4r_chi_square_quantile(double p, double freedom) {
  double low = 0, high = freedom;
  while (incomplete_gamma(freedom / 2, high / 2) < p) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-13 * high; i++) {
    const double middle = (low + high) / 2;
    if (incomplete_gamma(freedom / 2, middle / 2) < p)
      low = middle;
    else
      high = middle;
  }
  return (low + high) / 2;
}

static struct l4r_estimate mean_estimate(const double *value, int64_t n, double level,
                                         int64_t least) {
  struct l4r_estimate estimate = {.withheld = L4R_WITHHELD_VALUE, .needed = 1};
  if (n < 1) return estimate;
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < n; i++) sum += value[i];
  estimate.value = estimate.lo = estimate.hi = sum / (double)n;
  estimate.withheld = L4R_WITHHELD_INTERVAL;
  estimate.needed = least;
  if (n < least) return estimate;
  for (int64_t i = 0; i < n; i++)
    squares += (value[i] - estimate.value) * (value[i] - estimate.value);
  double error = sqrt(squares / (double)(n - 1) / (double)n);
  double half = l4r_student_quantile(.5 + level / 2, (double)(n - 1)) * error;
  estimate.lo = estimate.value - half;
  estimate.hi = estimate.value + half;
  estimate.withheld = L4R_WITHHELD_NOTHING;
  estimate.needed = 0;
  return estimate;
}

struct l4r_estimate l4r_mean_estimate(const double *value, int64_t n, double level) {
  return mean_estimate(value, n, level, L4R_LEAST_ROUNDS);
}

static struct l4r_estimate exponential(struct l4r_estimate estimate) {
  if (estimate.withheld == L4R_WITHHELD_VALUE) return estimate;
  estimate.value = exp(estimate.value);
  estimate.lo = exp(estimate.lo);
  estimate.hi = exp(estimate.hi);
  return estimate;
}

struct l4r_estimate l4r_geometric_estimate(const double *logarithm, int64_t n, double level) {
  return exponential(l4r_mean_estimate(logarithm, n, level));
}

struct l4r_estimate l4r_geometric_estimate_of_two(const double *logarithm, int64_t n,
                                                  double level) {
  return exponential(mean_estimate(logarithm, n, level, 2));
}

static int ascending(const void *left, const void *right) {
  int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  return (a > b) - (a < b);
}

void l4r_sort_i64(int64_t *value, int64_t n) {
  if (n > 1) qsort(value, (size_t)n, sizeof *value, ascending);
}

static int ascending_double(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double l4r_median(double *value, int64_t n) {
  qsort(value, (size_t)n, sizeof *value, ascending_double);
  return n % 2 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
}
