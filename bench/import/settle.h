/* SPDX-License-Identifier: BSD-3-Clause */
/* The unit of the times that were read. */
#ifndef L4R_BENCH_IMPORT_SETTLE_H
#define L4R_BENCH_IMPORT_SETTLE_H

#include "bench/import/collect/collect.h"

/* Finds the clock's unit, converts the ordered events to it and reports it. *digits is then that of
 * the times: 0, 3, 6 or 9. */
void l4r_import_settle_times(struct l4r_import *import, int *digits);

#endif
