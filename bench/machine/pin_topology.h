/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/machine: hwloc's topology, and whether it is this machine's. */
#ifndef L4R_BENCH_MACHINE_PIN_TOPOLOGY_H
#define L4R_BENCH_MACHINE_PIN_TOPOLOGY_H

#include <hwloc.h>

/* The topology hwloc describes, the caller's to destroy. L4R_ENVIRONMENT where it cannot. */
int l4r_pin_load(hwloc_topology_t *topology);

/* 1 when it is this machine's own. hwloc's word alone is not enough: HWLOC_THISSYSTEM=1 makes it
 * claim that a synthetic machine is this one. */
int l4r_pin_this_system(hwloc_topology_t topology);

/* Leaves the message that pinning cannot be proven, naming the variable that is set;
 * L4R_ENVIRONMENT. */
int l4r_pin_other_machine(void);

#endif
