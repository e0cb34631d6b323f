/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes the tables from which figures are drawn. */
#ifndef L4R_BENCH_EXPORT_PLOT_TABLES_H
#define L4R_BENCH_EXPORT_PLOT_TABLES_H

#include "bench/export/rows.h"

/* Writes the figures' tables, tab-separated with a line of names, '-' where a value is absent:
 *   folder/groups.tsv            what each figure shows
 *   folder/arms.tsv              its arms, the best HR@10 (mask) first; `priority` is the order in
 *                                which a figure without room for all takes them: arms on a Pareto
 *                                front come first
 *   folder/accuracy_latency.tsv  a point per arm and thread count
 *   folder/latency_quantiles.tsv curves from the raw samples beside the records
 *   folder/load.tsv              a point per server record: latencies by rate (load.h)
 *   folder/stages.tsv            points of a roofline: modelled work per byte, flop/s and the
 *                                ceilings (flop/s, bytes/s) of stages that have all of these
 *   folder/simple.tsv            pop and itemknn by data set, lines beside learning curves
 * Among several records of one arm and thread count, the newest is used. A warning on stderr says
 * what is left out. Sets the places of `rows`. L4R_INPUT for damaged samples. */
int l4r_export_plot_tables(struct l4r_rows *rows, const char *folder);

#endif
