/* SPDX-License-Identifier: BSD-3-Clause */
/* The topology of this machine as hwloc sees it, without the names that hwloc adds. */
#ifndef L4R_BENCH_MACHINE_TOPOLOGY_H
#define L4R_BENCH_MACHINE_TOPOLOGY_H

#include <jansson.h>

/* {"packages", "numa_nodes", "cores", "processors", "kinds", "caches": [{"level", "bytes",
 * "count"}], "synthetic", "xml"}; null where hwloc cannot tell. `synthetic` is hwloc's one line,
 * null for a machine whose parts differ; such a machine's `xml` is hwloc's, stripped (null
 * elsewhere, and beyond 64 KB). */
json_t *l4r_topology_facts(void);

/* Removes from an hwloc XML, in place, every <info> that does not describe a processor: names of
 * host, process and operating system, serial numbers. */
void l4r_topology_strip(char *xml);

#endif
