/* What the kernel keeps for every thread without asking rights: CPU time from the thread's clock,
 * context switches and page faults from getrusage. Each worker reads its own, because a
 * process-wide reading would include threads that do not serve. */
#include "bench/harness/counters.h"

#include "bench/harness/pmu.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

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

enum { GROUPS = 8 };

struct reading {
  int64_t value[KERNEL_COUNTERS];
} __attribute__((aligned(64)));

struct l4r_counters {
  struct l4r_team *team;
  int kernel; /* 0: `none` was asked for */
  int groups;
  struct l4r_group group[GROUPS];
  struct l4r_pmu_session *pmu[GROUPS];
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

/* Fills group[GROUPS] from the option's text; "auto" is the default group. */
static int parse_groups(const char *text, int *kernel, struct l4r_group *group, int *groups) {
  *groups = 0;
  *kernel = strcmp(text, "none") != 0;
  for (const char *at = text; *kernel && *at;) {
    char name[32];
    size_t n = strcspn(at, ",");
    snprintf(name, sizeof name, "%.*s", (int)n, at);
    if (*groups == GROUPS) return l4r_fail(L4R_USAGE, "--counters takes at most %d groups", GROUPS);
    int status = l4r_group_find(strcmp(name, "auto") ? name : "default", &group[(*groups)++]);
    if (status) return l4r_fail_context(status, "--counters (auto, none, or groups)");
    at += n + (at[n] == ',');
  }
  return L4R_OK;
}

int l4r_counters_check(const char *groups) {
  struct l4r_group group[GROUPS];
  int kernel, count;
  return parse_groups(groups, &kernel, group, &count);
}

int l4r_counters_open(const char *groups, struct l4r_team *team, struct l4r_counters **out) {
  struct l4r_counters *counters = l4r_alloc(1, sizeof *counters, "counters");
  if (!counters) return L4R_ENVIRONMENT;
  size_t workers = (size_t)l4r_team_size(team);
  counters->team = team;
  counters->before = l4r_alloc(workers, sizeof *counters->before, "counter readings");
  counters->after = l4r_alloc(workers, sizeof *counters->after, "counter readings");
  int status = counters->before && counters->after
                   ? parse_groups(groups, &counters->kernel, counters->group, &counters->groups)
                   : L4R_ENVIRONMENT;
  for (int g = 0; !status && g < counters->groups; g++)
    status = l4r_pmu_session_open(&l4r_pmu_papi, &counters->group[g], team, &counters->pmu[g]);
  if (status)
    l4r_counters_close(counters);
  else
    *out = counters;
  return status;
}

void l4r_counters_close(struct l4r_counters *counters) {
  if (!counters) return;
  for (int g = 0; g < counters->groups; g++) l4r_pmu_session_close(counters->pmu[g]);
  l4r_free(counters->before);
  l4r_free(counters->after);
  l4r_free(counters);
}

int l4r_counters_start(struct l4r_counters *counters) {
  int status = L4R_OK;
  for (int g = 0; !status && g < counters->groups; g++) status = l4r_pmu_start(counters->pmu[g]);
  counters->target = counters->before;
  return status ? status : l4r_team_run(counters->team, read_thread, counters);
}

int l4r_counters_stop(struct l4r_counters *counters) {
  counters->target = counters->after;
  int status = l4r_team_run(counters->team, read_thread, counters);
  for (int g = 0; g < counters->groups; g++) {
    int stopped = l4r_pmu_stop(counters->pmu[g]);
    if (!status) status = stopped;
  }
  return status;
}

static int read_kernel(const struct l4r_counters *counters, struct l4r_counter_cell *cell) {
  int workers = l4r_team_size(counters->team);
  for (int k = 0; k < KERNEL_COUNTERS; k++) {
    cell[k] = (struct l4r_counter_cell){.source = "kernel", .total = 1};
    snprintf(cell[k].name, sizeof cell[k].name, "%s", kernel_counters[k].name);
    snprintf(cell[k].unit, sizeof cell[k].unit, "%s", kernel_counters[k].unit);
    for (int w = 0; w < workers; w++)
      cell[k].value += (double)(counters->after[w].value[k] - counters->before[w].value[k]);
  }
  return KERNEL_COUNTERS;
}

static int read_group(const struct l4r_counters *counters, int group, int room,
                      struct l4r_counter_cell *cell) {
  static const char *const sources[] = {[L4R_PMU_HARDWARE] = "hardware",
                                        [L4R_PMU_MULTIPLEXED] = "multiplexed",
                                        [L4R_PMU_ABSENT] = "absent"};
  struct l4r_pmu_value value[L4R_GROUP_EVENTS + L4R_GROUP_METRICS];
  int n = l4r_pmu_values(counters->pmu[group], value, L4R_GROUP_EVENTS + L4R_GROUP_METRICS);
  if (n > room) n = room;
  for (int i = 0; i < n; i++) {
    /* A group's events come first and are totals; what follows are its derived ratios. */
    cell[i] = (struct l4r_counter_cell){.value = value[i].value,
                                        .total = i < counters->group[group].events};
    snprintf(cell[i].name, sizeof cell[i].name, "%.39s", value[i].name);
    snprintf(cell[i].unit, sizeof cell[i].unit, "%s", value[i].unit);
    snprintf(cell[i].source, sizeof cell[i].source, "%s", sources[value[i].source]);
    if (value[i].source == L4R_PMU_ABSENT)
      snprintf(cell[i].reason, sizeof cell[i].reason, "%s", value[i].reason);
  }
  return n;
}

int l4r_counters_read(const struct l4r_counters *counters,
                      struct l4r_counter_cell cell[L4R_COUNTERS_MAX]) {
  int count = counters->kernel ? read_kernel(counters, cell) : 0;
  for (int g = 0; g < counters->groups; g++)
    count += read_group(counters, g, L4R_COUNTERS_MAX - count, cell + count);
  return count;
}
