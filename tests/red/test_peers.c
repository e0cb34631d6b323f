/* SPDX-License-Identifier: BSD-3-Clause */
/* Peers that cheat, one vice each (tests/red/programs/cheat.py): a run with one must fail with the
 * evidence, or say in its record what is not to be believed. The honest ones pass. */
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/runs.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *folder;

/* A run of a peer in the scratch folder; its exit code. */
static int run(const char *arm, const char *more, const char **said) {
  test_python_with("json");
  folder = test_small_model();
  return test_shell(said,
                    "rm -rf %s/runs; %s run --arm peer:%s --data %s/data --users 60 --rounds 2 "
                    "--min-time 0.1 --counters none --quiet --budget 30 --out %s/runs %s 2>&1",
                    folder, test_program(), arm, folder, folder, more);
}

static int cheat(const char *vice, const char *more, const char **said) {
  char arm[8192];
  if (!folder) run("baselines/peers/example.py@nowhere", "", said);
  snprintf(arm, sizeof arm, "tests/red/programs/cheat.py@%s/model:vice=%s,data=%s/data", folder,
           vice, folder);
  return run(arm, more, said);
}

static json_t *record(void) {
  const char *line;
  json_error_t error;
  cr_assert_eq(test_shell(&line, "head -1 %s/runs/*.jsonl", folder), 0);
  json_t *one = json_loads(line, 0, &error);
  cr_assert(one, "%s", error.text);
  return one;
}

static void caught(const char *vice, const char *more, const char *evidence) {
  const char *said, *out;
  cr_assert_eq(cheat(vice, more, &said), 1, "%s", said);
  cr_expect(strstr(said, evidence), "%s: %s", vice, said);
  cr_expect_neq(test_shell(&out, "ls %s/runs/*.jsonl 2>/dev/null", folder), 0,
                "%s left a record: %s", vice, out);
}

/* Its latency is ours, whatever it says; and what it says is marked. */
static void not_believed(const char *vice, int crowded) {
  const char *said;
  cr_assert_eq(cheat(vice, "", &said), 0, "%s", said);
  json_t *one = record();
  const json_t *p50 = json_object_get(test_at(one, "latency_ns", "p50"), "value");
  cr_expect_geq(json_number_value(p50), 1e6, "%s: it computes for a millisecond", vice);
  cr_expect_lt(json_number_value(test_at(one, "own_time", "p50_ns")), json_number_value(p50) * .6);
  cr_expect(test_spoiled(one, "unexplained-wall-time") || (crowded && test_was_crowded(one)), "%s",
            vice);
  json_decref(one);
}

Test(red_peers, one_that_says_a_request_took_a_nanosecond) {
  not_believed("one", 0);
}

Test(red_peers, one_that_says_half_the_truth) {
  not_believed("half", 1);
}

Test(red_peers, one_that_says_more_than_there_was) {
  caught("boast", "", "its clock cannot be believed");
}

Test(red_peers, one_that_says_nothing_took_any_time) {
  caught("none_ns", "", "without \"ns\"");
}

Test(red_peers, one_that_answers_before_it_is_asked) {
  caught("early", "", " before it ");
}

Test(red_peers, one_whose_line_does_not_end) {
  caught("endless", "", "the most that an answer to this request may");
}

Test(red_peers, one_with_infinite_scores) {
  caught("infinite", "", "no finite 32-bit");
}

Test(red_peers, one_with_weights_of_less_than_nothing) {
  caught("weights", "", "\"weights_bytes\" of its first line");
}

Test(red_peers, one_without_an_answer) {
  caught("empty", "", "ranks no item for any of 400 users");
}

Test(red_peers, one_that_ranks_less_when_it_is_timed) {
  caught("fewer", "", "the timed part ranked 3 items for user");
}

Test(red_peers, one_with_scores_that_are_no_numbers) {
  caught("nan", "", "not a JSON object: {\"ns\"");
}

Test(red_peers, one_that_answers_fewer_users_than_asked) {
  caught("fewer_users", "", "0 rankings for 1 requests");
}

Test(red_peers, one_that_computes_in_another_precision_than_it_was_asked_for) {
  caught("none,precision=bf16,says=fp32", "", "asked for precision bf16 and ran in fp32");
}

/* What a peer computes depends on who else asks: by a share of the largest score, in a precision.
 */
static void rounds_by(const char *precision, const char *by, int is_believed) {
  char vice[128];
  snprintf(vice, sizeof vice, "rounds,by=%s,precision=%s", by, precision);
  if (!is_believed) {
    caught(vice, "", "the timed part answers otherwise than the accuracy pass");
    return;
  }
  const char *said;
  cr_assert_eq(cheat(vice, "", &said), 0, "%s by %s: %s", precision, by, said);
  json_t *one = record();
  const double seen = json_number_value(test_at(one, "checks", "answers_difference"));
  cr_expect_float_eq(seen, strtod(by, NULL), .1 * strtod(by, NULL), "%s by %s", precision, by);
  cr_expect_lt(seen, json_number_value(test_at(one, "checks", "answers_tolerance")));
  json_decref(one);
}

