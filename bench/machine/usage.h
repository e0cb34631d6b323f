/* SPDX-License-Identifier: BSD-3-Clause */
/* Who computed during the timed part: the processor time of this process and of everything that
 * came from it, and where each of their threads may run. An engine that takes more threads than the
 * run gives it, or other processors, is measured as something else than its row says. */
#ifndef L4R_BENCH_MACHINE_USAGE_H
#define L4R_BENCH_MACHINE_USAGE_H

#include "bench/machine/pin.h"

#include <sched.h>
#include <stdint.h>
#include <sys/types.h>

enum { L4R_USAGE_TASKS = 4096 };

struct l4r_usage_task {
  pid_t process, thread;
  int64_t ns;         /* of processor time since its start */
  int64_t wait;       /* ns that it was ready and had no processor; 0: unknown */
  int last;           /* the processor it last ran on; -1: unknown */
  cpu_set_t affinity; /* where it may run; empty: unknown */
};

struct l4r_cpu_usage {
  int64_t at_ns;     /* l4r_now_ns */
  int64_t cpu_ns;    /* of all processes, ended threads and awaited children included */
  int64_t others_ns; /* of them those that are not this one */
  int processes, tasks;
  struct l4r_usage_task task[L4R_USAGE_TASKS];
};

/* Reads /proc for the calling process and its descendants; without /proc it writes zeroes. It
 * allocates nothing and takes about 0.1 ms for every few hundred processes of the machine. */
void l4r_usage_read(struct l4r_cpu_usage *usage);

struct l4r_usage_span {
  double seconds, cpu_seconds, others_cpu_seconds;
  double wait_seconds; /* that the serving thread and, of other processes, the thread that waited
                          longest were kept waiting for a processor */
  int processes;
  int busy; /* threads of other processes, where there are such, else of this one, that computed for
               a fiftieth of the span, and a fifth of what the busiest of them did, or more */
};

/* What happened between two readings, and whether it keeps to the pin. L4R_CHECK:
 *   more processor time than 1.1 times the span times the threads, and 0.1 s (whatever the
 *   processors: a thread more shows even where the run is not pinned);
 *   with a pin, a thread that computed (0.5 ms or more) and may run, or ran last, on a processor
 *   that is not the run's.
 * Pure. */
int l4r_usage_judge(const struct l4r_cpu_usage *before, const struct l4r_cpu_usage *after,
                    const struct l4r_pin *pin, struct l4r_usage_span *span);

#endif
