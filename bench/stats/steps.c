/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/stats/steps.h"

#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const double far_off = 3;          /* sigmas from the running median */
static const double penalty_constant = 6; /* added to 2 log n; see the header */
enum { REACH = 2 };                       /* neighbours of the running median on either side */

/* Levels between lo and hi for which the cheapest last segment is the one from `begin`. */
struct piece {
  double lo, hi;
  int64_t begin;
};

struct pieces {
  struct piece *list; /* [count], ascending and without gaps */
  int64_t count;
  size_t room;
};

struct fit {
  double *y;                 /* [n] values, outliers replaced, less their first, in sigmas */
  double *sum, *squares;     /* [n + 1] of the values before */
  double *best;              /* [n + 1] cost of the best segments of the values before */
  int64_t *last;             /* [n + 1] where the last of those segments begins */
  struct pieces open, aside; /* pieces that may still be best, and the same one value later */
};

static int make_fit(struct fit *fit, int64_t n) {
  const size_t room = (size_t)n + 1;
  *fit = (struct fit){.y = l4r_alloc(room, sizeof(double), "a series"),
                      .sum = l4r_alloc(room, sizeof(double), "sums of a series"),
                      .squares = l4r_alloc(room, sizeof(double), "squares of a series"),
                      .best = l4r_alloc(room, sizeof(double), "costs of a series"),
                      .last = l4r_alloc(room, sizeof(int64_t), "segments of a series")};
  return fit->y && fit->sum && fit->squares && fit->best && fit->last ? L4R_OK : L4R_ENVIRONMENT;
}

static void free_fit(struct fit *fit) {
  l4r_free(fit->y);
  l4r_free(fit->sum);
  l4r_free(fit->squares);
  l4r_free(fit->best);
  l4r_free(fit->last);
  l4r_free(fit->open.list);
  l4r_free(fit->aside.list);
}

/* Estimates sigma from the differences of neighbours; `scratch` holds n values. */
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

/* Adds levels to the end of a list that is large enough. */
static void append(struct pieces *pieces, double lo, double hi, int64_t begin) {
  if (!(lo < hi)) return;
  assert(pieces->list);
  struct piece *before = pieces->count ? &pieces->list[pieces->count - 1] : NULL;
  if (before && before->begin == begin) {
    before->hi = hi;
    return;
  }
  assert((size_t)pieces->count < pieces->room);
  pieces->list[pieces->count++] = (struct piece){lo, hi, begin};
}

/* Adds one more beginning, `from`. With level m, a last segment from an older `begin` costs
 *     best[begin] - best[from] + cost(begin, from) + (from - begin) (m - mean(begin, from))^2
 * more than one from `from`, whatever values follow. So the older one stays best for the levels
 * between two roots around that mean, and loses all others for good. */
static int admit(struct fit *fit, int64_t from) {
  struct pieces *open = &fit->open, *next = &fit->aside;
  int status = l4r_grow(&next->list, &next->room, 2 * (size_t)open->count + 1, sizeof *next->list,
                        "levels of a series");
  if (status) return status;
  next->count = 0;
  for (int64_t o = 0; o < open->count; o++) {
    const struct piece piece = open->list[o];
    const double values = (double)(from - piece.begin);
    const double mean = (fit->sum[from] - fit->sum[piece.begin]) / values;
    const double gain = fit->best[from] - fit->best[piece.begin] - cost(fit, piece.begin, from);
    if (gain >= 0) {
      const double half = sqrt(gain / values);
      const double lo = fmin(piece.hi, fmax(piece.lo, mean - half));
      const double hi = fmin(piece.hi, fmax(piece.lo, mean + half));
      append(next, piece.lo, lo, from);
      append(next, lo, hi, piece.begin);
      append(next, hi, piece.hi, from);
    } else {
      append(next, piece.lo, piece.hi, from);
    }
  }
  const struct pieces before = *open;
  *open = *next;
  *next = before;
  return L4R_OK;
}

/* Finds the best segments of the first `end` values, given those of fewer values. Among equal
 * costs, the earliest beginning is taken. */
static void extend(struct fit *fit, int64_t end, double penalty) {
  double least = INFINITY;
  for (int64_t o = 0; o < fit->open.count; o++) {
    const int64_t begin = fit->open.list[o].begin;
    const double total = fit->best[begin] + cost(fit, begin, end) + penalty;
    if (total > least || (total == least && begin >= fit->last[end])) continue;
    least = total;
    fit->last[end] = begin;
  }
  fit->best[end] = least;
}

static int collect(const struct fit *fit, int64_t n, double first, double sigma,
                   struct l4r_segment **segment, int64_t *segments) {
  int64_t count = 0;
  for (int64_t end = n; end > 0; end = fit->last[end]) count++;
  struct l4r_segment *list = l4r_alloc((size_t)count, sizeof *list, "segments of a series");
  if (!list) return L4R_ENVIRONMENT;
  int64_t at = count;
  for (int64_t end = n; end > 0; end = fit->last[end]) {
    const int64_t begin = fit->last[end];
    const double mean = (fit->sum[end] - fit->sum[begin]) / (double)(end - begin);
    list[--at] = (struct l4r_segment){begin, end, first + sigma * mean};
  }
  *segment = list;
  *segments = count;
  return L4R_OK;
}

static int run(struct fit *fit, int64_t n, double penalty) {
  double least = 0, most = 0; /* the first value is 0 */
  for (int64_t i = 0; i < n; i++) {
    fit->sum[i + 1] = fit->sum[i] + fit->y[i];
    fit->squares[i + 1] = fit->squares[i] + fit->y[i] * fit->y[i];
    least = fmin(least, fit->y[i]);
    most = fmax(most, fit->y[i]);
  }
  int status = l4r_grow(&fit->open.list, &fit->open.room, 1, sizeof *fit->open.list,
                        "levels of a series");
  if (status) return status;
  fit->best[0] = -penalty;
  /* Levels are means of values; one more sigma keeps the outermost ones clear of rounding. */
  append(&fit->open, least - 1, most + 1, 0);
  for (int64_t end = L4R_STEP_LEAST; end <= n && !status; end++) {
    if (end >= 2 * L4R_STEP_LEAST) status = admit(fit, end - L4R_STEP_LEAST);
    if (!status) extend(fit, end, penalty);
  }
  return status;
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
      status = run(&fit, n, 2 * log((double)n) + penalty_constant);
    } else {
      for (int64_t i = 0; i < n; i++) fit.sum[i + 1] = fit.sum[i] + fit.y[i];
      fit.last[n] = 0;
    }
    if (!status) status = collect(&fit, n, first, sigma, segment, segments);
  }
  *noise = looked_for ? sigma : 0;
  free_fit(&fit);
  return status;
}
