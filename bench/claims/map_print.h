/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the map of the time claim. */
#ifndef L4R_BENCH_CLAIMS_MAP_PRINT_H
#define L4R_BENCH_CLAIMS_MAP_PRINT_H

#include "bench/claims/map.h"
#include "bench/table/sheet.h"

/* Prints the measured cells beside the model, from how many beams on each claimed value is reached
 * (modelled numbers have a '~'), and one sentence. */
void l4r_map_print(struct l4r_sheet *sheet, const struct l4r_map *map);

#endif
