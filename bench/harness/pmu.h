/* Processor counters of a team's workers, through PAPI's low-level interface behind a thin seam.
 *
 * An event is available only when it was added, started and read non-zero in a calibration loop
 * (spin, page touch, yield): virtual machines accept names and count nothing. What is not available
 * is absent with its reason, never 0. Events that can be added one by one but not together are
 * multiplexed, and say so. */
#ifndef L4R_BENCH_HARNESS_PMU_H
#define L4R_BENCH_HARNESS_PMU_H

#include "bench/harness/group.h"
#include "impl/base/team.h"

#include <stdint.h>

/* The seam: what is used of PAPI. Sets are opaque numbers; status 0 is success. */
struct l4r_pmu {
  int (*open)(void);                       /* library and thread support; once a process */
  int (*add)(int *set, const char *event); /* makes the set when *set is -1 */
  int (*multiplex)(int *set);              /* before the first add */
  int (*start)(int set);
  int (*stop)(int set, long long *values);
  void (*close)(int *set);
  const char *(*why)(int status);
  const char *(*component)(void); /* why the processor component is disabled; "" when it is not */
};
extern const struct l4r_pmu l4r_pmu_papi;

enum l4r_pmu_source { L4R_PMU_HARDWARE, L4R_PMU_MULTIPLEXED, L4R_PMU_ABSENT };
struct l4r_pmu_value {
  char name[32], unit[40];
  double value;
  enum l4r_pmu_source source;
  char reason[192]; /* of absence; else the PAPI event that was counted */
};

struct l4r_pmu_session;
/* Prepares counting of a group on every worker. Absent events are no error; L4R_ENVIRONMENT only
 * when memory is short. */
int l4r_pmu_session_open(const struct l4r_pmu *pmu, const struct l4r_group *group,
                         struct l4r_team *team, struct l4r_pmu_session **session);
void l4r_pmu_session_close(struct l4r_pmu_session *session);
/* Between start and stop every worker counts; several spans add up. */
int l4r_pmu_start(struct l4r_pmu_session *session);
int l4r_pmu_stop(struct l4r_pmu_session *session);
/* The sums over workers and spans, then the group's metrics; returns how many were written. */
int l4r_pmu_values(const struct l4r_pmu_session *session, struct l4r_pmu_value *value,
                   int capacity);

#endif
