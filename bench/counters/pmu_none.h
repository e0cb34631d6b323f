/* SPDX-License-Identifier: BSD-3-Clause */
/* What a build without PAPI offers in its place: nothing, with the reason. */
#ifndef L4R_BENCH_COUNTERS_PMU_NONE_H
#define L4R_BENCH_COUNTERS_PMU_NONE_H

#include "bench/counters/pmu.h"

extern const struct l4r_pmu l4r_pmu_none;
extern const struct l4r_pmu *const l4r_pmu_here; /* PAPI where this build has it, else the above */

#endif
