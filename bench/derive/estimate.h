/* SPDX-License-Identifier: BSD-3-Clause */
/* An estimate as a record holds it. */
#ifndef L4R_BENCH_DERIVE_ESTIMATE_H
#define L4R_BENCH_DERIVE_ESTIMATE_H

#include "bench/record/record.h"
#include "bench/stats/quantile.h"

#include <stdint.h>

/* An estimate as a record holds it; `users` a query, for the words of what is withheld. */
int l4r_estimate_put(const struct l4r_estimate *estimate, int64_t users, struct l4r_record *record,
                     struct l4r_record_estimate *out);

#endif
