/* SPDX-License-Identifier: BSD-3-Clause */
/* Latency curves of raw samples. */
#ifndef L4R_BENCH_EXPORT_QUANTILES_H
#define L4R_BENCH_EXPORT_QUANTILES_H

#include "bench/export/rows.h"

/* The rows of latency_quantiles.tsv for one row, added to `table`: p and nanoseconds from the
 * lowest to the highest quantile that so many distinct users support. *points 0 where
 * there is no curve: calls of many requests; with a warning, no samples or too few users. */
int l4r_export_quantiles(const struct l4r_row *row, const char *group, struct l4r_table *table,
                         int64_t *points);

#endif
