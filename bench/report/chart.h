/* SPDX-License-Identifier: BSD-3-Clause */
/* Draws a figure of a page as inline SVG. Every element and attribute is written here; of what a
 * caller or a record says only numbers (formatted by printf) and text (escaped by l4r_html_text)
 * get in, so a figure can hold neither a script nor an address. That is why a page can have
 * tooltips (<title>) and links from a point to its row, which an image cannot. */
#ifndef L4R_BENCH_REPORT_CHART_H
#define L4R_BENCH_REPORT_CHART_H

#include "bench/report/chart_axis.h"
#include "bench/table/model.h"

#include <stdio.h>

enum l4r_line { L4R_LINE_NONE, L4R_LINE_SOLID, L4R_LINE_DASHED };

struct l4r_series {
  char name[400];
  int look; /* place of its colour and shape on the page, from 0; -1: grey, without marks */
  enum l4r_line line;
  int quiet;    /* 1: not in the legend */
  int unmarked; /* 1: a line without marks */
};

struct l4r_mark {
  int series;
  struct l4r_shown x, y; /* lo, hi: bars; NaN for none */
  char says[600];        /* the tooltip; "": no mark, the line alone */
  char row[96];          /* id of its row on the page, or "" */
};

struct l4r_chart {
  struct l4r_axis x, y;
  struct l4r_series *series;
  struct l4r_mark *mark;
  size_t count, marks, series_room, mark_room;
  int status; /* L4R_ENVIRONMENT once memory was short */
};

/* Adds a series and returns its number; -1 when memory is short. */
int l4r_chart_series(struct l4r_chart *chart, int look, enum l4r_line line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Adds a mark of a series; marks of a series are joined in the order in which they are added. A
 * mark without a finite x and y, or not above 0 on a logarithmic axis, is left out. Returns it, or
 * NULL. */
struct l4r_mark *l4r_chart_mark(struct l4r_chart *chart, int series, struct l4r_shown x,
                                struct l4r_shown y);
/* Writes <figure> with the drawing, its legend and the caption, and frees the chart. Writes nothing
 * for a chart without marks. Returns whether it wrote. */
int l4r_chart_put(struct l4r_chart *chart, FILE *page, const char *caption);

#endif
