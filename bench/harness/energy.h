/* Package energy from the kernel's powercap counters (usually root's to read). Idle power is part
 * of the figure and the record says so. */
#ifndef L4R_BENCH_HARNESS_ENERGY_H
#define L4R_BENCH_HARNESS_ENERGY_H

enum { L4R_ENERGY_DOMAINS = 16 };

struct l4r_energy {
  int domains;                                                 /* 0: absent */
  double start[L4R_ENERGY_DOMAINS], range[L4R_ENERGY_DOMAINS]; /* microjoules */
  char path[L4R_ENERGY_DOMAINS][128];
  char reason[160]; /* why absent */
};

/* Finds the package domains below `root`/class/powercap ("/sys"; tests give a tree of their own).
 * Never fails: absence is a state with a reason. */
void l4r_energy_find(const char *root, struct l4r_energy *energy);
void l4r_energy_start(struct l4r_energy *energy);
/* Joules since start, wrap-around of each counter allowed for once; negative when absent. */
double l4r_energy_stop(struct l4r_energy *energy);

#endif
