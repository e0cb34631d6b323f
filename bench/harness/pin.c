/* A pinned figure is only worth its name when the pinning is proven. Under a synthetic topology
 * hwloc accepts a binding to a processor that does not exist, and a container may undo one behind
 * our back; so the plan comes from hwloc, the binding from the worker team (sched_setaffinity), and
 * the proof from two other readers, after the serving: sched_getcpu in each worker and hwloc's last
 * location of each thread. */
#include "bench/harness/pin.h"

#include "impl/base/error.h"
#include "impl/base/file.h"

#include <hwloc.h>
#include <stdio.h>
#include <string.h>

static int load(hwloc_topology_t *topology) {
  if (hwloc_topology_init(topology)) return l4r_fail(L4R_ENVIRONMENT, "hwloc cannot start");
  if (!hwloc_topology_load(*topology)) return L4R_OK;
  hwloc_topology_destroy(*topology);
  return l4r_fail(L4R_ENVIRONMENT, "hwloc cannot read this machine's topology");
}

/* The n-th hardware thread of an object that this process may use, or -1. */
static int thread_of(hwloc_topology_t topology, hwloc_obj_t object, int n) {
  hwloc_bitmap_t mine = hwloc_bitmap_alloc();
  hwloc_bitmap_and(mine, object->cpuset, hwloc_topology_get_allowed_cpuset(topology));
  int processor = hwloc_bitmap_first(mine);
  while (n-- > 0 && processor >= 0) processor = hwloc_bitmap_next(mine, processor);
  hwloc_bitmap_free(mine);
  return processor;
}

/* The first usable thread of the core that stands at place `place` below `parent`, or -1. */
static int core_at(hwloc_topology_t topology, hwloc_obj_t parent, int place) {
  int seen = 0;
  hwloc_obj_t core = NULL;
  while ((core = hwloc_get_next_obj_inside_cpuset_by_type(topology, parent->cpuset, HWLOC_OBJ_CORE,
                                                          core))) {
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
  int count = 0, cores = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE);
  for (int c = 0; c < cores; c++) {
    hwloc_obj_t core = hwloc_get_obj_by_type(topology, HWLOC_OBJ_CORE, (unsigned)c);
    for (int n = 0, processor; count < L4R_PIN_THREADS; n++) {
      processor = thread_of(topology, core, n);
      if (processor < 0) break;
      list[count++] = processor;
    }
  }
  return count;
}

static int candidates(hwloc_topology_t topology, const char *policy, int *list) {
  hwloc_obj_type_t type = HWLOC_OBJ_MACHINE;
  if (!strcmp(policy, "smt") || !strcmp(policy, "none")) return all_threads(topology, list);
  if (!strcmp(policy, "l3") && hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_L3CACHE) > 0)
    type = HWLOC_OBJ_L3CACHE;
  if (!strcmp(policy, "numa")) type = HWLOC_OBJ_NUMANODE;
  return spread(topology, type, list);
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
  if (load(&topology)) return -1;
  int count = candidates(topology, policy, list);
  hwloc_topology_destroy(topology);
  return count;
}

static int other_machine(void) {
  return l4r_fail(L4R_ENVIRONMENT,
                  "pinning cannot be proven: hwloc describes another machine than this one; unset "
                  "HWLOC_SYNTHETIC and HWLOC_XMLFILE, or use --pin none");
}

int l4r_pin_plan(const char *policy, int threads, struct l4r_pin *pin) {
  struct l4r_pin plan = {.threads = threads, .bound = strcmp(policy, "none") != 0};
  int list = !is_policy(policy), count = 0;
  snprintf(plan.asked, sizeof plan.asked, "%s", policy);
  if (threads < 1) return l4r_fail(L4R_USAGE, "--threads wants at least 1, not %d", threads);
  if (list && (count = parse_list(policy, plan.processor)) < 0) return L4R_USAGE;
  hwloc_topology_t topology;
  int status = load(&topology);
  if (status) return status;
  plan.nodes = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE);
  if (!list) count = candidates(topology, policy, plan.processor);
  if (threads > count) {
    const char *what = list                                                ? "listed processors"
                       : !strcmp(policy, "smt") || !strcmp(policy, "none") ? "hardware threads"
                                                                           : "cores";
    status = l4r_fail(L4R_ENVIRONMENT, "%d threads do not fit %d %s (--pin %s); lower --threads%s",
                      threads, count, what, policy,
                      strcmp(what, "cores") ? "" : ", or ask for --pin smt where cores have two");
  }
  if (!status && list) status = check_list(topology, &plan);
  if (!status && plan.bound && !hwloc_topology_is_thissystem(topology)) status = other_machine();
  hwloc_topology_destroy(topology);
  if (!status) *pin = plan;
  return status;
}

int l4r_pin_cores(int64_t threads, struct l4r_pin *pin) {
  int list[L4R_PIN_THREADS];
  const int cores = l4r_pin_candidates("core", list);
  if (cores < 0) return L4R_ENVIRONMENT;
  return l4r_pin_plan("core", threads > 0 ? (int)threads : cores, pin);
}

int l4r_pin_memory(const struct l4r_pin *pin) {
  if (!pin->bound || pin->nodes <= 1) return L4R_OK;
  hwloc_topology_t topology;
  int status = load(&topology);
  if (status) return status;
  hwloc_bitmap_t processors = hwloc_bitmap_alloc();
  for (int i = 0; i < pin->threads; i++) hwloc_bitmap_set(processors, (unsigned)pin->processor[i]);
  if (hwloc_set_membind(topology, processors, HWLOC_MEMBIND_BIND, HWLOC_MEMBIND_PROCESS) &&
      hwloc_set_membind(topology, processors, HWLOC_MEMBIND_BIND, HWLOC_MEMBIND_THREAD))
    status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot bind memory to the workers' NUMA nodes");
  hwloc_bitmap_free(processors);
  hwloc_topology_destroy(topology);
  return status;
}

struct locating {
  hwloc_topology_t topology;
  int *located;
};

static int locate(void *argument, int worker, int workers) {
  struct locating *locating = argument;
  hwloc_bitmap_t here = hwloc_bitmap_alloc();
  locating->located[worker] = -1;
  if (!hwloc_get_last_cpu_location(locating->topology, here, HWLOC_CPUBIND_THREAD))
    locating->located[worker] = hwloc_bitmap_first(here);
  hwloc_bitmap_free(here);
  return L4R_OK;
}

int l4r_pin_observe(struct l4r_team *team, int threads, struct l4r_pin_proof *proof) {
  int status = l4r_team_observed(team, proof->observed);
  struct locating locating = {.located = proof->located};
  if (!status) status = load(&locating.topology);
  if (status) return status;
  proof->this_system = hwloc_topology_is_thissystem(locating.topology);
  status = l4r_team_run(team, locate, &locating);
  hwloc_topology_destroy(locating.topology);
  return status;
}

int l4r_pin_judge(const struct l4r_pin *pin, const struct l4r_pin_proof *proof) {
  if (!pin->bound) return L4R_OK;
  if (!proof->this_system) return other_machine();
  for (int i = 0; i < pin->threads; i++) {
    int asked = pin->processor[i], located = proof->located[i];
    if (proof->observed[i] != asked || (located >= 0 && located != asked))
      return l4r_fail(L4R_ENVIRONMENT,
                      "pinning failed: worker %d was bound to processor %d and found on %d", i,
                      asked, proof->observed[i] != asked ? proof->observed[i] : located);
  }
  return L4R_OK;
}
