/* SPDX-License-Identifier: BSD-3-Clause */
/* Engines in shared objects, compiled against the headers as they are installed: the example of
 * tests/plugin is measured like any other, and those with a vice (tests/plugin/vices.c) are caught,
 * with the file in the message. */
#include "impl/base/hash.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/runs.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *folder;

/* A run of a shared object beside the arms of `more` in the scratch folder; its exit code. */
static int run(const char *file, const char *more, const char **said) {
  folder = test_small_model();
  return test_shell(said,
                    "rm -rf %s/runs; %s run --arm so:%s@%s/model --data %s/data --users 60 "
                    "--rounds 2 --min-time 0.05 --counters none --quiet --budget 30 --out %s/runs "
                    "%s 2>&1",
                    folder, test_program(), file, folder, folder, folder, more);
}

static json_t *record(int line) {
  const char *text;
  json_error_t error;
  cr_assert_eq(test_shell(&text, "sed -n %dp %s/runs/*.jsonl", line, folder), 0);
  json_t *one = json_loads(text, 0, &error);
  cr_assert(one, "%s", error.text);
  return one;
}

Test(plugins, the_example_is_measured_and_ranks_as_ours_does) {
  const char *said, *file = test_path("popular.so"), *out;
  char more[2048], hash[65];
  cr_assert_eq(run(file, "", &said), 3, "not there yet: %s", said);
  cr_assert_eq(test_shell(&out, "cp %s/popular.so %s", L4R_TEST_PLUGINS, file), 0);
  snprintf(more, sizeof more, "--arm heuristic@%s/model", folder);
  cr_assert_eq(run(file, more, &said), 0, "%s", said);
  json_t *theirs = record(1), *ours = record(2);
  cr_expect_str_eq(json_string_value(json_object_get(theirs, "engine")), "so:popular.so");
  cr_expect_str_eq(json_string_value(json_object_get(theirs, "arm")), "so:popular.so@model");
  cr_expect_eq(json_object_size(json_object_get(theirs, "options")), 0, "its path stays at home");
  const char *command = json_string_value(json_object_get(theirs, "command"));
  cr_expect_null(strstr(command, folder), "it stays there in the command, too: %s", command);
  cr_expect(strstr(command, "--arm so:popular.so@model "), "%s", command);
  cr_assert_eq(l4r_sha256_file(file, hash), 0);
  cr_expect_str_eq(json_string_value(test_at(theirs, "description", "file_sha256")), hash);
  cr_expect_null(test_at(ours, "description", "file_sha256"));
  cr_expect_gt(json_integer_value(test_at(theirs, "checks", "answers_compared")), 0);
  const json_t *keep = test_at(theirs, "accuracy", "keep");
  cr_expect(json_equal(keep, test_at(ours, "accuracy", "keep")), "two ways to rank by popularity");
  cr_expect_eq(test_shell(&out, "%s verify %s/runs 2>&1", test_program(), folder), 0, "%s", out);
  json_decref(theirs);
  json_decref(ours);
}

static void refused(const char *file, int code, const char *evidence) {
  const char *said, *out, *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
  cr_assert_eq(run(file, "", &said), code, "%s: %s", file, said);
  cr_expect(strstr(said, evidence), "%s: %s", file, said);
  cr_expect(strstr(said, base), "%s: %s", file, said);
  cr_expect_neq(test_shell(&out, "ls %s/runs/*.jsonl 2>/dev/null", folder), 0,
                "%s left a record: %s", file, out);
}

Test(plugins, files_that_are_no_engine_are_refused) {
  refused("nowhere.so", 3, "No such file or directory");
  refused(test_folder(), 3, "a shared object is a regular file");
  refused(test_file("text.so", "not an object\n"), 3, "cannot be loaded as a shared object");
  refused(test_file("empty.so", ""), 3, "cannot be loaded as a shared object");
  refused(test_program(), 3, "cannot be loaded as a shared object");
  refused(L4R_TEST_PLUGINS "/unknown.so", 3, "nobody_defines_this");
  refused(L4R_TEST_PLUGINS "/absent.so", 3, "defines no function l4r_plugin_engine");
  refused(L4R_TEST_PLUGINS "/nothing.so", 3, "there is no table of an engine");
  refused(L4R_TEST_PLUGINS "/abi.so", 3, "built for contract 2, this program speaks 3");
  refused(L4R_TEST_PLUGINS "/hole.so", 3, "has no 'close'");
}

Test(plugins, answers_that_are_none_are_refused) {
  refused(L4R_TEST_PLUGINS "/count.so", 1, "items, the ranking says it holds");
  refused(L4R_TEST_PLUGINS "/negative.so", 1, "the ranking says it holds -7");
  refused(L4R_TEST_PLUGINS "/nan.so", 1, "a score that is not a number");
  refused(L4R_TEST_PLUGINS "/twice.so", 1, "an item that was ranked before");
  refused(L4R_TEST_PLUGINS "/outside.so", 1, "an item that is not in the catalogue");
  refused(L4R_TEST_PLUGINS "/endless.so", 1, "isa that does not end within its room");
  refused(L4R_TEST_PLUGINS "/status.so", 1, "77");
}

Test(plugins, one_that_prints_does_not_print_among_our_results) {
  const char *said;
  cr_assert_eq(run(L4R_TEST_PLUGINS "/chatty.so", "2>/dev/null;:", &said), 0, "%s", said);
  cr_expect(strstr(said, "so:chatty.so@model"), "%s", said);
  cr_expect_null(strstr(said, "chatter"), "%s", said);
}

Test(plugins, one_that_goes_after_the_answers_finds_none) {
  const char *said;
  cr_assert_eq(run(L4R_TEST_PLUGINS "/peeks.so", "", &said), 0, "%s", said);
  json_t *peeks = record(1);
  const json_t *settings = test_at(peeks, "description", "settings");
  if (json_is_string(test_at(peeks, "checks", "held_out_hidden_by")))
    cr_expect_str_eq(json_string_value(settings), "answers=hidden");
  else
    cr_skip_test("this kernel hides no files: %s",
                 json_string_value(test_at(peeks, "checks", "held_out_in_sight")));
  json_decref(peeks);
}
