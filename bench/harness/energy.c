#include "bench/harness/energy.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

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

/* intel-rapl:0 is a package, intel-rapl:0:1 a part of it that must not be counted twice. */
static int is_package(const char *folder) {
  const char *name = strrchr(folder, '/');
  const char *colon = name ? strchr(name, ':') : NULL;
  return colon && !strchr(colon + 1, ':');
}

void l4r_energy_find(const char *root, struct l4r_energy *energy) {
  *energy = (struct l4r_energy){0};
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

void l4r_energy_start(struct l4r_energy *energy) {
  for (int d = 0; d < energy->domains; ++d)
    read_number(energy->path[d], "energy_uj", &energy->start[d]);
}

double l4r_energy_stop(struct l4r_energy *energy) {
  double microjoules = 0;
  for (int d = 0; d < energy->domains; ++d) {
    double now;
    if (!read_number(energy->path[d], "energy_uj", &now)) {
      snprintf(energy->reason, sizeof energy->reason, "a powercap counter disappeared");
      return -1;
    }
    microjoules += now - energy->start[d] + (now < energy->start[d] ? energy->range[d] : 0);
  }
  return energy->domains ? microjoules * 1e-6 : -1;
}
