/* SPDX-License-Identifier: BSD-3-Clause */
/* Package energy from the kernel's powercap counters (usually root's to read), above what the
 * packages take when nothing is served. */
#ifndef L4R_BENCH_MACHINE_ENERGY_H
#define L4R_BENCH_MACHINE_ENERGY_H

#include <jansson.h>
#include <stdint.h>

enum { L4R_ENERGY_DOMAINS = 16 };

struct l4r_energy {
  int domains;                                                 /* 0: absent */
  double start[L4R_ENERGY_DOMAINS], range[L4R_ENERGY_DOMAINS]; /* microjoules */
  char path[L4R_ENERGY_DOMAINS][128];
  char reason[160];  /* why absent */
  double idle_watts; /* negative: not measured */
  double seconds;    /* from start to stop */
  int64_t start_ns;
};

/* Finds the package domains below `root`/class/powercap ("/sys"; tests give a tree of their own).
 * Never fails: absence is a state with a reason. */
void l4r_energy_find(const char *root, struct l4r_energy *energy);
/* Sleeps for `seconds` and takes the packages' power meanwhile as that of an idle machine; nothing
 * where there is no counter. */
void l4r_energy_idle(struct l4r_energy *energy, double seconds);
void l4r_energy_start(struct l4r_energy *energy);
/* Joules since start, wrap-around of each counter allowed for once; negative when absent, also
 * where a counter stood still: power that is never 0 reads 0 on a counter that is dead. */
double l4r_energy_stop(struct l4r_energy *energy);
/* The same without what an idle machine had taken in the time; not below 0. Negative when absent,
 * or when the idle power was not measured. */
double l4r_energy_above_idle(const struct l4r_energy *energy, double joules);

/* {"joules" (above idle), "gross_joules", "idle_watts", "reason"}; nulls with the reason when
 * absent. */
json_t *l4r_energy_json(const struct l4r_energy *energy, double joules);

#endif
