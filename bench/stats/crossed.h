/* SPDX-License-Identifier: BSD-3-Clause */
/* Estimates percentiles of queries when every round serves the same users. */
#ifndef L4R_BENCH_STATS_CROSSED_H
#define L4R_BENCH_STATS_CROSSED_H

#include "bench/stats/quantile.h"

struct l4r_crossed {
  int64_t rounds;
  const int64_t *start; /* [rounds + 1] begins of rounds in the next two */
  const int64_t *ns;    /* latencies, round after round */
  const int64_t *user;  /* the user of each, 0 .. users-1; NULL: unknown */
  int64_t users;
  int64_t distinct; /* queries of one round that share no user */
};

/* Estimates the p-quantile of a typical round: the geometric mean of the rounds' own quantiles
 * (l4r_quantile_unbiased), for users like these and rounds like these. The interval combines two
 * intervals on the logarithm by adding their squares (between the rules of Howe and Welch, see
 * crossed.c):
 *  - rounds: Student's interval of the rounds' quantiles. It covers differences between processes
 *    and the noise of single queries, but not the choice of users, whom all rounds share.
 *  - users: the binomial interval of order statistics of all queries, after each is divided by its
 *    round's quantile. The number of independent users is that which has the variance between users
 *    that remains without the noise of single queries (Korn and Graubard 1998): `distinct` when a
 *    user always lies on the same side of the quantile, more the less the user decides.
 * Where `user` is NULL, the user is assumed to decide everything, which makes the interval too wide
 * rather than too narrow. It covers 93 to 97 % with five rounds or more and 93 to 98 % with three
 * (tests/check). It is not the quantile of all processes' queries as one sample: where rounds
 * differ much and users do not, the p99 of that sample is the p99 of a slow process, which a
 * handful of rounds cannot estimate.
 *
 * Value and interval are withheld below l4r_quantile_needed distinct users, the interval below
 * L4R_LEAST_ROUNDS. L4R_ENVIRONMENT when memory is short. */
int l4r_crossed_quantile(const struct l4r_crossed *queries, double p, double level,
                         struct l4r_estimate *estimate);

/* Computes the correlation of neighbours value[i] and value[i + 1] (lag 1), and the bound above
 * which it is more than chance. For independent normal values the mean is -1/n, and 2.5 % exceed it
 * by more than 1.96 times (n - 2) / (n sqrt(n - 1)) (Dufour and Roy 1985). Rounds that depend on
 * their neighbours carry less information than the same number of independent ones. 0 and 1 where n
 * < 3 or all values are equal. Three or four values cannot reach the bound. */
struct l4r_neighbours {
  double correlation, bound;
};
struct l4r_neighbours l4r_neighbours_of(const double *value, int64_t n);

#endif
