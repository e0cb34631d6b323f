/* Every figure of a record that follows from raw samples, computed in one place for those who write
 * records and those who verify them. */
#ifndef L4R_BENCH_RECORD_DERIVE_H
#define L4R_BENCH_RECORD_DERIVE_H

#include "bench/record/bundle.h"
#include "bench/stats/quantile.h"

/* A span of fewer clock ticks is refused, as STREAM does. */
enum { L4R_LEAST_TICKS = 20 };

/* Samples of one combination: arrays
 *   round_start [rounds + 1]   places in the next two
 *   ns, served                 each call's nanoseconds and requests
 * and meta {"distinct_users", "per_query", "tick_ns"}: per_query 1 when a call is one query. */

/* Adds mean_ns, p50_ns, p99_ns (null where calls are not queries) and users_per_second to each of
 * `rounds`, a JSON array of as many objects as there are rounds, and ns_per_user to each of their
 * "timers". L4R_INPUT when they do not fit. */
int l4r_derive_rounds(const struct l4r_bundle *samples, json_t *rounds);

/* {"count", "p50", "p90", "p95", "p99", "mean"}, each {"value", "lo", "hi"} or {"withheld"}.
 * A percentile below 20 clock ticks is withheld.
 * Percentiles are over all rounds' queries with the order-statistic interval of distinct users; the
 * mean is over rounds, on logarithms, with Student's interval (one round has a value alone). */
int l4r_derive_latency(const struct l4r_bundle *samples, json_t **latency);

/* {"value", "lo", "hi"}: users served per second of serving, mean over rounds on logarithms (the
 * interval of a speed cannot reach below zero). */
int l4r_derive_throughput(const struct l4r_bundle *samples, json_t **users_per_second);

/* A record's counter cells from its rounds' ("counters" of each): totals per query, ratios
 * averaged; absent where any round lacks it; then the modelled flops and bytes of a query, from the
 * stages of the engine's description. `queries` is latency_ns.count. */
json_t *l4r_derive_counters(const json_t *rounds, const json_t *description, int64_t queries);

/* {"name", "value", "fraction"}: the median sgemm ceiling that the rounds measured beside their
 * serving, and the share of it that the modelled flops of the served users make; nulls where no
 * round has one. */
json_t *l4r_derive_ceiling(const json_t *rounds, const json_t *description,
                           const json_t *users_per_second);

/* An entry for each timer of the rounds, which l4r_derive_rounds went over: {"name", "stages"
 * (names of those it covers), "ns_per_user" {"value", "lo", "hi"}, "flops", "bytes" (modelled, of
 * one user), "flops_per_second", "bytes_per_second", "sgemm_fraction", "memory_fraction" (of the
 * ceilings that the rounds measured; null without one)}. */
json_t *l4r_derive_stages(const json_t *rounds, const json_t *description);

json_t *l4r_estimate_json(const struct l4r_estimate *estimate);

#endif
