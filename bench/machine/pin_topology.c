/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/pin_topology.h"

#include "impl/base/error.h"

#include <stdlib.h>

static const char *other_machine_variable(void) {
  static const char *const names[] = {"HWLOC_SYNTHETIC", "HWLOC_XMLFILE", "HWLOC_FSROOT",
                                      "HWLOC_CPUID_PATH", "HWLOC_THISSYSTEM"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = getenv(names[i]);
    if (value && *value) return names[i];
  }
  return NULL;
}

int l4r_pin_load(hwloc_topology_t *topology) {
  if (hwloc_topology_init(topology)) return l4r_fail(L4R_ENVIRONMENT, "hwloc cannot start");
  if (!hwloc_topology_load(*topology)) return L4R_OK;
  hwloc_topology_destroy(*topology);
  return l4r_fail(L4R_ENVIRONMENT, "hwloc cannot read this machine's topology");
}

int l4r_pin_this_system(hwloc_topology_t topology) {
  return hwloc_topology_is_thissystem(topology) && !other_machine_variable();
}

int l4r_pin_other_machine(void) {
  const char *variable = other_machine_variable();
  return l4r_fail(L4R_ENVIRONMENT,
                  "pinning cannot be proven: hwloc describes another machine than this one; unset "
                  "%s, or use --pin none",
                  variable ? variable : "HWLOC_SYNTHETIC and HWLOC_XMLFILE");
}
