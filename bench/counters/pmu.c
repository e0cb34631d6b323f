/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/counters/pmu.h"

#include "bench/counters/formula.h"
#include "bench/counters/pmu_events.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int open_worker(void *argument, int worker, int workers) {
  struct l4r_pmu_session *session = argument;
  int *set = session->worker[worker].set;
  for (int p = 0; p < L4R_PMU_PASSES; ++p) set[p] = -1;
  for (int p = 0; p < session->passes; ++p) {
    int status = session->multiplexed ? session->pmu->multiplex(&set[p]) : 0;
    for (int e = 0; !status && e < session->events; ++e)
      if (session->event[e].pass == p) status = session->pmu->add(&set[p], session->event[e].name);
    if (status)
      return l4r_fail(L4R_CHECK, "the events cannot be counted together: %s",
                      session->pmu->why(status));
  }
  return L4R_OK;
}

static int close_worker(void *argument, int worker, int workers) {
  struct l4r_pmu_session *session = argument;
  for (int p = 0; p < session->passes; ++p) session->pmu->close(&session->worker[worker].set[p]);
  return L4R_OK;
}

static int start_worker(void *argument, int worker, int workers) {
  struct l4r_pmu_session *session = argument;
  const int status = session->pmu->start(session->worker[worker].set[session->active]);
  return status ? l4r_fail(L4R_CHECK, "%s", session->pmu->why(status)) : L4R_OK;
}

static int stop_worker(void *argument, int worker, int workers) {
  struct l4r_pmu_session *session = argument;
  struct l4r_pmu_worker *mine = &session->worker[worker];
  long long value[L4R_PMU_EVENTS] = {0};
  const int status = session->pmu->stop(mine->set[session->active], value);
  if (status) return l4r_fail(L4R_CHECK, "%s", session->pmu->why(status));
  for (int e = 0, at = 0; e < session->events; ++e) {
    if (session->event[e].pass != session->active) continue;
    mine->wrapped[e] |= value[at] < 0;
    mine->sum[e] += value[at++];
  }
  return L4R_OK;
}

static int read_worker(void *argument, int worker, int workers) {
  struct l4r_pmu_session *session = argument;
  struct l4r_pmu_worker *mine = &session->worker[worker];
  long long value[L4R_PMU_EVENTS] = {0};
  mine->readable = !session->pmu->read(mine->set[session->active], value);
  for (int e = 0, at = 0; e < session->events; ++e)
    if (session->event[e].pass == session->active) mine->now[e] = value[at++];
  return L4R_OK;
}

/* The events of a set are lost for the message's reason; the run and the other sets go on. */
static void lose(struct l4r_pmu_session *session, int pass) {
  for (int e = 0; e < session->events; ++e)
    if (session->event[e].pass == pass)
      snprintf(session->event[e].lost, sizeof session->event[e].lost, "%.180s",
               l4r_error_message());
  session->dead[pass] = 1;
}

int l4r_pmu_session_open(const struct l4r_pmu *pmu, const struct l4r_group *group, int groups,
                         struct l4r_team *team, struct l4r_pmu_session **out) {
  struct l4r_pmu_session *session = l4r_alloc(1, sizeof *session, "a counter session");
  if (!session) return L4R_ENVIRONMENT;
  session->worker = l4r_alloc((size_t)l4r_team_size(team), sizeof *session->worker, "counter sets");
  if (!session->worker) {
    l4r_free(session);
    return L4R_ENVIRONMENT;
  }
  session->pmu = pmu;
  session->team = team;
  session->groups = groups;
  memcpy(session->group, group, (size_t)groups * sizeof *group);
  l4r_pmu_find(session);
  if (session->passes && l4r_team_run(team, open_worker, session))
    for (int p = 0; p < session->passes; ++p) lose(session, p);
  *out = session;
  return L4R_OK;
}

void l4r_pmu_session_close(struct l4r_pmu_session *session) {
  if (!session) return;
  if (session->running) l4r_pmu_stop(session);
  if (session->passes) l4r_team_run(session->team, close_worker, session);
  l4r_free(session->worker);
  l4r_free(session);
}

static void begin(struct l4r_pmu_session *session) {
  if (!session->passes || session->dead[session->active]) return;
  if (l4r_team_run(session->team, start_worker, session)) lose(session, session->active);
}

static void end(struct l4r_pmu_session *session) {
  if (!session->passes || session->dead[session->active]) return;
  if (l4r_team_run(session->team, stop_worker, session)) lose(session, session->active);
}

int l4r_pmu_start(struct l4r_pmu_session *session) {
  session->started_ns = l4r_now_ns();
  session->running = 1;
  begin(session);
  return L4R_OK;
}

int l4r_pmu_stop(struct l4r_pmu_session *session) {
  end(session);
  session->units[session->active]++;
  session->total_ns += l4r_now_ns() - session->started_ns;
  session->running = 0;
  if (session->passes) session->active = (session->active + 1) % session->passes;
  return L4R_OK;
}

void l4r_pmu_next(struct l4r_pmu_session *session) {
  if (session->passes > 1) end(session);
  session->units[session->active]++;
  if (session->passes < 2) return;
  session->active = (session->active + 1) % session->passes;
  begin(session);
}

int l4r_pmu_passes(const struct l4r_pmu_session *session) {
  return session->passes;
}

void l4r_pmu_reset(struct l4r_pmu_session *session) {
  for (int w = 0; w < l4r_team_size(session->team); ++w) {
    memset(session->worker[w].sum, 0, sizeof session->worker[w].sum);
    memset(session->worker[w].wrapped, 0, sizeof session->worker[w].wrapped);
  }
  memset(session->units, 0, sizeof session->units);
  session->total_ns = 0;
  session->active = 0;
}

