/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranks on one host take cores of their own. */
#ifndef L4R_BENCH_FLEET_CORES_H
#define L4R_BENCH_FLEET_CORES_H

#include "impl/comm/comm.h"

/* Does nothing where this rank is alone on its host, or the launcher has given each its own;
 * divides the cores where all may use the same. L4R_ENVIRONMENT where there are fewer cores than
 * ranks, or some of a rank's are another's too. Collective; each rank has its own status. */
int l4r_fleet_cores(struct l4r_comm *comm);

#endif
