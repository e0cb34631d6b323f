#include "bench/harness/pmu.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

struct counted {
  const char *native; /* the name that works; NULL: absent */
  char reason[192];
};

struct worker_set {
  int set;
  long long sum[L4R_GROUP_EVENTS];
} __attribute__((aligned(64)));

struct l4r_pmu_session {
  const struct l4r_pmu *pmu;
  struct l4r_group group;
  struct l4r_team *team;
  struct counted counted[L4R_GROUP_EVENTS];
  int order[L4R_GROUP_EVENTS], available; /* event numbers in the sets' order */
  int multiplexed, running;
  struct worker_set *worker;
  int64_t started_ns, total_ns;
};

enum { SPINS = 2000000, PAGES = 512, PAGE = 4096, YIELDS = 20 };

static volatile unsigned sink; /* keeps the load from being optimised away */

/* Something of everything that is counted: instructions, cache and page misses, switches. */
static int calibration_load(void) {
  unsigned char *touched = l4r_alloc(PAGES, PAGE, "calibration pages");
  if (!touched) return L4R_ENVIRONMENT;
  unsigned sum = 0;
  for (unsigned i = 0; i < SPINS; ++i)
    if ((i * 2654435761u) & 0x10000) sum += touched[(i * 4099u) % (PAGES * PAGE)];
  for (int i = 0; i < YIELDS; ++i) sched_yield();
  sink = sum;
  l4r_free(touched);
  return L4R_OK;
}

/* One event alone: NULL when it counts, else why not. */
static const char *try_event(const struct l4r_pmu *pmu, const char *native) {
  int set = -1;
  long long value = 0;
  int status = pmu->add(&set, native);
  if (!status) status = pmu->start(set);
  if (!status) {
    calibration_load();
    status = pmu->stop(set, &value);
  }
  pmu->close(&set);
  if (status) return pmu->why(status);
  return value > 0 ? NULL : "it reads 0 in a loop that must make it count";
}

static void find_events(struct l4r_pmu_session *session) {
  const int status = session->pmu->open();
  const char *component = status ? session->pmu->why(status) : session->pmu->component();
  for (int i = 0; i < session->group.events; ++i) {
    struct counted *counted = &session->counted[i];
    const struct l4r_event *event = &session->group.event[i];
    if (*component) {
      snprintf(counted->reason, sizeof counted->reason, "no processor counters here (%.120s)",
               component);
      continue;
    }
    for (int n = 0; n < event->natives && !counted->native; ++n) {
      const char *why = try_event(session->pmu, event->native[n]);
      if (!why) counted->native = event->native[n];
      if (why && n > 0) continue; /* the first name's reason tells most */
      snprintf(counted->reason, sizeof counted->reason, "%.60s%s%.120s", event->native[n],
               why ? ": " : "", why ? why : "");
    }
    if (counted->native) session->order[session->available++] = i;
  }
}

/* Adds all available events to a worker's set; a set that cannot hold them is multiplexed. */
static int fill_set(struct l4r_pmu_session *session, int *set) {
  for (int multiplexed = session->multiplexed; multiplexed < 2; ++multiplexed) {
    int status = multiplexed ? session->pmu->multiplex(set) : 0;
    for (int i = 0; !status && i < session->available; ++i)
      status = session->pmu->add(set, session->counted[session->order[i]].native);
    if (!status) return multiplexed;
    session->pmu->close(set);
  }
  return -1;
}

static int open_worker(void *argument, int worker, int workers) {
  struct l4r_pmu_session *session = argument;
  session->worker[worker].set = -1;
  if (!session->available) return L4R_OK;
  const int multiplexed = fill_set(session, &session->worker[worker].set);
  if (multiplexed < 0) return l4r_fail(L4R_CHECK, "the events cannot be counted together");
  if (worker == 0) session->multiplexed = multiplexed;
  return L4R_OK;
}

static int close_worker(void *argument, int worker, int workers) {
  struct l4r_pmu_session *session = argument;
  session->pmu->close(&session->worker[worker].set);
  return L4R_OK;
}

static int start_worker(void *argument, int worker, int workers) {
  struct l4r_pmu_session *session = argument;
  const int status = session->pmu->start(session->worker[worker].set);
  return status ? l4r_fail(L4R_CHECK, "%s", session->pmu->why(status)) : L4R_OK;
}

