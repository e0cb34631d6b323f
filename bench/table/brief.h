/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of `run` for a person at a terminal: within 80 columns, one row for each arm and number
 * of threads, each figure with its interval below it, and one sentence that compares two arms.
 * Counters, slowest calls and warnings by arm are in the whole table (table.h). */
#ifndef L4R_BENCH_TABLE_BRIEF_H
#define L4R_BENCH_TABLE_BRIEF_H

#include "bench/record/read.h"
#include "bench/table/sheet.h"

enum { L4R_BRIEF_WIDTH = 80 };

/* Prints the table, and the sentence where there are two arms to compare. L4R_ENVIRONMENT without
 * memory. */
int l4r_table_brief(FILE *stream, const struct l4r_records *records);

enum { L4R_SENTENCE = 512 };
/* Writes "blis@lite is 7.2 times (6.9 to 7.5) faster than beam@p5 and .05 more accurate ..." about
 * two of the records, and returns `out`. The two are a model with a head over all items and one
 * that generates ids by beam search where both are there (of several those with the highest HR@10,
 * of equals the fastest, at the least number of threads), else the arm that was named last and the
 * one that was named first. "" where the records are of one arm, or of different data sets or
 * scenarios. The interval of the ratio is Student's over paired rounds (bench/stats/compare.h), and
 * is withheld below three; that of the accuracies takes the two for independent, which is wider
 * than a comparison user by user. The ratio is of the mean time of a user; an open loop (scenario
 * server), whose users come when they come, has none. Pure. */
const char *l4r_brief_sentence(const struct l4r_records *records, char out[L4R_SENTENCE]);

#endif
