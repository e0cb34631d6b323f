/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/counters/stages.h"

#include "impl/base/log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void l4r_stages_note(struct l4r_stages *stages, int timer) {
  double now[L4R_GROUP_EVENTS];
  if (!stages->listening) return;
  const int64_t began = l4r_now_ns();
  l4r_pmu_now(stages->session, now);
  if (stages->current >= 0) {
    struct l4r_stage_sum *sum = &stages->stage[stages->current];
    sum->calls++;
    for (int e = 0; e < stages->group->events; e++) {
      const double grown = now[e] - stages->before[e];
      if (isnan(grown)) continue;
      sum->sum[e] += grown;
      sum->reads[e]++;
    }
  }
  memcpy(stages->before, now, sizeof now);
  stages->current = timer < L4R_TIMERS_MAX ? timer : -1;
  stages->cost_ns += l4r_now_ns() - began;
}

void l4r_stages_begin(struct l4r_stages *stages, struct l4r_pmu_session *session,
                      const struct l4r_group *group) {
  *stages = (struct l4r_stages){.session = session, .group = group, .current = -1, .cost = -1};
  stages->listening = 1;
}

void l4r_stages_end(struct l4r_stages *stages, int64_t serving_ns) {
  int64_t calls = 0;
  stages->listening = 0;
  for (int t = 0; t < L4R_TIMERS_MAX; t++) calls += stages->stage[t].calls;
  const int64_t without = serving_ns - stages->cost_ns;
  stages->cost = without > 0 ? (double)stages->cost_ns / (double)without : 1;
  if (!calls)
    snprintf(stages->reason, sizeof stages->reason, "the engine does not say where stages begin");
  else if (!l4r_pmu_passes(stages->session))
    snprintf(stages->reason, sizeof stages->reason,
             "no event of group %s counts here: lite4rec info --counters", stages->group->name);
  else if (stages->cost > L4R_STAGES_COST)
    snprintf(stages->reason, sizeof stages->reason,
             "reading them takes %.1f %% of the serving, more than %.0f %%: serve batches, or a "
             "larger model",
             100 * stages->cost, 100 * L4R_STAGES_COST);
}

static json_t *counters_of(const struct l4r_stages *stages, const struct l4r_stage_sum *sum) {
  json_t *counters = json_array();
  struct l4r_pmu_value value[L4R_GROUP_EVENTS];
  l4r_pmu_values(stages->session, 0, value, stages->group->events);
  for (int e = 0; e < stages->group->events; e++) {
    const int counts = value[e].source != L4R_PMU_ABSENT && sum->reads[e] && !*stages->reason;
    const char *source = !counts                                  ? "absent"
                         : value[e].source == L4R_PMU_KERNEL      ? "kernel"
                         : value[e].source == L4R_PMU_MULTIPLEXED ? "multiplexed"
                                                                  : "hardware";
    const char *why = *stages->reason                     ? stages->reason
                      : value[e].source == L4R_PMU_ABSENT ? value[e].reason
                                                          : "its turn never came in this stage";
    json_array_append_new(
        counters, json_pack("{s:s, s:o, s:s, s:s, s:s}", "name", value[e].name, "value",
                            counts ? json_real(sum->sum[e] / (double)sum->reads[e]) : json_null(),
                            "unit", "events/call", "source", source, "reason", counts ? "" : why));
  }
  return counters;
}

json_t *l4r_stages_json(const struct l4r_stages *stages, const struct l4r_timer *timer,
                        int timers) {
  json_t *list = json_array();
  for (int t = 0; t < timers; t++)
    json_array_append_new(list, json_pack("{s:s, s:I, s:o}", "name", timer[t].name, "calls",
                                          (json_int_t)stages->stage[t].calls, "counters",
                                          counters_of(stages, &stages->stage[t])));
  return json_pack("{s:o, s:f, s:s, s:o}", "cost",
                   stages->cost < 0 ? json_null() : json_real(stages->cost), "limit",
                   L4R_STAGES_COST, "reason", stages->reason, "stages", list);
}
