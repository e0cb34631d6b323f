/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes the tables from which figures of a history are drawn. */
#ifndef L4R_BENCH_HISTORY_PLOT_TABLES_H
#define L4R_BENCH_HISTORY_PLOT_TABLES_H

#include "bench/history/history.h"

/* Writes for plots/history.sh: folder/history.tsv with a line per record and the level of its
 * segment, history-groups.tsv with a line per figure, and history-arms.tsv with a line per series
 * of a figure. A figure has at most 24 series; more series of one machine, data set, scenario and
 * batch take several figures. A series shows 2000 / series records, at most twice that where its
 * level changed often: the fastest and the slowest of as many stretches, and the ends of its
 * levels. history-groups.tsv says how many records there were. Records without a time are left
 * out. */
int l4r_history_plot_tables(const struct l4r_history *history, const char *folder);

#endif
