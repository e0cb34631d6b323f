/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures of curves: the distribution of latencies, growth, and learning. */
#ifndef L4R_BENCH_REPORT_DRAW_CURVES_H
#define L4R_BENCH_REPORT_DRAW_CURVES_H

#include "bench/report/figures.h"

/* Each puts the figures of a group on the page, or nothing where there is nothing to draw, and
 * returns how many it put. A figure shows at most 24 arms, those on a front first (arms.tsv), and
 * says how many it leaves out. */
int l4r_put_distribution(struct l4r_figures *figures, FILE *page, int group);
/* The same for a dimension of growth, from three different values on. */
int l4r_put_growth(struct l4r_figures *figures, FILE *page, const char *dimension);
/* The same for the models whose logs were given, by minutes, beside pop and itemknn. */
int l4r_put_learning(struct l4r_figures *figures, FILE *page);

#endif
