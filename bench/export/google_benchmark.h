/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes records as Google Benchmark's JSON. */
#ifndef L4R_BENCH_EXPORT_GOOGLE_BENCHMARK_H
#define L4R_BENCH_EXPORT_GOOGLE_BENCHMARK_H

#include "bench/export/rows.h"

#include <stdio.h>

/* Writes the JSON that Google's tools/compare.py reads: one benchmark per arm, data set, scenario
 * and number of threads (from the newest record; a warning names the number of others), one
 * repetition per round in ns per user, counters per request, and the aggregates mean, median,
 * stddev and cv of two or more rounds. Times that were not counted are left out with a warning. */
int l4r_export_google_benchmark(const struct l4r_rows *rows, FILE *stream);

#endif
