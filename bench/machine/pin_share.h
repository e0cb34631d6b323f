/* SPDX-License-Identifier: BSD-3-Clause */
/* Cores divided among processes of one machine that measure at the same time, and must not take
 * each other's. */
#ifndef L4R_BENCH_MACHINE_PIN_SHARE_H
#define L4R_BENCH_MACHINE_PIN_SHARE_H

enum { L4R_PIN_MASK = 1024 };

/* Writes the processors that the calling thread may use ("0-3,8", by its control group and its
 * affinity) into mask[L4R_PIN_MASK]. L4R_ENVIRONMENT where hwloc cannot tell, or describes another
 * machine. */
int l4r_pin_mask(char *mask);

/* What two such masks have in common: nothing (0), everything (1), or a part (2). Pure. */
int l4r_pin_masks_share(const char *a, const char *b);

/* Keeps the calling thread, and threads and processes made from it later, on part `part` of `parts`
 * of the cores that it may use: neighbours, as many as even parts have, with all their hardware
 * threads. *cores is how many. L4R_ENVIRONMENT where there are fewer cores than parts. */
int l4r_pin_share(int part, int parts, int *cores);

#endif
