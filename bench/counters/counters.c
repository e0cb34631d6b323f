/* SPDX-License-Identifier: BSD-3-Clause */
/* What the kernel keeps for every thread without asking rights: CPU time from the thread's clock,
 * context switches and page faults from getrusage. Each worker reads its own, because a
 * process-wide reading would include threads that do not serve. */
#include "bench/counters/counters.h"

#include "bench/counters/pmu.h"
#include "bench/counters/pmu_none.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { CPU_NS, SWITCHES_VOLUNTARY, SWITCHES_FORCED, FAULTS_MINOR, FAULTS_MAJOR, KERNEL_COUNTERS };

static const struct {
  const char *name, *unit;
} kernel_counters[KERNEL_COUNTERS] = {{"cpu_time", "ns"},
                                      {"context_switches_voluntary", "count"},
                                      {"context_switches_forced", "count"},
                                      {"page_faults_minor", "count"},
                                      {"page_faults_major", "count"}};

enum { GROUPS = L4R_PMU_GROUPS };

struct reading {
  int64_t value[KERNEL_COUNTERS];
} __attribute__((aligned(64)));

struct l4r_counters {
  struct l4r_team *team;
  int kernel; /* 0: `none` was asked for */
  int groups;
  struct l4r_group group[GROUPS];
  struct l4r_pmu_session *pmu;
  int by_stage; /* counters of stages were asked for */
  struct l4r_stages stages;
  struct reading *before, *after, *target;
};

static int read_thread(void *argument, int worker, int workers) {
  struct l4r_counters *counters = argument;
  struct rusage usage;
  struct timespec cpu;
  if (getrusage(RUSAGE_THREAD, &usage) || clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu))
    return l4r_fail_errno(L4R_ENVIRONMENT, "the kernel's counters of worker %d cannot be read",
                          worker);
  int64_t *value = counters->target[worker].value;
  value[CPU_NS] = (int64_t)cpu.tv_sec * 1000000000 + cpu.tv_nsec;
  value[SWITCHES_VOLUNTARY] = usage.ru_nvcsw;
  value[SWITCHES_FORCED] = usage.ru_nivcsw;
  value[FAULTS_MINOR] = usage.ru_minflt;
  value[FAULTS_MAJOR] = usage.ru_majflt;
  return L4R_OK;
}

/* What the option's text asks for; "auto" is the default group. */
static int parse_groups(const char *text, struct l4r_counters *counters) {
  counters->groups = 0;
  counters->kernel = strcmp(text, "none") != 0;
  for (const char *at = text; counters->kernel && *at;) {
    char name[32];
    size_t n = strcspn(at, ",");
    snprintf(name, sizeof name, "%.*s", (int)n, at);
    at += n + (at[n] == ',');
    if (!strcmp(name, "stages")) {
      counters->by_stage = 1;
      continue;
    }
    if (!strcmp(name, "callgrind")) continue; /* counts aside: bench/run/count.h */
    if (counters->groups == GROUPS)
      return l4r_fail(L4R_USAGE, "--counters takes at most %d groups", GROUPS);
    int status = l4r_group_find(strcmp(name, "auto") ? name : "default", NULL,
                                &counters->group[counters->groups++]);
    if (status) return l4r_fail_context(status, "--counters (auto, none, or groups)");
  }
  if (!counters->by_stage || counters->groups) return L4R_OK;
  counters->groups = 1;
  return l4r_group_find("default", NULL, &counters->group[0]);
}

int l4r_counters_ask(const char *groups, const char *word) {
  for (const char *at = groups; (at = strstr(at, word)); at++) {
    const char end = at[strlen(word)];
    if ((at == groups || at[-1] == ',') && (end == ',' || !end)) return 1;
  }
  return 0;
}

int l4r_counters_ask_counts(const char *groups) {
  return l4r_counters_ask(groups, "instructions") || l4r_counters_ask(groups, "callgrind");
}

int l4r_counters_ask_stages(const char *groups) {
  return l4r_counters_ask(groups, "stages");
}

int l4r_counters_check(const char *groups) {
  struct l4r_counters *counters = l4r_alloc(1, sizeof *counters, "counters");
  if (!counters) return L4R_ENVIRONMENT;
  int status = parse_groups(groups, counters);
  l4r_free(counters);
  return status;
}

int l4r_counters_open(const char *groups, struct l4r_team *team, struct l4r_counters **out) {
  struct l4r_counters *counters = l4r_alloc(1, sizeof *counters, "counters");
  if (!counters) return L4R_ENVIRONMENT;
  size_t workers = (size_t)l4r_team_size(team);
  counters->team = team;
  counters->before = l4r_alloc(workers, sizeof *counters->before, "counter readings");
  counters->after = l4r_alloc(workers, sizeof *counters->after, "counter readings");
  int status = counters->before && counters->after ? parse_groups(groups, counters)
                                                   : L4R_ENVIRONMENT;
  if (!status && counters->groups)
    status = l4r_pmu_session_open(l4r_pmu_here, counters->group, counters->groups, team,
                                  &counters->pmu);
  if (status)
    l4r_counters_close(counters);
  else
    *out = counters;
  return status;
}

