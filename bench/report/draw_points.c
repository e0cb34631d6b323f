/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures of points: accuracy against latency, latency against load, the roofline. */
#include "bench/report/draw_points.h"
#include "bench/report/draw.h"

#include "impl/base/text.h"
#include "impl/ceiling/peak.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 900 };

static const char *statistic_of(const struct l4r_figures *figures, int group) {
  const char *scenario = "";
  for (int64_t r = 0; r < figures->rows->count; r++)
    if (figures->rows->row[r].group == group)
      scenario = l4r_row_text(&figures->rows->row[r], "scenario");
  return strcmp(scenario, "offline") != 0 ? "median latency of a request" : "mean time of a user";
}

static int put_convention(struct l4r_figures *figures, FILE *page, int group, int convention) {
  static const char *const axis[] = {"HR@10, seen items kept", "HR@10, seen items masked"};
  static const char *const hits[] = {"keep_hr", "mask_hr"};
  static const char *const fronts[] = {"keep_front", "mask_front"};
  static const char *const names[] = {"Accuracy against latency, keep",
                                      "Accuracy against latency, mask"};
  struct l4r_chart chart = {
      .x = {.title = statistic_of(figures, group), .kind = L4R_AXIS_SECONDS, .logarithmic = 1},
      .y = {.title = axis[convention], .from_zero = 1}};
  struct l4r_drawn drawn = {.table = &figures->table[L4R_OF_POINTS], .row = -1};
  char caption[TEXT], time[96];
  const int front = l4r_chart_series(&chart, -1, L4R_LINE_SOLID, "%s",
                                     "front: no arm is both faster and more accurate");
  double before = NAN;
  while (l4r_next_drawn(figures, group, &drawn)) {
    const struct l4r_shown x = l4r_drawn_shown(&drawn, "ns", 1e-9);
    const struct l4r_shown y = l4r_drawn_shown(&drawn, hits[convention], 1);
    if (l4r_drawn_number(&drawn, fronts[convention]) == 1) {
      if (!isnan(before)) l4r_chart_mark(&chart, front, l4r_alone(x.value), l4r_alone(before));
      l4r_chart_mark(&chart, front, l4r_alone(x.value), l4r_alone(y.value));
      before = y.value;
    }
    struct l4r_mark *mark = l4r_chart_mark(
        &chart, l4r_drawn_series(figures, &chart, &drawn, L4R_LINE_NONE, 0), x, y);
    if (!mark) continue;
    l4r_seconds_text(x, time, sizeof time);
    l4r_text_set(mark->says, sizeof mark->says,
                 "%.340s, %d thread%s: %s; HR@10 %.4f (%.4f to %.4f)", drawn.label, drawn.threads,
                 drawn.threads == 1 ? "" : "s", time, y.value, y.lo, y.hi);
    l4r_figures_row(figures, group, drawn.arm, drawn.thread, 0, mark->row, sizeof mark->row);
  }
  l4r_figure_caption(figures, group, names[convention], caption, sizeof caption);
  return l4r_chart_put(&chart, page, caption);
}

int l4r_put_accuracy(struct l4r_figures *figures, FILE *page, int group) {
  return put_convention(figures, page, group, L4R_KEEP) +
         put_convention(figures, page, group, L4R_MASK);
}

int l4r_put_load(struct l4r_figures *figures, FILE *page, int group) {
  struct l4r_chart chart = {.x = {.title = "users a second that arrive", .logarithmic = 1},
                            .y = {.title = "p99 (dashed: p50) from when it was due",
                                  .kind = L4R_AXIS_SECONDS,
                                  .logarithmic = 1}};
  struct l4r_drawn drawn = {.table = &figures->table[L4R_OF_LOAD], .row = -1};
  char caption[TEXT], time[96];
  double bound = NAN;
  while (l4r_next_drawn(figures, group, &drawn)) {
    const double rate = l4r_drawn_number(&drawn, "rate");
    const struct l4r_shown p99 = l4r_drawn_shown(&drawn, "p99_ns", 1e-9);
    const int series = l4r_drawn_series(figures, &chart, &drawn, L4R_LINE_DASHED, 1);
    if (series >= 0) chart.series[series].quiet = 1;
    l4r_chart_mark(&chart, series, l4r_alone(rate),
                   l4r_alone(1e-9 * l4r_drawn_number(&drawn, "p50_ns")));
    struct l4r_mark *mark = l4r_chart_mark(
        &chart, l4r_drawn_series(figures, &chart, &drawn, L4R_LINE_SOLID, 1), l4r_alone(rate), p99);
    bound = 1e-9 * l4r_drawn_number(&drawn, "bound_ns");
    if (!mark) continue;
    l4r_seconds_text(p99, time, sizeof time);
    l4r_text_set(mark->says, sizeof mark->says, "%.340s, %d thread%s, %.6g users/s: p99 %s, %s",
                 drawn.label, drawn.threads, drawn.threads == 1 ? "" : "s", rate, time,
                 l4r_columns_text(drawn.table, drawn.row, "verdict"));
    l4r_figures_row(figures, group, drawn.arm, drawn.thread, rate, mark->row, sizeof mark->row);
  }
  if (chart.marks && !isnan(bound)) {
    const double lo = chart.x.lo, hi = chart.x.hi;
    const int series = l4r_chart_series(&chart, -1, L4R_LINE_SOLID, "the bound of p99");
    l4r_chart_mark(&chart, series, l4r_alone(lo), l4r_alone(bound));
    l4r_chart_mark(&chart, series, l4r_alone(hi), l4r_alone(bound));
  }
  l4r_figure_caption(figures, group, "Latency against load", caption, sizeof caption);
  return l4r_chart_put(&chart, page, caption);
}

