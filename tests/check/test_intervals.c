/* SPDX-License-Identifier: BSD-3-Clause */
/* What the intervals of percentiles cover when rounds differ and users do or do not: latencies of
 * a known distribution, whose quantile of a typical round (effect 0 on the logarithm) is the truth.
 * 2,000 runs know a share of .95 to a standard error of .5 in a hundred; asked are 93 to 97 in
 * a hundred, with one of them allowed for. */
#include "bench/stats/crossed.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { RUNS = 2000, USERS = 600, ROUNDS = 10, DRAWS = 4000000 };
static const double percentiles[] = {.5, .9, .95, .99};

struct population {
  const char *name;
  double users; /* deviation of a user's logarithm */
  double noise; /* of a query's */
  double tail;  /* > 0: a query's factor is Pareto with this index instead */
};
static const struct population populations[] = {
    {"users alike", .02, .05, 0}, {"users unlike", .5, .1, 0}, {"users as noise", .1, .1, 0},
    {"log-normal", 1.2, .3, 0},   {"Pareto 1.5", .3, 0, 1.5},  {"Pareto 1.1", .05, 0, 1.1},
};

static double query(struct l4r_random *random, const struct population *of) {
  if (of->tail > 0) return .7 + .3 * pow(1 - l4r_random_uniform(random), -1 / of->tail);
  return exp(of->noise * l4r_random_normal(random));
}

