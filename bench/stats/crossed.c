/* SPDX-License-Identifier: BSD-3-Clause */
/* Queries of all rounds are not one sample: a round that is a tenth slower shifts all its queries,
 * and the interval of 9,000 "independent" queries is then too narrow by a factor of ten. Rounds
 * alone are not enough either: all rounds serve the same users, so differences between rounds do
 * not show what another sample of users would have changed. tests/check/test_intervals.c simulates
 * both and their sum. */
#include "bench/stats/crossed.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <string.h>

struct work {
  const struct l4r_crossed *queries;
  int64_t n;                            /* all queries */
  double *centre;                       /* [rounds] logarithms of the rounds' quantiles */
  double *aligned;                      /* [n] logarithms of ns over the round's quantile */
  double *order;                        /* [n] the same, ascending */
  double *sum, *squares, *below, *seen; /* [users] */
};

static int open_work(const struct l4r_crossed *queries, struct work *work) {
  const size_t n = (size_t)queries->start[queries->rounds], users = (size_t)queries->users + 1;
  *work = (struct work){.queries = queries, .n = (int64_t)n};
  work->centre = l4r_alloc((size_t)queries->rounds, sizeof *work->centre, "rounds' percentiles");
  work->aligned = l4r_alloc(n, sizeof *work->aligned, "aligned latencies");
  work->order = l4r_alloc(n, sizeof *work->order, "aligned latencies");
  work->sum = l4r_alloc(4 * users, sizeof *work->sum, "users' shares");
  if (!work->centre || !work->aligned || !work->order || !work->sum) return L4R_ENVIRONMENT;
  work->squares = work->sum + users;
  work->below = work->squares + users;
  work->seen = work->below + users;
  return L4R_OK;
}

static void close_work(struct work *work) {
  l4r_free(work->centre);
  l4r_free(work->aligned);
  l4r_free(work->order);
  l4r_free(work->sum);
}

/* Returns the value of a rank, 1 .. n, by Hoare's selection, which reorders the values. The pivot's
 * place is random, so that no order of samples makes it slow. */
static double ranked(double *value, int64_t n, int64_t rank) {
  int64_t low = 0, high = n - 1, k = rank - 1;
  uint64_t drawn = (uint64_t)n;
  while (low < high) {
    drawn = drawn * 6364136223846793005u + 1442695040888963407u;
    const double pivot = value[low + (int64_t)((drawn >> 33) % (uint64_t)(high - low + 1))];
    int64_t i = low, j = high;
    while (i <= j) {
      while (value[i] < pivot) i++;
      while (value[j] > pivot) j--;
      if (i > j) break;
      const double kept = value[i];
      value[i++] = value[j];
      value[j--] = kept;
    }
    if (k <= j)
      high = j;
    else if (k >= i)
      low = i;
    else
      break;
  }
  return value[k];
}

/* Interpolates between the values around a place, 1 .. n. */
static double at_place(double *value, int64_t n, double place) {
  if (place <= 1) return ranked(value, n, 1);
  if (place >= (double)n) return ranked(value, n, n);
  const int64_t rank = (int64_t)place;
  const double low = ranked(value, n, rank);
  return low + (place - (double)rank) * (ranked(value, n, rank + 1) - low);
}

/* The place that l4r_quantile_unbiased uses. */
static double unbiased_place(int64_t n, double p) {
  return ((double)n + 1. / 3) * p + 1. / 3;
}

/* A clock may give 0, whose logarithm must not become infinite. */
static double log_of(double ns) {
  return log(ns > .5 ? ns : .5);
}

static void align(struct work *work, double p) {
  const struct l4r_crossed *queries = work->queries;
  for (int64_t r = 0; r < queries->rounds; r++) {
    const int64_t begin = queries->start[r], n = queries->start[r + 1] - begin;
    for (int64_t i = 0; i < n; i++) work->order[i] = (double)queries->ns[begin + i];
    work->centre[r] = log_of(at_place(work->order, n, unbiased_place(n, p)));
    for (int64_t i = begin; i < begin + n; i++)
      work->aligned[i] = log_of((double)queries->ns[i]) - work->centre[r];
  }
  memcpy(work->order, work->aligned, (size_t)work->n * sizeof *work->order);
}

/* Returns the variance between users of how often they lie at or below the quantile, without the
 * part that the noise of their own queries adds. In a table of users x rounds it is (MS_users -
 * MS_residual) / rounds. The first term is raised by .6 of its standard error: a difference of two
 * estimates is below the truth as often as above, and too low a value does more harm. tests/check
 * determined the .6. The result may be negative. */
