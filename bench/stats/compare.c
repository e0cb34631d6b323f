/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/stats/compare.h"

#include "bench/stats/quantile.h"
#include "impl/base/random.h"

#include <math.h>

static const double error_rate = .05; /* of all rows of a table together, both sides */
static const double power = .9;       /* the power to find a slowdown of twice the margin */
static const double sight_level = .7; /* of the noise's upper bound; tests/check has the power */

const char *l4r_change_name(enum l4r_change change) {
  static const char *const names[] = {"SAME", "SLOWER", "FASTER", "UNDECIDED"};
  return names[change];
}

struct moments {
  double mean, deviation;
};

/* Computes the moments of log(figure), or of log(figure / base). */
static struct moments moments_of(const double *figure, const double *base, int64_t n) {
  struct moments m = {0, 0};
  for (int64_t i = 0; i < n; i++) m.mean += log(base ? figure[i] / base[i] : figure[i]) / (double)n;
  for (int64_t i = 0; i < n; i++) {
    const double d = log(base ? figure[i] / base[i] : figure[i]) - m.mean;
    m.deviation += d * d;
  }
  m.deviation = sqrt(m.deviation / (double)(n - 1));
  return m;
}

/* Returns Student's quantile for a row when `rows` rows share the one-sided error. */
static double critical(double one_sided, int64_t rows, int64_t n) {
  return l4r_student_quantile(1 - one_sided / (double)rows, (double)(n - 1));
}

void l4r_compare_rounds(const double *a, const double *b, int64_t n, int64_t rows,
                        struct l4r_comparison *comparison) {
  const struct moments m = moments_of(b, a, n);
  const double error = m.deviation / sqrt((double)n);
  const double differ = critical(error_rate / 2, rows, n) * error;
  const double same = critical(error_rate, rows, n) * error;
  *comparison = (struct l4r_comparison){exp(m.mean), exp(m.mean - differ), exp(m.mean + differ),
                                        exp(m.mean - same), exp(m.mean + same)};
}

enum l4r_change l4r_change_of(const struct l4r_comparison *comparison, double margin) {
  const double most = 1 + margin, least = 1 / most;
  if (comparison->lo > most) return L4R_SLOWER;
  if (comparison->hi < least) return L4R_FASTER;
  return comparison->same_lo >= least && comparison->same_hi <= most ? L4R_SAME : L4R_UNDECIDED;
}

/* Returns the distance, in logarithms, between the margin's edge and a slowdown that is found with
 * `power` when n pairs of rounds with deviation `noise` are compared. The sum of two quantiles
 * approximates the non-central t distribution; tests/check simulates the resulting power. */
static double reach(double noise, int64_t n, int64_t rows) {
  const double quantiles = critical(error_rate / 2, rows, n) +
                           l4r_student_quantile(power, (double)(n - 1));
  return quantiles * noise * sqrt(2 / (double)n);
}

/* Returns the distance between 1 + margin and 1 + twice the margin. */
static double room(double margin) {
  return log((1 + 2 * margin) / (1 + margin));
}

/* Returns the least n at which `noise` fits; reach decreases with n. */
static int64_t rounds_needed(double noise, int64_t rows, double margin) {
  int64_t low = L4R_COMPARE_ROUNDS, high = low;
  while (reach(noise, high, rows) > room(margin)) {
    if (high == L4R_GATE_ROUNDS_MAX) return 0;
    low = high + 1;
    high = high * 2 < L4R_GATE_ROUNDS_MAX ? high * 2 : L4R_GATE_ROUNDS_MAX;
  }
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (reach(noise, middle, rows) > room(margin))
      low = middle + 1;
    else
      high = middle;
  }
  return high;
}

double l4r_margin_of(double distance) {
  const double grow = exp(distance); /* solves (1 + 2 g) / (1 + g) = grow for g */
  return grow < 2 ? (grow - 1) / (2 - grow) : INFINITY;
}

struct l4r_sight l4r_sight_of(const double *a, int64_t rounds, int64_t pairs, int64_t rows,
                              double margin) {
  struct moments m = {0, 0};
  for (int64_t i = 0; i < rounds; i++) m.mean += log(a[i]) / (double)rounds;
  for (int64_t i = 0; i < rounds; i++) m.deviation += (log(a[i]) - m.mean) * (log(a[i]) - m.mean);
  const double freedom = (double)(rounds - 1), noise = sqrt(m.deviation / freedom);
  const double bound = noise * sqrt(freedom / l4r_chi_square_quantile(1 - sight_level, freedom));
  const double far = reach(bound, pairs, rows);
  return (struct l4r_sight){.noise = noise,
                            .found = (1 + margin) * exp(far) - 1,
                            .least_margin = l4r_margin_of(far),
                            .needed = rounds_needed(bound, rows, margin)};
}

/* Returns 1 when a row of a table drawn from A against A is SLOWER, at the level of the given
 * quantile. */
static int alarms(const struct l4r_rounds *row, double quantile, struct l4r_random *random) {
  double sum = 0, squares = 0;
  const double n = (double)row->pairs;
  for (int64_t p = 0; p < row->pairs; p++) {
    const uint64_t i = l4r_random_below(random, (uint64_t)row->rounds);
    uint64_t j = l4r_random_below(random, (uint64_t)row->rounds - 1);
    if (j >= i) j++;
    const double d = log(row->figure[j] / row->figure[i]);
    sum += d;
    squares += d * d;
  }
  const double variance = fmax(0, (squares - sum * sum / n) / (n - 1));
  return sum / n - quantile * sqrt(variance / n) > log1p(row->margin);
}

double l4r_false_alarms(const struct l4r_rounds *row, int64_t rows, int64_t resamples,
                        uint64_t seed) {
  int64_t alarmed = 0;
  double quantile[64];
  const int64_t kept = (int64_t)(sizeof quantile / sizeof *quantile);
  for (int64_t r = 0; r < rows && r < kept; r++)
    quantile[r] = critical(error_rate / 2, rows, row[r].pairs);
  for (int64_t s = 0; s < resamples; s++) {
    struct l4r_random random;
    l4r_random_stream(&random, seed, 2, (uint64_t)s);
    int any = 0;
    for (int64_t r = 0; r < rows && !any; r++) {
      const double at = r < kept ? quantile[r] : critical(error_rate / 2, rows, row[r].pairs);
      any = alarms(&row[r], at, &random);
    }
    alarmed += any;
  }
  return (double)alarmed / (double)resamples;
}
