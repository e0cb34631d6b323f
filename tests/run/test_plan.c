/* SPDX-License-Identifier: BSD-3-Clause */
/* What is decided before anything is measured: order, sample, pins, steady state. */
#include "bench/counters/counters.h"
#include "bench/run/order.h"
#include "bench/machine/pin.h"
#include "bench/run/session/requests.h"
#include "bench/run/round/warm_up.h"
#include "impl/base/error.h"
#include "tests/support/models.h"
#include "tests/support/runs.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(order, is_a_latin_square) {
  enum { CONFIGS = 7 };
  int order[CONFIGS * CONFIGS];
  l4r_latin_order(CONFIGS, CONFIGS, 3, order);
  for (int line = 0; line < CONFIGS; line++) {
    unsigned in_round = 0, at_place = 0;
    for (int i = 0; i < CONFIGS; i++) {
      in_round |= 1u << order[line * CONFIGS + i];
      at_place |= 1u << order[i * CONFIGS + line];
    }
    cr_assert_eq(in_round, (1u << CONFIGS) - 1, "round %d misses a config", line);
    cr_assert_eq(at_place, (1u << CONFIGS) - 1, "place %d misses a config", line);
  }
  int other[CONFIGS];
  l4r_latin_order(CONFIGS, 1, 4, other);
  cr_assert_neq(memcmp(order, other, sizeof other), 0);
}

static struct l4r_dataset *small(void) {
  struct l4r_dataset *dataset;
  cr_assert_eq(l4r_dataset_open(test_small_data(), L4R_PART_TRAIN | L4R_PART_VALIDATION, &dataset),
               0, "%s", l4r_error_message());
  return dataset;
}

Test(sample, is_stratified_seeded_and_disjoint) {
  struct l4r_dataset *dataset = small();
  struct l4r_bundle bundle, again, other;
  struct l4r_requests requests;
  l4r_bundle_init(&bundle);
  l4r_bundle_init(&again);
  l4r_bundle_init(&other);
  cr_assert_eq(l4r_requests_draw(dataset, 100, 5, &bundle), 0);
  cr_assert_eq(l4r_requests_draw(dataset, 100, 5, &again), 0);
  cr_assert_eq(l4r_requests_draw(dataset, 100, 6, &other), 0);
  const struct l4r_array *user = l4r_bundle_find(&bundle, "user");
  size_t bytes = (size_t)user->count * sizeof(int64_t);
  cr_assert_eq(memcmp(user->value, l4r_bundle_find(&again, "user")->value, bytes), 0);
  cr_assert_neq(memcmp(user->value, l4r_bundle_find(&other, "user")->value, bytes), 0);
  cr_assert_eq(l4r_requests_read(&bundle, &requests), 0);
  cr_assert_eq(l4r_requests_count(&requests, L4R_ROLE_TIMED), 100);
  cr_assert_eq(l4r_requests_count(&requests, L4R_ROLE_WARM), 16);
  cr_assert_eq(l4r_requests_count(&requests, L4R_ROLE_FRESH), 64);
  char seen[TEST_USERS] = {0};
  for (int64_t i = 0; i < user->count; i++) cr_assert_eq(seen[user->value[i]]++, 0);
  /* Histories of 3..14 items, each about equally often: the sample's rise evenly. */
  for (int64_t i = 0; i < 100; i++) {
    int64_t length = requests.request[i].length, about = 3 + i * 12 / 100;
    cr_assert(length >= about - 1 && length <= about + 1, "%d: %d", (int)i, (int)length);
  }
  const struct l4r_request *one = &requests.request[0];
  cr_assert_eq(one->history[one->length - 1], dataset->validation[one->user]);
}

Test(sample, of_all_users_makes_fresh_requests_by_dropping_items) {
  struct l4r_dataset *dataset = small();
  struct l4r_bundle bundle;
  struct l4r_requests requests;
  l4r_bundle_init(&bundle);
  cr_assert_eq(l4r_requests_draw(dataset, 0, 5, &bundle), 0);
  cr_assert_eq(l4r_requests_read(&bundle, &requests), 0);
  cr_assert_eq(l4r_requests_count(&requests, L4R_ROLE_TIMED), TEST_USERS);
  cr_assert_geq(l4r_requests_count(&requests, L4R_ROLE_FRESH), 16);
  for (int64_t i = requests.begin[L4R_ROLE_WARM]; i < requests.begin[L4R_ROLES]; i++) {
    const struct l4r_request *request = &requests.request[i];
    l4r_item full[32];
    int64_t length = l4r_dataset_history(dataset, request->user, 1, full, 32);
    cr_assert_lt(request->length, length);
    cr_assert_eq(memcmp(request->history, full, (size_t)request->length * sizeof *full), 0);
  }
}

