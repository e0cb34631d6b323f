/* What the kernel keeps for every thread without asking rights: CPU time from the thread's clock,
 * context switches and page faults from getrusage. Each worker reads its own, because a
 * process-wide reading would include threads that do not serve. */
#include "bench/harness/counters.h"

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

/* What a processor's counters would tell; here so that a reader sees what is missing, and why. */
static const char *const hardware_counters[] = {"cycles", "instructions", "ipc"};
enum { HARDWARE_COUNTERS = sizeof hardware_counters / sizeof *hardware_counters };

struct reading {
  int64_t value[KERNEL_COUNTERS];
} __attribute__((aligned(64)));

struct l4r_counters {
  struct l4r_team *team;
  int kernel, hardware; /* groups asked for */
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

static int parse_groups(const char *groups, int *kernel, int *hardware) {
  *kernel = *hardware = 0;
  if (!strcmp(groups, "none")) return L4R_OK;
  for (const char *at = groups;; at++) {
    size_t n = strcspn(at, ",");
    if (n == 4 && !strncmp(at, "auto", n))
      *kernel = *hardware = 1;
    else if (n == 2 && !strncmp(at, "os", n))
      *kernel = 1;
    else if (n == 6 && !strncmp(at, "cycles", n))
      *hardware = 1;
    else
      return l4r_fail(L4R_USAGE, "--counters: no group '%.*s'; there are: auto, none, os, cycles",
                      (int)n, at);
    at += n;
    if (!*at) return L4R_OK;
  }
}

int l4r_counters_check(const char *groups) {
  int kernel, hardware;
  return parse_groups(groups, &kernel, &hardware);
}

int l4r_counters_open(const char *groups, struct l4r_team *team, struct l4r_counters **out) {
  struct l4r_counters *counters = l4r_alloc(1, sizeof *counters, "counters");
  if (!counters) return L4R_ENVIRONMENT;
  size_t workers = (size_t)l4r_team_size(team);
  counters->team = team;
  counters->before = l4r_alloc(workers, sizeof *counters->before, "counter readings");
  counters->after = l4r_alloc(workers, sizeof *counters->after, "counter readings");
  int status = counters->before && counters->after
                   ? parse_groups(groups, &counters->kernel, &counters->hardware)
                   : L4R_ENVIRONMENT;
  if (status)
    l4r_counters_close(counters);
  else
    *out = counters;
  return status;
}

void l4r_counters_close(struct l4r_counters *counters) {
  if (!counters) return;
  l4r_free(counters->before);
  l4r_free(counters->after);
  l4r_free(counters);
}

int l4r_counters_start(struct l4r_counters *counters) {
  counters->target = counters->before;
  return l4r_team_run(counters->team, read_thread, counters);
}

int l4r_counters_stop(struct l4r_counters *counters) {
  counters->target = counters->after;
  return l4r_team_run(counters->team, read_thread, counters);
}

int l4r_counters_read(const struct l4r_counters *counters,
                      struct l4r_counter_cell cell[L4R_COUNTERS_MAX]) {
  int count = 0, workers = l4r_team_size(counters->team);
  for (int k = 0; counters->kernel && k < KERNEL_COUNTERS; k++) {
    struct l4r_counter_cell *c = &cell[count++];
    *c = (struct l4r_counter_cell){.source = "kernel", .total = 1};
    snprintf(c->name, sizeof c->name, "%s", kernel_counters[k].name);
    snprintf(c->unit, sizeof c->unit, "%s", kernel_counters[k].unit);
    for (int w = 0; w < workers; w++)
      c->value += (double)(counters->after[w].value[k] - counters->before[w].value[k]);
  }
  for (int h = 0; counters->hardware && h < HARDWARE_COUNTERS; h++) {
    struct l4r_counter_cell *c = &cell[count++];
    *c = (struct l4r_counter_cell){.source = "absent"};
    snprintf(c->name, sizeof c->name, "%s", hardware_counters[h]);
    snprintf(c->unit, sizeof c->unit, "%s", h == HARDWARE_COUNTERS - 1 ? "ratio" : "count");
    snprintf(c->reason, sizeof c->reason, "hardware counters are not read by this build");
  }
  return count;
}
