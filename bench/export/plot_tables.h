/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables that figures are drawn from. */
#ifndef L4R_BENCH_EXPORT_PLOT_TABLES_H
#define L4R_BENCH_EXPORT_PLOT_TABLES_H

#include "bench/export/rows.h"

/* The figures' tables, tab-separated with a line of names, '-' where a value is absent:
 *   folder/groups.tsv            what one figure each shows
 *   folder/arms.tsv              its arms, best HR@10 (mask) first; priority: the order in which a
 * figure takes them that has no room for all, those on a Pareto front before the others
 *   folder/accuracy_latency.tsv  a point an arm and thread count
 *   folder/latency_quantiles.tsv curves from the raw samples beside the records
 *   folder/load.tsv              a point a server record: latencies by rate (load.h)
 *   folder/stages.tsv            points of a roofline: modelled work a byte, flop/s, and the
 * ceilings (flop/s, bytes/s) of stages that have all of these Of several records of one arm and
 * thread count the newest is taken. Whatever is left out is told by a warning on stderr. Sets the
 * places of `rows`. L4R_INPUT for damaged samples. */
int l4r_export_plot_tables(struct l4r_rows *rows, const char *folder);

#endif
