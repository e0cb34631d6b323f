/* SPDX-License-Identifier: BSD-3-Clause */
/* The ratio of two means over the same users. */
#ifndef L4R_BENCH_STATS_PAIRED_H
#define L4R_BENCH_STATS_PAIRED_H

#include "bench/stats/compare.h"

#include <stdint.h>

/* Compares a and b, figures >= 0 of the same n >= 2 users, by the ratio of their means, mean(b) /
 * mean(a), with Fieller's interval (1954) for paired values: all ratios t for which the mean of b -
 * t a does not differ from 0 by Student's t. It needs no ratio of a single user, of which most have
 * figure 0, and it holds where b is 0 for everybody. Identical users give [1, 1]. The `rows`
 * comparisons of a table share the error rates. Where mean(a) itself does not differ from 0 there
 * is no ratio: then the ends are 0 and infinity, and `ratio` is NaN where it is 0 / 0. Pure. */
void l4r_compare_users(const double *a, const double *b, int64_t n, int64_t rows,
                       struct l4r_comparison *comparison);

#endif
