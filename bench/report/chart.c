/* SPDX-License-Identifier: BSD-3-Clause */
/* The drawing: a frame of 480 x 340 units, which a page scales to its column; its text is of 12
 * units, so that it can be read on a telephone. */
#include "bench/report/chart.h"

#include "bench/table/html.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 480, HEIGHT = 340, LEFT = 68, RIGHT = 468, TOP = 12, BOTTOM = 284 };

int l4r_chart_series(struct l4r_chart *chart, int look, enum l4r_line line, const char *format,
                     ...) {
  if (l4r_grow(&chart->series, &chart->series_room, chart->count + 1, sizeof *chart->series,
               "series of a figure")) {
    chart->status = L4R_ENVIRONMENT;
    return -1;
  }
  struct l4r_series *series = &chart->series[chart->count];
  *series = (struct l4r_series){.look = look, .line = line};
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(series->name, sizeof series->name, format, arguments);
  va_end(arguments);
  return (int)chart->count++;
}

static int has_place(const struct l4r_axis *axis, double value) {
  return isfinite(value) && (!axis->logarithmic || value > 0);
}

static void reach(struct l4r_axis *axis, int first, double value) {
  if (!has_place(axis, value)) return;
  if (first || !(axis->lo <= value)) axis->lo = value;
  if (first || !(axis->hi >= value)) axis->hi = value;
}

struct l4r_mark *l4r_chart_mark(struct l4r_chart *chart, int series, struct l4r_shown x,
                                struct l4r_shown y) {
  if (series < 0 || !has_place(&chart->x, x.value) || !has_place(&chart->y, y.value)) return NULL;
  if (l4r_grow(&chart->mark, &chart->mark_room, chart->marks + 1, sizeof *chart->mark,
               "marks of a figure")) {
    chart->status = L4R_ENVIRONMENT;
    return NULL;
  }
  reach(&chart->x, !chart->marks, x.value);
  reach(&chart->y, !chart->marks, y.value);
  /* a bar that reaches far out does not make the others small */
  if (!chart->x.logarithmic || x.hi < 20 * x.value) reach(&chart->x, 0, x.hi);
  if (!chart->x.logarithmic || x.lo > x.value / 20) reach(&chart->x, 0, x.lo);
  reach(&chart->y, 0, y.hi);
  if (!chart->y.logarithmic || y.lo > y.value / 20) reach(&chart->y, 0, y.lo);
  struct l4r_mark *mark = &chart->mark[chart->marks++];
  *mark = (struct l4r_mark){.series = series, .x = x, .y = y};
  return mark;
}

/* --- places --- */

static double share(const struct l4r_axis *axis, double value) {
  const double at = axis->logarithmic ? log(value / axis->lo) / log(axis->hi / axis->lo)
                                      : (value - axis->lo) / (axis->hi - axis->lo);
  return at < 0 ? 0 : at > 1 ? 1 : at;
}
static double x_of(const struct l4r_chart *chart, double value) {
  if (chart->x.logarithmic && value <= 0) return LEFT;
  return LEFT + (RIGHT - LEFT) * share(&chart->x, value);
}
static double y_of(const struct l4r_chart *chart, double value) {
  if (chart->y.logarithmic && value <= 0) return BOTTOM;
  return BOTTOM - (BOTTOM - TOP) * share(&chart->y, value);
}

/* --- parts --- */

