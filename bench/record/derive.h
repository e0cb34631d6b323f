/* Every figure of a record that follows from raw samples, computed in one place for those who write
 * records and those who verify them. */
#ifndef L4R_BENCH_RECORD_DERIVE_H
#define L4R_BENCH_RECORD_DERIVE_H

#include "bench/record/bundle.h"
#include "bench/stats/quantile.h"

/* Samples of one combination: arrays
 *   round_start [rounds + 1]   places in the next two
 *   ns, served                 each call's nanoseconds and requests
 * and meta {"distinct_users", "per_query", "tick_ns"}: per_query 1 when a call is one query. */

/* Adds mean_ns, p50_ns, p99_ns (null where calls are not queries) and users_per_second to each of
 * `rounds`, a JSON array of as many objects as there are rounds. L4R_INPUT when they do not fit. */
int l4r_derive_rounds(const struct l4r_bundle *samples, json_t *rounds);

/* {"count", "p50", "p90", "p95", "p99", "mean"}, each {"value", "lo", "hi"} or {"withheld"}.
 * Percentiles are over all rounds' queries with the order-statistic interval of distinct users; the
 * mean is over rounds with Student's interval (a mean of one round has a value alone). */
int l4r_derive_latency(const struct l4r_bundle *samples, json_t **latency);

/* {"value", "lo", "hi"}: mean over rounds of users served per second of serving. */
int l4r_derive_throughput(const struct l4r_bundle *samples, json_t **users_per_second);

/* A record's counter cells from its rounds' ("counters" of each): totals per query, ratios
 * averaged; absent where any round lacks it. `queries` is latency_ns.count. */
json_t *l4r_derive_counters(const json_t *rounds, int64_t queries);

/* {"name", "value", "fraction"}: the best sgemm ceiling of the rounds, and the modelled operations
 * of a query over its mean time as a share of it; nulls where either is missing. */
json_t *l4r_derive_ceiling(const json_t *rounds, const json_t *counters, const json_t *latency);

json_t *l4r_estimate_json(const struct l4r_estimate *estimate);

#endif
