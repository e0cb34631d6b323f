/* SPDX-License-Identifier: BSD-3-Clause */
/* How much of the processors others took while a record was measured. */
#ifndef L4R_BENCH_DERIVE_BUSY_H
#define L4R_BENCH_DERIVE_BUSY_H

#include "bench/record/fields.h"

#include <stddef.h>

/* From this share on a row says so: the bound beyond which `claims` gives no verdict. */
#define L4R_BUSY_FROM .1

/* The largest share of all processors' time, over rounds, that other processes and the hypervisor
 * took; *round (may be NULL) is that round's place. 0 where the record does not say. Pure. */
double l4r_busy_share(const struct l4r_record *record, int64_t *round);

/* Writes "busy 33 %" into out[size], or "" below L4R_BUSY_FROM; returns `out`. */
const char *l4r_busy_text(const struct l4r_record *record, char *out, size_t size);

#endif
