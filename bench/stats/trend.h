/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a learning curve stands when its training ends, and what it would reach if it went on.
 *
 * Looked at is the last half of the training time alone, because the first says little about the
 * end. Two least-squares fits: a line, whose slope has Student's 95 % interval, and an exponential
 * that saturates, y = limit - drop * exp(-(t - t0) / tau), with tau on a grid from 1/64 to 64 times
 * the time looked at. The curve is RISING when the line's slope is above zero and the exponential
 * gains more than 1 % from the end to twice the training time. What it would reach is that fit read
 * further on: an extrapolation, under the assumption that the course of the learning rate goes on
 * as it was, which a schedule bound to the time does not do. */
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
  int64_t points; /* looked at */
  double end;     /* the exponential's value at the end; NaN when UNKNOWN */
  double twice;   /* its value at twice the training time; NaN unless RISING */
  double limit;   /* its limit; NaN unless RISING, and where no bend is visible (tau at its most) */
};

/* time: ascending, of n points; both finite. Pure. */
struct l4r_trend l4r_trend_of(const double *time, const double *value, int64_t n);
const char *l4r_trend_name(enum l4r_trend_state state); /* "unknown", "flat", ... */

#endif