Test(pin, refuses_what_does_not_fit) {
  struct l4r_pin pin;
  test_fails(l4r_pin_plan("core", 1024, &pin), L4R_ENVIRONMENT, "1024 threads do not fit");
  test_fails(l4r_pin_plan("none", 1024, &pin), L4R_ENVIRONMENT, "hardware threads");
  test_fails(l4r_pin_plan("sockets", 1, &pin), L4R_USAGE, "neither core, smt, l3, numa, none");
  test_fails(l4r_pin_plan("0,,1", 2, &pin), L4R_USAGE, "'0,,1'");
  test_fails(l4r_pin_plan("3-1", 2, &pin), L4R_USAGE, "'3-1'");
  test_fails(l4r_pin_plan("900", 1, &pin), L4R_ENVIRONMENT, "processor 900");
  test_fails(l4r_pin_plan("core", 0, &pin), L4R_USAGE, "at least 1");
  cr_assert_eq(l4r_pin_plan("core", 1, &pin), 0, "%s", l4r_error_message());
  cr_assert(pin.bound && pin.threads == 1);
  char twice[32];
  snprintf(twice, sizeof twice, "smt:%d,%d", pin.processor[0], pin.processor[0]);
  test_fails(l4r_pin_plan(twice, 2, &pin), L4R_ENVIRONMENT, "twice");
}

/* Plans on a topology that is not this machine's are refused only after they were made: the message
 * of a plan that does not fit comes first. */
Test(pin, policies_on_a_machine_with_two_sockets) {
  struct l4r_pin pin;
  setenv("HWLOC_SYNTHETIC", "pack:2 [numa] l3:2 core:2 pu:2", 1);
  test_fails(l4r_pin_plan("core", 9, &pin), L4R_ENVIRONMENT, "9 threads do not fit 8 cores");
  test_fails(l4r_pin_plan("smt", 17, &pin), L4R_ENVIRONMENT, "fit 16 hardware threads");
  test_fails(l4r_pin_plan("l3", 9, &pin), L4R_ENVIRONMENT, "fit 8 cores");
  test_fails(l4r_pin_plan("numa", 9, &pin), L4R_ENVIRONMENT, "fit 8 cores");
  test_fails(l4r_pin_plan("0-1", 2, &pin), L4R_ENVIRONMENT, "two workers on one core");
  test_fails(l4r_pin_plan("core", 8, &pin), L4R_ENVIRONMENT, "another machine");
  int list[L4R_PIN_THREADS];
  cr_assert_eq(l4r_pin_candidates("core", list), 8);
  cr_assert(list[0] == 0 && list[1] == 2 && list[2] == 4 && list[7] == 14);
  cr_assert_eq(l4r_pin_candidates("smt", list), 16);
  cr_assert(list[0] == 0 && list[1] == 1 && list[2] == 2);
  cr_assert_eq(l4r_pin_candidates("l3", list), 8);
  cr_assert(list[0] == 0 && list[1] == 4 && list[2] == 8 && list[3] == 12 && list[4] == 2);
  cr_assert_eq(l4r_pin_candidates("numa", list), 8);
  cr_assert(list[0] == 0 && list[1] == 8 && list[2] == 2 && list[3] == 10);
}

Test(steady, when_it_no_longer_gets_faster) {
  const double falling[] = {9, 5, 3, 2, 1.5, 1, .9, .89, .9};
  cr_assert_not(l4r_is_steady(falling, 2));
  cr_assert_not(l4r_is_steady(falling, 5));
  cr_assert_not(l4r_is_steady(falling, 8)); /* .89 against the 1 before: still falling */
  cr_assert(l4r_is_steady(falling, 9));
  const double level[] = {1, 1.01, .99};
  cr_assert(l4r_is_steady(level, 3));
}

Test(counters, kernel_sources_count_and_absence_has_a_reason) {
  struct l4r_counters *counters;
  struct l4r_counter_reading reading[L4R_COUNTERS_MAX];
  cr_assert_eq(l4r_counters_open("auto", NULL, &counters), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_counters_start(counters), 0);
  volatile double x = 1;
  for (int i = 0; i < 2000000; i++) x = x * 1.0000001;
  cr_assert_eq(l4r_counters_stop(counters), 0);
  int count = l4r_counters_read(counters, reading);
  cr_assert_str_eq(reading[0].name, "cpu_time");
  cr_assert_str_eq(reading[0].source, "kernel");
  cr_assert_gt(reading[0].value, 1e5);
  for (int c = 0; c < count; c++)
    cr_assert(strcmp(reading[c].source, "absent") || *reading[c].reason, "%s", reading[c].name);
  l4r_counters_close(counters);
  cr_assert_eq(l4r_counters_open("none", NULL, &counters), 0);
  cr_assert_eq(l4r_counters_read(counters, reading), 0);
  l4r_counters_close(counters);
  cr_assert_eq(l4r_counters_check("stages"), 0);
  cr_assert_eq(l4r_counters_check("default,cache,flops,branch,tlb,memory,os,basic,stages"), 0);
  test_fails(l4r_counters_check("tlb-of-the-moon"), L4R_USAGE, "--counters");
}
