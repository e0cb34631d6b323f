/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables that figures of a course are drawn from. */
#ifndef L4R_BENCH_HISTORY_PLOT_TABLES_H
#define L4R_BENCH_HISTORY_PLOT_TABLES_H

#include "bench/history/history.h"

/* What plots/history.sh draws: folder/history.tsv, a line a record drawn with the level of its
 * segment; history-groups.tsv, a line a figure; history-arms.tsv, a line a series of a figure. A
 * figure has 24 series at most (more of one machine, data set, scenario and batch are several
 * figures), and a series 2000 / series records, twice that at most where its level changed often:
 * the fastest and the slowest of as many stretches, and the ends of its levels. history-groups.tsv
 * says of how many. Records without a time are left out. */
int l4r_history_plot_tables(const struct l4r_history *history, const char *folder);

#endif
