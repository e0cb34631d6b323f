#include "bench/stats/steps.h"

#include "bench/stats/quantile.h"
#include "impl/base/memory.h"

#include <math.h>
#include <string.h>

static const double far_off = 3;          /* sigmas from the running median */
static const double penalty_constant = 6; /* beside 2 log n: see the header */
enum { REACH = 2 };                       /* neighbours of the running median on either side */

struct fit {
  double *y;             /* [n] values, outliers replaced, less their first, in sigmas */
  double *sum, *squares; /* [n + 1] of the values before */
  double *best;          /* [n + 1] cost of the best segments of the values before */
  int64_t *last;         /* [n + 1] where the last of those segments begins */
  int64_t *open;         /* beginnings that may still be best: PELT's pruned set */
  int64_t opened;
};

static int make_fit(struct fit *fit, int64_t n) {
  const size_t room = (size_t)n + 1;
  *fit = (struct fit){.y = l4r_alloc(room, sizeof(double), "a series"),
                      .sum = l4r_alloc(room, sizeof(double), "sums of a series"),
                      .squares = l4r_alloc(room, sizeof(double), "squares of a series"),
                      .best = l4r_alloc(room, sizeof(double), "costs of a series"),
                      .last = l4r_alloc(room, sizeof(int64_t), "segments of a series"),
                      .open = l4r_alloc(room, sizeof(int64_t), "beginnings of segments")};
  return fit->y && fit->sum && fit->squares && fit->best && fit->last && fit->open ? 0 : 1;
}

static void free_fit(struct fit *fit) {
  l4r_free(fit->y);
  l4r_free(fit->sum);
  l4r_free(fit->squares);
  l4r_free(fit->best);
  l4r_free(fit->last);
  l4r_free(fit->open);
}

/* Sigma of the values from their neighbours' differences; `scratch` has room for n of them. */
static double noise_of(const double *value, int64_t n, double *scratch) {
  for (int64_t i = 0; i + 1 < n; i++) scratch[i] = fabs(value[i + 1] - value[i]);
  return l4r_median(scratch, n - 1) / (.6744897501960817 * sqrt(2));
}

static void replace_outliers(const double *value, int64_t n, double sigma, double *y) {
  for (int64_t i = 0; i < n; i++) {
    double near[2 * REACH + 1];
    int64_t count = 0;
    for (int64_t j = i - REACH; j <= i + REACH; j++)
      if (j >= 0 && j < n) near[count++] = value[j];
    const double middle = l4r_median(near, count);
    y[i] = fabs(value[i] - middle) > far_off * sigma ? middle : value[i];
  }
}

static double cost(const struct fit *fit, int64_t begin, int64_t end) {
  const double sum = fit->sum[end] - fit->sum[begin];
  return fit->squares[end] - fit->squares[begin] - sum * sum / (double)(end - begin);
}

/* Best segments of the first `end` values, given those of fewer. A beginning that is worse by more
 * than a change costs can never be best again (Killick et al., theorem 3.1). */
static void extend(struct fit *fit, int64_t end, double penalty) {
  double least = INFINITY;
  for (int64_t o = 0; o < fit->opened; o++) {
    const int64_t begin = fit->open[o];
    if (end - begin < L4R_STEP_LEAST) break; /* ascending */
    const double total = fit->best[begin] + cost(fit, begin, end) + penalty;
    if (total >= least) continue;
    least = total;
    fit->last[end] = begin;
  }
  fit->best[end] = least;
  int64_t kept = 0;
  for (int64_t o = 0; o < fit->opened; o++) {
    const int64_t begin = fit->open[o];
    if (end - begin < L4R_STEP_LEAST || fit->best[begin] + cost(fit, begin, end) <= least)
      fit->open[kept++] = begin;
  }
  fit->opened = kept;
  if (isfinite(least)) fit->open[fit->opened++] = end;
}

static int collect(const struct fit *fit, int64_t n, double first, double sigma,
                   struct l4r_segment **segment, int64_t *segments) {
  int64_t count = 0;
  for (int64_t end = n; end > 0; end = fit->last[end]) count++;
  struct l4r_segment *list = l4r_alloc((size_t)count, sizeof *list, "segments of a series");
  if (!list) return 1;
  int64_t at = count;
  for (int64_t end = n; end > 0; end = fit->last[end]) {
    const int64_t begin = fit->last[end];
    const double mean = (fit->sum[end] - fit->sum[begin]) / (double)(end - begin);
    list[--at] = (struct l4r_segment){begin, end, first + sigma * mean};
  }
  *segment = list;
  *segments = count;
  return 0;
}

static void run(struct fit *fit, int64_t n, double penalty) {
  for (int64_t i = 0; i < n; i++) {
    fit->sum[i + 1] = fit->sum[i] + fit->y[i];
    fit->squares[i + 1] = fit->squares[i] + fit->y[i] * fit->y[i];
  }
  fit->best[0] = -penalty;
  fit->open[0] = 0;
  fit->opened = 1;
  for (int64_t end = 1; end <= n; end++) extend(fit, end, penalty);
}

int l4r_steps_find(const double *value, int64_t n, double floor, struct l4r_segment **segment,
                   int64_t *segments, double *noise) {
  struct fit fit;
  int status = make_fit(&fit, n);
  const int looked_for = n >= L4R_STEPS_FROM;
  double sigma = floor;
  if (!status && looked_for) sigma = fmax(floor, noise_of(value, n, fit.y));
  if (!status) {
    replace_outliers(value, n, sigma, fit.y);
    const double first = value[0];
    for (int64_t i = 0; i < n; i++) fit.y[i] = (fit.y[i] - first) / sigma;
    if (looked_for) {
      run(&fit, n, 2 * log((double)n) + penalty_constant);
    } else {
      for (int64_t i = 0; i < n; i++) fit.sum[i + 1] = fit.sum[i] + fit.y[i];
      fit.last[n] = 0;
    }
    status = collect(&fit, n, first, sigma, segment, segments);
  }
  *noise = looked_for ? sigma : 0;
  free_fit(&fit);
  return status;
}
