/* SPDX-License-Identifier: BSD-3-Clause */
/* Counters of each stage of an engine, on request ("stages" among the groups of --counters).
 * Reading them disturbs what is measured, so their cost is measured first and given beside them;
 * above L4R_STAGES_COST of the serving they are refused. */
#ifndef L4R_BENCH_COUNTERS_STAGES_H
#define L4R_BENCH_COUNTERS_STAGES_H

#include "bench/counters/pmu.h"
#include "impl/engine.h"

#include <jansson.h>

#define L4R_STAGES_COST .05

struct l4r_stage_sum { /* of one timer of the engine */
  double sum[L4R_GROUP_EVENTS];
  int64_t reads[L4R_GROUP_EVENTS], calls;
};

/* All on the thread that serves. */
struct l4r_stages {
  int listening;
  struct l4r_pmu_session *session; /* its first group is counted; borrowed */
  const struct l4r_group *group;   /* that group; borrowed */
  struct l4r_stage_sum stage[L4R_TIMERS_MAX];
  double before[L4R_GROUP_EVENTS];
  int current; /* the stage that runs; -1: none */
  int64_t cost_ns;
  double cost;      /* share of the serving that reading took; negative: not known yet */
  char reason[192]; /* why nothing is counted; "" otherwise */
};

/* Listens to the engine's stages from now on, the sums at 0; the session is counting. */
void l4r_stages_begin(struct l4r_stages *stages, struct l4r_pmu_session *session,
                      const struct l4r_group *group);
/* Call it when a stage begins, or with -1 when the last of a call ends. What was counted since the
 * boundary before belongs to the stage that ends here. It does nothing unless the stages are
 * listened to. */
void l4r_stages_note(struct l4r_stages *stages, int timer);
/* Stops listening. `serving_ns` is what the serving in between took, reading included; sets `cost`,
 * and `reason` where there were no stages, no counters, or the cost was above the limit. */
void l4r_stages_end(struct l4r_stages *stages, int64_t serving_ns);

/* {"cost", "limit", "reason", "stages": [{"name", "calls", "counters": [{"name", "value", "unit",
 * "source", "reason"}]}]}: a counter's value is the mean of a call of the stage. */
json_t *l4r_stages_json(const struct l4r_stages *stages, const struct l4r_timer *timer, int timers);

#endif
