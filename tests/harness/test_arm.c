/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/harness/arm.h"
#include "bench/harness/job.h"
#include "impl/base/error.h"
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
  enum l4r_scenario scenario;
  test_fails(l4r_scenario_parse("server-farm", &scenario), L4R_USAGE,
             "single-stream, multi-stream, offline, server");
}
