/* SPDX-License-Identifier: BSD-3-Clause */
/* Read from /sys and not through hwloc: a container's view, hwloc's variables and hwloc's version
 * must not give a machine a new name. */
#include "bench/machine/machine_key.h"

#include "bench/machine/cpu_id.h"
#include "impl/base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CACHES = 16, CPUS = 4096, NODES = 1024 };

struct cache {
  int level, count;
  char type[16];
  long long bytes;
};

struct shape {
  int packages, nodes, cores, present, caches;
  struct cache cache[CACHES];
};

/* The first line of root/path, which is made as printf does; 0 when it is not there. */
static int line_of(char *out, size_t size, const char *format, const char *root, int a, int b) {
  char path[512];
  snprintf(path, sizeof path, format, root, a, b);
  FILE *file = fopen(path, "r");
  *out = '\0';
  if (!file) return 0;
  const int got = fgets(out, (int)size, file) != NULL;
  fclose(file);
  out[strcspn(out, "\n")] = '\0';
  return got;
}

/* 1 when the processor is the first of the list "0-3,8" in that file: each core, package or cache
 * is counted by its first. */
static int leads(const char *format, const char *root, int cpu, int index) {
  char line[512], *end;
  if (!line_of(line, sizeof line, format, root, cpu, index)) return 0;
  return strtol(line, &end, 10) == cpu && end != line;
}

static void count_cache(const char *root, int cpu, int index, struct shape *shape) {
#define CACHE "%s/sys/devices/system/cpu/cpu%d/cache/index%d/"
  char level[16], type[16], size[32], *unit;
  if (!leads(CACHE "shared_cpu_list", root, cpu, index)) return;
  if (!line_of(level, sizeof level, CACHE "level", root, cpu, index) ||
      !line_of(type, sizeof type, CACHE "type", root, cpu, index) ||
      !line_of(size, sizeof size, CACHE "size", root, cpu, index))
    return;
#undef CACHE
  long long bytes = strtoll(size, &unit, 10);
  bytes *= *unit == 'K' ? 1024 : *unit == 'M' ? 1024 * 1024 : 1;
  for (int c = 0; c < shape->caches; c++) {
    struct cache *cache = &shape->cache[c];
    if (cache->level != atoi(level) || cache->bytes != bytes || strcmp(cache->type, type)) continue;
    cache->count++;
    return;
  }
  if (shape->caches == CACHES) return;
  struct cache *cache = &shape->cache[shape->caches++];
  *cache = (struct cache){.level = atoi(level), .count = 1, .bytes = bytes};
  snprintf(cache->type, sizeof cache->type, "%s", type);
}

/* How many numbers a list "0-3,8" holds. */
static int list_count(const char *list) {
  int count = 0;
  for (const char *at = list; *at;) {
    char *end;
    const long first = strtol(at, &end, 10);
    if (end == at) break;
    const long last = *end == '-' ? strtol(end + 1, &end, 10) : first;
    count += (int)(last - first) + 1;
    at = end + (*end == ',');
  }
  return count;
}

static void read_shape(const char *root, struct shape *shape) {
#define CPU "%s/sys/devices/system/cpu/cpu%d/topology/"
  char line[512];
  memset(shape, 0, sizeof *shape);
  if (line_of(line, sizeof line, "%s/sys/devices/system/cpu/present", root, 0, 0))
    shape->present = list_count(line);
  for (int cpu = 0; cpu < CPUS && cpu < 2 * shape->present + 8; cpu++) {
    shape->cores += leads(CPU "thread_siblings_list", root, cpu, 0);
    shape->packages += leads(CPU "core_siblings_list", root, cpu, 0);
    for (int index = 0; index < 8; index++) count_cache(root, cpu, index, shape);
  }
  for (int node = 0; node < NODES; node++)
    shape->nodes += line_of(line, sizeof line, "%s/sys/devices/system/node/node%d/cpulist", root,
                            node, 0);
#undef CPU
}

static int by_level(const void *a, const void *b) {
  const struct cache *x = a, *y = b;
  if (x->level != y->level) return x->level - y->level;
  const int type = strcmp(x->type, y->type);
  return type ? type : (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

double l4r_memory_class(double bytes) {
  const double gib = 1024. * 1024 * 1024;
  double size = 1;
  if (!(bytes > 0)) return 0;
  while (size * gib < bytes) {
    if (1.5 * size * gib >= bytes) return 1.5 * size;
    size *= 2;
  }
  return size;
}

static double memory_bytes(const char *root) {
  char path[512], line[256];
  double kilobytes = 0;
  snprintf(path, sizeof path, "%s/proc/meminfo", root);
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "MemTotal: %lf kB", &kilobytes) == 1) break;
  if (file) fclose(file);
  return kilobytes * 1024;
}

json_t *l4r_machine_shape(const char *root) {
  struct l4r_cpu_id cpu;
  struct shape shape;
  l4r_cpu_id_read(root, &cpu);
  read_shape(root, &shape);
  qsort(shape.cache, (size_t)shape.caches, sizeof *shape.cache, by_level);
  json_t *caches = json_array();
  for (int c = 0; c < shape.caches; c++)
    json_array_append_new(caches,
                          json_pack("{s:i, s:s, s:I, s:i}", "level", shape.cache[c].level, "type",
                                    shape.cache[c].type, "bytes", (json_int_t)shape.cache[c].bytes,
                                    "count", shape.cache[c].count));
  return json_pack("{s:o, s:o, s:i, s:i, s:i, s:i, s:o, s:f}", "cpu",
                   *cpu.name ? json_string(cpu.name) : json_null(), "cpu_id", l4r_cpu_id_json(&cpu),
                   "packages", shape.packages, "numa_nodes", shape.nodes, "cores", shape.cores,
                   "processors", shape.present, "caches", caches, "memory_gib",
                   l4r_memory_class(memory_bytes(root)));
}

void l4r_machine_key(const json_t *shape, char key[65]) {
  char *text = json_dumps(shape, JSON_COMPACT | JSON_SORT_KEYS);
  l4r_sha256(text ? text : "", text ? strlen(text) : 0, key);
  free(text);
}
