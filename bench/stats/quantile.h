/* SPDX-License-Identifier: BSD-3-Clause */
/* Quantiles with intervals that assume nothing about the distribution, and means over rounds. */
#ifndef L4R_BENCH_STATS_QUANTILE_H
#define L4R_BENCH_STATS_QUANTILE_H

#include <stdint.h>

/* A figure with its interval. `withheld` says which of the three members are invalid: none (0), the
 * interval (L4R_WITHHELD_INTERVAL), or all (L4R_WITHHELD_VALUE). */
enum l4r_withheld { L4R_WITHHELD_NOTHING, L4R_WITHHELD_INTERVAL, L4R_WITHHELD_VALUE };
struct l4r_estimate {
  double value, lo, hi;
  enum l4r_withheld withheld;
  int64_t needed; /* observations that the withheld part needs; 0 when nothing is withheld */
};

/* The rank (1..n) of the p-quantile of n sorted values: the smallest with rank/n >= p. n >= 1. */
int64_t l4r_quantile_rank(int64_t n, double p);

/* Estimates the p-quantile of n >= 1 sorted values by interpolation, such that the estimate is too
 * low as often as too high for nearly every distribution (Hyndman and Fan 1996, definition 8). The
 * value of rank l4r_quantile_rank is exact for the sample, but with few values a biased estimate
 * for the population. Pure. */
double l4r_quantile_unbiased(const int64_t *sorted, int64_t n, double p);

/* Computes the ranks of the equal-tailed order-statistic interval of the p-quantile from n
 * independent observations: P(X(lower) > q) <= tail and P(X(upper) < q) <= tail with tail = (1 -
 * level) / 2, by exact binomial sums; they are the tightest such ranks. 0 where n is too small for
 * an end. Pure. */
void l4r_quantile_ranks(int64_t n, double p, double level, int64_t *lower, int64_t *upper);

/* Returns the least number of independent observations for which both ends exist: 36 for p90 at 95
 * %, 72 for p95, 368 for p99, 3,688 for p99.9. */
int64_t l4r_quantile_needed(double p, double level);

/* Estimates the p-quantile of sorted[n], which holds n/distinct repeats of each of `distinct`
 * users. Repeats of one user are not independent, so the interval's ranks are those of `distinct`
 * observations, mapped outwards to the sample. This is exact when repeats agree and wider than
 * needed when they do not. Value and interval are withheld below l4r_quantile_needed users. */
struct l4r_estimate l4r_quantile_estimate(const int64_t *sorted, int64_t n, int64_t distinct,
                                          double p, double level);

/* The regularised incomplete beta function I_x(a, b): P(X <= x) of a beta distribution, a, b > 0, x
 * in [0, 1]; P(B >= a) of a binomial one with a + b - 1 draws of x. Pure. */
double l4r_beta_probability(double a, double b, double x);
/* Student's t: the p-quantile for `freedom` > 0 degrees. Pure. */
double l4r_student_quantile(double p, double freedom);
/* Chi-square: the p-quantile, 0 < p < 1, for `freedom` > 0 degrees. Pure. */
double l4r_chi_square_quantile(double p, double freedom);

/* Two rounds say very little about how rounds differ: Student's factor is 12.7. */
enum { L4R_LEAST_ROUNDS = 3 };

/* Estimates the mean of n independent values with Student's interval, which is withheld below
 * L4R_LEAST_ROUNDS values. */
struct l4r_estimate l4r_mean_estimate(const double *value, int64_t n, double level);
/* Does the same for positive values given by their logarithms: the geometric mean, whose interval
 * cannot reach below zero. */
struct l4r_estimate l4r_geometric_estimate(const double *logarithm, int64_t n, double level);
/* Does the same with an interval from two values on, as in records until 2026-11-28. */
struct l4r_estimate l4r_geometric_estimate_of_two(const double *logarithm, int64_t n, double level);

/* Returns the middle of n >= 1 values, or the mean of the two in the middle; sorts them in
 * place. */
double l4r_median(double *value, int64_t n);

/* Sorts in place, ascending. */
void l4r_sort_i64(int64_t *value, int64_t n);

#endif
