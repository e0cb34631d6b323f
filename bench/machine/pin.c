/* SPDX-License-Identifier: BSD-3-Clause */
/* A pinned figure is only worth its name when the pinning is proven. Under a synthetic topology
 * hwloc accepts a binding to a processor that does not exist, and a container may undo one behind
 * our back; so the plan comes from hwloc, the binding from the worker team (sched_setaffinity), and
 * the proof (pin_proof.c) from other readers, after the serving. */
#include "bench/machine/pin.h"

#include "bench/machine/pin_topology.h"

#include "impl/base/error.h"
#include "impl/base/file.h"

#include <hwloc.h>
#include <stdio.h>
#include <string.h>

/* Some machines and containers show processors without cores; each then is one. */
static hwloc_obj_type_t core_type(hwloc_topology_t topology) {
  return hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE) > 0 ? HWLOC_OBJ_CORE : HWLOC_OBJ_PU;
}

/* The calling thread's affinity (taskset, a container) is no part of a topology, and says nothing
 * about one of another machine. */
static void narrow_to_affinity(hwloc_topology_t topology, hwloc_bitmap_t mine) {
  if (!l4r_pin_this_system(topology)) return;
  hwloc_bitmap_t affinity = hwloc_bitmap_alloc();
  if (!hwloc_get_cpubind(topology, affinity, HWLOC_CPUBIND_THREAD) &&
      !hwloc_bitmap_iszero(affinity))
    hwloc_bitmap_and(mine, mine, affinity);
  hwloc_bitmap_free(affinity);
}

/* The n-th hardware thread of an object that this process may use, or -1. */
static int thread_of(hwloc_topology_t topology, hwloc_obj_t object, int n) {
  hwloc_bitmap_t mine = hwloc_bitmap_alloc();
  hwloc_bitmap_and(mine, object->cpuset, hwloc_topology_get_allowed_cpuset(topology));
  narrow_to_affinity(topology, mine);
  int processor = hwloc_bitmap_first(mine);
  while (n-- > 0 && processor >= 0) processor = hwloc_bitmap_next(mine, processor);
  hwloc_bitmap_free(mine);
  return processor;
}

/* The first usable thread of the core that stands at place `place` below `parent`, or -1. */
static int core_at(hwloc_topology_t topology, hwloc_obj_t parent, int place) {
  int seen = 0;
  hwloc_obj_t core = NULL;
  while ((core = hwloc_get_next_obj_inside_cpuset_by_type(topology, parent->cpuset,
                                                          core_type(topology), core))) {
    int processor = thread_of(topology, core, 0);
    if (processor >= 0 && seen++ == place) return processor;
  }
  return -1;
}

/* Objects of a type one after the other, round by round, a core from each. */
static int spread(hwloc_topology_t topology, hwloc_obj_type_t type, int *list) {
  int count = 0, added = 1, parents = hwloc_get_nbobjs_by_type(topology, type);
  for (int place = 0; added && count < L4R_PIN_THREADS; place++) {
    added = 0;
    for (int p = 0; p < parents && count < L4R_PIN_THREADS; p++) {
      int processor = core_at(topology, hwloc_get_obj_by_type(topology, type, (unsigned)p), place);
      if (processor < 0) continue;
      list[count++] = processor;
      added = 1;
    }
  }
  return count;
}

/* Every hardware thread, core by core. */
static int all_threads(hwloc_topology_t topology, int *list) {
  int count = 0, cores = hwloc_get_nbobjs_by_type(topology, core_type(topology));
  for (int c = 0; c < cores; c++) {
    hwloc_obj_t core = hwloc_get_obj_by_type(topology, core_type(topology), (unsigned)c);
    for (int n = 0, processor; count < L4R_PIN_THREADS; n++) {
      processor = thread_of(topology, core, n);
      if (processor < 0) break;
      list[count++] = processor;
    }
  }
  return count;
}

/* hwloc ranks kinds of cores by what they can do, the slowest first; -1: it cannot tell. */
static int kind_of(hwloc_topology_t topology, int processor) {
  hwloc_bitmap_t one = hwloc_bitmap_alloc();
  hwloc_bitmap_only(one, (unsigned)processor);
  const int kind = hwloc_cpukinds_get_by_cpuset(topology, one, 0);
  hwloc_bitmap_free(one);
  return kind;
}

/* Puts the fastest kind of cores first and keeps the order within each kind, because a little core
 * among big ones would set the pace of all. */
static int fastest_first(hwloc_topology_t topology, int count, int *list) {
  int sorted[L4R_PIN_THREADS], n = 0;
  const int kinds = hwloc_cpukinds_get_nr(topology, 0);
  if (kinds <= 1) return count;
  for (int kind = kinds - 1; kind >= -1; kind--)
    for (int i = 0; i < count; i++)
      if (kind_of(topology, list[i]) == kind) sorted[n++] = list[i];
  memcpy(list, sorted, (size_t)n * sizeof *list);
  return n;
}

static int candidates(hwloc_topology_t topology, const char *policy, int *list) {
  hwloc_obj_type_t type = HWLOC_OBJ_MACHINE;
  int count;
  if (!strcmp(policy, "l3") && hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_L3CACHE) > 0)
    type = HWLOC_OBJ_L3CACHE;
  if (!strcmp(policy, "numa")) type = HWLOC_OBJ_NUMANODE;
  if (!strcmp(policy, "smt") || !strcmp(policy, "none"))
    count = all_threads(topology, list);
  else
    count = spread(topology, type, list);
  return fastest_first(topology, count, list);
}

/* Before a list whose processors may share a core. */
static const char siblings_allowed[] = "smt:";

