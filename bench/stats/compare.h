/* SPDX-License-Identifier: BSD-3-Clause */
/* Decides whether B is slower than A from the figures of paired rounds, and says how reliable the
 * answer is.
 *
 * The unit of replication is the round, a process of its own (Kalibera and Jones, Rigorous
 * Benchmarking in Reasonable Time, ISMM 2013): queries of one process share its memory layout and
 * are not independent. Ratios are compared as logarithms, so that B / A and A / B give the same
 * answer. The difference within a pair of rounds is free of what affects both (a drift of the
 * machine, when A and B alternate). It is nearly normal, because a round averages thousands of
 * queries, so Student's t applies.
 *
 * Equivalence is shown by two one-sided tests (Schuirmann 1987): the interval of twice the error
 * rate must lie within the margin. It is never concluded from the absence of a difference. */
#ifndef L4R_BENCH_STATS_COMPARE_H
#define L4R_BENCH_STATS_COMPARE_H

#include <stdint.h>

enum {
  L4R_COMPARE_ROUNDS = 5,    /* least number of pairs of rounds that are judged */
  L4R_GATE_ROUNDS_MAX = 1000 /* the most that a gate asks for, and that a run measures */
};

enum l4r_change { L4R_SAME, L4R_SLOWER, L4R_FASTER, L4R_UNDECIDED };
const char *l4r_change_name(enum l4r_change change); /* "SAME", "SLOWER", ... */

struct l4r_comparison {    /* ratio of B to A: above 1, B is slower */
  double ratio, lo, hi;    /* at 95 % over all rows of the table */
  double same_lo, same_hi; /* at 90 % over all rows, for equivalence */
};

/* Compares positive figures a and b of n >= 2 paired rounds. The `rows` >= 1 comparisons of a table
 * share the error rates (Bonferroni): each is made at 1 - .05 / rows and 1 - .10 / rows. Pure. */
void l4r_compare_rounds(const double *a, const double *b, int64_t n, int64_t rows,
                        struct l4r_comparison *comparison);

/* SLOWER: lo is above 1 + margin. FASTER: hi is below 1 / (1 + margin). SAME: the 90 % interval
 * lies between these bounds. Otherwise UNDECIDED. margin > 0. Pure. */
enum l4r_change l4r_change_of(const struct l4r_comparison *comparison, double margin);

/* What a gate can detect, computed from the rounds of A before B is looked at. */
struct l4r_sight {
  double noise; /* deviation of one round, as a share (of the logarithm) */
  double found; /* the least slowdown that it calls SLOWER in nine of ten cases, as a share */
  double least_margin; /* the least margin at which it finds a slowdown of twice that margin in nine
                          of ten cases; infinite where there is none */
  int64_t needed; /* paired rounds needed for the given margin; 0: more than L4R_GATE_ROUNDS_MAX */
};

/* A margin is accepted when a slowdown of twice the margin is called SLOWER in nine of ten cases.
 * The noise of a few rounds is itself uncertain, so its upper bound at 70 % (chi-square) is used;
 * with the estimate itself, half of all plans would have too few rounds. a: positive figures of
 * `rounds` >= 2 rounds; pairs: how many are compared. Pure. */
struct l4r_sight l4r_sight_of(const double *a, int64_t rounds, int64_t pairs, int64_t rows,
                              double margin);

struct l4r_rounds { /* for one row of the table; borrowed */
  const double *figure;
  int64_t rounds; /* of A, >= 2 */
  int64_t pairs;  /* how many are compared */
  double margin;
};

/* Returns the share of `resamples` tables of A against itself in which any row is called SLOWER. A
 * pair is two different rounds of A, drawn at random. Their difference has the variance of two
 * independent rounds; resampling each side separately would give only (n - 1) / n of it. */
double l4r_false_alarms(const struct l4r_rounds *row, int64_t rows, int64_t resamples,
                        uint64_t seed);

/* The least margin whose room, from it to twice it, holds a distance in logarithms: what an
 * interval of that half width can judge. Infinite where there is none. Pure. */
double l4r_margin_of(double distance);

#endif
