/* SPDX-License-Identifier: BSD-3-Clause */
/* Speed, stage by stage and arm beside arm. */
#ifndef L4R_BENCH_EXPORT_SPEED_H
#define L4R_BENCH_EXPORT_SPEED_H

#include "bench/export/rows.h"
#include "bench/table/sheet.h"

/* Two tables a group: each row's stages with their speed (modelled work over measured
 * time) and shares of the sgemm ceiling and of the speed of reading memory; and, for rows of one
 * file that differ in one option of the arm alone, or in a peer beside an engine of this project,
 * how many times faster it makes a user and each stage, with the 95 % interval of the rounds'
 * ratios. Rows without stages have their first line alone. */
int l4r_export_speed(const struct l4r_rows *rows, struct l4r_sheet *sheet);

#endif
