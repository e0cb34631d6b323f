/* SPDX-License-Identifier: BSD-3-Clause */
/* The order of what was read: user, time, tie rule. */
#ifndef L4R_BENCH_IMPORT_ORDER_H
#define L4R_BENCH_IMPORT_ORDER_H

#include "bench/import/collect/collect.h"

/* Puts the events in order into import->event: by user, time and tie rule, users and items by their
 * ranks of source ids, which by_rank turns back into indexes (l4r_alloc). Drops repeats. */
int l4r_import_order(struct l4r_import *import, int32_t **user_by_rank, int32_t **item_by_rank);

#endif
