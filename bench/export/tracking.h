/* SPDX-License-Identifier: BSD-3-Clause */
/* Records for services that follow benchmarks from commit to commit. */
#ifndef L4R_BENCH_EXPORT_TRACKING_H
#define L4R_BENCH_EXPORT_TRACKING_H

#include "bench/export/rows.h"

#include <stdio.h>

/* Bencher Metric Format (bencher.dev, "Bencher Metric Format"): an object of benchmarks, named as
 * for Google Benchmark, each an object of measures {value, lower_value, upper_value}: latency (mean
 * ns a user), p50, p99, throughput (users a second), memory, weights (bytes), instructions, hr-10,
 * ndcg-10 (seen items removed). Control characters in names become blanks. A figure that a record
 * withholds is left out. The newest record of a name counts. */
int l4r_export_bencher(const struct l4r_rows *rows, FILE *stream);

/* The array that github-action-benchmark reads as customSmallerIsBetter, or with `bigger` as
 * customBiggerIsBetter: {name, unit, value, range, extra} of each measure. */
int l4r_export_github_benchmark(const struct l4r_rows *rows, int bigger, FILE *stream);

#endif