static int stop_worker(void *argument, int worker, int workers) {
  struct l4r_pmu_session *session = argument;
  long long value[L4R_GROUP_EVENTS] = {0};
  const int status = session->pmu->stop(session->worker[worker].set, value);
  if (status) return l4r_fail(L4R_CHECK, "%s", session->pmu->why(status));
  for (int i = 0; i < session->available; ++i) session->worker[worker].sum[i] += value[i];
  return L4R_OK;
}

/* Every event becomes absent for the message's reason; the run goes on. */
static void give_up(struct l4r_pmu_session *session) {
  for (int i = 0; i < session->available; ++i) {
    struct counted *counted = &session->counted[session->order[i]];
    counted->native = NULL;
    snprintf(counted->reason, sizeof counted->reason, "%.180s", l4r_error_message());
  }
  session->available = 0;
}

int l4r_pmu_session_open(const struct l4r_pmu *pmu, const struct l4r_group *group,
                         struct l4r_team *team, struct l4r_pmu_session **out) {
  struct l4r_pmu_session *session = l4r_alloc(1, sizeof *session, "a counter session");
  struct worker_set *sets = session ? l4r_alloc((size_t)l4r_team_size(team), sizeof *sets,
                                                "counter sets")
                                    : NULL;
  if (!sets) {
    l4r_free(session);
    return L4R_ENVIRONMENT;
  }
  session->pmu = pmu;
  session->group = *group;
  session->team = team;
  session->worker = sets;
  find_events(session);
  if (l4r_team_run(team, open_worker, session)) give_up(session);
  *out = session;
  return L4R_OK;
}

void l4r_pmu_session_close(struct l4r_pmu_session *session) {
  if (!session) return;
  if (session->running) l4r_pmu_stop(session);
  l4r_team_run(session->team, close_worker, session);
  l4r_free(session->worker);
  l4r_free(session);
}

int l4r_pmu_start(struct l4r_pmu_session *session) {
  session->started_ns = l4r_now_ns();
  session->running = 1;
  if (session->available && l4r_team_run(session->team, start_worker, session)) give_up(session);
  return L4R_OK;
}

int l4r_pmu_stop(struct l4r_pmu_session *session) {
  if (session->available && l4r_team_run(session->team, stop_worker, session)) give_up(session);
  session->total_ns += l4r_now_ns() - session->started_ns;
  session->running = 0;
  return L4R_OK;
}

static double event_sum(const struct l4r_pmu_session *session, int place) {
  double sum = 0;
  for (int w = 0; w < l4r_team_size(session->team); ++w)
    sum += (double)session->worker[w].sum[place];
  return sum;
}

static int name_value(void *context, const char *name, double *value) {
  const struct l4r_pmu_session *session = context;
  *value = (double)session->total_ns * 1e-9;
  if (strcmp(name, "seconds") == 0) return 1;
  for (int i = 0; i < session->available; ++i) {
    if (strcmp(session->group.event[session->order[i]].name, name) != 0) continue;
    *value = event_sum(session, i);
    return 1;
  }
  return 0;
}

int l4r_pmu_values(const struct l4r_pmu_session *session, struct l4r_pmu_value *value,
                   int capacity) {
  const enum l4r_pmu_source source = session->multiplexed ? L4R_PMU_MULTIPLEXED : L4R_PMU_HARDWARE;
  int n = 0;
  for (int i = 0; i < session->group.events && n < capacity; ++i, ++n) {
    value[n] = (struct l4r_pmu_value){.source = L4R_PMU_ABSENT, .unit = "events"};
    snprintf(value[n].name, sizeof value[n].name, "%s", session->group.event[i].name);
    snprintf(value[n].reason, sizeof value[n].reason, "%s", session->counted[i].reason);
    if (name_value((void *)session, value[n].name, &value[n].value)) value[n].source = source;
  }
  for (int i = 0; i < session->group.metrics && n < capacity; ++i, ++n) {
    const struct l4r_metric *metric = &session->group.metric[i];
    value[n] = (struct l4r_pmu_value){.source = L4R_PMU_ABSENT};
    snprintf(value[n].name, sizeof value[n].name, "%s", metric->name);
    snprintf(value[n].unit, sizeof value[n].unit, "%s", metric->unit);
    if (l4r_formula(metric->formula, name_value, (void *)session, &value[n].value))
      snprintf(value[n].reason, sizeof value[n].reason, "%.180s", l4r_error_message());
    else
      value[n].source = source;
  }
  return n;
}
