/* SPDX-License-Identifier: BSD-3-Clause */
/* Gives the figures of a record's rounds that comparison and history use, and filters records. */
#ifndef L4R_BENCH_DERIVE_FIGURES_H
#define L4R_BENCH_DERIVE_FIGURES_H

#include "bench/record/fields.h"

#include <stdint.h>

enum l4r_round_metric { L4R_ROUND_MEAN, L4R_ROUND_P50, L4R_ROUND_P99, L4R_ROUND_METRICS };
extern const char *const l4r_round_metric_names[L4R_ROUND_METRICS]; /* "mean", "p50", "p99" */

/* Returns the figure of round `at` in nanoseconds, or 0 where the record withholds the metric or
 * the round has none; *reason (static or owned by the record) then says why. Pure. */
double l4r_round_figure(const struct l4r_record *record, int64_t at, enum l4r_round_metric metric,
                        const char **reason);

/* Returns the number of a round, which differs from its index after rounds that failed. Pure. */
int64_t l4r_round_number(const struct l4r_record *record, int64_t at);

struct l4r_record_filter { /* NULL or 0 matches any */
  const char *arm, *scenario;
  int64_t threads;
};
/* 1 when the record is one of those asked for. Pure. */
int l4r_record_matches(const struct l4r_record *record, const struct l4r_record_filter *filter);

#endif
