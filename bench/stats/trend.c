/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/stats/trend.h"

#include "bench/stats/quantile.h"

#include <math.h>

enum { GRID = 129, WIDEST = 64 }; /* tau: WIDEST ^ (-1 .. 1) of the span, in GRID steps */

const char *l4r_trend_name(enum l4r_trend_state state) {
  static const char *const names[L4R_TREND_STATES] = {"unknown", "flat", "rising", "falling"};
  return (unsigned)state < L4R_TREND_STATES ? names[state] : names[L4R_TREND_UNKNOWN];
}

struct line {                   /* y = a + b x by least squares */
  double a, b, squares, spread; /* squares: of the residuals; spread: sum of (x - mean)^2 */
};

/* With tau 0, x is the time itself, else exp(-(t - t0) / tau). */
static double abscissa(double t, double t0, double tau) {
  return tau > 0 ? exp(-(t - t0) / tau) : t - t0;
}

static struct line fit(const double *time, const double *value, int64_t n, double tau) {
  double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
  for (int64_t i = 0; i < n; i++) {
    mean_x += abscissa(time[i], time[0], tau) / (double)n;
    mean_y += value[i] / (double)n;
  }
  for (int64_t i = 0; i < n; i++) {
    const double x = abscissa(time[i], time[0], tau) - mean_x;
    xx += x * x;
    xy += x * (value[i] - mean_y);
  }
  struct line line = {.b = xx > 0 ? xy / xx : 0, .spread = xx};
  line.a = mean_y - line.b * mean_x;
  for (int64_t i = 0; i < n; i++) {
    const double error = value[i] - line.a - line.b * abscissa(time[i], time[0], tau);
    line.squares += error * error;
  }
  return line;
}

static double tau_at(int step, double span) {
  return span * pow(WIDEST, 2.0 * step / (GRID - 1) - 1);
}

static int best_tau(const double *time, const double *value, int64_t n) {
  const double span = time[n - 1] - time[0];
  int best = 0;
  double least = INFINITY;
  for (int step = 0; step < GRID; step++) {
    const struct line line = fit(time, value, n, tau_at(step, span));
    if (line.squares >= least) continue;
    least = line.squares;
    best = step;
  }
  return best;
}

struct l4r_trend l4r_trend_of(const double *time, const double *value, int64_t n) {
  struct l4r_trend trend = {L4R_TREND_UNKNOWN, 0, NAN, NAN, NAN};
  int64_t from = 0;
  while (from < n && time[from] < time[n - 1] / 2) from++;
  trend.points = n - from;
  if (trend.points < L4R_TREND_POINTS || !(time[n - 1] > time[from])) return trend;
  const double end = time[n - 1], t0 = time[from];
  const struct line line = fit(time + from, value + from, trend.points, 0);
  const double freedom = (double)(trend.points - 2);
  const double half = l4r_student_quantile(0.975, freedom) *
                      sqrt(line.squares / freedom / line.spread);
  const int step = best_tau(time + from, value + from, trend.points);
  const double tau = tau_at(step, end - t0);
  const struct line curve = fit(time + from, value + from, trend.points, tau);
  const double twice = curve.a + curve.b * abscissa(2 * end, t0, tau);
  trend.end = curve.a + curve.b * abscissa(end, t0, tau);
  trend.state = line.b + half < 0 ? L4R_TREND_FALLING : L4R_TREND_FLAT;
  if (line.b - half > 0 && twice > 1.01 * trend.end) {
    trend.state = L4R_TREND_RISING;
    trend.twice = twice;
    if (step < GRID - 1) trend.limit = curve.a;
  }
  return trend;
}
