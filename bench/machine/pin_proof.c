/* SPDX-License-Identifier: BSD-3-Clause */
/* The proof of a pinning, from readers that had no part in it: sched_getcpu and the affinity mask
 * in each worker, hwloc's last location of each thread, and the NUMA node of a page it touched. */
#include "bench/machine/pin_proof.h"
#include "bench/machine/pin.h"
#include "bench/machine/pin_topology.h"
#include "impl/base/error.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* 1 when the calling thread's memory is bound to exactly these nodes. */
static int memory_is_bound(hwloc_topology_t topology, hwloc_const_nodeset_t nodes) {
  hwloc_membind_policy_t policy;
  hwloc_bitmap_t found = hwloc_bitmap_alloc();
  const int status = hwloc_get_membind(topology, found, &policy,
                                       HWLOC_MEMBIND_THREAD | HWLOC_MEMBIND_BYNODESET);
  const int same = !status && policy == HWLOC_MEMBIND_BIND && hwloc_bitmap_isequal(found, nodes);
  hwloc_bitmap_free(found);
  return same;
}

int l4r_pin_memory(const struct l4r_pin *pin) {
  if (!pin->bound || pin->nodes <= 1) return L4R_OK;
  hwloc_topology_t topology;
  int status = l4r_pin_load(&topology);
  if (status) return status;
  hwloc_bitmap_t processors = hwloc_bitmap_alloc(), nodes = hwloc_bitmap_alloc();
  for (int i = 0; i < pin->threads; i++) hwloc_bitmap_set(processors, (unsigned)pin->processor[i]);
  hwloc_cpuset_to_nodeset(topology, processors, nodes);
  if (hwloc_set_membind(topology, nodes, HWLOC_MEMBIND_BIND,
                        HWLOC_MEMBIND_THREAD | HWLOC_MEMBIND_BYNODESET))
    status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot bind memory to the workers' NUMA nodes");
  else if (!memory_is_bound(topology, nodes))
    status = l4r_fail(
        L4R_ENVIRONMENT,
        "memory was bound to the workers' NUMA nodes, but the system reports another binding");
  hwloc_bitmap_free(processors);
  hwloc_bitmap_free(nodes);
  hwloc_topology_destroy(topology);
  return status;
}

struct locating {
  hwloc_topology_t topology;
  struct l4r_pin_proof *proof;
  hwloc_bitmap_t near; /* NUMA nodes beside the observed processors */
};

/* A page that the worker touches first: one of its stack or heap may be older than the binding. */
static void locate_memory(const struct locating *locating, int worker) {
  const size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
  volatile char *page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                             0);
  if (page == MAP_FAILED) return;
  hwloc_bitmap_t nodes = hwloc_bitmap_alloc();
  page[0] = 1;
  if (!hwloc_get_area_memlocation(locating->topology, (const void *)page, bytes, nodes,
                                  HWLOC_MEMBIND_BYNODESET) &&
      !hwloc_bitmap_iszero(nodes)) {
    locating->proof->memory[worker] = hwloc_bitmap_first(nodes);
    locating->proof->far[worker] = !hwloc_bitmap_isincluded(nodes, locating->near);
  }
  hwloc_bitmap_free(nodes);
  munmap((void *)page, bytes);
}

static int locate(void *argument, int worker, int workers) {
  struct locating *locating = argument;
  struct l4r_pin_proof *proof = locating->proof;
  hwloc_bitmap_t here = hwloc_bitmap_alloc();
  cpu_set_t affinity;
  proof->located[worker] = proof->memory[worker] = -1;
  proof->far[worker] = 0;
  if (!hwloc_get_last_cpu_location(locating->topology, here, HWLOC_CPUBIND_THREAD))
    proof->located[worker] = hwloc_bitmap_first(here);
  hwloc_bitmap_free(here);
  proof->width[worker] = sched_getaffinity(0, sizeof affinity, &affinity) ? 0
                                                                          : CPU_COUNT(&affinity);
  locate_memory(locating, worker);
  return L4R_OK;
}

int l4r_pin_observe(struct l4r_team *team, int threads, struct l4r_pin_proof *proof) {
  int status = l4r_team_observed(team, proof->observed);
  struct locating locating = {.proof = proof};
  if (!status) status = l4r_pin_load(&locating.topology);
  if (status) return status;
  proof->this_system = l4r_pin_this_system(locating.topology);
  hwloc_bitmap_t processors = hwloc_bitmap_alloc();
  locating.near = hwloc_bitmap_alloc();
  for (int i = 0; i < threads; i++) hwloc_bitmap_set(processors, (unsigned)proof->observed[i]);
  hwloc_cpuset_to_nodeset(locating.topology, processors, locating.near);
  status = l4r_team_run(team, locate, &locating);
  hwloc_bitmap_free(processors);
  hwloc_bitmap_free(locating.near);
  hwloc_topology_destroy(locating.topology);
  return status;
}

int l4r_pin_judge(const struct l4r_pin *pin, const struct l4r_pin_proof *proof) {
  if (!pin->bound) return L4R_OK;
  if (!proof->this_system) return l4r_pin_other_machine();
  for (int i = 0; i < pin->threads; i++) {
    int asked = pin->processor[i], located = proof->located[i];
    if (proof->observed[i] != asked || (located >= 0 && located != asked))
      return l4r_fail(L4R_ENVIRONMENT,
                      "pinning failed: worker %d was bound to processor %d and found on %d", i,
                      asked, proof->observed[i] != asked ? proof->observed[i] : located);
    if (proof->width[i] > 1)
      return l4r_fail(L4R_ENVIRONMENT,
                      "pinning failed: worker %d runs on processor %d only by chance, because its "
                      "affinity allows %d processors",
                      i, asked, proof->width[i]);
    if (proof->far[i])
      return l4r_fail(L4R_ENVIRONMENT,
                      "pinning failed: memory of worker %d lies on NUMA node %d, beside none of "
                      "the workers' processors",
                      i, proof->memory[i]);
  }
  return L4R_OK;
}
