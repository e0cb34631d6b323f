/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/affinity.h"

#include "impl/base/error.h"
#include "impl/base/text.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

/* Writes a list like "0, 2-3", which is cut where it gets long. */
static void list_of(const cpu_set_t *affinity, char *out, size_t size) {
  size_t used = 0;
  for (int p = 0, last; p < CPU_SETSIZE && used + 24 < size; p = last + 1) {
    last = p;
    if (!CPU_ISSET(p, affinity)) continue;
    while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, affinity)) last++;
    char range[32] = "";
    if (last > p) snprintf(range, sizeof range, "-%d", last);
    l4r_text_add(out, size, &used, "%s%d%s", used ? ", " : "", p, range);
  }
}

int l4r_affinity_check(const struct l4r_pin *pin) {
  cpu_set_t affinity;
  char list[256] = "";
  if (sched_getaffinity(0, sizeof affinity, &affinity))
    return L4R_OK; /* more processors than the type */
  const int count = CPU_COUNT(&affinity);
  list_of(&affinity, list, sizeof list);
  if (pin->threads > count)
    return l4r_fail(L4R_ENVIRONMENT,
                    "%d threads do not fit this process's mask of %d processor%s (%s), set by "
                    "taskset or a container; lower --threads",
                    pin->threads, count, count == 1 ? "" : "s", list);
  for (int i = 0; pin->bound && i < pin->threads; i++)
    if (pin->processor[i] >= CPU_SETSIZE || !CPU_ISSET(pin->processor[i], &affinity))
      return l4r_fail(L4R_ENVIRONMENT,
                      "--pin %s takes processor %d, which is not among the %d of this process's "
                      "mask (%s); name some of those: --pin LIST",
                      pin->asked, pin->processor[i], count, list);
  return L4R_OK;
}

int l4r_affinity_narrow(const struct l4r_pin *pin) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = 0; i < pin->threads; i++) CPU_SET(pin->processor[i], &set);
  if (!sched_setaffinity(0, sizeof set, &set)) return L4R_OK;
  return l4r_fail(L4R_ENVIRONMENT, "this process cannot be bound to processors: %s",
                  strerror(errno));
}
