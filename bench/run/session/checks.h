/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks that must hold before a figure is believed. All are pure and return L4R_CHECK with the
 * evidence. */
#ifndef L4R_BENCH_RUN_SESSION_CHECKS_H
#define L4R_BENCH_RUN_SESSION_CHECKS_H

#include "bench/run/session/arm.h"
#include "bench/record/bundle.h"

/* Repeats against fresh requests, pairs of all rounds: the median of repeat / fresh with its 95 %
 * order-statistic interval. L4R_CHECK when its upper end is below .8 and the median saving at least
 * 5 microseconds (less is what the processor's own caches save): answers come from a cache.
 * Below 6 pairs nothing is judged and lo = hi = 0. */
struct l4r_repeats {
  int64_t pairs;
  double ratio, lo, hi;
};
int l4r_check_repeats(const struct l4r_bundle *round, int rounds, struct l4r_repeats *repeats);

/* The same of requests of the sample against histories that no file holds (novel.h), with the same
 * bounds to both sides (.8 and 1.25): what is quicker for the sample was looked up, what is quicker
 * for the others was not computed. The quickest tenth of both has to say the same, since the pairs'
 * order is not free and others may take the processor at its rhythm. */
int l4r_check_novel(const struct l4r_bundle *round, int rounds, struct l4r_repeats *known);

/* Holds a description against facts that are known from outside: precision and stack must be those
 * that the arm asked for, the ISA one that this processor has, and the BLIS kernels those that BLIS
 * itself reports. */
int l4r_check_description(const struct l4r_arm *arm, const json_t *description);
/* Two processes of one arm must have taken the same kernels, ISA, precision and settings. */
int l4r_check_same_kernels(const struct l4r_arm *arm, const json_t *one, const json_t *other);

#endif
