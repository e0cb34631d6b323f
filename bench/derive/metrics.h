/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes HR, NDCG and MRR from the rank of each user's one held-out item. */
#ifndef L4R_BENCH_DERIVE_METRICS_H
#define L4R_BENCH_DERIVE_METRICS_H

#include <stdint.h>

enum { L4R_METRIC_DEPTH = 20, L4R_METRICS = 9 };

/* "HR@1", "HR@5", "HR@10", "HR@20", "NDCG@1" .. "NDCG@20", "MRR@20". All arrays here have this
 * order. */
extern const char *const l4r_metric_names[L4R_METRICS];
enum { L4R_HR_10 = 2, L4R_NDCG_10 = 6 }; /* places of the two headline metrics */

struct l4r_metrics {
  double value[L4R_METRICS];
};
struct l4r_metric_intervals {
  double lo[L4R_METRICS], hi[L4R_METRICS];
};

/* Computes means over n >= 1 users. rank: 1 is the best, 0 means not ranked (a miss). With one
 * relevant item HR@k = [rank <= k], NDCG@k = [rank <= k] / log2(rank + 1), MRR@20 = [rank <= 20] /
 * rank. Pure. */
void l4r_metrics_of_ranks(const int64_t *rank, int64_t n, struct l4r_metrics *metrics);

/* Computes 95 % percentile bootstrap intervals over users. Both conventions are resampled together
 * (the same users are drawn), so that their intervals belong together. Seeded: the same ranks and
 * seed give the same intervals on every machine. L4R_USAGE when n < 1 or resamples < 40;
 * L4R_ENVIRONMENT without memory. O(n * resamples). */
int l4r_metrics_bootstrap(const int64_t *keep, const int64_t *mask, int64_t n, int64_t resamples,
                          uint64_t seed, struct l4r_metric_intervals *keep_interval,
                          struct l4r_metric_intervals *mask_interval);

#endif
