/* SPDX-License-Identifier: BSD-3-Clause */
/* The clock when every processor computes, beside that of one that computes alone. */
#ifndef L4R_BENCH_MACHINE_CLOCK_BUSY_H
#define L4R_BENCH_MACHINE_CLOCK_BUSY_H

/* Keeps a thread busy on each processor that this process may use, for `seconds`, and returns the
 * lowest GHz that any of them had at its best (watch.h says how a clock is measured); 0 where it
 * cannot be measured or a thread cannot start. *processors is how many there were, at most 1024.
 * Integer work alone: wide vectors may lower the clock further. */
double l4r_clock_all_busy_ghz(double seconds, int *processors);

#endif
