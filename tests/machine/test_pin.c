/* SPDX-License-Identifier: BSD-3-Clause */
/* Plans on machines that are not here: hwloc shows each from a fixture or a line of text. */
#include "bench/machine/affinity.h"
#include "bench/machine/pin.h"
#include "bench/machine/pin_proof.h"
#include "impl/base/error.h"
#include "tests/support/files.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <hwloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names a fixture; the test runs in a process of its own, so nothing is put back. */
static void machine(const char *name) {
  char path[256], line[1024];
  snprintf(path, sizeof path, "tests/fixtures/topology/%s.xml", name);
  FILE *file = fopen(path, "r");
  cr_assert(file, "no fixture %s", path);
  while (fgets(line, sizeof line, file)) /* where hwloc puts names of hosts and processes */
    cr_assert_null(strstr(line, "<info"), "%s: %s", path, line);
  fclose(file);
  setenv("HWLOC_XMLFILE", path, 1);
}

static void takes(const char *policy, int threads, const int *want) {
  struct l4r_pin pin;
  cr_assert_eq(l4r_pin_choose(policy, threads, &pin), 0, "%s", l4r_error_message());
  cr_assert_eq(pin.threads, threads);
  for (int i = 0; i < threads; i++)
    cr_assert_eq(pin.processor[i], want[i], "%s: worker %d on %d, not %d", policy, i,
                 pin.processor[i], want[i]);
}

static void refuses(const char *policy, int threads, const char *why) {
  struct l4r_pin pin = {.threads = 77};
  cr_assert_eq(l4r_pin_choose(policy, threads, &pin), L4R_ENVIRONMENT);
  cr_assert(strstr(l4r_error_message(), why), "%s", l4r_error_message());
  cr_assert_eq(pin.threads, 77); /* a failure leaves its output alone */
}

/* Sockets {0-3} and {4-7}, cores of two threads. */
Test(pin, two_sockets_with_smt) {
  machine("two-sockets-smt");
  takes("core", 4, (int[]){0, 2, 4, 6});
  takes("smt", 8, (int[]){0, 1, 2, 3, 4, 5, 6, 7});
  takes("numa", 4, (int[]){0, 4, 2, 6});
  takes("l3", 4, (int[]){0, 4, 2, 6});
  takes("6,1", 2, (int[]){6, 1});
  takes("smt:2-3", 2, (int[]){2, 3});
  refuses("core", 5, "5 threads do not fit 4 cores");
  refuses("smt", 9, "9 threads do not fit 8 hardware threads");
  refuses("2-3", 2, "two workers on one core (processors 2 and 3)");
  refuses("smt:0,8", 2, "processor 8");
  struct l4r_pin pin;
  cr_assert_eq(l4r_pin_choose("none", 8, &pin), 0);
  cr_assert_not(pin.bound);
}

Test(pin, whether_workers_share_cores) {
  struct l4r_pin pin;
  machine("two-sockets-smt");
  cr_assert_eq(l4r_pin_choose("smt", 2, &pin), 0);
  cr_assert_eq(l4r_pin_shares_cores(&pin), 1);
  cr_assert_eq(l4r_pin_choose("core", 4, &pin), 0);
  cr_assert_eq(l4r_pin_shares_cores(&pin), 0);
  cr_assert_eq(l4r_pin_choose("smt", 1, &pin), 0);
  cr_assert_eq(l4r_pin_shares_cores(&pin), 0);
}

/* Big cores {0,1}, {2,3}; little ones 4 and 6, which stand behind them whatever the policy. */
Test(pin, big_cores_come_before_little_ones) {
  machine("hybrid");
  takes("core", 4, (int[]){0, 2, 4, 6});
  takes("smt", 6, (int[]){0, 1, 2, 3, 4, 6});
  takes("l3", 4, (int[]){0, 2, 4, 6});
  takes("4,6", 2, (int[]){4, 6}); /* a list is taken as it stands */
  refuses("core", 5, "fit 4 cores");
}

/* The little ones first in the numbering, as some machines have them. */
Test(pin, the_fastest_kind_is_first_in_any_numbering) {
  hwloc_topology_t topology;
  hwloc_bitmap_t kind = hwloc_bitmap_alloc();
  hwloc_topology_init(&topology);
  hwloc_topology_set_synthetic(topology, "l3:2 core:2 pu:1");
  cr_assert_eq(hwloc_topology_load(topology), 0);
  hwloc_bitmap_set_range(kind, 0, 1);
  hwloc_cpukinds_register(topology, kind, 0, 0, NULL, 0);
  hwloc_bitmap_zero(kind);
  hwloc_bitmap_set_range(kind, 2, 3);
  hwloc_cpukinds_register(topology, kind, 1, 0, NULL, 0);
  char path[256]; /* test_path's buffers are used again */
  snprintf(path, sizeof path, "%s", test_path("hybrid.xml"));
  cr_assert_eq(hwloc_topology_export_xml(topology, path, 0), 0);
  hwloc_topology_destroy(topology);
  hwloc_bitmap_free(kind);
  setenv("HWLOC_XMLFILE", path, 1);
  takes("core", 4, (int[]){2, 3, 0, 1});
  takes("l3", 4, (int[]){2, 3, 0, 1});
  takes("none", 2, (int[]){2, 3});
}

