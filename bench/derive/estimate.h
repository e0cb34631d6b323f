/* SPDX-License-Identifier: BSD-3-Clause */
/* Converts an estimate to the form that a record holds. */
#ifndef L4R_BENCH_DERIVE_ESTIMATE_H
#define L4R_BENCH_DERIVE_ESTIMATE_H

#include "bench/record/record.h"
#include "bench/stats/quantile.h"

#include <stdint.h>

/* Fills *out from an estimate. `users` is the number of users of a query, for the sentence that
 * says why a figure is withheld. */
int l4r_estimate_put(const struct l4r_estimate *estimate, int64_t users, struct l4r_record *record,
                     struct l4r_record_estimate *out);

#endif
