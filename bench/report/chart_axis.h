/* SPDX-License-Identifier: BSD-3-Clause */
/* The axes of a figure of the page: what they show, their range, their ticks. */
#ifndef L4R_BENCH_REPORT_CHART_AXIS_H
#define L4R_BENCH_REPORT_CHART_AXIS_H

#include <stddef.h>

enum l4r_axis_kind { L4R_AXIS_PLAIN, L4R_AXIS_SECONDS, L4R_AXIS_RATE };

struct l4r_tick {
  double at;
  const char *label;
};

struct l4r_axis {
  const char *title;
  enum l4r_axis_kind kind; /* SECONDS: "2 ms"; RATE: "20 G" */
  int logarithmic;
  const struct l4r_tick *tick; /* [ticks] given ones; NULL: chosen, at least three */
  int ticks;
  double lo, hi; /* filled from the marks and widened; NaN before */
  int from_zero; /* 1: a linear axis begins at 0 */
};

/* Writes a value as an axis of that kind labels it. */
void l4r_axis_label(enum l4r_axis_kind kind, double value, char *text, size_t size);
/* Widens a range so that marks keep off the frame, and chooses ticks into tick[L4R_TICKS] with
 * room for their labels; returns how many, at least three. */
enum { L4R_TICKS = 24 };
struct l4r_axis_ticks {
  double at[L4R_TICKS];
  char label[L4R_TICKS][24];
  int count;
};
void l4r_axis_ticks(struct l4r_axis *axis, struct l4r_axis_ticks *ticks);

#endif
