/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares the times that engines state themselves with the harness's clock, and counts requests
 * beside the timed ones. */
#ifndef L4R_BENCH_DERIVE_DERIVE_OWN_H
#define L4R_BENCH_DERIVE_DERIVE_OWN_H

#include "bench/record/bundle.h"
#include "bench/record/record.h"

#include <stdint.h>

/* Computes `own_time` for an engine that states how long a call took it (array "own"); otherwise
 * the record stays as it is. Adds to each round own_mean_ns of a call and unexplained_mean_ns, the
 * larger of two differences: the caller's clock minus the own time and the time for which both
 * sides waited for a processor (usage.wait_seconds), and the processor time of a call minus the own
 * time on all threads. l4r_derive_rounds must have accepted the samples' rounds. */
int l4r_derive_own(const struct l4r_bundle *samples, struct l4r_record *record);

/* Returns how many requests were served between the timed ones and counted with them, by the
 * rounds. */
int64_t l4r_derive_novel(const struct l4r_record *record);

#endif
