/* SPDX-License-Identifier: BSD-3-Clause */
/* In what machines that are compared differ, as their newest records' manifests state it. */
#ifndef L4R_BENCH_COMPARE_MANIFESTS_H
#define L4R_BENCH_COMPARE_MANIFESTS_H

#include "bench/compare/across.h"

/* Prints a table of the members that differ, "system.governor", one column a machine. What differs
 * in every run (time, ticks) and what says another member again is left out. */
void l4r_manifests_print(struct l4r_sheet *sheet, const struct l4r_across *across);

#endif
