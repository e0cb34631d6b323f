/* SPDX-License-Identifier: BSD-3-Clause */
/* Every figure of a record that follows from raw samples, computed in one place for those who write
 * records and those who verify them. */
#ifndef L4R_BENCH_DERIVE_DERIVE_H
#define L4R_BENCH_DERIVE_DERIVE_H

#include "bench/record/bundle.h"
#include "bench/record/record.h"
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

/* Everything of a record that follows from its samples: the functions below one after the other,
 * and resources.peak_rss_bytes. The record has its rounds and its description; what it said before
 * of what is derived is forgotten. L4R_INPUT when samples and rounds do not fit, L4R_ENVIRONMENT
 * without memory; the record then has some of the figures. */
int l4r_derive(const struct l4r_bundle *samples, struct l4r_record *record);

/* mean_ns (a user's), p50_ns, p99_ns (a query's; none where calls are not queries) and
 * users_per_second of each of the rounds, of which there are as many as the samples have,
 * ns_per_user of each of their timers, and of each of their tails which call it was and what it
 * took. L4R_INPUT when they do not fit. */
int l4r_derive_rounds(const struct l4r_bundle *samples, struct l4r_record *record);

/* latency_ns. A percentile below 20 clock ticks is withheld, and the interval with fewer than three
 * rounds. Of whom they speak: a percentile of a typical round's queries (stats/crossed.h), its
 * interval of users like these and rounds like these; the mean of these users alone, over rounds
 * like these, on logarithms, with Student's interval. round_correlation: how the means of
 * neighbouring rounds correlate, and beyond what it is more than chance; intervals over rounds are
 * then too narrow. */
int l4r_derive_latency(const struct l4r_bundle *samples, struct l4r_record *record);

/* latency_over_rounds_ns: the geometric mean of the rounds' own percentiles with Student's interval
 * on logarithms, withheld as in latency_ns, or by one round (value alone). The order-statistic
 * interval of latency_ns takes all queries for independent; where processes differ (memory layout,
 * the machine's mood) it is too narrow, and this one holds. The round is the unit of replication
 * (Kalibera and Jones, ISMM 2013). */
int l4r_derive_over_rounds(const struct l4r_bundle *samples, struct l4r_record *record);

/* users_per_second: users served per second of serving, mean over rounds on logarithms (the
 * interval of a speed cannot reach below zero), of these users as the mean in latency_ns. Open
 * loop: per second from begin to last answer, the rate achieved. */
int l4r_derive_throughput(const struct l4r_bundle *samples, struct l4r_record *record);
/* The value of the same per second inside the engine: what a ceiling bounds. Differs in the open
 * loop alone. */
int l4r_derive_serving(const struct l4r_bundle *samples, double *users_per_second);

/* `counters` from those of the rounds: totals per query, ratios averaged; absent where any round
 * lacks it; then the modelled flops and bytes of a query, from the stages of the engine's
 * description. `queries` is latency_ns.count and l4r_derive_novel. */
int l4r_derive_counters(struct l4r_record *record, int64_t queries);

/* `ceiling`: the median sgemm ceiling that the rounds measured beside their serving, and the share
 * of it that the modelled flops of so many served users make; nothing where no round has one. */
void l4r_derive_ceiling(struct l4r_record *record, double users_per_second);

/* `stages`, one for each timer of the rounds, which l4r_derive_rounds went over; latency_ns says by
 * which rule intervals are made. */
int l4r_derive_stages(struct l4r_record *record);

/* The text of a warning when the lag-1 correlation in latency_ns is above its bound, else NULL; the
 * record's. L4R_ENVIRONMENT without memory. */
int l4r_derive_correlation_warning(struct l4r_record *record, const char **text);

#endif
