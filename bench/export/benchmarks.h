/* SPDX-License-Identifier: BSD-3-Clause */
/* Records as benchmarks of other tools, which know each by its name alone. */
#ifndef L4R_BENCH_EXPORT_BENCHMARKS_H
#define L4R_BENCH_EXPORT_BENCHMARKS_H

#include "bench/export/rows.h"

enum { L4R_BENCHMARK_NAME = 960 };
struct l4r_benchmark {
  const struct l4r_row *row;
  char name[L4R_BENCHMARK_NAME]; /* "blis@lite/ml-1m/single-stream/threads:2" */
  int outdated;                  /* 1: a newer row measured the same */
};

/* Makes the names of all rows distinct, in benchmark[rows->count], and marks all but the newest row
 * of each name. L4R_ENVIRONMENT without memory. */
int l4r_benchmarks_name(const struct l4r_rows *rows, struct l4r_benchmark *benchmark);

#endif
