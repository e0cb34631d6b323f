/* Parts of the manifest. Every function takes the root of a /sys or /proc tree, so that captured
 * trees of other machines are fixtures. */
#ifndef L4R_BENCH_HARNESS_MANIFEST_FACTS_H
#define L4R_BENCH_HARNESS_MANIFEST_FACTS_H

#include <jansson.h>

/* {"governor", "boost", "smt", "transparent_huge_pages", "numa_balancing", "hypervisor",
 * "perf_event_paranoid", "memory_bytes", "steal_ticks"}: null where the machine does not say. */
json_t *l4r_manifest_system(const char *root);

/* [{"name", "sha256"}] of the shared objects this process has loaded that a figure depends on:
 * BLIS, hwloc, PAPI, SentencePiece, libm, libc. Base names only. */
json_t *l4r_manifest_libraries(void);

/* {"packages", "numa_nodes", "cores", "processors", "caches": [{"level", "bytes", "count"}]} from
 * hwloc; null where it cannot tell. */
json_t *l4r_manifest_topology(void);

/* One line for each thing in l4r_manifest_system's object that spoils a measurement, with its
 * remedy; written to warnings[capacity], returns how many. Pure. */
int l4r_manifest_warnings(const json_t *system, const char **warnings, int capacity);

#endif
