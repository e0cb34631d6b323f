/* SPDX-License-Identifier: BSD-3-Clause */
/* Processor counters of a team's workers, through PAPI's low-level interface behind a thin seam.
 *
 * An event is available only when it was added, started and read non-zero in a calibration loop
 * (spin, arithmetic, page touch, yield): virtual machines accept names and count nothing. What is
 * not available is absent with its reason, never 0.
 *
 * A thread counts one set at a time. Events that do not fit one set take turns: the serving is cut
 * into units of like work (permutations of the same users), one set counts a unit, and each sum is
 * scaled to all units. Beyond L4R_PMU_PASSES sets the hardware is left to multiplex, and every
 * reading says so. */
#ifndef L4R_BENCH_COUNTERS_PMU_H
#define L4R_BENCH_COUNTERS_PMU_H

#include "bench/counters/group.h"
#include "impl/base/team.h"

#include <stdint.h>

/* The functions that are used of PAPI, behind a seam. Sets are opaque numbers; status 0 is success.
 */
struct l4r_pmu {
  int (*open)(void);                       /* library and thread support; once a process */
  int (*add)(int *set, const char *event); /* makes the set when *set is -1 */
  int (*multiplex)(int *set);              /* before the first add */
  int (*start)(int set);
  int (*stop)(int set, long long *values);
  int (*read)(int set, long long *values); /* since start; goes on counting */
  void (*close)(int *set);
  const char *(*why)(int status);
  const char *(*component)(void); /* why the processor component is disabled; "" when it is not */
  const char *(*version)(void);   /* of the library, as "7.1"; "none" and why where there is none */
};
enum { L4R_PMU_PASSES = 4, L4R_PMU_GROUPS = 8, L4R_PMU_EVENTS = 64 };
/* KERNEL: the kernel's software events, which need no counter of the processor. */
enum l4r_pmu_source { L4R_PMU_HARDWARE, L4R_PMU_MULTIPLEXED, L4R_PMU_KERNEL, L4R_PMU_ABSENT };
struct l4r_pmu_value {
  char name[32], unit[40];
  double value;
  enum l4r_pmu_source source;
  char reason[192]; /* of absence; else the PAPI event that was counted */
  char note[96];    /* "" or in how many of the units it was counted */
};

struct l4r_pmu_session;
/* Prepares counting of `groups` <= L4R_PMU_GROUPS groups on every worker; an event of several is
 * counted once. Absent events are no error; L4R_ENVIRONMENT only when memory is short. */
int l4r_pmu_session_open(const struct l4r_pmu *pmu, const struct l4r_group *group, int groups,
                         struct l4r_team *team, struct l4r_pmu_session **session);
void l4r_pmu_session_close(struct l4r_pmu_session *session);
/* Between start and stop every worker counts; several spans add up. Never fails: a set that the
 * machine refuses in mid-run takes its events with it, with the reason. On the thread that owns the
 * team; allocates nothing. */
int l4r_pmu_start(struct l4r_pmu_session *session);
int l4r_pmu_stop(struct l4r_pmu_session *session);
/* Call it between start and stop, after each unit of work: the next set of events then counts the
 * next unit. */
void l4r_pmu_next(struct l4r_pmu_session *session);
/* Returns how many sets take turns; 0 when nothing can be counted. */
int l4r_pmu_passes(const struct l4r_pmu_session *session);

/* One group's events (sums over workers and spans), then its metrics; returns how many were
 * written. */
int l4r_pmu_values(const struct l4r_pmu_session *session, int group, struct l4r_pmu_value *value,
                   int capacity);

/* Forgets what was counted so far: sums, spans and units. Not between start and stop. */
void l4r_pmu_reset(struct l4r_pmu_session *session);

/* The running sums of all workers so far: those of event e of group 0 at now[e], NaN where it is
 * absent or not in the set that counts. For counters of stages; takes a round of the team. */
void l4r_pmu_now(struct l4r_pmu_session *session, double now[L4R_GROUP_EVENTS]);

#endif
