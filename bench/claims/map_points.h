/* SPDX-License-Identifier: BSD-3-Clause */
/* What records say of the map's cells. */
#ifndef L4R_BENCH_CLAIMS_MAP_POINTS_H
#define L4R_BENCH_CLAIMS_MAP_POINTS_H

#include "bench/claims/map_model.h"
#include "bench/record/read.h"

/* Takes the records of Lite and P5 models of that size apart; other records are passed over. Free
 * with l4r_map_points_free, also after a failure. L4R_INPUT when they are of two machines. */
int l4r_map_points_make(const struct l4r_records *records, const char *size,
                        struct l4r_map_points *points);
void l4r_map_points_free(struct l4r_map_points *points);

#endif
