/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/engines.h"
#include "bench/run/session/arm.h"
#include "bench/run/job.h"
#include "impl/base/error.h"
#include "tests/support/files.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <string.h>

static struct l4r_arm arm;

Test(arm, parts) {
  cr_assert_eq(l4r_arm_parse("beam@models/p5:beams=20,trie=on", &arm), 0);
  cr_assert_str_eq(arm.name, "beam");
  cr_assert_str_eq(arm.model, "models/p5");
  cr_assert_eq(arm.options, 2);
  cr_assert_str_eq(arm.option[0].key, "beams");
  cr_assert_str_eq(arm.option[0].value, "20");
  cr_assert_str_eq(arm.option[1].key, "trie");
  cr_assert_str_eq(arm.option[1].value, "on");
  cr_assert_str_eq(arm.label, "beam@p5:beams=20,trie=on");
}

Test(arm, folders_may_hold_colons_and_engines_too) {
  cr_assert_eq(l4r_arm_parse("peer:torch@a:b/c=d/lite/", &arm), 0);
  cr_assert_str_eq(arm.name, "peer:torch");
  cr_assert_str_eq(arm.model, "a:b/c=d/lite/");
  cr_assert_eq(arm.options, 1);
  cr_assert_str_eq(arm.option[0].key, "program");
  cr_assert_str_eq(arm.option[0].value, "torch");
  cr_assert_str_eq(arm.label, "peer:torch@lite");
  cr_assert_eq(l4r_arm_parse("x@a:b/lite:k=/v/w", &arm), 0);
  cr_assert_str_eq(arm.model, "a:b/lite");
  cr_assert_str_eq(arm.option[0].value, "/v/w");
}

Test(arm, a_peers_path_stays_out_of_what_is_shown) {
  cr_assert_eq(l4r_arm_parse("peer:/home/me/engines/mine@models/lite:beams=2", &arm), 0);
  cr_assert_str_eq(arm.name, "peer:mine");
  cr_assert_str_eq(arm.label, "peer:mine@lite:beams=2");
  cr_assert_eq(arm.options, 2);
  cr_assert_str_eq(arm.option[0].value, "/home/me/engines/mine");
  json_t *options = l4r_arm_options(&arm);
  cr_assert_eq(json_object_size(options), 1);
  cr_assert_str_eq(json_string_value(json_object_get(options, "beams")), "2");
}

Test(arm, a_shared_object_is_named_by_its_file) {
  cr_assert_eq(l4r_arm_parse("so:./lib/mine.so@models/lite:beams=2", &arm), 0);
  cr_assert_str_eq(arm.name, "so:mine.so");
  cr_assert_str_eq(arm.label, "so:mine.so@lite:beams=2");
  cr_assert_str_eq(arm.file, "./lib/mine.so");
  cr_assert_eq(arm.options, 1, "the file is no option of the engine's");
  cr_assert_eq(l4r_arm_parse("so:@m", &arm), 0);
  cr_assert_null(arm.file);
  test_fails(l4r_arm_resolve(&arm), L4R_INPUT, "m");
}

Test(arm, bad_ones_say_what_is_wrong) {
  test_fails(l4r_arm_parse("blis", &arm), L4R_USAGE, "'blis' is not an arm");
  test_fails(l4r_arm_parse("@models/lite", &arm), L4R_USAGE, "is not an arm");
  test_fails(l4r_arm_parse("blis@", &arm), L4R_USAGE, "is not an arm");
  test_fails(l4r_arm_parse("blis@:a=b", &arm), L4R_USAGE, "names no model");
  test_fails(l4r_arm_parse("blis@m:a=b,c", &arm), L4R_USAGE, "'c' is not an option");
  test_fails(l4r_arm_parse("blis@m:a=", &arm), L4R_USAGE, "'a=' is not an option");
  test_fails(l4r_arm_parse("blis@m:", &arm), L4R_USAGE, "'' is not an option");
  test_fails(l4r_arm_parse("blis@m:a=b,a=c", &arm), L4R_USAGE, "'a' is given twice");
}

Test(arm, a_missing_model_is_bad_input) {
  cr_assert_eq(l4r_arm_parse("blis@no-such-folder", &arm), 0);
  test_fails(l4r_arm_resolve(&arm), L4R_INPUT, "no-such-folder");
}