/* --- roofline --- */

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The middle one of a column over the drawn stages of a thread count and a kind of roof. */
static double median(const struct l4r_figures *figures, int group, int thread, int roof,
                     const char *key) {
  enum { MOST = 512 };
  double value[MOST];
  size_t count = 0;
  struct l4r_drawn drawn = {.table = &figures->table[L4R_OF_STAGES], .row = -1};
  while (count < MOST && l4r_next_drawn(figures, group, &drawn))
    if (drawn.thread == thread && (int)l4r_drawn_number(&drawn, "roof_of") == roof)
      value[count++] = l4r_drawn_number(&drawn, key);
  if (!count) return NAN;
  qsort(value, count, sizeof *value, ascending);
  return value[count / 2];
}

/* A roof a precision and thread count: along the memory's slope to the ceiling, and along it. */
static void add_roofs(const struct l4r_figures *figures, int group, struct l4r_chart *chart,
                      int threads, const int *count_of) {
  const double lo = chart->x.lo / 3, hi = chart->x.hi * 3;
  char speed[24];
  for (int roof = 0; roof <= L4R_PEAK_PRECISIONS; roof++)
    for (int t = 0; t < threads; t++) {
      const double flat = median(figures, group, t, roof, "roof");
      const double slope = median(figures, group, t, roof, "memory");
      if (isnan(flat) || isnan(slope)) continue;
      l4r_axis_label(L4R_AXIS_RATE, flat, speed, sizeof speed);
      const int series = l4r_chart_series(
          chart, -1, t ? L4R_LINE_DASHED : L4R_LINE_SOLID, "%s of %s, %d thread%s: %sFLOP/s",
          roof < L4R_PEAK_PRECISIONS ? "ceiling" : "speed",
          roof < L4R_PEAK_PRECISIONS ? l4r_peak_precision_name((enum l4r_peak_precision)roof)
                                     : "sgemm",
          count_of[t], count_of[t] == 1 ? "" : "s", speed);
      const double knee = flat / slope;
      if (knee > lo) l4r_chart_mark(chart, series, l4r_alone(lo), l4r_alone(slope * lo));
      l4r_chart_mark(chart, series, l4r_alone(knee > lo ? knee : lo), l4r_alone(flat));
      if (knee < hi) l4r_chart_mark(chart, series, l4r_alone(hi), l4r_alone(flat));
    }
}

int l4r_put_roofline(struct l4r_figures *figures, FILE *page, int group) {
  enum { COUNTS = 64 };
  struct l4r_chart chart = {.x = {.title = "modelled FLOP a byte that must move", .logarithmic = 1},
                            .y = {.title = "FLOP/s", .kind = L4R_AXIS_RATE, .logarithmic = 1}};
  struct l4r_drawn drawn = {.table = &figures->table[L4R_OF_STAGES], .row = -1};
  char caption[TEXT], speed[24];
  int threads = 0, count_of[COUNTS] = {0};
  while (l4r_next_drawn(figures, group, &drawn)) {
    const double work = l4r_drawn_number(&drawn, "flops_per_byte");
    const double rate = l4r_drawn_number(&drawn, "flops_per_second");
    struct l4r_mark *mark = l4r_chart_mark(
        &chart, l4r_drawn_series(figures, &chart, &drawn, L4R_LINE_NONE, 0), l4r_alone(work),
        l4r_alone(rate));
    if (drawn.thread >= 0 && drawn.thread < COUNTS) {
      count_of[drawn.thread] = drawn.threads;
      if (drawn.thread >= threads) threads = drawn.thread + 1;
    }
    if (!mark) continue;
    l4r_axis_label(L4R_AXIS_RATE, rate, speed, sizeof speed);
    l4r_text_set(mark->says, sizeof mark->says,
                 "%.340s, %d thread%s, %.60s: %sFLOP/s, %.4g FLOP a byte", drawn.label,
                 drawn.threads, drawn.threads == 1 ? "" : "s",
                 l4r_columns_text(drawn.table, drawn.row, "stage"), speed, work);
    l4r_figures_row(figures, group, drawn.arm, drawn.thread, 0, mark->row, sizeof mark->row);
  }
  if (chart.marks) add_roofs(figures, group, &chart, threads, count_of);
  l4r_figure_caption(figures, group, "Roofline of stages", caption, sizeof caption);
  return l4r_chart_put(&chart, page, caption);
}
