/* SPDX-License-Identifier: BSD-3-Clause */
/* The range of an axis, and where its ticks stand. */
#include "bench/report/chart_axis.h"

#include "impl/base/text.h"

#include <math.h>
#include <stdio.h>

void l4r_axis_label(enum l4r_axis_kind kind, double value, char *text, size_t size) {
  static const char *const prefix[] = {"n", "\xc2\xb5", "m", "", "k", "M", "G", "T"};
  int step = 3;
  double shown = fabs(value);
  if (kind == L4R_AXIS_PLAIN && (value == 0 || (shown >= 1e-4 && shown < 1e5))) {
    l4r_text_set(text, size, "%.6g", value);
    return;
  }
  while (shown >= 999.95 && step < 7) shown /= 1000, step++;
  while (shown > 0 && shown < .99995 && step > 0 && kind == L4R_AXIS_SECONDS) shown *= 1000, step--;
  l4r_text_set(text, size, "%s%.4g%s%s%s", value < 0 ? "-" : "", shown,
               kind == L4R_AXIS_SECONDS || step != 3 ? " " : "", prefix[step],
               kind == L4R_AXIS_SECONDS ? "s" : "");
}

static void add(const struct l4r_axis *axis, struct l4r_axis_ticks *ticks, double at) {
  const double slack = axis->logarithmic ? 0 : 1e-9 * (axis->hi - axis->lo);
  if (ticks->count == L4R_TICKS || at < axis->lo - slack || at > axis->hi + slack) return;
  ticks->at[ticks->count] = at;
  l4r_axis_label(axis->kind, at, ticks->label[ticks->count], sizeof ticks->label[0]);
  ticks->count++;
}

static void add_digits(const struct l4r_axis *axis, struct l4r_axis_ticks *ticks,
                       const double *digit, int digits, int every) {
  ticks->count = 0;
  const int first = (int)floor(log10(axis->lo)), last = (int)ceil(log10(axis->hi));
  for (int decade = first; decade <= last; decade++)
    for (int d = 0; d < digits; d++)
      if (decade % every == 0) add(axis, ticks, digit[d] * pow(10, decade));
}

/* Powers of ten where three or more are in sight, and finer digits where they are not. */
static void logarithmic(const struct l4r_axis *axis, struct l4r_axis_ticks *ticks) {
  static const double digits[][10] = {{1}, {1, 3}, {1, 2, 5}, {1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9}};
  static const int count[] = {1, 2, 3, 10};
  for (int every = 1; every < 8; every++) {
    for (int d = 0; d < 4; d++) {
      add_digits(axis, ticks, digits[d], count[d], every);
      if (ticks->count >= 3) break;
    }
    if (ticks->count <= 9) break;
  }
}

static void linear(const struct l4r_axis *axis, struct l4r_axis_ticks *ticks) {
  static const double nice[] = {1, 2, 2.5, 5, 10};
  const double span = axis->hi - axis->lo, rough = pow(10, floor(log10(span / 5)));
  double step = rough;
  for (int n = 0; n < 5 && span / step > 6; n++) step = rough * nice[n];
  ticks->count = 0;
  const double first = ceil(axis->lo / step - 1e-9);
  for (int k = 0; (first + k) * step <= axis->hi + 1e-9 * span; k++)
    add(axis, ticks, fabs(first + k) < 1e-9 ? 0 : (first + k) * step);
}

static void widen(struct l4r_axis *axis) {
  if (axis->logarithmic) {
    const double span = axis->hi / axis->lo;
    const double room = span < 1.3 ? 1.3 : pow(span, .06);
    axis->lo /= room;
    axis->hi *= room;
    return;
  }
  double span = axis->hi - axis->lo;
  if (span <= 0) span = axis->hi ? fabs(axis->hi) : 1;
  const int zero = axis->from_zero && axis->lo >= 0;
  axis->lo = zero ? 0 : axis->lo - .06 * span;
  axis->hi += zero ? .08 * axis->hi + (axis->hi > 0 ? 0 : 1) : .06 * span;
}

void l4r_axis_ticks(struct l4r_axis *axis, struct l4r_axis_ticks *ticks) {
  ticks->count = 0;
  widen(axis);
  for (int t = 0; t < axis->ticks; t++) {
    const int before = ticks->count;
    add(axis, ticks, axis->tick[t].at);
    if (ticks->count > before)
      l4r_text_set(ticks->label[before], sizeof ticks->label[0], "%s", axis->tick[t].label);
  }
  if (ticks->count >= 3) return;
  ticks->count = 0;
  if (axis->logarithmic) logarithmic(axis, ticks);
  if (ticks->count < 3) linear(axis, ticks); /* a short range of a logarithmic axis too */
}