static double event_sum(const struct l4r_pmu_session *session, int event) {
  double sum = 0;
  for (int w = 0; w < l4r_team_size(session->team); ++w)
    sum += (double)session->worker[w].sum[event];
  return sum;
}

static int64_t all_units(const struct l4r_pmu_session *session) {
  int64_t units = 0;
  for (int p = 0; p < L4R_PMU_PASSES; ++p) units += session->units[p];
  return units;
}

/* Why a counter that was found good has no value after all; NULL when it has one. */
static const char *missing(const struct l4r_pmu_session *session, int event, double sum) {
  const struct l4r_pmu_event *counted = &session->event[event];
  if (*counted->lost) return counted->lost;
  for (int w = 0; w < l4r_team_size(session->team); ++w)
    if (session->worker[w].wrapped[event]) return "the counter ran over";
  if (!session->units[counted->pass])
    return "its turn never came: the timed part was over sooner; raise --min-time";
  if (sum == 0 && counted->zero == L4R_ZERO_NEVER)
    return "it counted when it was tried and read 0 over the timed part: it disappeared";
  return NULL;
}

struct asking { /* of one group, and what the names asked for so far came from */
  const struct l4r_pmu_session *session;
  int group;
  enum l4r_pmu_source source;
  const char *missing;
};

static enum l4r_pmu_source source_of(const struct l4r_pmu_session *session, int event) {
  return session->event[event].software ? L4R_PMU_KERNEL
         : session->multiplexed         ? L4R_PMU_MULTIPLEXED
                                        : L4R_PMU_HARDWARE;
}

/* The order of weakness, for figures made of several events. */
static enum l4r_pmu_source weaker(enum l4r_pmu_source a, enum l4r_pmu_source b) {
  if (a == L4R_PMU_KERNEL) return b;
  if (b == L4R_PMU_KERNEL) return a;
  return a == L4R_PMU_MULTIPLEXED ? a : b;
}

static int name_value(void *context, const char *name, double *value) {
  struct asking *asking = context;
  const struct l4r_pmu_session *session = asking->session;
  const struct l4r_group *group = &session->group[asking->group];
  *value = (double)session->total_ns * 1e-9;
  if (strcmp(name, "seconds") == 0) return 1;
  for (int i = 0; i < group->events; ++i) {
    if (strcmp(group->event[i].name, name) != 0) continue;
    const int event = session->found[asking->group][i].event;
    if (event < 0) return 0;
    const double sum = event_sum(session, event);
    asking->missing = missing(session, event, sum);
    if (asking->missing) return 0;
    const int64_t mine = session->units[session->event[event].pass];
    *value = sum * (double)all_units(session) / (double)mine;
    asking->source = weaker(asking->source, source_of(session, event));
    return 1;
  }
  return 0;
}

static void event_value(const struct l4r_pmu_session *session, int group, int i,
                        struct l4r_pmu_value *value) {
  const struct l4r_pmu_found *found = &session->found[group][i];
  struct asking asking = {session, group, L4R_PMU_KERNEL, NULL};
  *value = (struct l4r_pmu_value){.source = L4R_PMU_ABSENT, .unit = "events"};
  snprintf(value->name, sizeof value->name, "%s", session->group[group].event[i].name);
  snprintf(value->reason, sizeof value->reason, "%s", found->reason);
  if (!name_value(&asking, value->name, &value->value)) {
    if (asking.missing) snprintf(value->reason, sizeof value->reason, "%s", asking.missing);
    return;
  }
  value->source = source_of(session, found->event);
  if (session->passes > 1)
    snprintf(value->note, sizeof value->note, "counted in %lld of %lld permutations, scaled",
             (long long)session->units[session->event[found->event].pass],
             (long long)all_units(session));
}

int l4r_pmu_values(const struct l4r_pmu_session *session, int group, struct l4r_pmu_value *value,
                   int capacity) {
  const struct l4r_group *of = &session->group[group];
  int n = 0;
  for (int i = 0; i < of->events && n < capacity; ++i) event_value(session, group, i, &value[n++]);
  for (int i = 0; i < of->metrics && n < capacity; ++i, ++n) {
    const struct l4r_metric *metric = &of->metric[i];
    struct asking asking = {session, group, L4R_PMU_KERNEL, NULL};
    value[n] = (struct l4r_pmu_value){.source = L4R_PMU_ABSENT};
    snprintf(value[n].name, sizeof value[n].name, "%s", metric->name);
    snprintf(value[n].unit, sizeof value[n].unit, "%s", metric->unit);
    if (l4r_formula(metric->formula, name_value, &asking, &value[n].value))
      snprintf(value[n].reason, sizeof value[n].reason, "%.180s", l4r_error_message());
    else
      value[n].source = asking.source;
  }
  return n;
}

void l4r_pmu_now(struct l4r_pmu_session *session, double now[L4R_GROUP_EVENTS]) {
  const int counts = session->passes && !session->dead[session->active];
  if (counts) l4r_team_run(session->team, read_worker, session);
  for (int i = 0; i < session->group[0].events; ++i) {
    const int event = session->found[0][i].event;
    now[i] = NAN;
    if (!counts || event < 0 || session->event[event].pass != session->active) continue;
    now[i] = 0;
    for (int w = 0; w < l4r_team_size(session->team); ++w)
      now[i] += session->worker[w].readable ? (double)session->worker[w].now[event] : NAN;
  }
}
