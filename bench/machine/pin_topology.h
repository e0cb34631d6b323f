/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/machine: hwloc's topology, and whether it is this machine's. */
#ifndef L4R_BENCH_MACHINE_PIN_TOPOLOGY_H
#define L4R_BENCH_MACHINE_PIN_TOPOLOGY_H

#include <hwloc.h>

/* Loads the topology that hwloc describes; the caller destroys it. L4R_ENVIRONMENT when hwloc
 * cannot. */
int l4r_pin_load(hwloc_topology_t *topology);

/* Returns 1 when the topology is this machine's own. hwloc's word alone is not enough, because
 * HWLOC_THISSYSTEM=1 makes it claim that a synthetic machine is this one. */
int l4r_pin_this_system(hwloc_topology_t topology);

/* Leaves the message that pinning cannot be proven, naming the variable that is set;
 * L4R_ENVIRONMENT. */
int l4r_pin_other_machine(void);

#endif
