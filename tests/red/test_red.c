/* SPDX-License-Identifier: BSD-3-Clause */
/* Every engine here must be caught, and the honest one must not. */
#include "bench/machine/pin_proof.h"
#include "bench/run/run.h"
#include "bench/run/session/time_source.h"
#include "bench/derive/derive.h"
#include "impl/base/error.h"
#include "tests/red/engines.h"
#include "tests/support/runs.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <string.h>
#include <time.h>

static struct l4r_arm arms[4];
static char path[L4R_PATH_MAX];

/* Runs one engine; it must be refused with L4R_CHECK, a message holding `evidence`, and no record.
 */
static void caught(const struct l4r_engine *engine, const char *evidence) {
  struct l4r_run_options options = test_run_options(arms, engine, NULL);
  json_t *records = NULL;
  int status = l4r_run(&options, &records, path);
  cr_assert_eq(status, L4R_CHECK, "%s: status %d, %s", engine->name, status, l4r_error_message());
  cr_assert(strstr(l4r_error_message(), evidence), "%s: %s", engine->name, l4r_error_message());
  cr_assert_eq(json_array_size(records), 0, "%s left a record", engine->name);
}

Test(red, honest_engines_pass) {
  struct l4r_run_options options = test_run_options(arms, &red_honest, &red_ranker, NULL);
  json_t *records;
  cr_assert_eq(l4r_run(&options, &records, path), 0, "%s", l4r_error_message());
  cr_assert_eq(json_array_size(records), 2);
  for (size_t r = 0; r < 2; r++) {
    json_t *checks = json_object_get(json_array_get(records, r), "checks");
    cr_assert_geq(json_integer_value(json_object_get(checks, "answers_compared")), 48);
  }
  /* The same scores through score() and through rankings give the same accuracy. */
  json_t *one = json_object_get(json_array_get(records, 0), "accuracy");
  json_t *two = json_object_get(json_array_get(records, 1), "accuracy");
  cr_assert(json_equal(json_object_get(one, "keep"), json_object_get(two, "keep")));
  cr_assert(json_equal(json_object_get(one, "mask"), json_object_get(two, "mask")));
}

Test(red, one_that_caches_answers) {
  caught(&red_cache, "answers come from a cache");
}

Test(red, one_that_ranks_rightly_only_in_the_accuracy_pass) {
  caught(&red_two_faced, "answers otherwise than the accuracy pass");
}

Test(red, one_that_ranks_rightly_only_at_first) {
  caught(&red_late, "answers otherwise than the accuracy pass");
}

Test(red, one_that_claims_kernels_it_did_not_use) {
  caught(&red_kernel, "but BLIS runs its");
}

Test(red, one_that_falls_back_silently) {
  struct l4r_run_options options = test_run_options(arms, &red_fallback, NULL);
  cr_assert_eq(l4r_arm_parse("fallback@model:precision=bf16", &arms[0]), 0);
  json_t *records;
  cr_assert_eq(l4r_run(&options, &records, path), L4R_CHECK);
  cr_assert(strstr(l4r_error_message(), "asked for precision bf16 and ran in fp32"), "%s",
            l4r_error_message());
}

Test(red, one_that_takes_other_kernels_later) {
  caught(&red_drifting, "fell back");
}

Test(red, one_whose_scores_are_all_equal) {
  caught(&red_equal, "same score for 400 of 400 users");
}

Test(red, one_that_reads_the_answers) {
  caught(&red_leak, "opened test.txt");
}

Test(red, one_that_breaks_ties_its_own_way) {
  caught(&red_order, "broken the wrong way");
}

Test(red, one_that_ranks_an_item_twice) {
  caught(&red_twice, "ranked before");
}

Test(red, one_that_ranks_from_the_worst) {
  caught(&red_rising, "a score above the one before it");
}

Test(red, one_that_scores_with_no_number) {
  caught(&red_no_number, "a score that is not a number");
}

