/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/energy.h"

#include "impl/base/log.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* 1 and the number, or 0 with errno. */
static int read_number(const char *folder, const char *name, double *value) {
  char path[160];
  snprintf(path, sizeof path, "%.120s/%s", folder, name);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  const int got = fscanf(file, "%lf", value) == 1;
  fclose(file);
  return got;
}

/* intel-rapl:0 is a package, intel-rapl:0:1 a part of it; what calls itself otherwise ("psys", the
 * platform) holds packages. None of these must be counted twice. */
static int is_package(const char *folder) {
  char path[160], name[32] = "package";
  const char *last = strrchr(folder, '/');
  const char *colon = last ? strchr(last, ':') : NULL;
  if (!colon || strchr(colon + 1, ':')) return 0;
  snprintf(path, sizeof path, "%.120s/name", folder);
  FILE *file = fopen(path, "r");
  if (file && !fgets(name, sizeof name, file)) *name = '\0';
  if (file) fclose(file);
  return !strncmp(name, "package", strlen("package"));
}

void l4r_energy_find(const char *root, struct l4r_energy *energy) {
  *energy = (struct l4r_energy){.idle_watts = -1};
  char pattern[160];
  glob_t found;
  snprintf(pattern, sizeof pattern, "%.100s/class/powercap/*:*", root);
  if (glob(pattern, 0, NULL, &found)) {
    snprintf(energy->reason, sizeof energy->reason,
             "the kernel shows no powercap counter (virtual machine, or no RAPL driver)");
    return;
  }
  for (size_t i = 0; i < found.gl_pathc && energy->domains < L4R_ENERGY_DOMAINS; ++i) {
    const char *folder = found.gl_pathv[i];
    double value, range = 0;
    if (!is_package(folder) || strlen(folder) >= sizeof energy->path[0]) continue;
    if (!read_number(folder, "energy_uj", &value)) {
      snprintf(energy->reason, sizeof energy->reason, "powercap counter: %s", strerror(errno));
      continue;
    }
    read_number(folder, "max_energy_range_uj", &range);
    energy->range[energy->domains] = range;
    strcpy(energy->path[energy->domains++], folder);
  }
  if (!energy->domains && !*energy->reason)
    snprintf(energy->reason, sizeof energy->reason, "powercap shows no package domain");
  globfree(&found);
}

void l4r_energy_idle(struct l4r_energy *energy, double seconds) {
  if (!energy->domains) return;
  const struct timespec span = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
  l4r_energy_start(energy);
  nanosleep(&span, NULL);
  const double joules = l4r_energy_stop(energy);
  if (joules >= 0 && energy->seconds > 0) energy->idle_watts = joules / energy->seconds;
}

double l4r_energy_above_idle(const struct l4r_energy *energy, double joules) {
  if (joules < 0 || energy->idle_watts < 0) return -1;
  const double above = joules - energy->idle_watts * energy->seconds;
  return above > 0 ? above : 0;
}

void l4r_energy_start(struct l4r_energy *energy) {
  energy->start_ns = l4r_now_ns();
  for (int d = 0; d < energy->domains; ++d)
    read_number(energy->path[d], "energy_uj", &energy->start[d]);
}

double l4r_energy_stop(struct l4r_energy *energy) {
  double microjoules = 0;
  int still = -1;
  for (int d = 0; d < energy->domains; ++d) {
    double now;
    if (!read_number(energy->path[d], "energy_uj", &now)) {
      snprintf(energy->reason, sizeof energy->reason, "a powercap counter disappeared");
      return -1;
    }
    if (now < energy->start[d] && !(energy->range[d] > 0)) {
      snprintf(energy->reason, sizeof energy->reason,
               "a powercap counter went round, and does not say where");
      return -1;
    }
    if (now == energy->start[d]) still = d;
    microjoules += now - energy->start[d] + (now < energy->start[d] ? energy->range[d] : 0);
  }
  energy->seconds = (double)(l4r_now_ns() - energy->start_ns) * 1e-9;
  if (still >= 0) {
    snprintf(energy->reason, sizeof energy->reason,
             "powercap counter %.60s stood still at %.0f uJ, so it counts nothing",
             strrchr(energy->path[still], '/') + 1, energy->start[still]);
    return -1;
  }
  return energy->domains ? microjoules * 1e-6 : -1;
}

json_t *l4r_energy_json(const struct l4r_energy *energy, double joules) {
  const double above = l4r_energy_above_idle(energy, joules);
  if (above < 0)
    return json_pack("{s:n, s:n, s:n, s:s}", "joules", "gross_joules", "idle_watts", "reason",
                     *energy->reason ? energy->reason : "the idle power could not be measured");
  return json_pack("{s:f, s:f, s:f, s:s}", "joules", above, "gross_joules", joules, "idle_watts",
                   energy->idle_watts, "reason", "");
}
