/* SPDX-License-Identifier: BSD-3-Clause */
/* Work that makes a live counter move: an event that reads 0 beside it is dead. */
#ifndef L4R_BENCH_COUNTERS_PMU_LOAD_H
#define L4R_BENCH_COUNTERS_PMU_LOAD_H

/* Something of everything that is counted: instructions, cache and page misses, branches that
 * nobody can predict, switches, and fp32 arithmetic one by one and in vectors of each width that
 * the processor has. `spins` > 0 scales it; on the calling thread, which it keeps for milliseconds
 * a million. L4R_ENVIRONMENT when memory is short. Thread-safe. */
int l4r_pmu_work(unsigned spins);

#endif
