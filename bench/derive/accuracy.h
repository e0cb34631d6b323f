/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes accuracy from ranks, for those who write a record and for those who check it. */
#ifndef L4R_BENCH_DERIVE_ACCURACY_H
#define L4R_BENCH_DERIVE_ACCURACY_H

#include "bench/record/bundle.h"

#include <jansson.h>

/* Computes the members "users", "keep", "mask", "ci95", "short_rankings", "tie_share" and
 * "bootstrap" of a record from the arrays keep, mask, tied and short, which every bundle of ranks
 * needs to hold. Ranks made since 2026-11-28 also give "short_rankings_mask" and "mask_by". Ranks
 * with groups also give "groups". The run and `verify` both call this. */
int l4r_accuracy_derive(const struct l4r_bundle *ranks, json_t **accuracy);

#endif
