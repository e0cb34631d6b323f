/* SPDX-License-Identifier: BSD-3-Clause */
/* Records as Google Benchmark's JSON. */
#ifndef L4R_BENCH_EXPORT_GOOGLE_BENCHMARK_H
#define L4R_BENCH_EXPORT_GOOGLE_BENCHMARK_H

#include "bench/export/rows.h"

#include <stdio.h>

/* Google Benchmark's JSON, as its tools/compare.py reads it: a benchmark an arm, data set, scenario
 * and number of threads (the newest record of each; the others are told by a warning), a repetition
 * a round in ns a user, counters a request, and the aggregates mean, median, stddev and cv of two
 * or more rounds. Times that were not counted are left out, and told by a warning. */
int l4r_export_google_benchmark(const struct l4r_rows *rows, FILE *stream);

#endif
