#include "bench/harness/manifest_facts.h"

#include "impl/base/file.h"

#include <hwloc.h>
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

json_t *l4r_manifest_system(const char *root) {
  json_t *kilobytes = number_fact(root, "/proc/meminfo", "MemTotal:", 0);
  json_t *memory = json_is_integer(kilobytes) ? json_integer(json_integer_value(kilobytes) * 1024)
                                              : json_null();
  json_decref(kilobytes);
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "governor",
                   text_fact(root, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
                   "boost", text_fact(root, "/sys/devices/system/cpu/cpufreq/boost"), "smt",
                   text_fact(root, "/sys/devices/system/cpu/smt/active"), "transparent_huge_pages",
                   chosen_fact(root, "/sys/kernel/mm/transparent_hugepage/enabled"),
                   "numa_balancing", text_fact(root, "/proc/sys/kernel/numa_balancing"),
                   "hypervisor", hypervisor_fact(root), "perf_event_paranoid",
                   text_fact(root, "/proc/sys/kernel/perf_event_paranoid"), "memory_bytes", memory,
                   "steal_ticks", number_fact(root, "/proc/stat", "cpu ", 7));
}

static int is_text(const json_t *system, const char *key, const char *value) {
  const char *text = json_string_value(json_object_get(system, key));
  return text && strcmp(text, value) == 0;
}

int l4r_manifest_warnings(const json_t *system, const char **warnings, int capacity) {
  int n = 0;
  if (json_is_true(json_object_get(system, "hypervisor")) && n < capacity)
    warnings[n++] = "a virtual machine: its neighbours share the cores; compare inside one run, or "
                    "use a machine of your own";
  const char *governor = json_string_value(json_object_get(system, "governor"));
  if (governor && strcmp(governor, "performance") != 0 && n < capacity)
    warnings[n++] = "the clock follows the load: cpupower frequency-set -g performance";
  if (is_text(system, "boost", "1") && n < capacity)
    warnings[n++] = "boost is on, so speed depends on temperature: echo 0 > "
                    "/sys/devices/system/cpu/cpufreq/boost";
  if (is_text(system, "numa_balancing", "1") && n < capacity)
    warnings[n++] = "NUMA balancing moves pages while you measure: sysctl kernel.numa_balancing=0";
  return n;
}

static int is_wanted(const char *name) {
  static const char *const wanted[] = {"libblis",          "libhwloc", "libpapi",
                                       "libsentencepiece", "libm.",    "libc."};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; ++i)
    if (strncmp(name, wanted[i], strlen(wanted[i])) == 0) return 1;
  return 0;
}

static int add_library(struct dl_phdr_info *info, size_t size, void *list) {
  const char *slash = strrchr(info->dlpi_name, '/');
  char hash[65];
  if (slash && is_wanted(slash + 1) && !l4r_sha256_file(info->dlpi_name, hash))
    json_array_append_new(list, json_pack("{s:s, s:s}", "name", slash + 1, "sha256", hash));
  return 0;
}

json_t *l4r_manifest_libraries(void) {
  json_t *list = json_array();
  dl_iterate_phdr(add_library, list);
  return list;
}

static json_t *caches_of(hwloc_topology_t topology) {
  static const hwloc_obj_type_t types[] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE};
  json_t *caches = json_array();
  for (int i = 0; i < 3; ++i) {
    const int count = hwloc_get_nbobjs_by_type(topology, types[i]);
    if (count <= 0) continue;
    hwloc_obj_t cache = hwloc_get_obj_by_type(topology, types[i], 0);
    json_array_append_new(caches, json_pack("{s:i, s:I, s:i}", "level", i + 1, "bytes",
                                            (json_int_t)cache->attr->cache.size, "count", count));
  }
  return caches;
}

json_t *l4r_manifest_topology(void) {
  hwloc_topology_t topology;
  if (hwloc_topology_init(&topology)) return json_null();
  json_t *facts = NULL;
  if (!hwloc_topology_load(topology))
    facts = json_pack("{s:i, s:i, s:i, s:i, s:o}", "packages",
                      hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PACKAGE), "numa_nodes",
                      hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE), "cores",
                      hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE), "processors",
                      hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU), "caches",
                      caches_of(topology));
  hwloc_topology_destroy(topology);
  return facts ? facts : json_null();
}
