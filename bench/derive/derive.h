/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes every figure of a record that follows from raw samples, in one place for those who write
 * records and those who verify them. */
#ifndef L4R_BENCH_DERIVE_DERIVE_H
#define L4R_BENCH_DERIVE_DERIVE_H

#include "bench/derive/estimate.h"
#include "bench/record/bundle.h"
#include "bench/record/record.h"
#include "bench/stats/quantile.h"

/* A span of fewer clock ticks is withheld, as in STREAM. */
enum { L4R_LEAST_TICKS = 20 };

/* Samples of one combination hold these arrays:
 *   round_start [rounds + 1]   where each round begins in the arrays below
 *   ns, served                 nanoseconds and number of requests of each call
 *   own                        the time of each call that the engine states, if it states one
 *   due, wait                  open loop: when each request was due, from its round's begin, and
 * how much later serving it began; ns counts from when it was due request                    the
 * call's user as a place in the sample of users, 0 .. distinct_users - 1; only where a call serves
 * one user and meta {"distinct_users", "per_query", "tick_ns"}; per_query is 1 when a call is one
 * query. "query_users" is there where a query holds several users, "rate" and "bound_ns" in an open
 * loop. "interval" is the rule by which intervals are made, l4r_interval_crossed. Samples made
 * before 2026-11-28 do not have it: their percentiles treat all queries as one sample, their
 * interval covers distinct users and ignores effects of rounds, and two rounds have an interval. */

/* Computes everything in a record that follows from its samples, by calling the functions below in
 * order, and resources.peak_rss_bytes. The record must have its rounds and its description; derived
 * members that it already has are replaced. Returns L4R_INPUT when samples and rounds do not fit
 * and L4R_ENVIRONMENT without memory; the record then has some of the figures. */
int l4r_derive(const struct l4r_bundle *samples, struct l4r_record *record);

/* Computes for each round mean_ns (of a user), p50_ns and p99_ns (of a query; absent where calls
 * are not queries) and users_per_second, ns_per_user of each timer, and which call each of the
 * slowest ones was and how long it took. Returns L4R_INPUT when the samples do not have as many
 * rounds as the record. */
int l4r_derive_rounds(const struct l4r_bundle *samples, struct l4r_record *record);

/* Computes latency_ns. A percentile below 20 clock ticks is withheld, and so is the interval with
 * fewer than three rounds. A percentile is that of a typical round's queries (stats/crossed.h),
 * with an interval for users like these and rounds like these. The mean speaks of these users
 * alone, over rounds like these, on logarithms, with Student's interval. round_correlation says how
 * the means of neighbouring rounds correlate and how much of that chance explains; above that
 * bound, intervals over rounds are too narrow. */
int l4r_derive_latency(const struct l4r_bundle *samples, struct l4r_record *record);

/* Computes latency_over_rounds_ns: the geometric mean of the rounds' own percentiles with Student's
 * interval on logarithms. A percentile is withheld as in latency_ns; one round gives a value
 * without an interval. The order-statistic interval of latency_ns treats all queries as
 * independent. It is too narrow where processes differ (memory layout, state of the machine), and
 * this one still holds. The round is the unit of replication (Kalibera and Jones, ISMM 2013). */
int l4r_derive_over_rounds(const struct l4r_bundle *samples, struct l4r_record *record);

/* Computes users_per_second: users served per second of serving, a mean over rounds on logarithms
 * (so that the interval of a speed cannot reach below zero), of these users as in the mean of
 * latency_ns. In an open loop it is the achieved rate, per second from the begin to the last
 * answer. */
int l4r_derive_throughput(const struct l4r_bundle *samples, struct l4r_record *record);
/* Gives the same per second inside the engine, the speed that a ceiling bounds. It differs from
 * users_per_second only in the open loop. */
int l4r_derive_serving(const struct l4r_bundle *samples, double *users_per_second);

/* Computes `counters` from those of the rounds: totals per query, ratios averaged, absent where any
 * round lacks the counter. Then it adds the modelled flops and bytes of a query, from the stages of
 * the engine's description. `queries` is latency_ns.count plus l4r_derive_novel. */
int l4r_derive_counters(struct l4r_record *record, int64_t queries);

/* *text is a warning, owned by the record, when the lag-1 correlation in latency_ns is above its
 * bound, else NULL. L4R_ENVIRONMENT without memory. */
int l4r_derive_correlation_warning(struct l4r_record *record, const char **text);

#endif