/* "0,2-3" into list; -1 with a message when it is not one. */
static int parse_list(const char *text, int *list) {
  int count = 0;
  size_t prefix = strlen(siblings_allowed);
  for (const char *at = strncmp(text, siblings_allowed, prefix) ? text : text + prefix; *at;) {
    int first, last, used = 0;
    if (sscanf(at, "%d%n", &first, &used) != 1 || first < 0) break;
    at += used;
    last = first;
    if (*at == '-') {
      if (sscanf(at + 1, "%d%n", &last, &used) != 1 || last < first) break;
      at += used + 1;
    }
    for (int p = first; p <= last && count < L4R_PIN_THREADS; p++) list[count++] = p;
    if (!*at) return count;
    if (*at++ != ',') break;
  }
  return l4r_fail(-1, "--pin '%s' is neither core, smt, l3, numa, none nor a list like 0,2-3",
                  text);
}

static hwloc_obj_t core_of(hwloc_topology_t topology, int processor) {
  hwloc_obj_t thread = hwloc_get_pu_obj_by_os_index(topology, (unsigned)processor);
  hwloc_obj_t core = thread;
  while (core && core->type != HWLOC_OBJ_CORE) core = core->parent;
  return core ? core : thread;
}

static int check_list(hwloc_topology_t topology, const struct l4r_pin *pin) {
  hwloc_const_cpuset_t allowed = hwloc_topology_get_allowed_cpuset(topology);
  int siblings = !strncmp(pin->asked, siblings_allowed, strlen(siblings_allowed));
  for (int i = 0; i < pin->threads; i++) {
    if (!hwloc_bitmap_isset(allowed, (unsigned)pin->processor[i]))
      return l4r_fail(L4R_ENVIRONMENT, "--pin %s: processor %d is not one this process may use",
                      pin->asked, pin->processor[i]);
    for (int j = 0; j < i; j++) {
      if (pin->processor[i] == pin->processor[j])
        return l4r_fail(L4R_ENVIRONMENT, "--pin %s names processor %d twice", pin->asked,
                        pin->processor[i]);
      if (!siblings && core_of(topology, pin->processor[i]) == core_of(topology, pin->processor[j]))
        return l4r_fail(L4R_ENVIRONMENT,
                        "--pin %s puts two workers on one core (processors %d and %d); ask for "
                        "that with --pin %s%s",
                        pin->asked, pin->processor[j], pin->processor[i], siblings_allowed,
                        pin->asked);
    }
  }
  return L4R_OK;
}

static int is_policy(const char *text) {
  static const char *const known[] = {"core", "smt", "l3", "numa", "none"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp(text, known[i])) return 1;
  return 0;
}

int l4r_pin_candidates(const char *policy, int *list) {
  hwloc_topology_t topology;
  if (!is_policy(policy)) return parse_list(policy, list);
  if (l4r_pin_load(&topology)) return -1;
  int count = candidates(topology, policy, list);
  hwloc_topology_destroy(topology);
  return count;
}

/* A plan on a loaded topology; the message of a failure. */
static int choose(hwloc_topology_t topology, const char *policy, struct l4r_pin *plan, int count) {
  const int list = !is_policy(policy);
  plan->nodes = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE);
  if (!list) count = candidates(topology, policy, plan->processor);
  if (plan->threads > count) {
    const char *what = list                                                ? "listed processors"
                       : !strcmp(policy, "smt") || !strcmp(policy, "none") ? "hardware threads"
                                                                           : "cores";
    return l4r_fail(L4R_ENVIRONMENT, "%d threads do not fit %d %s (--pin %s); lower --threads%s",
                    plan->threads, count, what, policy,
                    strcmp(what, "cores") ? "" : ", or ask for --pin smt where cores have two");
  }
  return list ? check_list(topology, plan) : L4R_OK;
}

static int plan_on(const char *policy, int threads, int proven, struct l4r_pin *pin) {
  struct l4r_pin plan = {.threads = threads, .bound = strcmp(policy, "none") != 0};
  int count = 0;
  snprintf(plan.asked, sizeof plan.asked, "%s", policy);
  if (threads < 1) return l4r_fail(L4R_USAGE, "--threads must be at least 1, not %d", threads);
  if (!is_policy(policy) && (count = parse_list(policy, plan.processor)) < 0) return L4R_USAGE;
  hwloc_topology_t topology;
  int status = l4r_pin_load(&topology);
  if (status) return status;
  status = choose(topology, policy, &plan, count);
  if (!status && proven && plan.bound && !l4r_pin_this_system(topology))
    status = l4r_pin_other_machine();
  hwloc_topology_destroy(topology);
  if (!status) *pin = plan;
  return status;
}

int l4r_pin_choose(const char *policy, int threads, struct l4r_pin *pin) {
  return plan_on(policy, threads, 0, pin);
}

int l4r_pin_plan(const char *policy, int threads, struct l4r_pin *pin) {
  return plan_on(policy, threads, 1, pin);
}

int l4r_pin_shares_cores(const struct l4r_pin *pin) {
  hwloc_topology_t topology;
  int status = l4r_pin_load(&topology), shares = 0;
  if (status) return status;
  for (int i = 0; i < pin->threads && pin->bound; i++)
    for (int j = 0; j < i && !shares; j++)
      shares = core_of(topology, pin->processor[i]) == core_of(topology, pin->processor[j]);
  hwloc_topology_destroy(topology);
  return shares;
}

int l4r_pin_cores(int64_t threads, struct l4r_pin *pin) {
  int list[L4R_PIN_THREADS];
  const int cores = l4r_pin_candidates("core", list);
  if (cores < 0) return L4R_ENVIRONMENT;
  return l4r_pin_plan("core", threads > 0 ? (int)threads : cores, pin);
}
