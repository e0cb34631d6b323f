/* SPDX-License-Identifier: BSD-3-Clause */
/* The seam to PAPI, in builds that have it. */
#ifndef L4R_BENCH_COUNTERS_PMU_PAPI_H
#define L4R_BENCH_COUNTERS_PMU_PAPI_H

#include "bench/counters/pmu.h"

extern const struct l4r_pmu l4r_pmu_papi;

#endif
