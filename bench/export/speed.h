/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints speed by stage and compares arms. */
#ifndef L4R_BENCH_EXPORT_SPEED_H
#define L4R_BENCH_EXPORT_SPEED_H

#include "bench/export/rows.h"
#include "bench/table/sheet.h"

/* Prints two tables per group. The first has each row's stages with their speed (modelled work over
 * measured time) and shares of the sgemm ceiling and of the speed of reading memory; rows without
 * stages have only their first line. The second compares rows of one file that differ in one option
 * of the arm, or in a peer against an engine of this project: how many times faster a user and each
 * stage become, with the 95 % interval of the rounds' ratios. */
int l4r_export_speed(const struct l4r_rows *rows, struct l4r_sheet *sheet);

#endif
