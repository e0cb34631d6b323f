/* SPDX-License-Identifier: BSD-3-Clause */
/* Every figure of a record that follows from raw samples, computed in one place for those who write
 * records and those who verify them. */
#ifndef L4R_BENCH_DERIVE_DERIVE_H
#define L4R_BENCH_DERIVE_DERIVE_H

#include "bench/record/bundle.h"
#include "bench/stats/quantile.h"

/* A span of fewer clock ticks is refused, as STREAM does. */
enum { L4R_LEAST_TICKS = 20 };

/* Samples of one combination: arrays
 *   round_start [rounds + 1]   places in the next ones
 *   ns, served                 each call's nanoseconds and requests
 *   own                        what the engine says each took, where it says that
 *   due, wait                  open loop: when each was due (from its round's begin), and how much
 *                              later serving it began; ns counts from when it was due
 *   request                    place in the sample of users, 0 .. distinct_users - 1, of each
 * call's user; where a call is one user's and meta {"distinct_users", "per_query", "tick_ns"}:
 * per_query 1 when a call is one query; and "query_users" where a query is made of so many users,
 * "rate" and "bound_ns" of an open loop; "interval": the rule by which intervals are made,
 * l4r_interval_crossed. Samples of before 2026-11-28 have none: their percentiles are those of all
 * queries as one sample with the interval of distinct users, which takes rounds for free of
 * effects, and two rounds have an interval. */
extern const char l4r_interval_crossed[]; /* "users and rounds" */

/* Adds mean_ns (a user's), p50_ns, p99_ns (a query's; null where calls are not queries) and
 * users_per_second to each of `rounds`, a JSON array of as many objects as there are rounds,
 * ns_per_user to each of their "timers", and to each of their "tails" which call it was and what it
 * took. L4R_INPUT when they do not fit. */
int l4r_derive_rounds(const struct l4r_bundle *samples, json_t *rounds);

/* {"count", "p50", "p90", "p95", "p99", "mean", "interval", "round_correlation"}; the figures are
 * {"value", "lo", "hi"} or {"withheld"}, and {"value", "lo": null, "hi": null, "interval_withheld"}
 * with fewer than three rounds. A percentile below 20 clock ticks is withheld.
 * Of whom they speak: a percentile of a typical round's queries (stats/crossed.h), its interval of
 * users like these and rounds like these; the mean of these users alone, over rounds like these, on
 * logarithms, with Student's interval. "round_correlation" {"lag1", "bound"}: how the means of
 * neighbouring rounds correlate, and beyond what it is more than chance; intervals over rounds are
 * then too narrow. */
int l4r_derive_latency(const struct l4r_bundle *samples, json_t **latency);

/* {"p50", "p90", "p95", "p99"}, each {"value", "lo", "hi"}: the geometric mean of the rounds' own
 * percentiles with Student's interval on logarithms, withheld as in `latency`, or by one round
 * (value alone). The order-statistic interval of `latency` takes all queries for independent; where
 * processes differ (memory layout, the machine's mood) it is too narrow, and this one holds. The
 * round is the unit of replication (Kalibera and Jones, ISMM 2013). */
int l4r_derive_over_rounds(const struct l4r_bundle *samples, const json_t *latency,
                           json_t **over_rounds);

/* {"value", "lo", "hi"}: users served per second of serving, mean over rounds on logarithms (the
 * interval of a speed cannot reach below zero), of these users as the mean in `latency`. Open loop:
 * per second from begin to last answer, the rate achieved. */
int l4r_derive_throughput(const struct l4r_bundle *samples, json_t **users_per_second);
/* The same per second inside the engine: what a ceiling bounds. Differs in the open loop alone. */
int l4r_derive_serving(const struct l4r_bundle *samples, json_t **users_per_second);

/* The schedule of an open loop is kept when 99 % of the arrivals that found the worker idle were
 * taken within this. */
enum { L4R_SCHEDULE_NS = 20000 };

/* Of an open loop, else *server stays NULL: {"rate_asked", "rate_scheduled" (what the seeded draws
 * came to), "rate_achieved" (users a second), "bound_ns", "p99_ns", "verdict", "reason", "load"
 * (rate asked times mean service), "service_p50_ns", "service_p99_ns" (without waiting), "schedule"
 * {"arrivals_idle", "p50_ns", "p90_ns", "p99_ns", "max_ns", "limit_ns", "kept"}}. The schedule's
 * errors are those of arrivals that found the worker idle; nulls where none did. Verdict: PASS when
 * p99 of `latency` is below the bound and the load below 1 (else the queue grows without end, and a
 * round is only too short to show it); WITHHELD when there are too few users for p99; else FAIL. */
int l4r_derive_server(const struct l4r_bundle *samples, const json_t *latency, json_t **server);

/* Of engines that say what a call took them (array "own"), else *own stays NULL: {"p50_ns",
 * "mean_ns" (a user's), "share_of_wall"}. Adds to each of `rounds` own_mean_ns, of a call, and
 * unexplained_mean_ns, the larger of two: what the caller's clock says more, without the time for
 * which both sides waited for a processor (usage.wait_seconds), and the processor time of a call
 * that the own time on all threads does not cover. The samples' rounds
 * are those that l4r_derive_latency accepted. */
int l4r_derive_own(const struct l4r_bundle *samples, json_t *rounds, json_t **own);

/* {"every", "inside"}: medians over rounds of overhead_ns and overhead_inside_ns; NULL where a
 * round lacks them. */
json_t *l4r_derive_overhead(const json_t *rounds);

/* The rounds' slowest calls as samples have them: rewrites "query" and "ns" of the entries of
 * "tails" of a round whose calls are ns[n], adding or dropping entries that should be (not be)
 * there.
 */
int l4r_derive_slowest(json_t *round, const int64_t *ns, int64_t n);

/* A record's counter cells from its rounds' ("counters" of each): totals per query, ratios
 * averaged; absent where any round lacks it; then the modelled flops and bytes of a query, from the
 * stages of the engine's description. `queries` is latency_ns.count and l4r_derive_novel. */
json_t *l4r_derive_counters(const json_t *rounds, const json_t *description, int64_t queries);

/* Requests that were served between the timed ones and counted with them, by the rounds. */
int64_t l4r_derive_novel(const json_t *rounds);

/* {"name", "value", "fraction"}: the median sgemm ceiling that the rounds measured beside their
 * serving, and the share of it that the modelled flops of the served users make; nulls where no
 * round has one. */
json_t *l4r_derive_ceiling(const json_t *rounds, const json_t *description,
                           const json_t *users_per_second);

/* An entry for each timer of the rounds, which l4r_derive_rounds went over: {"name", "stages"
 * (names of those it covers), "ns_per_user" {"value", "lo", "hi"}, "flops", "bytes" (modelled, of
 * one user), "flops_per_second", "bytes_per_second", "sgemm_fraction", "memory_fraction" (of the
 * ceilings that the rounds measured; null without one)}. `latency` says by which rule intervals are
 * made. */
json_t *l4r_derive_stages(const json_t *rounds, const json_t *description, const json_t *latency);

/* A warning {"kind": "rounds-alike", "rounds": null, "text"} when the lag-1 correlation in
 * `latency` is above its bound, else NULL. */
json_t *l4r_derive_correlation_warning(const json_t *latency);

/* Why a value is withheld: what it would take, in queries of `users` users each. The caller's, as
 * the next; NULL when memory is short. */
json_t *l4r_needed_json(int64_t queries, int64_t users);
json_t *l4r_estimate_json(const struct l4r_estimate *estimate);

#endif