static double between_users(struct work *work) {
  const struct l4r_crossed *queries = work->queries;
  const int64_t users = queries->users;
  double *const sum = work->sum, *const squares = work->squares, *const below = work->below;
  double *const seen = work->seen;
  int64_t counted = 0, noisy = 0;
  double mean = 0, total = 0, fourth = 0, noise = 0;
  memset(sum, 0, (size_t)(4 * (users + 1)) * sizeof *sum);
  double *rounds = l4r_alloc((size_t)users, sizeof *rounds, "users' rounds");
  if (!rounds) return NAN;
  for (int64_t r = 0; r < queries->rounds; r++) {
    for (int64_t i = queries->start[r]; i < queries->start[r + 1]; i++) {
      seen[queries->user[i]]++;
      below[queries->user[i]] += work->aligned[i] <= 0;
    }
    for (int64_t u = 0; u < users; u++) {
      if (seen[u] <= 0) continue;
      const double share = below[u] / seen[u];
      sum[u] += share;
      squares[u] += share * share;
      rounds[u]++;
      seen[u] = below[u] = 0;
    }
  }
  for (int64_t u = 0; u < users; u++) {
    if (rounds[u] <= 0) continue;
    counted++;
    mean += sum[u] / rounds[u];
    if (rounds[u] < 2) continue;
    noisy++;
    noise += (squares[u] - sum[u] * sum[u] / rounds[u]) / (rounds[u] - 1) / rounds[u];
  }
  mean /= (double)(counted ? counted : 1);
  for (int64_t u = 0; u < users; u++) {
    const double off = rounds[u] > 0 ? sum[u] / rounds[u] - mean : 0;
    total += off * off;
    fourth += off * off * off * off;
  }
  l4r_free(rounds);
  if (counted < 2 || !noisy) return 1; /* there is nothing to estimate noise from */
  total /= (double)(counted - 1);
  fourth = fourth / (double)counted - total * total; /* of a square; outlying users make it large */
  return total + .6 * sqrt(fmax(fourth, 0) / (double)counted) - noise / (double)noisy;
}

/* Returns the place k of n where P(B >= k) = tail for a binomial B, interpolated between whole k
 * and n by the beta function. */
static double binomial_place(double n, double p, double tail) {
  double low = 1e-9, high = n + 1 - 1e-9;
  for (int i = 0; i < 100; i++) {
    const double middle = (low + high) / 2;
    if (l4r_beta_probability(middle, n - middle + 1, p) > tail)
      low = middle;
    else
      high = middle;
  }
  return (low + high) / 2;
}

/* Returns half the width, on the logarithm, from those of users alone (normal) and of rounds alone
 * (Student's with `freedom` degrees). It is a mixture of two rules: two thirds of the root of the
 * sum of squares (Howe 1974), which covers up to 98.5 % where three rounds weigh as much as users,
 * and one third of Student's with the degrees of Welch and Satterthwaite, which covers 92 % there.
 * tests/check determined the shares. */
static double both(double users, double rounds, double freedom, double level) {
  enum { NORMAL = 100000 }; /* degrees of freedom beyond which Student's t is normal */
  const double p = .5 + level / 2;
  const double a = users / l4r_student_quantile(p, NORMAL);
  const double b = rounds / l4r_student_quantile(p, freedom), variance = a * a + b * b;
  if (!(b > 0)) return users;
  const double degrees = fmin(variance * variance / (b * b * b * b) * freedom, NORMAL);
  return (2 * hypot(users, rounds) + l4r_student_quantile(p, degrees) * sqrt(variance)) / 3;
}

int l4r_crossed_quantile(const struct l4r_crossed *queries, double p, double level,
                         struct l4r_estimate *estimate) {
  struct work work;
  *estimate = (struct l4r_estimate){.withheld = L4R_WITHHELD_VALUE,
                                    .needed = l4r_quantile_needed(p, level)};
  if (queries->rounds < 1 || queries->distinct < estimate->needed) return L4R_OK;
  const int status = open_work(queries, &work);
  if (!status) {
    const double tail = (1 - level) / 2, distinct = (double)queries->distinct;
    align(&work, p);
    *estimate = l4r_mean_estimate(work.centre, queries->rounds, level);
    const double rounds = estimate->hi - estimate->value;
    double users = distinct;
    if (queries->user) {
      const double variance = between_users(&work);
      users = p * (1 - p) * (double)queries->users / fmax(variance, 1e-12);
      users = fmax(users, distinct);
    }
    const double middle = at_place(work.order, work.n, unbiased_place(work.n, p));
    /* Places of the interval's ends among `users` values, moved outwards by a quarter because
     * interpolation between them falls short, and then the middle of that many copies among all
     * values. */
    const double copies = (double)work.n / users;
    const double lower = (binomial_place(users, p, 1 - tail) - .75) * copies + .5;
    const double upper = (binomial_place(users, p, tail) - .25) * copies + .5;
    const double below = fmax(0, middle - at_place(work.order, work.n, lower));
    const double above = fmax(0, at_place(work.order, work.n, upper) - middle);
    const double freedom = (double)(queries->rounds - 1);
    estimate->lo = exp(estimate->value - both(below, rounds, freedom, level));
    estimate->hi = exp(estimate->value + both(above, rounds, freedom, level));
    estimate->value = exp(estimate->value);
    estimate->withheld = L4R_WITHHELD_NOTHING;
    estimate->needed = 0;
    if (queries->rounds < L4R_LEAST_ROUNDS) {
      estimate->lo = estimate->hi = estimate->value;
      estimate->withheld = L4R_WITHHELD_INTERVAL;
      estimate->needed = L4R_LEAST_ROUNDS;
    }
  }
  close_work(&work);
  return status;
}

struct l4r_neighbours l4r_neighbours_of(const double *value, int64_t n) {
  struct l4r_neighbours neighbours = {0, 1};
  double mean = 0, squares = 0, products = 0;
  if (n < 3) return neighbours;
  for (int64_t i = 0; i < n; i++) mean += value[i] / (double)n;
  for (int64_t i = 0; i < n; i++) {
    squares += (value[i] - mean) * (value[i] - mean);
    if (i + 1 < n) products += (value[i] - mean) * (value[i + 1] - mean);
  }
  if (!(squares > 0)) return neighbours;
  const double count = (double)n;
  neighbours.correlation = products / squares;
  neighbours.bound = -1 / count + 1.96 * (count - 2) / (count * sqrt(count - 1));
  return neighbours;
}