Test(pin, one_core) {
  machine("one-core");
  takes("core", 1, (int[]){0});
  takes("numa", 1, (int[]){0});
  takes("l3", 1, (int[]){0}); /* there is no third level: the machine is gone round */
  refuses("core", 2, "2 threads do not fit 1 cores");
  refuses("smt", 2, "fit 1 hardware threads");
}

/* Nodes of two cores each: 0-1, 2-3, .. 14-15. */
Test(pin, eight_numa_nodes) {
  machine("eight-nodes");
  takes("numa", 8, (int[]){0, 2, 4, 6, 8, 10, 12, 14});
  takes("numa", 10, (int[]){0, 2, 4, 6, 8, 10, 12, 14, 1, 3});
  takes("core", 3, (int[]){0, 1, 2});
  struct l4r_pin pin;
  cr_assert_eq(l4r_pin_choose("numa", 2, &pin), 0);
  cr_assert_eq(pin.nodes, 8);
}

Test(pin, processors_without_cores_are_cores) {
  setenv("HWLOC_SYNTHETIC", "pu:3", 1);
  takes("core", 3, (int[]){0, 1, 2});
  takes("smt", 3, (int[]){0, 1, 2});
  refuses("core", 4, "fit 3 cores");
}

/* On this machine: bound memory says so when it is asked, and pages lie there. `nodes` is set so
 * that the binding is made even where there is one node. */
Test(pin, memory_is_bound_and_read_back) {
  struct l4r_pin pin;
  struct l4r_pin_proof proof;
  struct l4r_team *team;
  cr_assert_eq(l4r_pin_plan("core", 1, &pin), 0, "%s", l4r_error_message());
  pin.nodes = 2;
  if (l4r_pin_memory(&pin)) cr_skip_test("this system binds no memory (a container)");
  cr_assert_eq(l4r_team_create(1, pin.processor, &team), 0);
  cr_assert_eq(l4r_pin_observe(team, 1, &proof), 0, "%s", l4r_error_message());
  cr_assert_eq(proof.observed[0], pin.processor[0]);
  cr_assert_eq(proof.width[0], 1);
  cr_assert_eq(proof.far[0], 0);
  cr_assert_eq(l4r_pin_judge(&pin, &proof), 0, "%s", l4r_error_message());
  l4r_team_free(team);
}

Test(pin, a_worker_that_nothing_holds_is_no_proof) {
  struct l4r_pin pin = {.asked = "core", .threads = 1, .bound = 1};
  struct l4r_pin_proof proof = {.this_system = 1, .width = {2}, .memory = {-1}};
  cr_assert_eq(l4r_pin_judge(&pin, &proof), L4R_ENVIRONMENT);
  cr_assert(strstr(l4r_error_message(), "by chance"), "%s", l4r_error_message());
  proof.width[0] = 1;
  cr_assert_eq(l4r_pin_judge(&pin, &proof), 0);
  proof.memory[0] = 3;
  proof.far[0] = 1;
  cr_assert_eq(l4r_pin_judge(&pin, &proof), L4R_ENVIRONMENT);
  cr_assert(strstr(l4r_error_message(), "NUMA node 3"), "%s", l4r_error_message());
}

/* A process that may run on one processor alone, whichever it is: a container of cores 1 and up. */
Test(pin, every_policy_keeps_to_the_mask) {
  static const char *const policies[] = {"core", "smt", "l3", "numa"};
  cpu_set_t all, one;
  cr_assert_eq(sched_getaffinity(0, sizeof all, &all), 0);
  for (int p = 0; p < CPU_SETSIZE; p++) {
    if (!CPU_ISSET(p, &all)) continue;
    CPU_ZERO(&one);
    CPU_SET(p, &one);
    cr_assert_eq(sched_setaffinity(0, sizeof one, &one), 0);
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
      struct l4r_pin pin;
      cr_assert_eq(l4r_pin_plan(policies[i], 1, &pin), 0, "%s", l4r_error_message());
      cr_assert_eq(pin.processor[0], p, "%s on %d", policies[i], p);
      cr_assert_eq(l4r_affinity_check(&pin), 0, "%s", l4r_error_message());
      cr_assert_eq(l4r_pin_plan(policies[i], 2, &pin), L4R_ENVIRONMENT);
    }
  }
}

Test(affinity, smaller_than_the_plan_is_told_with_its_size) {
  cpu_set_t affinity;
  cr_assert_eq(sched_getaffinity(0, sizeof affinity, &affinity), 0);
  int first = 0;
  while (!CPU_ISSET(first, &affinity)) first++;
  struct l4r_pin pin = {.asked = "core", .threads = 1, .bound = 1, .processor = {first, first + 1}};
  CPU_ZERO(&affinity);
  CPU_SET(first, &affinity);
  cr_assert_eq(sched_setaffinity(0, sizeof affinity, &affinity), 0);
  cr_assert_eq(l4r_affinity_check(&pin), 0, "%s", l4r_error_message());
  pin.threads = 2;
  test_fails(l4r_affinity_check(&pin), L4R_ENVIRONMENT,
             "2 threads do not fit this process's mask of 1");
  pin.threads = 1;
  pin.processor[0] = first + 1;
  test_fails(l4r_affinity_check(&pin), L4R_ENVIRONMENT, "which is not among the 1 of");
  pin.bound = 0;
  cr_assert_eq(l4r_affinity_check(&pin), 0);
}