Test(red_peers, one_whose_batches_are_rounded_as_bf16_is) {
  rounds_by("bf16", ".01", 1);
}
Test(red_peers, one_whose_batches_are_rounded_as_int8_is) {
  rounds_by("int8", ".05", 1);
}
Test(red_peers, one_whose_batches_are_rounded_more_than_bf16_is) {
  rounds_by("bf16", ".03", 0);
}
Test(red_peers, one_whose_batches_are_rounded_more_than_int8_is) {
  rounds_by("int8", ".09", 0);
}
Test(red_peers, one_that_says_fp32_and_rounds_more) {
  rounds_by("fp32", ".01", 0);
}
Test(red_peers, one_whose_precision_nobody_knows_gets_no_tolerance) {
  rounds_by("fp4", ".01", 0);
}

Test(red_peers, one_that_remembers_the_data_set) {
  caught("remembers", "", "remembered rather than computed");
}

Test(red_peers, one_that_leaves_its_processor) {
  cpu_set_t mask;
  sched_getaffinity(0, sizeof mask, &mask);
  if (CPU_COUNT(&mask) < 2) cr_skip_test("there is no second processor to go to");
  caught("leaves", "--pin core --threads 1", "not among those that the run is pinned to");
}

/* A machine that others keep busy gives them no more than one thread's time: then they are counted.
 */
Test(red_peers, one_that_takes_more_threads) {
  const char *said;
  if (cheat("threads", "--pin none --threads 1", &said)) {
    cr_expect(strstr(said, "more threads computed than the run has"), "%s", said);
    return;
  }
  json_t *one = record();
  cr_expect(test_spoiled(one, "more-threads"), "%s", said);
  json_decref(one);
}

/* Where files can be hidden, its table stays empty, and its accuracy is that of popularity. */
Test(red_peers, one_with_a_table_of_the_answers) {
  const char *said;
  cr_assert_eq(cheat("table", "", &said), 0, "%s", said);
  json_t *one = record();
  const json_t *hidden = test_at(one, "checks", "held_out_hidden_by");
  const double hit = json_number_value(
      json_object_get(json_object_get(json_object_get(one, "accuracy"), "keep"), "HR@1"));
  const char *settings = json_string_value(test_at(one, "description", "settings"));
  if (json_is_string(hidden)) {
    cr_expect_str_eq(settings, "table: the answers cannot be read");
    cr_expect_lt(hit, .5);
  } else {
    cr_expect(json_is_string(test_at(one, "checks", "held_out_in_sight")),
              "the record says why not");
  }
  json_decref(one);
}

Test(red_peers, one_that_looks_into_the_harness) {
  const char *said;
  cr_assert_eq(cheat("memory", "", &said), 0, "%s", said);
  json_t *one = record();
  const char *hidden = json_string_value(test_at(one, "checks", "held_out_hidden_by"));
  if (!hidden || strcmp(hidden, "Landlock")) cr_skip_test("this kernel has no Landlock");
  cr_expect_str_eq(json_string_value(test_at(one, "description", "settings")),
                   "memory: cannot be read");
  json_decref(one);
}

/* Those whose numbers stand in the scratch folder's `pids`, that are still there after a while. */
static int left_over(void) {
  int left = 0, found = 0, pid;
  for (int wait = 0; wait < 100; wait++, usleep(100000)) {
    char path[64];
    FILE *pids = fopen(test_path("pids"), "r");
    left = found = 0;
    while (pids && fscanf(pids, "%d", &pid) == 1) {
      snprintf(path, sizeof path, "/proc/%d", pid);
      found++;
      left += !access(path, F_OK);
    }
    if (pids) fclose(pids);
    if (found && !left) break;
  }
  cr_assert(found, "nobody told where it is");
  return left;
}

static void orphan_of(const char *more, const char **said) {
  char vice[2048];
  snprintf(vice, sizeof vice, "orphan,tell=%s", test_path("pids"));
  cheat(vice, more, said);
}

Test(red_peers, one_whose_child_left_for_a_session_of_its_own) {
  const char *said;
  orphan_of("", &said);
  cr_expect_eq(left_over(), 0, "%s", said);
}

/* Killed in the middle: nothing of a run goes on. */
Test(red_peers, one_whose_child_left_while_the_harness_is_killed) {
  const char *said, *out;
  cheat("none", "", &said); /* data and model */
  test_shell(&out,
             "%s run --arm peer:tests/red/programs/cheat.py@%s/model:vice=orphan,tell=%s --data "
             "%s/data --rounds 2 --min-time 20 --counters none --quiet --budget 30 --out %s/killed "
             ">/dev/null 2>&1 & run=$!; i=0; while [ $i -lt 300 ] && [ ! -s %s ]; do sleep .1; "
             "i=$((i + 1)); done; kill -9 $run",
             test_program(), folder, test_path("pids"), folder, folder, test_path("pids"));
  cr_expect_eq(left_over(), 0);
}

Test(red_peers, the_honest_one_passes_without_a_warning) {
  const char *said;
  cr_assert_eq(cheat("none", "", &said), 0, "%s", said);
  json_t *one = record();
  cr_expect_not(test_spoiled(one, "unexplained-wall-time"));
  cr_expect_not(test_spoiled(one, "more-threads"));
  cr_expect_gt(json_number_value(test_at(one, "own_time", "share_of_wall")), 0);
  json_decref(one);
}
