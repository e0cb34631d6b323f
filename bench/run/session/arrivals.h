/* SPDX-License-Identifier: BSD-3-Clause */
/* The schedule of an open loop: a seeded Poisson process says when queries are due, and it is drawn
 * before anything is timed (MLPerf LoadGen's server scenario). */
#ifndef L4R_BENCH_RUN_SESSION_ARRIVALS_H
#define L4R_BENCH_RUN_SESSION_ARRIVALS_H

#include <stdint.h>

/* An open-loop round ends by this many queries, if a whole permutation fits. Each query leaves
 * three numbers, and the raw samples of five rounds must stay below 256 KB. */
enum { L4R_ARRIVALS_MOST = 4096 };

struct l4r_arrivals_plan {
  int64_t queries;      /* a whole number of permutations of `users` */
  int64_t permutations; /* >= 1 */
  const char *ended;    /* what decided it: "minimum count", "minimum time" or "sample limit" */
};

struct l4r_arrivals_asked {
  int64_t users, min_count; /* users >= 1: of a permutation; queries of the round, at least */
  double min_seconds, rate; /* rate > 0: users a second */
};

/* Plans as many whole permutations as reach both minima, but no more than L4R_ARRIVALS_MOST queries
 * just to reach the minimum time. Pure. */
struct l4r_arrivals_plan l4r_arrivals_plan(const struct l4r_arrivals_asked *asked);

/* due[n]: nanoseconds from the round's begin, rising; gaps are independent and exponential with
 * mean 1/rate. The same for the same (seed, round, rate); rounds have schedules of their own. Pure.
 */
void l4r_arrivals_make(uint64_t seed, int round, double rate, int64_t *due, int64_t n);

#endif
