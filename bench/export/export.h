/* SPDX-License-Identifier: BSD-3-Clause */
/* What `lite4rec export` makes of records and training logs, for people, figures and other tools,
 * */
#ifndef L4R_BENCH_EXPORT_EXPORT_H
#define L4R_BENCH_EXPORT_EXPORT_H

#include "bench/export/rows.h"
#include "bench/table/sheet.h"

#include <stdio.h>

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
int l4r_export_tables(struct l4r_rows *rows, const char *folder);

/* The rows of latency_quantiles.tsv for one row, appended to `stream`: p and nanoseconds from the
 * lowest to the highest quantile that so many distinct users support. *points 0 where
 * there is no curve: calls of many requests; with a warning, no samples or too few users. */
int l4r_export_quantiles(const struct l4r_row *row, const char *group, FILE *stream,
                         int64_t *points);

/* A table a data set: accuracy by row, records that differ in the training seed alone as one (mean
 * and range; of several records of a seed the newest), with loss, seeds, selected epochs, minutes
 * of training, where the learning curve ends, and the floor. L4R_CHECK, after the tables are
 * built, when a row is below its floor; L4R_INPUT when no record holds an accuracy. */
int l4r_export_accuracy(const struct l4r_rows *rows, struct l4r_sheet *sheet);

/* A table a group for documents: accuracy under both conventions, latency, throughput, memory; 95 %
 * intervals below the figures, reasons of what is withheld as footnotes. */
int l4r_export_table(const struct l4r_rows *rows, struct l4r_sheet *sheet);

/* folder/curves.tsv, best.tsv (each model's best epoch) and models.tsv from training logs: each of
 * `model` is a model folder (its training.jsonl) or a copy of such a log. L4R_INPUT with file and
 * line for what is not a log, and for a model that was never trained by epochs. */
int l4r_export_curves(const char *const *model, int models, const char *folder);

/* Two tables a group: each row's stages with their speed (modelled work over measured
 * time) and shares of the sgemm ceiling and of the speed of reading memory; and, for rows of one
 * file that differ in one option of the arm alone, or in a peer beside an engine of this project,
 * how many times faster it makes a user and each stage, with the 95 % interval of the rounds'
 * ratios. Rows without stages have their first line alone. */
int l4r_export_speed(const struct l4r_rows *rows, struct l4r_sheet *sheet);

/* Tables of how time and memory grow: one for every set of at least three records that
 * are equal in engine, kind and size of model, precision, scenario, options, and in all of history,
 * items, beams, batch and threads but one. With a folder also folder/growth.tsv, for figures.
 * L4R_INPUT when there is no such set. */
int l4r_export_growth(const struct l4r_rows *rows, struct l4r_sheet *sheet, const char *folder);

struct l4r_machine {      /* to predict for */
  int64_t cores, sockets; /* cores: of all sockets */
  double gb_per_s;        /* reading memory, a socket; 0: unknown */
};
/* A table of what that machine would give: a row for every arm of a group that was
 * measured with at least two numbers of threads, by the model that predict.c states (Amdahl's law
 * through the measured times, bounded by the roofline). L4R_USAGE for a machine of unequal sockets,
 * L4R_INPUT when there is no such arm. */
int l4r_export_predict(const struct l4r_rows *rows, const struct l4r_machine *machine,
                       struct l4r_sheet *sheet);

/* Google Benchmark's JSON, as its tools/compare.py reads it: a benchmark an arm, data set, scenario
 * and number of threads (the newest record of each; the others are told by a warning), a repetition
 * a round in ns a user, counters a request, and the aggregates mean, median, stddev and cv of two
 * or more rounds. Times that were not counted are left out, and told by a warning. */
int l4r_export_google_benchmark(const struct l4r_rows *rows, FILE *stream);

#endif