/* Six shapes around a point; with eight colours, 24 looks differ in one or the other. */
static void put_shape(FILE *page, int look, double x, double y, double r) {
  static const char *const shapes[] = {"",
                                       "M-1-1H1V1H-1Z",
                                       "M0-1.2L1.1.8H-1.1Z",
                                       "M0 1.2L1.1-.8H-1.1Z",
                                       "M0-1.35L1.35 0L0 1.35L-1.35 0Z",
                                       "M0-1.2L1.14-.37L.71.97H-.71L-1.14-.37Z"};
  const int shape = (look + look / 24) % 6;
  if (!shape)
    fprintf(page, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>", x, y, r);
  else
    fprintf(page, "<path d=\"%s\" transform=\"translate(%.1f %.1f) scale(%.1f)\"/>", shapes[shape],
            x, y, r);
}

static void put_axes(FILE *page, struct l4r_chart *chart) {
  struct l4r_axis_ticks ticks;
  l4r_axis_ticks(&chart->x, &ticks);
  double last = -1e9;
  for (int t = 0; t < ticks.count; t++) {
    const double x = x_of(chart, ticks.at[t]), half = 3.4 * (double)strlen(ticks.label[t]);
    fprintf(page, "<path class=\"grid\" d=\"M%.1f %dV%d\"/>", x, TOP, BOTTOM);
    if (x - half < last + 4 || x + half > WIDTH) continue; /* labels do not touch */
    fprintf(page, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", x, BOTTOM + 17);
    l4r_html_text(page, ticks.label[t]);
    fputs("</text>", page);
    last = x + half;
  }
  l4r_axis_ticks(&chart->y, &ticks);
  last = 1e9;
  for (int t = 0; t < ticks.count; t++) {
    const double y = y_of(chart, ticks.at[t]);
    fprintf(page, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y, RIGHT);
    if (y > last - 13) continue;
    fprintf(page, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 7, y + 4);
    l4r_html_text(page, ticks.label[t]);
    fputs("</text>", page);
    last = y;
  }
  fprintf(page, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>", LEFT, TOP, BOTTOM, RIGHT);
  fprintf(page, "<text class=\"name\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
          (LEFT + RIGHT) / 2, HEIGHT - 14);
  l4r_html_text(page, chart->x.title);
  fprintf(page,
          "</text><text class=\"name\" transform=\"translate(14 %d) rotate(-90)\" "
          "text-anchor=\"middle\">",
          (TOP + BOTTOM) / 2);
  l4r_html_text(page, chart->y.title);
  fputs("</text>\n", page);
}

static void put_class(FILE *page, const struct l4r_series *series) {
  if (series->look < 0)
    fputs(" class=\"front\"", page);
  else
    fprintf(page, " class=\"a%d\"", series->look % 8);
}

static void put_line(FILE *page, const struct l4r_chart *chart, size_t s) {
  double x = 0, y = 0;
  int points = 0;
  if (chart->series[s].line == L4R_LINE_NONE) return;
  for (size_t m = 0; m < chart->marks; m++) {
    if (chart->mark[m].series != (int)s) continue;
    const double a = x_of(chart, chart->mark[m].x.value), b = y_of(chart, chart->mark[m].y.value);
    if (points && fabs(a - x) < 1 && fabs(b - y) < 1) continue; /* nothing to be seen */
    if (!points++) {
      fputs("<g", page);
      put_class(page, &chart->series[s]);
      fprintf(page, "><path class=\"line%s\" d=\"M",
              chart->series[s].line == L4R_LINE_DASHED ? " dashed" : "");
    }
    fprintf(page, "%s%.1f %.1f", points > 1 ? "L" : "", a, b);
    x = a;
    y = b;
  }
  if (points) fputs("\"/></g>\n", page);
}

static void put_bars(FILE *page, const struct l4r_chart *chart, const struct l4r_mark *mark) {
  const double x = x_of(chart, mark->x.value), y = y_of(chart, mark->y.value);
  if (!isnan(mark->x.lo) && !isnan(mark->x.hi))
    fprintf(page, "<path class=\"bar\" d=\"M%.1f %.1fH%.1f\"/>", x_of(chart, mark->x.lo), y,
            x_of(chart, mark->x.hi));
  if (!isnan(mark->y.lo) && !isnan(mark->y.hi))
    fprintf(page, "<path class=\"bar\" d=\"M%.1f %.1fV%.1f\"/>", x, y_of(chart, mark->y.lo),
            y_of(chart, mark->y.hi));
}

static void put_mark(FILE *page, const struct l4r_chart *chart, const struct l4r_mark *mark) {
  const struct l4r_series *series = &chart->series[mark->series];
  if (!*mark->says) return;
  if (*mark->row) {
    fputs("<a href=\"#", page);
    l4r_html_text(page, mark->row);
    fputs("\">", page);
  }
  fputs("<g", page);
  put_class(page, series);
  fputs(" data-arm=\"", page);
  l4r_html_text(page, series->name);
  fputs("\"><title>", page);
  l4r_html_text(page, mark->says);
  fputs("</title>", page);
  put_bars(page, chart, mark);
  if (series->look >= 0 && !series->unmarked)
    put_shape(page, series->look, x_of(chart, mark->x.value), y_of(chart, mark->y.value),
              chart->marks > 60 ? 3.2 : 4.6);
  fputs(*mark->row ? "</g></a>\n" : "</g>\n", page);
}

static void put_legend(FILE *page, const struct l4r_chart *chart) {
  fputs("<ul class=\"legend\">\n", page);
  for (size_t s = 0; s < chart->count; s++) {
    const struct l4r_series *series = &chart->series[s];
    if (series->quiet) continue;
    fputs("<li><svg viewBox=\"0 0 24 12\" aria-hidden=\"true\"><g", page);
    put_class(page, series);
    fputc('>', page);
    if (series->line)
      fprintf(page, "<path class=\"line%s\" d=\"M1 6H23\"/>",
              series->line == L4R_LINE_DASHED ? " dashed" : "");
    if (series->look >= 0 && !series->unmarked) put_shape(page, series->look, 12, 6, 4.2);
    fputs("</g></svg> ", page);
    l4r_html_text(page, series->name);
    fputs("</li>\n", page);
  }
  fputs("</ul>\n", page);
}

int l4r_chart_put(struct l4r_chart *chart, FILE *page, const char *caption) {
  const int drawn = chart->marks > 0 && !chart->status;
  if (drawn) {
    fprintf(page, "<figure><svg class=\"chart\" role=\"img\" viewBox=\"0 0 %d %d\" aria-label=\"",
            WIDTH, HEIGHT);
    l4r_html_text(page, caption);
    fputs("\">\n", page);
    put_axes(page, chart);
    for (size_t s = 0; s < chart->count; s++) put_line(page, chart, s);
    for (size_t m = 0; m < chart->marks; m++) put_mark(page, chart, &chart->mark[m]);
    fputs("</svg>\n", page);
    put_legend(page, chart);
    fputs("<figcaption>", page);
    l4r_html_text(page, caption);
    fputs("</figcaption></figure>\n", page);
  }
  l4r_free(chart->series);
  l4r_free(chart->mark);
  *chart = (struct l4r_chart){.marks = 0};
  return drawn;
}
