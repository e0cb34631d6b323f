/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/pin_share.h"

#include "bench/machine/pin_topology.h"
#include "impl/base/error.h"
#include "impl/base/team.h"
#include "impl/base/text.h"

#include <stdlib.h>

static int load(hwloc_topology_t *topology) {
  int status = l4r_pin_load(topology);
  if (status || l4r_pin_this_system(*topology)) return status;
  status = l4r_pin_other_machine();
  hwloc_topology_destroy(*topology);
  return status;
}

/* What the control group and the affinity leave. */
static hwloc_bitmap_t usable(hwloc_topology_t topology) {
  hwloc_bitmap_t mine = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(topology));
  hwloc_bitmap_t affinity = hwloc_bitmap_alloc();
  if (mine && affinity && !hwloc_get_cpubind(topology, affinity, HWLOC_CPUBIND_THREAD) &&
      !hwloc_bitmap_iszero(affinity))
    hwloc_bitmap_and(mine, mine, affinity);
  hwloc_bitmap_free(affinity);
  return mine;
}

int l4r_pin_mask(char *mask) {
  hwloc_topology_t topology;
  int status = load(&topology);
  if (status) return status;
  hwloc_bitmap_t mine = usable(topology);
  char *list = NULL;
  if (!mine || hwloc_bitmap_list_asprintf(&list, mine) < 0)
    status = l4r_fail(L4R_ENVIRONMENT, "no memory for a set of processors");
  else if (l4r_text_set(mask, L4R_PIN_MASK, "%s", list))
    status = l4r_fail(L4R_ENVIRONMENT,
                      "this process's processors are too many single ones to "
                      "compare with another's: %.200s",
                      list);
  free(list);
  hwloc_bitmap_free(mine);
  hwloc_topology_destroy(topology);
  return status;
}

int l4r_pin_masks_share(const char *a, const char *b) {
  hwloc_bitmap_t left = hwloc_bitmap_alloc(), right = hwloc_bitmap_alloc();
  int shared = 2;
  if (left && right && !hwloc_bitmap_list_sscanf(left, a) && !hwloc_bitmap_list_sscanf(right, b))
    shared = hwloc_bitmap_isequal(left, right) ? 1 : hwloc_bitmap_intersects(left, right) ? 2 : 0;
  hwloc_bitmap_free(left);
  hwloc_bitmap_free(right);
  return shared;
}

/* Some machines and containers show processors without cores; each then is one. */
static hwloc_obj_type_t core_type(hwloc_topology_t topology) {
  return hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE) > 0 ? HWLOC_OBJ_CORE : HWLOC_OBJ_PU;
}

static int cores_of(hwloc_topology_t topology, hwloc_bitmap_t mine) {
  int count = 0;
  for (hwloc_obj_t core = NULL;
       (core = hwloc_get_next_obj_by_type(topology, core_type(topology), core));)
    count += hwloc_bitmap_intersects(core->cpuset, mine);
  return count;
}

/* The usable threads of the cores [begin, end) of those that are usable. */
static void cut(hwloc_topology_t topology, hwloc_bitmap_t mine, int64_t begin, int64_t end,
                hwloc_bitmap_t part) {
  int64_t at = 0;
  for (hwloc_obj_t core = NULL;
       (core = hwloc_get_next_obj_by_type(topology, core_type(topology), core));) {
    if (!hwloc_bitmap_intersects(core->cpuset, mine)) continue;
    if (at >= begin && at < end) hwloc_bitmap_or(part, part, core->cpuset);
    at++;
  }
  hwloc_bitmap_and(part, part, mine);
}

int l4r_pin_share(int part, int parts, int *cores) {
  hwloc_topology_t topology;
  int status = load(&topology);
  if (status) return status;
  hwloc_bitmap_t mine = usable(topology), set = hwloc_bitmap_alloc();
  const int count = mine ? cores_of(topology, mine) : 0;
  int64_t begin, end;
  l4r_split(count, 1, part, parts, &begin, &end);
  if (!mine || !set)
    status = l4r_fail(L4R_ENVIRONMENT, "no memory for a set of processors");
  else if (count < parts)
    status = l4r_fail(L4R_ENVIRONMENT,
                      "%d ranks on this host and %d core%s that they may use: each needs cores of "
                      "its own; begin fewer here, or leave them more cores (mpirun --bind-to none, "
                      "srun --cpu-bind=none)",
                      parts, count, count == 1 ? "" : "s");
  if (!status) {
    cut(topology, mine, begin, end, set);
    if (hwloc_set_cpubind(topology, set, HWLOC_CPUBIND_THREAD))
      status = l4r_fail_errno(L4R_ENVIRONMENT, "this process cannot be bound to its cores");
  }
  hwloc_bitmap_free(mine);
  hwloc_bitmap_free(set);
  hwloc_topology_destroy(topology);
  if (!status) *cores = (int)(end - begin);
  return status;
}
