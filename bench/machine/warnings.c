/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/warnings.h"

#include "bench/record/text.h"
#include "impl/base/error.h"

#include <string.h>

/* Beyond these a figure moves by more than the rounds' own spread usually shows. */
static const double STEAL_MOST = .01, OTHERS_MOST = .05, DRIFT_MOST = .03;

static void add(json_t *warnings, const char *text) {
  json_array_append_new(warnings, json_string(text));
}

json_t *l4r_warnings_of_system(const json_t *system) {
  json_t *warnings = json_array();
  const char *governor = l4r_text_at(system, "governor"), *quota = l4r_text_at(system, "cpu_quota");
  if (json_is_true(json_object_get(system, "hypervisor")))
    add(warnings, "a virtual machine: its neighbours share the cores; compare inside one run, or "
                  "use a machine of your own");
  if (*governor && strcmp(governor, "performance") != 0)
    add(warnings, "the clock follows the load: cpupower frequency-set -g performance");
  if (!strcmp(l4r_text_at(system, "boost"), "1"))
    add(warnings, "boost is on, so speed depends on temperature: echo 0 > "
                  "/sys/devices/system/cpu/cpufreq/boost (intel_pstate: echo 1 > "
                  "/sys/devices/system/cpu/intel_pstate/no_turbo)");
  if (!strcmp(l4r_text_at(system, "transparent_huge_pages"), "never"))
    add(warnings, "transparent huge pages are off, so large weights miss the TLB: echo madvise > "
                  "/sys/kernel/mm/transparent_hugepage/enabled");
  if (*l4r_text_at(system, "numa_balancing") &&
      strcmp(l4r_text_at(system, "numa_balancing"), "0") != 0)
    add(warnings, "NUMA balancing moves pages while you measure: sysctl kernel.numa_balancing=0");
  if (*quota && strncmp(quota, "max", 3) != 0)
    add(warnings, "a quota of the control group stops the process once it is used up: start the "
                  "container without --cpus, or pin it with --cpuset-cpus");
  return warnings;
}

int l4r_warning_add(struct l4r_record *record, const char *kind, const struct l4r_wholes *rounds,
                    const char *text, int spoils) {
  struct l4r_record_warning *warning = l4r_record_append(record, l4r_shape_warning(),
                                                         &record->data.warnings);
  if (!warning || !text) return L4R_ENVIRONMENT;
  warning->is_there = 1;
  warning->kind = kind;
  warning->text = text;
  if (rounds) warning->rounds = *rounds;
  if (spoils) warning->spoils = 1;
  return L4R_OK;
}

/* Room for places of rounds, none so far. */
static int no_rounds(struct l4r_record *record, struct l4r_wholes *rounds) {
  const size_t most = (size_t)record->data.rounds.count;
  *rounds = (struct l4r_wholes){1, l4r_record_room(record, most, sizeof *rounds->at), 0};
  return rounds->at ? L4R_OK : L4R_ENVIRONMENT;
}

/* The rounds in which the share at that offset of their machine is above `most`, and the largest.
 */
static int add_share(struct l4r_record *record, const char *kind, size_t offset, double most,
                     const char *who, const char *remedy) {
  struct l4r_wholes above;
  double worst = 0;
  const int status = no_rounds(record, &above);
  if (status) return status;
  for (int64_t r = 0; r < record->data.rounds.count; r++) {
    const char *machine = (const char *)&record->data.rounds.at[r].machine;
    const double share = *(const double *)(machine + offset);
    if (share > most) above.at[above.count++] = r;
    if (share > worst) worst = share;
  }
  if (!above.count) return L4R_OK;
  const char *text = l4r_record_format(
      record, "%s took %.1f %% of the processors' time in %s: %s", who, 100 * worst,
      above.count == 1 ? "a round" : "the worst of several rounds", remedy);
  return l4r_warning_add(record, kind, &above, text, 0);
}

