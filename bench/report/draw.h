/* SPDX-License-Identifier: BSD-3-Clause */
/* What the figures of bench/report share: rows of a group's table, and how they are named. */
#ifndef L4R_BENCH_REPORT_DRAW_H
#define L4R_BENCH_REPORT_DRAW_H

#include "bench/report/chart.h"
#include "bench/report/figures.h"

/* A row of a table of figures that belongs to a group and is drawn. */
struct l4r_drawn {
  const struct l4r_tsv_rows *table;
  int64_t row; /* -1 before the first */
  const char *label;
  int arm, thread, threads;
};

/* Steps to the next row of the group whose arm has room in the figure; 0 after the last. */
int l4r_next_drawn(const struct l4r_figures *figures, int group, struct l4r_drawn *drawn);
double l4r_drawn_number(const struct l4r_drawn *drawn, const char *key);
/* A figure of three columns KEY, KEY_lo, KEY_hi, times `scale`. */
struct l4r_shown l4r_drawn_shown(const struct l4r_drawn *drawn, const char *key, double scale);
/* Returns the series of an arm, and of a thread count where that is not -1; adds it where it is
 * new. */
int l4r_drawn_series(struct l4r_figures *figures, struct l4r_chart *chart,
                     const struct l4r_drawn *drawn, enum l4r_line line, int by_thread);
/* Writes a caption: what, the group's title and machine, how many arms have no room. */
void l4r_figure_caption(const struct l4r_figures *figures, int group, const char *what, char *text,
                        size_t size);
/* Writes "234 us (223 to 251)". */
void l4r_seconds_text(struct l4r_shown seconds, char *text, size_t size);
/* A number without an interval. */
struct l4r_shown l4r_alone(double value);

#endif