void l4r_counters_close(struct l4r_counters *counters) {
  if (!counters) return;
  l4r_pmu_session_close(counters->pmu);
  l4r_free(counters->before);
  l4r_free(counters->after);
  l4r_free(counters);
}

int l4r_counters_start(struct l4r_counters *counters) {
  int status = L4R_OK;
  if (counters->pmu) status = l4r_pmu_start(counters->pmu);
  counters->target = counters->before;
  return status ? status : l4r_team_run(counters->team, read_thread, counters);
}

int l4r_counters_stop(struct l4r_counters *counters) {
  counters->target = counters->after;
  int status = l4r_team_run(counters->team, read_thread, counters);
  if (counters->pmu) l4r_pmu_stop(counters->pmu);
  return status;
}

void l4r_counters_next(struct l4r_counters *counters) {
  if (counters->pmu) l4r_pmu_next(counters->pmu);
}

int l4r_counters_by_stage(const struct l4r_counters *counters) {
  return counters->by_stage;
}

void l4r_counters_stages_begin(struct l4r_counters *counters, int trial) {
  if (!counters->by_stage || (!trial && *counters->stages.reason)) return;
  if (trial) l4r_pmu_start(counters->pmu);
  l4r_stages_begin(&counters->stages, counters->pmu, &counters->group[0]);
}

void l4r_counters_stages_end(struct l4r_counters *counters, int trial, int64_t serving_ns) {
  if (!counters->by_stage || (!trial && *counters->stages.reason)) return;
  l4r_stages_end(&counters->stages, serving_ns);
  if (!trial) return;
  l4r_pmu_stop(counters->pmu);
  l4r_pmu_reset(counters->pmu);
}

void l4r_counters_note_stage(struct l4r_counters *counters, int timer) {
  l4r_stages_note(&counters->stages, timer);
}

json_t *l4r_counters_stages(const struct l4r_counters *counters, const struct l4r_timer *timer,
                            int timers) {
  return counters->by_stage ? l4r_stages_json(&counters->stages, timer, timers) : NULL;
}

static int read_kernel(const struct l4r_counters *counters, struct l4r_counter_reading *reading) {
  int workers = l4r_team_size(counters->team);
  for (int k = 0; k < KERNEL_COUNTERS; k++) {
    reading[k] = (struct l4r_counter_reading){.source = "kernel", .total = 1};
    snprintf(reading[k].name, sizeof reading[k].name, "%s", kernel_counters[k].name);
    snprintf(reading[k].unit, sizeof reading[k].unit, "%s", kernel_counters[k].unit);
    for (int w = 0; w < workers; w++)
      reading[k].value += (double)(counters->after[w].value[k] - counters->before[w].value[k]);
  }
  return KERNEL_COUNTERS;
}

static int is_known(const struct l4r_counter_reading *reading, int count, const char *name) {
  for (int c = 0; c < count; c++)
    if (!strcmp(reading[c].name, name)) return 1;
  return 0;
}

/* Adds a group's readings to the `count` there are; what another group has already is not repeated.
 */
static int read_group(const struct l4r_counters *counters, int group, int count,
                      struct l4r_counter_reading *reading) {
  static const char *const sources[] = {[L4R_PMU_HARDWARE] = "hardware",
                                        [L4R_PMU_MULTIPLEXED] = "multiplexed",
                                        [L4R_PMU_KERNEL] = "kernel",
                                        [L4R_PMU_ABSENT] = "absent"};
  struct l4r_pmu_value value[L4R_GROUP_EVENTS + L4R_GROUP_METRICS];
  int n = l4r_pmu_values(counters->pmu, group, value, L4R_GROUP_EVENTS + L4R_GROUP_METRICS);
  assert(n <= L4R_GROUP_EVENTS + L4R_GROUP_METRICS);
  for (int i = 0; i < n && count < L4R_COUNTERS_MAX; i++) {
    if (is_known(reading, count, value[i].name)) continue;
    struct l4r_counter_reading *one = &reading[count++];
    /* A group's events come first and are totals; what follows are its derived ratios. */
    *one = (struct l4r_counter_reading){.value = value[i].value,
                                        .total = i < counters->group[group].events};
    snprintf(one->name, sizeof one->name, "%.39s", value[i].name);
    snprintf(one->unit, sizeof one->unit, "%s", value[i].unit);
    snprintf(one->source, sizeof one->source, "%s", sources[value[i].source]);
    snprintf(one->reason, sizeof one->reason, "%s",
             value[i].source == L4R_PMU_ABSENT ? value[i].reason : value[i].note);
  }
  return count;
}

int l4r_counters_read(const struct l4r_counters *counters,
                      struct l4r_counter_reading reading[L4R_COUNTERS_MAX]) {
  int count = counters->kernel ? read_kernel(counters, reading) : 0;
  for (int g = 0; g < counters->groups; g++) count = read_group(counters, g, count, reading);
  return count;
}
