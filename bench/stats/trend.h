/* SPDX-License-Identifier: BSD-3-Clause */
/* Estimates where a learning curve stands when its training ends, and what it would reach if
 * training went on.
 *
 * Only the last half of the training time is used, because the first half says little about the
 * end. Two functions are fitted by least squares: a line, whose slope has Student's 95 % interval,
 * and a saturating exponential, y = limit - drop * exp(-(t - t0) / tau), with tau on a grid from
 * 1/64 to 64 times the span that is used. The curve is RISING when the line's slope is above zero
 * and the exponential gains more than 1 % between the end and twice the training time. The
 * prediction extrapolates that fit. It assumes that the learning rate continues its course, which a
 * schedule bound to the training time does not do. */
#ifndef L4R_BENCH_STATS_TREND_H
#define L4R_BENCH_STATS_TREND_H

#include <stdint.h>

enum l4r_trend_state {
  L4R_TREND_UNKNOWN, /* fewer than L4R_TREND_POINTS points in the last half */
  L4R_TREND_FLAT,
  L4R_TREND_RISING,
  L4R_TREND_FALLING, /* the line's slope is below zero */
  L4R_TREND_STATES
};
enum { L4R_TREND_POINTS = 6 };

struct l4r_trend {
  enum l4r_trend_state state;
  int64_t points; /* points in the last half */
  double end;     /* the exponential's value at the end; NaN when UNKNOWN */
  double twice;   /* its value at twice the training time; NaN unless RISING */
  double limit;   /* its limit; NaN unless RISING, and when no bend is visible (tau at its most) */
};

/* time is ascending; both have n finite values. Pure. */
struct l4r_trend l4r_trend_of(const double *time, const double *value, int64_t n);
const char *l4r_trend_name(enum l4r_trend_state state); /* "unknown", "flat", ... */

#endif
