/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds where the level of a series changes. This is the piecewise constant fit of asv's step
 * detection, solved exactly by functional pruning (FPOP; Maidstone, Hocking, Rigaill and Fearnhead,
 * On Optimal Multiple Changepoint Algorithms for Large Data, Statistics and Computing 2017). For
 * every level that the last segment could have, only its best beginning is kept, which leaves a
 * handful of beginnings with or without changes. (PELT, Killick et al. 2012, keeps all of them
 * while there is no change.) A beginning is added when a segment from it is long enough to end.
 *
 * The fit minimises the sum over segments of sum((y - mean)^2) / sigma^2, plus a penalty per
 * change. The noise sigma comes from the differences of neighbours (their median absolute value /
 * (sqrt 2 * .6745)), which a few changes hardly affect. A benchmark's series has single outliers
 * from moments when the machine was busy, and squares would make two changes of each. So a value
 * further than 3 sigma from the median of itself and two neighbours on either side is replaced by
 * that median (Hampel's filter), which leaves steps where they are, and a segment has at least
 * L4R_STEP_LEAST values. The penalty is 2 log n, Yao's (1988) Schwarz criterion, plus a constant
 * because sigma is an estimate, chosen so that a series without a change rarely shows one
 * (tests/check has the rate). */
#ifndef L4R_BENCH_STATS_STEPS_H
#define L4R_BENCH_STATS_STEPS_H

#include <stdint.h>

enum {
  L4R_STEP_LEAST = 3, /* least number of values in a segment */
  L4R_STEPS_FROM = 8  /* least number of values in a series with changes */
};

struct l4r_segment {
  int64_t begin, end; /* [begin, end) of the values */
  double level;       /* the mean of its values, outliers replaced */
};

/* Finds the segments of value[n], in order, at least one where n >= 1. *segment is allocated with
 * l4r_alloc; the caller frees it (l4r_free). With `floor` > 0, sigma is taken as at least that.
 * *noise is the sigma used, 0 below L4R_STEPS_FROM values (then there is one segment). The
 * segmentation has the least cost of all, up to rounding; among equal ones, its last segments begin
 * earliest. Time is n log n in practice, with and without changes (tests/check has series of 10^5).
 * L4R_ENVIRONMENT without memory. Thread-safe. */
int l4r_steps_find(const double *value, int64_t n, double floor, struct l4r_segment **segment,
                   int64_t *segments, double *noise);

#endif
