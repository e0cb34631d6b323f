/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks that a record is complete. */
#ifndef L4R_BENCH_RECORD_CHECK_H
#define L4R_BENCH_RECORD_CHECK_H

#include "bench/record/record.h"

#include <stdint.h>

/* Called for each fault with the member's path and what is wrong with it. */
typedef void l4r_record_fault(void *context, const char *member, const char *what);
/* Reports missing members that every record must have, values that are none of a member's choices,
 * and malformed hashes. Returns the number of faults. Pure except for `report`. */
int64_t l4r_record_check(const struct l4r_record *record, l4r_record_fault *report, void *context);

#endif
