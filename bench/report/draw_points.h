/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures of points: accuracy against latency, latency against load, the roofline. */
#ifndef L4R_BENCH_REPORT_DRAW_POINTS_H
#define L4R_BENCH_REPORT_DRAW_POINTS_H

#include "bench/report/figures.h"

/* Each puts the figures of a group on the page, or nothing where there is nothing to draw, and
 * returns how many it put. A figure shows at most 24 arms, those on a front first (arms.tsv), and
 * says how many it leaves out. */
int l4r_put_accuracy(struct l4r_figures *figures, FILE *page, int group);
int l4r_put_load(struct l4r_figures *figures, FILE *page, int group);
int l4r_put_roofline(struct l4r_figures *figures, FILE *page, int group);

#endif