Test(job, survives_the_way_to_a_child) {
  struct l4r_job out,
      job = {.task = L4R_TASK_ROUND,
             .scenario = L4R_SERVER,
             .arm = "a@b",
             .data = "d",
             .pin = {.asked = "core", .threads = 2, .bound = 1, .nodes = 1, .processor = {3, 5}},
             .k = 20,
             .batch = 64,
             .min_count = 7,
             .min_seconds = .25,
             .rate = 33.5,
             .seed = 42,
             .round = 4,
             .counters = "auto",
             .rankings = 1};
  struct l4r_bundle bundle;
  cr_assert_eq(l4r_bundle_init(&bundle), 0);
  cr_assert_eq(l4r_job_put(&job, &bundle), 0);
  cr_assert_eq(l4r_job_get(&bundle, &out), 0, "%s", l4r_error_message());
  cr_assert(out.task == job.task && out.scenario == job.scenario && out.k == 20 &&
            out.batch == 64 && out.min_count == 7 && out.min_seconds == .25 && out.seed == 42 &&
            out.round == 4 && out.rankings == 1 && out.rate == 33.5);
  cr_assert(out.pin.threads == 2 && out.pin.processor[1] == 5 && out.pin.bound == 1);
  cr_assert_str_eq(out.pin.asked, "core");
  json_object_set_new(bundle.meta, "rate", json_real(0));
  test_fails(l4r_job_get(&bundle, &out), L4R_INPUT, "without a rate");
  json_object_del(bundle.meta, "seed");
  test_fails(l4r_job_get(&bundle, &out), L4R_INPUT, "does not understand");
  l4r_bundle_free(&bundle);
  char *line[] = {(char *)"run", (char *)"--scenario", (char *)"server-farm"};
  const struct l4r_usage usage = {.command = "run", .arguments = l4r_run_arguments};
  struct l4r_run_options options = {.arms = 0};
  struct l4r_parsed parsed;
  test_fails(l4r_arguments_parse(&usage, 3, line, &options, &parsed), L4R_USAGE,
             "single-stream, multi-stream, offline, server");
}

/* Arms of one command whose models have one name: their paths tell them apart, in labels and files.
 */
Test(arm, models_of_one_name_are_told_apart_by_their_folders) {
  struct l4r_arm arms[4];
  const char *const text[4] = {"heuristic@a/seed1/m", "heuristic@a/seed2/m:k=1",
                               "heuristic@a/other", "heuristic@a/seed1/m:k=2"};
  char slug[4][128];
  memset(arms, 0, sizeof arms);
  for (int a = 0; a < 4; a++) cr_assert_eq(l4r_arm_parse(text[a], &arms[a]), 0);
  cr_assert_str_eq(arms[0].label, "heuristic@m");
  l4r_arms_name(arms, 4);
  cr_assert_str_eq(arms[0].label, "heuristic@seed1/m");
  cr_assert_str_eq(arms[1].label, "heuristic@seed2/m:k=1");
  cr_assert_str_eq(arms[2].label, "heuristic@other");
  cr_assert_str_eq(arms[3].label, "heuristic@seed1/m:k=2");
  for (int a = 0; a < 4; a++) l4r_arm_slug(&arms[a], slug[a]);
  for (int a = 0; a < 4; a++)
    for (int b = 0; b < a; b++) cr_assert_str_neq(slug[a], slug[b]);
}

Test(arm, labels_that_lose_letters_have_file_names_of_their_own) {
  static const char *const text[4] = {"heuristic@a b", "heuristic@a_b", "heuristic@a:x=1,y=2",
                                      "heuristic@a\303\274"};
  char slug[5][128], longer[2][300];
  struct l4r_arm one;
  for (int a = 0; a < 4; a++) {
    cr_assert_eq(l4r_arm_parse(text[a], &one), 0);
    l4r_arm_slug(&one, slug[a]);
    for (int b = 0; b < a; b++) cr_assert_str_neq(slug[a], slug[b]);
  }
  cr_assert_str_eq(slug[1], "heuristic_a_b");
  cr_assert_str_eq(slug[2], "heuristic_a_x=1_y=2");
  for (int n = 0; n < 2; n++) { /* a difference behind the cut */
    snprintf(longer[n], sizeof longer[n], "heuristic@%0200d%d", 0, n);
    cr_assert_eq(l4r_arm_parse(longer[n], &one), 0);
    l4r_arm_slug(&one, slug[n]);
  }
  cr_assert_str_neq(slug[0], slug[1]);
}

/* An engine of a test stands in no table: its name finds it, whatever its folder holds. */
Test(engines, a_registered_one_is_found_by_name_and_the_newest_of_a_name_counts) {
  struct l4r_engine one = {.name = "of-a-test", .abi = 1}, other = {.name = "of-a-test", .abi = 2};
  cr_assert_eq(l4r_arm_parse("of-a-test@nowhere", &arm), 0, "%s", l4r_error_message());
  test_fails(l4r_arm_resolve(&arm), L4R_INPUT, "nowhere");
  cr_assert_null(l4r_engine_registered("of-a-test"));
  l4r_engine_register(&one);
  l4r_engine_register(&other);
  cr_assert_eq(l4r_arm_resolve(&arm), 0, "%s", l4r_error_message());
  cr_assert_eq(arm.engine, l4r_engine_registered("of-a-test"));
  cr_assert_eq(arm.engine->abi, 2);
}

/* A data set has a numbering of its own, which the control ranks by; a model's folder is served by
 * the engines of its kind alone. */
Test(engines, the_control_serves_a_folder_that_holds_no_model) {
  char text[L4R_ARM_TEXT];
  snprintf(text, sizeof text, "%s@%s", l4r_engine_control()->name, test_path("no-model"));
  cr_assert_eq(l4r_arm_parse(text, &arm), 0);
  cr_assert_eq(l4r_arm_resolve(&arm), 0, "%s", l4r_error_message());
  cr_assert_eq(arm.engine, l4r_engine_control());
  cr_assert_eq(l4r_make_folders(test_path("no-model-but-config")), 0);
  test_file("no-model-but-config/config.json", "{}");
  strcat(text, "-but-config");
  cr_assert_eq(l4r_arm_parse(text, &arm), 0);
  cr_assert_neq(l4r_arm_resolve(&arm), 0, "a damaged model's folder was taken for a data set");
}
