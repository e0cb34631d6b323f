/* SPDX-License-Identifier: BSD-3-Clause */
/* The second time of engines that state one, and requests beside the timed ones. */
#ifndef L4R_BENCH_DERIVE_DERIVE_OWN_H
#define L4R_BENCH_DERIVE_DERIVE_OWN_H

#include "bench/record/bundle.h"
#include "bench/record/record.h"

#include <stdint.h>

/* `own_time` of engines that say what a call took them (array "own"); of others it stays as it is.
 * Adds to each of the rounds own_mean_ns, of a call, and unexplained_mean_ns, the larger of two:
 * what the caller's clock says more, without the time for which both sides waited for a processor
 * (usage.wait_seconds), and the processor time of a call that the own time on all threads does not
 * cover. The samples' rounds are those that l4r_derive_rounds accepted. */
int l4r_derive_own(const struct l4r_bundle *samples, struct l4r_record *record);

/* Requests that were served between the timed ones and counted with them, by the rounds. */
int64_t l4r_derive_novel(const struct l4r_record *record);

#endif
