/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the level of a series changes: the piecewise constant fit of asv's step detection, found
 * exactly by functional pruning (FPOP; Maidstone, Hocking, Rigaill and Fearnhead, On Optimal
 * Multiple Changepoint Algorithms for Large Data, Statistics and Computing 2017): for every level
 * that the last segment could have, only its best beginning is kept, which is a handful of
 * beginnings whether or not there are changes. (PELT, Killick et al. 2012, keeps them all while
 * there is no change.) A beginning joins when a segment from it is long enough to end.
 *
 * Minimised is sum over segments of sum((y - mean)^2) / sigma^2, plus a penalty for each change.
 * The noise sigma comes from the differences of neighbours (their median absolute value / (sqrt 2 *
 * .6745)), which a few changes do not move. A benchmark's series has single values far off, of a
 * machine that was busy; squares would make two changes of each. So a value beyond 3 sigma of the
 * median of itself and two neighbours on either side is first replaced by that median (Hampel's
 * filter), which leaves steps where they are, and a segment has at least L4R_STEP_LEAST values. The
 * penalty is 2 log n, Yao's (1988) Schwarz criterion, plus a constant for sigma being an estimate,
 * so chosen that a series without a change rarely shows one (tests/check has the rate). */
#ifndef L4R_BENCH_STATS_STEPS_H
#define L4R_BENCH_STATS_STEPS_H

#include <stdint.h>

enum {
  L4R_STEP_LEAST = 3, /* values of a segment */
  L4R_STEPS_FROM = 8  /* values of a series in which changes are looked for */
};

struct l4r_segment {
  int64_t begin, end; /* [begin, end) of the values */
  double level;       /* the mean of its values, outliers replaced */
};

/* Segments of value[n], in order; *segment is allocated with l4r_alloc (the caller's, l4r_free), at
 * least one where n >= 1. `floor` > 0: changes are looked for as if sigma were that at least.
 * *noise: sigma as taken, 0 below L4R_STEPS_FROM values (then there is one segment). The least cost
 * of all segmentations, to rounding; of equal ones that whose last segments begin earliest. Time is
 * n log n in practice, with changes and without (tests/check has series of 10^5). L4R_ENVIRONMENT
 * without memory. Thread-safe. */
int l4r_steps_find(const double *value, int64_t n, double floor, struct l4r_segment **segment,
                   int64_t *segments, double *noise);

#endif
