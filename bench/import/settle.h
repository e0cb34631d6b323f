/* SPDX-License-Identifier: BSD-3-Clause */
/* The unit of the times that were read. */
#ifndef L4R_BENCH_IMPORT_SETTLE_H
#define L4R_BENCH_IMPORT_SETTLE_H

#include "bench/import/collect/collect.h"

/* Finds the clock's unit, brings the ordered events to it and says what it was. *digits is that of
 * the times then: 0, 3, 6 or 9. */
void l4r_import_settle_times(struct l4r_import *import, int *digits);

#endif