Test(red, one_that_ranks_what_is_not_there) {
  caught(&red_outside, "an item that is not in the catalogue");
}

/* Consistent in everything, it can only be caught by its accuracy, which stands in the same row as
 * its latency: no row without it, and the intervals do not meet. */
Test(red, one_that_ranks_wrongly_is_seen_to_rank_wrongly) {
  struct l4r_run_options options = test_run_options(arms, &red_neighbour, &red_backwards, NULL);
  json_t *records;
  cr_assert_eq(l4r_run(&options, &records, path), 0, "%s", l4r_error_message());
  double lo[2], hi[2];
  for (size_t r = 0; r < 2; r++) {
    json_t *accuracy = json_object_get(json_array_get(records, r), "accuracy");
    json_t *keep = json_object_get(json_object_get(accuracy, "ci95"), "keep");
    json_t *interval = json_object_get(keep, "HR@10");
    cr_assert_eq(json_array_size(interval), 2);
    lo[r] = json_number_value(json_array_get(interval, 0));
    hi[r] = json_number_value(json_array_get(interval, 1));
  }
  cr_assert_gt(lo[0], .9);
  cr_assert_lt(hi[1], .1);
}

Test(red, one_that_leaves_its_processor) {
  cpu_set_t mask;
  sched_getaffinity(0, sizeof mask, &mask);
  if (CPU_COUNT(&mask) < 2) cr_skip_test("there is no second processor to go to");
  struct l4r_run_options options = test_run_options(arms, &red_wanderer, NULL);
  options.pin = "core";
  json_t *records;
  cr_assert_eq(l4r_run(&options, &records, path), L4R_CHECK);
  cr_assert(strstr(l4r_error_message(), "pinning failed: worker 0 was bound to processor"), "%s",
            l4r_error_message());
  cr_assert_eq(json_array_size(records), 0);
}

Test(red, a_slow_one_is_seen_to_be_slow) {
  struct l4r_run_options options = test_run_options(arms, &red_honest, &red_slow, NULL);
  options.users = 40;
  options.rounds = 3; /* fewer have no interval */
  json_t *records;
  cr_assert_eq(l4r_run(&options, &records, path), 0, "%s", l4r_error_message());
  double p50[2], lo[2], hi[2];
  for (size_t r = 0; r < 2; r++) {
    json_t *latency = json_object_get(json_array_get(records, r), "latency_ns");
    json_t *figure = json_object_get(latency, "p50");
    p50[r] = json_number_value(json_object_get(figure, "value"));
    lo[r] = json_number_value(json_object_get(figure, "lo"));
    hi[r] = json_number_value(json_object_get(figure, "hi"));
  }
  cr_assert_gt(p50[0], 20e3); /* what the engines spend at least */
  cr_assert_gt(p50[1], 2e6);
  cr_assert_lt(hi[0], lo[1]);
}

Test(red, a_crash_costs_its_own_rounds_only) {
  struct l4r_run_options options = test_run_options(arms, &red_crash, &red_honest, NULL);
  json_t *records;
  cr_assert_eq(l4r_run(&options, &records, path), L4R_CHECK);
  cr_assert(strstr(l4r_error_message(), "killed by signal"), "%s", l4r_error_message());
  cr_assert_eq(json_array_size(records), 1);
  cr_assert_str_eq(json_string_value(json_object_get(json_array_get(records, 0), "engine")),
                   "honest");
}

Test(red, a_crash_in_the_open_loop_costs_its_own_rounds_only) {
  struct l4r_run_options options = test_run_options(arms, &red_crash, &red_honest, NULL);
  options.scenario = L4R_SERVER;
  options.rate.value[options.rate.count++] = 4000;
  options.bound_ms = 100;
  json_t *records;
  cr_assert_eq(l4r_run(&options, &records, path), L4R_CHECK);
  cr_assert(strstr(l4r_error_message(), "killed by signal"), "%s", l4r_error_message());
  cr_assert_eq(json_array_size(records), 1);
}

