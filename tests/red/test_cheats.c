/* SPDX-License-Identifier: BSD-3-Clause */
/* Engines of the same process get the same checks as peers. */
#include "bench/run/run.h"
#include "impl/base/error.h"
#include "tests/red/cheats.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/runs.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct l4r_arm arms[4];
static char path[L4R_PATH_MAX];

static int run(const struct l4r_engine *engine, const char *pin, json_t **records) {
  struct l4r_run_options options = test_run_options(arms, engine, NULL);
  options.pin = pin;
  options.min_seconds = .2;
  *records = NULL;
  return l4r_run(&options, records, path);
}

static void caught(const struct l4r_engine *engine, const char *pin, const char *evidence) {
  json_t *records;
  const int status = run(engine, pin, &records);
  cr_assert_eq(status, L4R_CHECK, "%s: status %d, %s", engine->name, status, l4r_error_message());
  cr_assert(strstr(l4r_error_message(), evidence), "%s: %s", engine->name, l4r_error_message());
  cr_assert_eq(json_array_size(records), 0, "%s left a record", engine->name);
}

/* Its latency is by our clock; what it says stands beside. */
static const json_t *measured(const struct l4r_engine *engine) {
  json_t *records;
  cr_assert_eq(run(engine, "none", &records), 0, "%s", l4r_error_message());
  const json_t *record = json_array_get(records, 0);
  const json_t *p50 = json_object_get(test_at(record, "latency_ns", "p50"), "value");
  cr_assert_geq(json_number_value(p50), 1e6, "it computes for a millisecond");
  cr_assert_lt(json_number_value(test_at(record, "own_time", "share_of_wall")), .6);
  return record;
}

Test(cheats, one_that_says_a_request_took_a_nanosecond) {
  cr_assert(test_spoiled(measured(&cheat_one_ns), "unexplained-wall-time"));
}

Test(cheats, one_that_says_half_the_truth) {
  const json_t *record = measured(&cheat_half_truth);
  cr_assert(test_spoiled(record, "unexplained-wall-time") || test_was_crowded(record));
}

Test(cheats, one_that_says_more_than_there_was) {
  caught(&cheat_boast, "none", "its clock cannot be believed");
}

Test(cheats, one_that_remembers_the_data_set) {
  caught(&cheat_remembers, "none", "remembered rather than computed");
}

/* Whichever of two calls comes second is slow: pairs in one order would call that a table. */
Test(cheats, none_that_is_slow_at_its_own_rhythm) {
  struct l4r_run_options options = test_run_options(arms, &cheat_uneven, NULL);
  json_t *records = NULL;
  options.scenario = L4R_OFFLINE;
  options.min_seconds = .2;
  cr_assert_eq(l4r_run(&options, &records, path), 0, "%s", l4r_error_message());
  cr_assert_eq(json_array_size(records), 1);
}

Test(cheats, one_with_weights_of_less_than_nothing) {
  caught(&cheat_weights, "none", "describes itself with a weights_bytes that is out of range");
}

Test(cheats, one_that_scores_with_infinity) {
  caught(&cheat_infinite, "none", "an infinite score");
}

Test(cheats, one_without_an_answer) {
  caught(&cheat_empty, "none", "ranks no item for any of 400 users");
}

Test(cheats, one_whose_thread_leaves_the_processors_of_the_run) {
  cpu_set_t mask;
  sched_getaffinity(0, sizeof mask, &mask);
  if (CPU_COUNT(&mask) < 2) cr_skip_test("there is no second processor to go to");
  caught(&cheat_leaves, "core", "not among those that the run is pinned to");
}

/* A machine that others keep busy gives them no more than one thread's time: then they are counted.
 */
Test(cheats, one_with_threads_of_its_own) {
  json_t *records;
  if (run(&cheat_threads, "none", &records))
    cr_assert(strstr(l4r_error_message(), "more threads computed than the run has"), "%s",
              l4r_error_message());
  else
    cr_assert(test_spoiled(json_array_get(records, 0), "more-threads"));
}

Test(cheats, one_with_a_table_of_the_answers) {
  json_t *records;
  cr_assert_eq(run(&cheat_table, "none", &records), 0, "%s", l4r_error_message());
  const json_t *record = json_array_get(records, 0);
  const char *settings = json_string_value(test_at(record, "description", "settings"));
  if (json_is_string(test_at(record, "checks", "held_out_hidden_by")))
    cr_assert_str_eq(settings, "answers=0");
  else
    cr_assert(json_is_string(test_at(record, "checks", "held_out_in_sight")),
              "the record says why not");
}

Test(cheats, one_that_leaves_a_process_behind) {
  struct l4r_run_options options = test_run_options(arms, &cheat_orphan, NULL);
  char text[2 * L4R_PATH_MAX];
  json_t *records;
  snprintf(text, sizeof text, "orphan@model:tell=%s", test_path("pids"));
  cr_assert_eq(l4r_arm_parse(text, &arms[0]), 0);
  cr_assert_eq(l4r_run(&options, &records, path), 0, "%s", l4r_error_message());
  FILE *pids = fopen(test_path("pids"), "r");
  cr_assert(pids, "nobody told where it is");
  int pid, found = 0;
  while (fscanf(pids, "%d", &pid) == 1) {
    snprintf(text, sizeof text, "/proc/%d", pid);
    cr_assert(access(text, F_OK), "process %d is still there", pid);
    found++;
  }
  fclose(pids);
  cr_assert_gt(found, 0);
}
