/* SPDX-License-Identifier: BSD-3-Clause */
/* Converts an estimate to the form that a record holds. */
#ifndef L4R_BENCH_DERIVE_ESTIMATE_H
#define L4R_BENCH_DERIVE_ESTIMATE_H

#include "bench/record/record.h"
#include "bench/stats/quantile.h"

#include <stdint.h>

/* The rule of today by which intervals are made (derive.h); records of before 2026-11-28 name none.
 */
extern const char l4r_interval_crossed[];      /* "users and rounds" */
int l4r_interval_is_crossed(const char *rule); /* 1 for that rule; NULL: none is named */

/* The mean over rounds of positive figures given by their logarithms, with its 95 % interval, which
 * before that rule two rounds had too. */
struct l4r_estimate l4r_rounds_estimate(const double *logarithm, int64_t n, int crossed);

/* Fills *out from an estimate. `users` is the number of users of a query, for the sentence that
 * says why a figure is withheld. */
int l4r_estimate_put(const struct l4r_estimate *estimate, int64_t users, struct l4r_record *record,
                     struct l4r_record_estimate *out);

#endif
