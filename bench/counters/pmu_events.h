/* SPDX-License-Identifier: BSD-3-Clause */
/* The inside of a counter session: what pmu.c counts and pmu_events.c finds. */
#ifndef L4R_BENCH_COUNTERS_PMU_EVENTS_H
#define L4R_BENCH_COUNTERS_PMU_EVENTS_H

#include "bench/counters/pmu.h"

struct l4r_pmu_event { /* one that is counted, whatever groups ask for it */
  const char *name;    /* PAPI's; borrowed from the group */
  enum l4r_event_zero zero;
  int pass;     /* the set it is in */
  int software; /* counted by the kernel */
  char lost[192];
};

struct l4r_pmu_found { /* one that a group asks for */
  int event;           /* among those counted; -1: absent */
  char reason[192];
};

struct l4r_pmu_worker {
  int set[L4R_PMU_PASSES], readable;
  long long sum[L4R_PMU_EVENTS], now[L4R_PMU_EVENTS];
  char wrapped[L4R_PMU_EVENTS]; /* a count came back negative */
} __attribute__((aligned(64)));

struct l4r_pmu_session {
  const struct l4r_pmu *pmu;
  struct l4r_team *team;
  struct l4r_group group[L4R_PMU_GROUPS];
  struct l4r_pmu_found found[L4R_PMU_GROUPS][L4R_GROUP_EVENTS];
  struct l4r_pmu_event event[L4R_PMU_EVENTS];
  int groups, events, passes, multiplexed;
  int active, running, dead[L4R_PMU_PASSES];
  int64_t units[L4R_PMU_PASSES]; /* of work that each set saw */
  struct l4r_pmu_worker *worker;
  int64_t started_ns, total_ns;
};

/* Tries every event of the groups, fills found[] and event[], and deals the events to sets. */
void l4r_pmu_find(struct l4r_pmu_session *session);

/* Runs a load of some milliseconds that makes every kind of counter move; calibration uses it. */
void l4r_pmu_load(void);

/* Returns 1 when the kernel below `root` ("" is this machine) shows counters of a processor. */
int l4r_pmu_exists(const char *root);

/* Writes to out[size] why not everything can be counted here and the command that changes it: there
 * are no counters (a virtual machine), the kernel has no perf events, or perf_event_paranoid is
 * above 1 (above 2: nothing at all) and the user is not root, or it is 3, which PAPI obeys for root
 * too. It writes "" when nothing prevents counting. */
void l4r_pmu_advice(const char *root, int is_root, char *out, int size);

#endif
