/* SPDX-License-Identifier: BSD-3-Clause */
/* The proof that workers ran where the plan put them. */
#ifndef L4R_BENCH_MACHINE_PIN_PROOF_H
#define L4R_BENCH_MACHINE_PIN_PROOF_H

#include "bench/machine/pin.h"

/* Binds the memory of the calling thread, and of threads it makes later, to the NUMA nodes of the
 * plan's processors, and reads the binding back (with policy none or a single node it does
 * nothing). L4R_ENVIRONMENT when the system refuses, or reports another binding. */
int l4r_pin_memory(const struct l4r_pin *pin);

/* What was read back after serving. */
struct l4r_pin_proof {
  int observed[L4R_PIN_THREADS]; /* last processor of each worker, by the scheduler */
  int located[L4R_PIN_THREADS];  /* the same, by hwloc's last location; -1 where it cannot tell */
  int width[L4R_PIN_THREADS];    /* processors that the worker's affinity allows; 0: not read */
  int memory[L4R_PIN_THREADS];   /* NUMA node of a page that the worker touched; -1: unknown */
  int far[L4R_PIN_THREADS];      /* 1: that node is none of those beside the observed processors */
  int this_system;               /* 0: hwloc describes another machine (HWLOC_SYNTHETIC, XML) */
};

/* Asks every worker where it runs. It loads a topology, so the caller reads peak memory before. */
int l4r_pin_observe(struct l4r_team *team, int threads, struct l4r_pin_proof *proof);

/* Returns 0 when the proof confirms the plan. L4R_ENVIRONMENT when a worker ran on another
 * processor, might have moved or has its memory elsewhere, or when the topology is not this
 * machine's; the message names the worker and both processors. Policy none needs no proof. Pure but
 * for the names of hwloc's variables in a message. */
int l4r_pin_judge(const struct l4r_pin *pin, const struct l4r_pin_proof *proof);

#endif