static int ascending(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/* Exact where all is normal on the logarithm; else by so many draws that their error is nothing
 * beside an interval's width. */
static void find_truth(struct l4r_random *random, const struct population *of, double truth[4]) {
  static const double normal[] = {0, 1.2815515655, 1.6448536270, 2.3263478740};
  for (int p = 0; p < 4; p++) truth[p] = 1e9 * exp(normal[p] * hypot(of->users, of->noise));
  if (of->tail <= 0) return;
  double *draw = l4r_alloc(DRAWS, sizeof *draw, "draws");
  cr_assert_not_null(draw);
  for (int i = 0; i < DRAWS; i++)
    draw[i] = 1e9 * exp(of->users * l4r_random_normal(random)) * query(random, of);
  qsort(draw, DRAWS, sizeof *draw, ascending);
  for (int p = 0; p < 4; p++) truth[p] = draw[(int)(percentiles[p] * DRAWS)];
  l4r_free(draw);
}

static int64_t start[ROUNDS + 1], ns[ROUNDS * USERS], user[ROUNDS * USERS];

static void measure(struct l4r_random *random, const struct population *of, int rounds,
                    double differ) {
  double base[USERS];
  for (int u = 0; u < USERS; u++) base[u] = exp(of->users * l4r_random_normal(random));
  for (int r = 0; r < rounds; r++) {
    const double level = 1e9 * exp(differ * l4r_random_normal(random));
    start[r + 1] = start[r] + USERS;
    for (int u = 0; u < USERS; u++) {
      user[start[r] + u] = u;
      ns[start[r] + u] = llround(level * base[u] * query(random, of));
    }
  }
}

/* `most`: the share above which an interval is needlessly wide. */
static void covered(struct l4r_random *random, const struct population *of, const double truth[4],
                    int rounds, double differ, double most) {
  int held[4] = {0}, before[4] = {0};
  for (int run = 0; run < RUNS; run++) {
    measure(random, of, rounds, differ);
    const struct l4r_crossed queries = {rounds, start, ns, user, USERS, USERS};
    for (int p = 0; p < 4; p++) {
      struct l4r_estimate e;
      cr_assert_eq(l4r_crossed_quantile(&queries, percentiles[p], .95, &e), L4R_OK);
      cr_assert_eq(e.withheld, L4R_WITHHELD_NOTHING);
      held[p] += e.lo <= truth[p] && truth[p] <= e.hi;
    }
    l4r_sort_i64(ns, start[rounds]);
    for (int p = 0; p < 4; p++) {
      const struct l4r_estimate e = l4r_quantile_estimate(ns, start[rounds], USERS, percentiles[p],
                                                          .95);
      before[p] += e.lo <= truth[p] && truth[p] <= e.hi;
    }
  }
  fprintf(stderr, "%-14s %2d rounds, %2.0f %%:", of->name, rounds, 100 * differ);
  for (int p = 0; p < 4; p++) {
    const double share = (double)held[p] / RUNS;
    fprintf(stderr, "  %.1f (%.1f)", 100 * share, 100. * before[p] / RUNS);
    cr_expect(share >= .93 && share <= most, "%s, %d rounds that differ by %g, p %g: %.4f",
              of->name, rounds, differ, percentiles[p], share);
  }
  fprintf(stderr, "\n");
}

static void covers(int of, int rounds, double most) {
  static const double differ[] = {0, .05, .2};
  struct l4r_random random;
  double truth[4];
  l4r_random_seed(&random, (uint64_t)(100 * (of + 1) + rounds));
  fprintf(stderr, "p50, p90, p95, p99: covered by users and rounds (by all queries as one)\n");
  find_truth(&random, &populations[of], truth);
  for (int d = 0; d < 3; d++)
    /* three rounds, whose Student's factor is 4.3, are on the safe side (crossed.c) */
    covered(&random, &populations[of], truth, rounds, differ[d],
            rounds == 3 && most < .985 ? .985 : most);
}

/* A test for each number of rounds: 5, 8 and 16 s of a processor, so that a busy one is in time. */
#define POPULATION(name, of, most)                                                                 \
  Test(intervals, name##_3_rounds) {                                                               \
    covers(of, 3, most);                                                                           \
  }                                                                                                \
  Test(intervals, name##_5_rounds) {                                                               \
    covers(of, 5, most);                                                                           \
  }                                                                                                \
  Test(intervals, name##_10_rounds) {                                                              \
    covers(of, 10, most);                                                                          \
  }
POPULATION(users_alike, 0, .975)
POPULATION(users_unlike, 1, .975)
POPULATION(users_as_noise, 2, .975)
POPULATION(log_normal, 3, 1)
POPULATION(pareto_1_5, 4, 1)
POPULATION(pareto_1_1, 5, 1)

/* Independent rounds are said to depend on each other in one of forty records; what is found of
 * rounds that do depend is printed: with five, little. */
Test(intervals, neighbouring_rounds) {
  static const int rounds[] = {5, 10, 20};
  struct l4r_random random;
  l4r_random_seed(&random, 35);
  for (int r = 0; r < 3; r++) {
    int alarms = 0, found = 0, drifts = 0;
    for (int run = 0; run < 2 * RUNS; run++) {
      double alone[20], after[20], drift[20];
      for (int i = 0; i < rounds[r]; i++) {
        alone[i] = l4r_random_normal(&random);
        after[i] = i ? .8 * after[i - 1] + .6 * alone[i] : alone[i];
        drift[i] = .3 * alone[i] + 2. * i / rounds[r];
      }
      const struct l4r_neighbours a = l4r_neighbours_of(alone, rounds[r]);
      const struct l4r_neighbours b = l4r_neighbours_of(after, rounds[r]);
      const struct l4r_neighbours c = l4r_neighbours_of(drift, rounds[r]);
      alarms += a.correlation > a.bound;
      found += b.correlation > b.bound;
      drifts += c.correlation > c.bound;
    }
    fprintf(stderr, "%d rounds: false alarms %.1f %%, AR(1) of .8 found %.1f %%, drift %.1f %%\n",
            rounds[r], 50. * alarms / RUNS, 50. * found / RUNS, 50. * drifts / RUNS);
    cr_expect_leq(alarms, .04 * 2 * RUNS, "%d rounds: %d", rounds[r], alarms);
    cr_expect_geq(found, rounds[r] == 5 ? .02 * 2 * RUNS : .2 * 2 * RUNS, "%d rounds: %d",
                  rounds[r], found);
  }
}
