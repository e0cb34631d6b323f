/* SPDX-License-Identifier: BSD-3-Clause */
/* Determines how much memory is available before it is allocated. A process that takes more is
 * later killed by the kernel without a message, and loses what it had not saved. Three limits can
 * apply: the machine's, a control group's (containers), and the process's own (ulimit -v). */
#include "impl/base/available.h"

#include "impl/base/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Returns the number after `key` in a file of lines "key number"; -1 when there is none. */
static int64_t number_after(const char *path, const char *key) {
  FILE *file = fopen(path, "r");
  if (!file) return -1;
  char line[256];
  int64_t value = -1, found;
  size_t length = strlen(key);
  while (value < 0 && fgets(line, sizeof line, file))
    if (strncmp(line, key, length) == 0 && sscanf(line + length, "%" SCNd64, &found) == 1)
      value = found;
  fclose(file);
  return value;
}

static int64_t smaller(int64_t a, int64_t b) {
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* Returns limit minus use; memory used as file cache is given back on demand. */
static int64_t group_left(const char *folder, const char *limit, const char *use,
                          const char *cache) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, limit);
  int64_t most = number_after(path, "");
  snprintf(path, sizeof path, "%s/%s", folder, use);
  int64_t used = number_after(path, "");
  snprintf(path, sizeof path, "%s/memory.stat", folder);
  int64_t inactive = number_after(path, cache);
  if (most < 0 || used < 0) return -1; /* "max": no limit */
  int64_t left = most - used + (inactive > 0 ? inactive : 0);
  return left > 0 ? left : 0;
}

/* Version 2 of control groups: reads this process's group under its name within the container. */
static int64_t own_group_left(void) {
  char line[512], folder[768];
  FILE *file = fopen("/proc/self/cgroup", "r");
  int64_t left = -1;
  while (file && fgets(line, sizeof line, file)) {
    if (strncmp(line, "0::/", 4) != 0) continue;
    line[strcspn(line, "\n")] = 0;
    snprintf(folder, sizeof folder, "/sys/fs/cgroup%s", line + 3);
    left = group_left(folder, "memory.max", "memory.current", "inactive_file ");
  }
  if (file) fclose(file);
  return left;
}

static int64_t process_left(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY) return -1;
  int64_t pages = number_after("/proc/self/statm", "");
  int64_t used = pages < 0 ? 0 : pages * (int64_t)sysconf(_SC_PAGESIZE);
  int64_t most = limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
  return most > used ? most - used : 0;
}

int64_t l4r_memory_available(void) {
  int64_t kilobytes = number_after("/proc/meminfo", "MemAvailable:");
  int64_t left = kilobytes < 0 ? -1 : kilobytes * 1024;
  left = smaller(left,
                 group_left("/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file "));
  left = smaller(left, own_group_left());
  left = smaller(left, group_left("/sys/fs/cgroup/memory", "memory.limit_in_bytes",
                                  "memory.usage_in_bytes", "total_inactive_file "));
  return smaller(left, process_left());
}

int64_t l4r_memory_resident(void) {
  FILE *stream = fopen("/proc/self/statm", "r");
  int64_t pages, resident = 0;
  if (stream && fscanf(stream, "%" SCNd64 " %" SCNd64, &pages, &resident) != 2) resident = 0;
  if (stream) fclose(stream);
  return resident * (int64_t)sysconf(_SC_PAGESIZE);
}

int l4r_memory_check(double bytes, const char *what) {
  int64_t available = l4r_memory_available();
  if (available < 0 || bytes <= (double)available) return L4R_OK;
  return l4r_fail(L4R_ENVIRONMENT,
                  "%s: %.0f bytes of memory are needed (%.2f GB) and %" PRId64
                  " are available (%.2f GB)",
                  what, bytes, bytes / 1e9, available, (double)available / 1e9);
}
