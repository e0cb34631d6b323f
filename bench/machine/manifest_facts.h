/* SPDX-License-Identifier: BSD-3-Clause */
/* Parts of the manifest. Every function takes the root of a /sys or /proc tree, so that captured
 * trees of other machines are fixtures. */
#ifndef L4R_BENCH_MACHINE_MANIFEST_FACTS_H
#define L4R_BENCH_MACHINE_MANIFEST_FACTS_H

#include <jansson.h>

/* {"governor", "boost" ("1", "0"), "clocksource", "cpu_quota" (of the control group), "smt",
 * "transparent_huge_pages", "numa_balancing", "hypervisor", "perf_event_paranoid", "memory_bytes",
 * "steal_ticks"}: null where the machine does not say. */
json_t *l4r_manifest_system(const char *root);

/* [{"name", "path", "sha256"}] of the shared objects this process has loaded that a figure depends
 * on: BLIS, hwloc, PAPI, SentencePiece, libm, libc. The path only where it is a system folder's:
 * others hold users' names. */
json_t *l4r_manifest_libraries(void);

#endif
