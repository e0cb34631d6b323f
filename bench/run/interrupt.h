/* SPDX-License-Identifier: BSD-3-Clause */
/* The first SIGINT or SIGTERM does not end a run: what was measured is kept first. */
#ifndef L4R_BENCH_RUN_INTERRUPT_H
#define L4R_BENCH_RUN_INTERRUPT_H

#include <signal.h>

struct l4r_interrupt { /* the handlers of before */
  struct sigaction interrupt, terminate;
};

/* From now on the first of these signals is noted; another of the same ends the process. Main
 * thread only. */
void l4r_interrupt_begin(struct l4r_interrupt *old);
void l4r_interrupt_end(const struct l4r_interrupt *old);
/* The process that is waited for, which the signal ends; 0: none. */
void l4r_interrupt_child(int child);
/* Returns the signal that came since the begin, or 0. */
int l4r_interrupted(void);

#endif
