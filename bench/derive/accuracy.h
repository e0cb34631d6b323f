/* SPDX-License-Identifier: BSD-3-Clause */
/* Accuracy from ranks: for the record that is written, and for whoever checks it. */
#ifndef L4R_BENCH_DERIVE_ACCURACY_H
#define L4R_BENCH_DERIVE_ACCURACY_H

#include "bench/record/bundle.h"

#include <jansson.h>

/* {"users", "keep", "mask", "ci95", "short_rankings", "tie_share", "bootstrap"} of a record, and
 * "short_rankings_mask" and "mask_by" of ranks that say so (not before 2026-11-28), from arrays
 * keep, mask, tied and short (which are all that `ranks` bundles need to hold), and "groups" where
 * the bundle holds groups. The same for writing and for `verify`. */
int l4r_accuracy_derive(const struct l4r_bundle *ranks, json_t **accuracy);

#endif
