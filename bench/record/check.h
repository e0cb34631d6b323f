/* SPDX-License-Identifier: BSD-3-Clause */
/* What a whole record has to hold. */
#ifndef L4R_BENCH_RECORD_CHECK_H
#define L4R_BENCH_RECORD_CHECK_H

#include "bench/record/record.h"

#include <stdint.h>

/* Called for each fault with the member's path and what is wrong with it. */
typedef void l4r_record_fault(void *context, const char *member, const char *what);
/* What a whole record must not be without, and values that are none of a member's choices or no
 * hash. How many faults. Pure but for `report`. */
int64_t l4r_record_check(const struct l4r_record *record, l4r_record_fault *report, void *context);

#endif
