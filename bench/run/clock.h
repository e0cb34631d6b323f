/* SPDX-License-Identifier: BSD-3-Clause */
/* The clock that a run measures with. */
#ifndef L4R_BENCH_RUN_CLOCK_H
#define L4R_BENCH_RUN_CLOCK_H

struct l4r_clock_facts { /* CLOCK_MONOTONIC as programs see it */
  double tick_ns;        /* smallest step seen */
  double read_ns;        /* mean cost of reading it */
};
/* Takes about a millisecond. */
struct l4r_clock_facts l4r_clock_measure(void);

#endif
