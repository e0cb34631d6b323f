/* SPDX-License-Identifier: BSD-3-Clause */
/* Percentiles of queries that users and rounds cross: every round serves the same users. */
#ifndef L4R_BENCH_STATS_CROSSED_H
#define L4R_BENCH_STATS_CROSSED_H

#include "bench/stats/quantile.h"

struct l4r_crossed {
  int64_t rounds;
  const int64_t *start; /* [rounds + 1] places in the next two */
  const int64_t *ns;    /* latencies, round after round */
  const int64_t *user;  /* whose, 0 .. users-1; NULL: not known */
  int64_t users;
  int64_t distinct; /* queries of one round that share no user */
};

/* The p-quantile of a typical round: the geometric mean of the rounds' own quantiles
 * (l4r_quantile_unbiased), over users like these and rounds like these. Its interval is made of
 * two, on the logarithm, whose squares are added (between Howe's and Welch's ways, crossed.c):
 *  - rounds: Student's interval of the rounds' quantiles. Holds what differs from process to
 *    process and the noise of single queries, not the choice of users, whom all rounds share.
 *  - users: the binomial interval of order statistics, of all queries after each round was divided
 *    by its own quantile, for as many independent users as have the variance between users that is
 *    left when the noise of single queries is taken off (Korn and Graubard 1998): `distinct` when
 *    a user always lies on the same side of the quantile, more the less the user decides.
 * Where `user` is NULL the user alone is taken to decide: too wide rather than too narrow. Covers
 * 93 to 97 % with five rounds or more, 93 to 98 % with three (tests/check). Not the quantile of
 * queries of many processes taken as one sample: where rounds differ much and users do not, that
 * one's p99 is a slow process's, of which a handful of rounds cannot tell.
 *
 * Value and interval are withheld below l4r_quantile_needed distinct users, the interval below
 * L4R_LEAST_ROUNDS. L4R_ENVIRONMENT when memory is short. */
int l4r_crossed_quantile(const struct l4r_crossed *queries, double p, double level,
                         struct l4r_estimate *estimate);

/* Correlation of neighbours, value[i] with value[i + 1] (lag 1), and above what it is more than
 * chance for independent normal values: mean -1/n and two and a half in a hundred above
 * (n - 2) / (n sqrt(n - 1)) times 1.96 more (Dufour and Roy 1985). Rounds that depend on their
 * neighbours carry less than as many independent ones. 0 and 1 where n < 3 or all are equal.
 * Three or four values cannot reach the bound. */
struct l4r_neighbours {
  double correlation, bound;
};
struct l4r_neighbours l4r_neighbours_of(const double *value, int64_t n);

#endif