/* Falls by a minute once, longer than a busy machine lets a process wait between two readings, and
 * in the timed part: the hundredth reading is behind the warm-up. */
static int64_t falling_now(void) {
  static int64_t readings, fallen;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (++readings == 100) fallen = 60000000000;
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - fallen;
}

Test(red, a_clock_that_goes_backwards) {
  struct l4r_run_options options = test_run_options(arms, &red_honest, NULL);
  json_t *records;
  l4r_time.now = falling_now; /* each round is a fork, with readings of its own */
  cr_assert_eq(l4r_run(&options, &records, path), L4R_CHECK, "%s", l4r_error_message());
  cr_assert(strstr(l4r_error_message(), "the clock went backwards by"), "%s", l4r_error_message());
  cr_assert_eq(json_array_size(records), 0);
}

Test(red, a_machine_that_lies_about_its_processors) {
  struct l4r_pin pin = {.asked = "core", .threads = 2, .bound = 1, .processor = {0, 1}};
  struct l4r_pin_proof good = {.observed = {0, 1}, .located = {0, 1}, .this_system = 1};
  cr_assert_eq(l4r_pin_judge(&pin, &good), 0);
  struct l4r_pin_proof synthetic = good, moved = good, located = good;
  synthetic.this_system = 0;
  moved.observed[1] = 0;
  located.located[0] = 1;
  cr_assert_eq(l4r_pin_judge(&pin, &synthetic), L4R_ENVIRONMENT);
  cr_assert_eq(l4r_pin_judge(&pin, &moved), L4R_ENVIRONMENT);
  cr_assert(strstr(l4r_error_message(), "worker 1 was bound to processor 1 and found on 0"));
  cr_assert_eq(l4r_pin_judge(&pin, &located), L4R_ENVIRONMENT);
  moved = good;
  moved.width[1] = 2; /* where it should be, but free to go */
  cr_assert_eq(l4r_pin_judge(&pin, &moved), L4R_ENVIRONMENT);
  moved.width[1] = 1;
  moved.far[0] = 1;
  cr_assert_eq(l4r_pin_judge(&pin, &moved), L4R_ENVIRONMENT);
  setenv("HWLOC_SYNTHETIC", "pack:2 core:4 pu:2", 1);
  cr_assert_eq(l4r_pin_plan("core", 4, &pin), L4R_ENVIRONMENT);
  cr_assert(strstr(l4r_error_message(), "another machine"), "%s", l4r_error_message());
}

/* HWLOC_THISSYSTEM=1 makes hwloc itself swear that the synthetic machine is this one. */
Test(red, a_machine_that_swears_to_be_this_one) {
  struct l4r_pin pin;
  struct l4r_pin_proof proof;
  setenv("HWLOC_SYNTHETIC", "pack:1 core:1 pu:1", 1);
  setenv("HWLOC_THISSYSTEM", "1", 1);
  cr_assert_eq(l4r_pin_plan("core", 1, &pin), L4R_ENVIRONMENT);
  cr_assert(strstr(l4r_error_message(), "unset HWLOC_SYNTHETIC"), "%s", l4r_error_message());
  cr_assert_eq(l4r_pin_observe(NULL, 1, &proof), 0, "%s", l4r_error_message());
  cr_assert_eq(proof.this_system, 0);
}

/* A whole run under it leaves no record and measures nothing. */
Test(red, a_run_on_a_machine_that_is_not_there) {
  struct l4r_run_options options = test_run_options(arms, &red_honest, NULL);
  options.pin = "core";
  setenv("HWLOC_SYNTHETIC", "pack:1 core:1 pu:1", 1);
  setenv("HWLOC_THISSYSTEM", "1", 1);
  json_t *records = NULL;
  cr_assert_eq(l4r_run(&options, &records, path), L4R_ENVIRONMENT);
  cr_assert(strstr(l4r_error_message(), "another machine"), "%s", l4r_error_message());
  cr_assert_eq(json_array_size(records), 0);
}