/* Slowest and fastest clock of all rounds; 0 where none was measured. */
static void clock_range(const struct l4r_record *record, double *slowest, double *fastest) {
  *slowest = *fastest = 0;
  for (int64_t r = 0; r < record->data.rounds.count; r++) {
    const struct l4r_record_ghz *ghz = &record->data.rounds.at[r].machine.ghz;
    const double value[] = {ghz->before, ghz->during, ghz->after};
    for (int w = 0; w < 3; w++) {
      if (value[w] > 0 && (*slowest == 0 || value[w] < *slowest)) *slowest = value[w];
      if (value[w] > *fastest) *fastest = value[w];
    }
  }
}

static int add_clock(struct l4r_record *record) {
  double slowest, fastest;
  clock_range(record, &slowest, &fastest);
  if (!(slowest > 0) || slowest >= (1 - DRIFT_MOST) * fastest) return L4R_OK;
  const char *text = l4r_record_format(
      record,
      "the clock went from %.2f to %.2f GHz within the rounds: fix the frequency (governor "
      "performance, boost off), or cool the machine",
      slowest, fastest);
  return l4r_warning_add(record, "clock", NULL, text, 0);
}

int l4r_warnings_of_rounds(int shares_cores, struct l4r_record *record) {
  int status = L4R_OK;
  record->data.warnings.is_there = 1;
  if (shares_cores)
    status = l4r_warning_add(record, "shared cores", NULL,
                             "two workers share a core's hardware threads, so that each slows the "
                             "other: --pin core",
                             0);
  if (!status)
    status = add_share(record, "steal", offsetof(struct l4r_record_watch, steal_share), STEAL_MOST,
                       "the hypervisor", "measure at another hour, or on a machine of your own");
  if (!status)
    status = add_share(record, "others", offsetof(struct l4r_record_watch, others_share),
                       OTHERS_MOST, "other programs", "stop them, and measure again");
  return status ? status : add_clock(record);
}

double l4r_unexplained_most(double own_ns, double echo_ns) {
  static const double echoes = 3, own_share = .1, least_ns = 1e5;
  return echoes * echo_ns + own_share * own_ns + least_ns;
}

static int warn_unexplained(struct l4r_record *record) {
  struct l4r_wholes which;
  double worst = 0, own = 0, most = 0;
  const int status = no_rounds(record, &which);
  if (status) return status;
  for (int64_t r = 0; r < record->data.rounds.count; r++) {
    const struct l4r_record_round *round = &record->data.rounds.at[r];
    const double echo = round->echo_ns == L4R_NONE ? 0 : (double)round->echo_ns;
    const double allowed = l4r_unexplained_most(round->own_mean_ns, echo);
    const double beyond = round->unexplained_mean_ns - allowed;
    if (!(beyond > 0)) continue;
    which.at[which.count++] = r;
    if (beyond <= worst) continue;
    worst = beyond;
    own = round->own_mean_ns;
    most = allowed;
  }
  if (!which.count) return L4R_OK;
  const char *text = l4r_record_format(
      record,
      "the engine says %.3g ms a request, and our clock %.3g ms more, where the way there and back "
      "and JSON explain %.3g ms at most: its own time is not to be believed",
      own * 1e-6, (worst + most) * 1e-6, most * 1e-6);
  return l4r_warning_add(record, "unexplained-wall-time", &which, text, 1);
}

static int warn_threads(struct l4r_record *record, int threads) {
  struct l4r_wholes which;
  int64_t most = 0;
  const int status = no_rounds(record, &which);
  if (status) return status;
  for (int64_t r = 0; r < record->data.rounds.count; r++) {
    const int64_t busy = record->data.rounds.at[r].usage.busy_threads;
    if (busy > threads) which.at[which.count++] = r;
    if (busy > most) most = busy;
  }
  if (most <= threads) return L4R_OK;
  const char *text = l4r_record_format(
      record,
      "%lld threads of the engine were busy in a run of %d: give it fewer by its own settings, or "
      "the run more (--threads)",
      (long long)most, threads);
  return l4r_warning_add(record, "more-threads", &which, text, 1);
}

int l4r_warnings_of_engine(struct l4r_record *record, int threads) {
  const int status = warn_unexplained(record);
  return status ? status : warn_threads(record, threads);
}
