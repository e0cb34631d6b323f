/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the workers of a round run, and the proof that they did. hwloc is used here and in the
 * manifest only. */
#ifndef L4R_BENCH_MACHINE_PIN_H
#define L4R_BENCH_MACHINE_PIN_H

#include "impl/base/team.h"

#include <jansson.h>

enum { L4R_PIN_THREADS = 1024 };

struct l4r_pin {
  char asked[256]; /* "core", "smt", "l3", "numa", "none" or a list "0,2-3" */
  int threads;
  int bound;                      /* 0: policy none */
  int nodes;                      /* NUMA nodes of the machine */
  int processor[L4R_PIN_THREADS]; /* operating system numbers, worker by worker */
};

/* Chooses a processor for each worker from those this process may use, by its control group and by
 * the calling thread's affinity (taskset):
 *   core  one worker a core;  smt  every hardware thread, core by core (two workers on one core's
 *   threads: only when asked for like this);  l3, numa  one a core, going round the level-3 caches
 *   or NUMA nodes;  none  not bound;  LIST  these processors, in this order (smt:LIST where two may
 *   share a core). Where cores are of several kinds (big and little), the fastest kind comes first.
 * L4R_ENVIRONMENT when the machine has fewer cores (smt, none: hardware threads) than workers, or a
 * listed processor is not there; two listed processors of one core too; L4R_USAGE for another
 * policy. The message says how many there are. */
int l4r_pin_plan(const char *policy, int threads, struct l4r_pin *pin);

/* Plans the same for the machine that hwloc describes, which may be another one (HWLOC_SYNTHETIC,
 * HWLOC_XMLFILE). It proves nothing and binds nothing. */
int l4r_pin_choose(const char *policy, int threads, struct l4r_pin *pin);

/* Returns 1 when two workers of the plan share one core. L4R_ENVIRONMENT (negative) when hwloc
 * cannot tell. */
int l4r_pin_shares_cores(const struct l4r_pin *pin);

/* Writes to list[L4R_PIN_THREADS] the processors that a policy offers, in the order in which
 * workers take them. Returns how many there are, or -1 with a message. It works for topologies of
 * other machines, too. */
int l4r_pin_candidates(const char *policy, int *list);

/* Plans `threads` workers, one per core; 0 means as many as there are cores. The errors are those
 * of the two functions above. */
int l4r_pin_cores(int64_t threads, struct l4r_pin *pin);

#endif
