/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes latency curves of raw samples. */
#ifndef L4R_BENCH_EXPORT_QUANTILES_H
#define L4R_BENCH_EXPORT_QUANTILES_H

#include "bench/export/rows.h"

/* Adds the rows of latency_quantiles.tsv for one row to `table`: p and nanoseconds from the lowest
 * to the highest quantile that the distinct users support. *points is 0 where there is no curve:
 * for calls of many requests, or, with a warning, without samples or with too few users. */
int l4r_export_quantiles(const struct l4r_row *row, const char *group, struct l4r_table *table,
                         int64_t *points);

#endif
