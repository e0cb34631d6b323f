/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/warnings.h"

#include "bench/record/text.h"

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

static double number_of(const json_t *machine, const char *key) {
  return json_number_value(json_object_get(machine, key));
}

/* {"kind", "rounds", "text"}: NULL rounds are all of them. Takes `rounds` and `text` over. */
static void add_of(json_t *warnings, const char *kind, json_t *rounds, json_t *text) {
  json_array_append_new(warnings, json_pack("{s:s, s:o, s:o}", "kind", kind, "rounds",
                                            rounds ? rounds : json_null(), "text", text));
}

/* The rounds whose share is above `most`, and the largest. */
static json_t *rounds_above(const json_t *rounds, const char *key, double most, double *worst) {
  json_t *above = json_array();
  size_t index;
  const json_t *round;
  *worst = 0;
  json_array_foreach(rounds, index, round) {
    const double share = number_of(json_object_get(round, "machine"), key);
    if (share > most) json_array_append_new(above, json_integer((json_int_t)index));
    if (share > *worst) *worst = share;
  }
  return above;
}

static void add_share(json_t *warnings, const json_t *rounds, const char *kind, double most,
                      const char *who, const char *remedy) {
  double worst;
  json_t *above = rounds_above(rounds, !strcmp(kind, "steal") ? "steal_share" : "others_share",
                               most, &worst);
  const size_t count = json_array_size(above);
  if (count) {
    add_of(warnings, kind, above,
           json_sprintf("%s took %.1f %% of the processors' time in %s: %s", who, 100 * worst,
                        count == 1 ? "a round" : "the worst of several rounds", remedy));
    return;
  }
  json_decref(above);
}

/* Slowest and fastest clock of all rounds; 0 where none was measured. */
static void clock_range(const json_t *rounds, double *slowest, double *fastest) {
  static const char *const when[] = {"before", "during", "after"};
  size_t index;
  const json_t *round;
  *slowest = *fastest = 0;
  json_array_foreach(rounds, index, round)
    for (int w = 0; w < 3; w++) {
      const json_t *ghz = json_object_get(json_object_get(round, "machine"), "ghz");
      const double value = number_of(ghz, when[w]);
      if (value > 0 && (*slowest == 0 || value < *slowest)) *slowest = value;
      if (value > *fastest) *fastest = value;
    }
}

json_t *l4r_warnings_of_rounds(int shares_cores, const json_t *rounds) {
  json_t *warnings = json_array();
  double slowest, fastest;
  clock_range(rounds, &slowest, &fastest);
  if (shares_cores)
    add_of(warnings, "shared cores", NULL,
           json_string("two workers share a core's hardware threads, so that each slows the other: "
                       "--pin core"));
  add_share(warnings, rounds, "steal", STEAL_MOST, "the hypervisor",
            "measure at another hour, or on a machine of your own");
  add_share(warnings, rounds, "others", OTHERS_MOST, "other programs",
            "stop them, and measure again");
  if (slowest > 0 && slowest < (1 - DRIFT_MOST) * fastest)
    add_of(warnings, "clock", NULL,
           json_sprintf("the clock went from %.2f to %.2f GHz within the rounds: fix the frequency "
                        "(governor performance, boost off), or cool the machine",
                        slowest, fastest));
  return warnings;
}

double l4r_unexplained_most(double own_ns, double echo_ns) {
  static const double echoes = 3, own_share = .1, least_ns = 1e5;
  return echoes * echo_ns + own_share * own_ns + least_ns;
}

static void add_spoiling(json_t *warnings, const char *kind, json_t *rounds, json_t *text) {
  json_array_append_new(warnings, json_pack("{s:s, s:o, s:o, s:b}", "kind", kind, "rounds", rounds,
                                            "text", text, "spoils", 1));
}

static void warn_unexplained(const json_t *rounds, json_t *warnings) {
  json_t *which = json_array();
  double worst = 0, own = 0, most = 0;
  size_t index;
  const json_t *round;
  json_array_foreach(rounds, index, round) {
    const double says = number_of(round, "own_mean_ns");
    const double rest = number_of(round, "unexplained_mean_ns");
    const double allowed = l4r_unexplained_most(says, number_of(round, "echo_ns"));
    if (!json_object_get(round, "own_mean_ns") || rest <= allowed) continue;
    json_array_append_new(which, json_integer((json_int_t)index));
    if (rest - allowed <= worst) continue;
    worst = rest - allowed;
    own = says;
    most = allowed;
  }
  if (json_array_size(which))
    add_spoiling(
        warnings, "unexplained-wall-time", which,
        json_sprintf("the engine says %.3g ms a request, and our clock %.3g ms more, where "
                     "the way there and back and JSON explain %.3g ms at most: its own "
                     "time is not to be believed",
                     own * 1e-6, (worst + most) * 1e-6, most * 1e-6));
  else
    json_decref(which);
}

static void warn_threads(const json_t *rounds, int threads, json_t *warnings) {
  json_t *which = json_array();
  int most = 0;
  size_t index;
  const json_t *round;
  json_array_foreach(rounds, index, round) {
    const int busy = (int)number_of(json_object_get(round, "usage"), "busy_threads");
    if (busy > threads) json_array_append_new(which, json_integer((json_int_t)index));
    if (busy > most) most = busy;
  }
  if (most > threads)
    add_spoiling(warnings, "more-threads", which,
                 json_sprintf("%d threads of the engine were busy in a run of %d: give it fewer by "
                              "its own settings, or the run more (--threads)",
                              most, threads));
  else
    json_decref(which);
}

void l4r_warnings_of_engine(const json_t *rounds, int threads, json_t *warnings) {
  warn_unexplained(rounds, warnings);
  warn_threads(rounds, threads, warnings);
}
