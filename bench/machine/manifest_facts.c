/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/manifest_facts.h"

#include "impl/base/hash.h"
#include "impl/base/number.h"

#include <link.h>
#include <stdio.h>
#include <string.h>

/* The first line of root/path, or 0. */
static int first_line(const char *root, const char *path, char *out, int size) {
  char full[512];
  snprintf(full, sizeof full, "%s%s", root, path);
  FILE *file = fopen(full, "r");
  if (!file) return 0;
  const int got = fgets(out, size, file) != NULL;
  fclose(file);
  if (got) out[strcspn(out, "\n")] = '\0';
  return got;
}

static json_t *text_fact(const char *root, const char *path) {
  char line[256];
  return first_line(root, path, line, sizeof line) ? json_string(line) : json_null();
}

/* The choice in brackets of "always [madvise] never". */
static json_t *chosen_fact(const char *root, const char *path) {
  char line[256];
  if (!first_line(root, path, line, sizeof line)) return json_null();
  char *open = strchr(line, '['), *close = open ? strchr(open, ']') : NULL;
  if (!close) return json_string(line);
  *close = '\0';
  return json_string(open + 1);
}

/* The number after "name" in a file of "name value ..." lines, by place (0: the first). */
static json_t *number_fact(const char *root, const char *path, const char *name, int place) {
  char full[512], line[4096];
  snprintf(full, sizeof full, "%s%s", root, path);
  FILE *file = fopen(full, "r");
  json_t *fact = NULL;
  while (file && !fact && fgets(line, sizeof line, file)) {
    if (strncmp(line, name, strlen(name)) != 0) continue;
    char *state, *word = strtok_r(line + strlen(name), " \t\n", &state);
    for (int i = 0; word && i < place; ++i) word = strtok_r(NULL, " \t\n", &state);
    int64_t value;
    if (word && !l4r_parse_int(word, &value)) fact = json_integer(value);
  }
  if (file) fclose(file);
  return fact ? fact : json_null();
}

static json_t *hypervisor_fact(const char *root) {
  char full[512], line[8192];
  snprintf(full, sizeof full, "%s/proc/cpuinfo", root);
  FILE *file = fopen(full, "r");
  if (!file) return json_null();
  int found = 0;
  while (!found && fgets(line, sizeof line, file))
    found = (strncmp(line, "flags", 5) == 0 || strncmp(line, "Features", 8) == 0) &&
            strstr(line, " hypervisor") != NULL;
  fclose(file);
  return json_boolean(found);
}

/* "1" or "0", whichever of the two drivers says it. */
static json_t *boost_fact(const char *root) {
  char line[16];
  if (first_line(root, "/sys/devices/system/cpu/intel_pstate/no_turbo", line, sizeof line))
    return json_string(*line == '0' ? "1" : "0");
  return text_fact(root, "/sys/devices/system/cpu/cpufreq/boost");
}

json_t *l4r_manifest_system(const char *root) {
  json_t *kilobytes = number_fact(root, "/proc/meminfo", "MemTotal:", 0);
  json_t *memory = json_is_integer(kilobytes) ? json_integer(json_integer_value(kilobytes) * 1024)
                                              : json_null();
  json_decref(kilobytes);
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "governor",
                   text_fact(root, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
                   "boost", boost_fact(root), "clocksource",
                   text_fact(root, "/sys/devices/system/clocksource/clocksource0/"
                                   "current_clocksource"),
                   "cpu_quota", text_fact(root, "/sys/fs/cgroup/cpu.max"), "smt",
                   text_fact(root, "/sys/devices/system/cpu/smt/active"), "transparent_huge_pages",
                   chosen_fact(root, "/sys/kernel/mm/transparent_hugepage/enabled"),
                   "numa_balancing", text_fact(root, "/proc/sys/kernel/numa_balancing"),
                   "hypervisor", hypervisor_fact(root), "perf_event_paranoid",
                   text_fact(root, "/proc/sys/kernel/perf_event_paranoid"), "memory_bytes", memory,
                   "steal_ticks", number_fact(root, "/proc/stat", "cpu ", 7));
}

static int is_wanted(const char *name) {
  static const char *const wanted[] = {"libblis",          "libhwloc", "libpapi",
                                       "libsentencepiece", "libm.",    "libc."};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; ++i)
    if (strncmp(name, wanted[i], strlen(wanted[i])) == 0) return 1;
  return 0;
}

/* Folders of a system hold no names of users. */
static json_t *system_path(const char *path) {
  static const char *const folders[] = {"/lib", "/usr/"};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; ++i)
    if (!strncmp(path, folders[i], strlen(folders[i]))) return json_string(path);
  return json_null();
}

static int add_library(struct dl_phdr_info *info, size_t size, void *list) {
  const char *slash = strrchr(info->dlpi_name, '/');
  char hash[65];
  if (slash && is_wanted(slash + 1) && !l4r_sha256_file(info->dlpi_name, hash))
    json_array_append_new(list, json_pack("{s:s, s:o, s:s}", "name", slash + 1, "path",
                                          system_path(info->dlpi_name), "sha256", hash));
  return 0;
}

json_t *l4r_manifest_libraries(void) {
  json_t *list = json_array();
  dl_iterate_phdr(add_library, list);
  return list;
}
