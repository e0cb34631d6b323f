/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec info: the machine's page, and what a folder holds. */
#include "bench/commands/commands.h"
#include "bench/commands/info/machine.h"
#include "bench/table/units.h"
#include "impl/base/log.h"
#include "tests/support/bert.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"
#include "tests/support/runs.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *told(const char *folder) {
  OK(test_run(l4r_command_info, "info", folder, "--json", NULL));
  json_t *facts = json_loads(test_read("out"), 0, NULL);
  cr_assert(facts, "%s", test_read("out"));
  return facts;
}

/* Numbers of a safetensors file, from the shapes in its header. */
static json_int_t numbers_in(const char *path) {
  uint64_t bytes;
  FILE *file = fopen(path, "rb");
  cr_assert(file && fread(&bytes, sizeof bytes, 1, file) == 1);
  char *text = calloc(1, bytes + 1);
  cr_assert_eq(fread(text, 1, bytes, file), bytes);
  fclose(file);
  json_t *header = json_loads(text, 0, NULL), *tensor;
  const char *name;
  json_int_t all = 0;
  json_object_foreach(header, name, tensor) {
    const json_t *shape = json_object_get(tensor, "shape");
    json_int_t product = 1;
    if (!shape) continue; /* __metadata__ */
    for (size_t d = 0; d < json_array_size(shape); d++)
      product *= json_integer_value(json_array_get(shape, d));
    all += product;
  }
  json_decref(header);
  free(text);
  return all;
}

Test(info_folder, a_model_is_told_with_its_parameters, .timeout = 240) {
  char model[512], weights[600];
  l4r_log_quiet(1);
  const char *data = test_small_data();
  snprintf(model, sizeof model, "%s", test_path("lite"));
  OK(test_run(l4r_command_train, "train", "lite", "--data", data, "--size", "tiny", "--epochs", "0",
              "--out", model, NULL));
  json_t *facts = told(model);
  snprintf(weights, sizeof weights, "%s/model.safetensors", model);
  cr_assert_eq(json_integer_value(json_object_get(facts, "parameters")), numbers_in(weights));
  cr_assert_eq(json_integer_value(json_object_get(facts, "items")), TEST_ITEMS);
  cr_assert_str_eq(json_string_value(json_object_get(facts, "engines")), "reference, blis");
  json_decref(facts);
  OK(test_run(l4r_command_info, "info", model, NULL));
  test_says("lite, size tiny");
  test_says("lite4rec run --arm blis@");
  test_file("lite/model.safetensors", "not weights");
  FAILS(test_run(l4r_command_info, "info", model, NULL), L4R_INPUT, "model.safetensors");
}

Test(info_folder, a_model_with_semantic_ids_tells_how_many_items_share_codes, .timeout = 240) {
  char model[512];
  l4r_log_quiet(1);
  setenv("XDG_CACHE_HOME", test_path("cache"), 1);
  const char *data = test_small_data();
  snprintf(model, sizeof model, "%s", test_path("p5"));
  OK(test_run(l4r_command_train, "train", "p5", "--data", data, "--size", "tiny", "--epochs", "0",
              "--ids", "semantic", "--text-length", "20", "--init-item",
              test_bert_folder("sentences", "F32", NULL), "--out", model, NULL));
  json_t *facts = told(model), *ids = json_object_get(facts, "ids");
  cr_assert_str_eq(json_string_value(json_object_get(ids, "scheme")), "semantic");
  cr_assert_str_eq(json_string_value(json_object_get(ids, "from")), "sentences");
  cr_assert_eq(json_integer_value(json_object_get(ids, "levels")), 3);
  const long long shared = json_integer_value(json_object_get(ids, "sharing_codes"));
  char line[96];
  snprintf(line, sizeof line, "3 codes and a place; %lld items share their codes", shared);
  json_decref(facts);
  OK(test_run(l4r_command_info, "info", model, NULL));
  test_says("semantic of sentences, as tokens, at most 5 tokens");
  test_says(line);
}

Test(info_folder, counts_have_no_parameters) {
  l4r_log_quiet(1);
  test_small_model();
  json_t *facts = told(test_path("model"));
  cr_assert_eq(json_integer_value(json_object_get(facts, "parameters")), 0);
  cr_assert_gt(json_integer_value(json_object_get(facts, "weights_bytes")), 0);
  cr_assert_str_eq(json_string_value(json_object_get(facts, "engines")), "heuristic");
  json_decref(facts);
}

Test(info_folder, a_data_set_is_told_with_its_counts) {
  l4r_log_quiet(1);
  const char *data = test_small_data();
  json_t *facts = told(data);
  cr_assert_eq(json_integer_value(json_object_get(facts, "users")), TEST_USERS);
  cr_assert_eq(json_integer_value(json_object_get(facts, "items")), TEST_ITEMS);
  const double head = json_number_value(json_object_get(facts, "head_share"));
  cr_assert(head > .1 && head < 1, "%g", head); /* the most popular tenth has more than a tenth */
  json_decref(facts);
  OK(test_run(l4r_command_info, "info", data, NULL));
  test_says("400 users, 80 items");
  test_says("lite4rec train pop --data");
}

Test(info_folder, other_folders_are_refused_with_what_they_hold) {
  char records[512];
  snprintf(records, sizeof records, "%s", test_path("runs"));
  FAILS(test_run(l4r_command_info, "info", test_path("nothing"), NULL), L4R_INPUT,
        "no such folder");
  FAILS(test_run(l4r_command_info, "info", test_folder(), NULL), L4R_INPUT, "neither a model");
  FAILS(test_run(l4r_command_info, "info", test_file("file", "x"), NULL), L4R_INPUT, "a file");
  test_file("runs.jsonl", "{}");
  FAILS(test_run(l4r_command_info, "info", test_folder(), NULL), L4R_INPUT, "export table");
  FAILS(test_run(l4r_command_info, "info", "a", "b", NULL), L4R_USAGE, "one folder");
  FAILS(test_run(l4r_command_info, "info", "a", "--gemm", NULL), L4R_USAGE, "one folder");
  FAILS(test_run(l4r_command_info, "info", "--members", "--json", NULL), L4R_USAGE, "has no JSON");
  FAILS(test_run(l4r_command_info, "info", "--gemm", "--counters", NULL), L4R_USAGE,
        "one at a time");
}

static const char made[] =
    "{\"cpu\": \"Some Processor 9000 with a name that is long\", \"microcode\": \"0x10\","
    " \"cpu_id\": {\"vendor\": \"X\", \"family\": 25, \"model\": 17, \"stepping\": 1},"
    " \"kernel\": \"6.1\", \"machine\": \"x86_64\", \"machine_key\": \"0123456789abcdef0123\","
    " \"isa\": {\"widest\": \"avx512\", \"sets\": [\"portable\", \"avx2\", \"avx512\"],"
    "  \"extensions\": [\"avx512_vnni\", \"amx_int8\"], \"tiles_refused\": true},"
    " \"clock\": {\"alone_ghz\": 3.7, \"all_busy_ghz\": 3.25, \"processors\": 64},"
    " \"energy\": {\"domains\": 2, \"reason\": null}, \"versions\": {\"BLIS\": \"0.9.0\"},"
    " \"blis_choice\": {\"kernels\": \"zen3\", \"because\": \"measured\", \"speed\": ["
    "  {\"kernels\": \"zen3\", \"gflops\": 103.2}, {\"kernels\": \"knl\", \"gflops\": 0}]},"
    " \"topology\": {\"packages\": 2, \"numa_nodes\": 2, \"cores\": 64, \"processors\": 128,"
    "  \"xml\": null, \"caches\": [{\"level\": 1, \"bytes\": 32768, \"count\": 64},"
    "  {\"level\": 3, \"bytes\": 33554432, \"count\": 8}]},"
    " \"system\": {\"memory_bytes\": 256000000000, \"transparent_huge_pages\": \"never\","
    "  \"numa_balancing\": \"1\", \"governor\": \"powersave\", \"boost\": \"1\", \"smt\": \"1\","
    "  \"clocksource\": \"tsc\", \"hypervisor\": false},"
    " \"counters\": {\"perf_event_paranoid\": \"3\", \"advice\": \"sysctl "
    "kernel.perf_event_paranoid=1\", \"groups\": ["
    "  {\"name\": \"default\", \"events\": [{\"counts\": true}, {\"counts\": false}]},"
    "  {\"name\": \"os\", \"events\": [{\"counts\": true}]}]},"
    " \"warnings\": [\"the clock follows the load: cpupower frequency-set -g performance\"]}";

static void fits(const char *text) {
  char *copy = strdup(text), *rest = copy, *line;
  int lines = 0;
  while ((line = strsep(&rest, "\n"))) {
    lines++;
    cr_assert_leq(l4r_text_width(line), 80, "%s", line);
  }
  cr_assert_leq(lines, 25, "%d lines are more than a screen:\n%s", lines, text);
  free(copy);
}

Test(info_machine, stands_on_one_screen) {
  char *text = NULL;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  json_t *machine = json_loads(made, 0, NULL), *nothing = json_object();
  cr_assert(machine);
  l4r_info_machine_print(stream, machine);
  fclose(stream);
  test_golden("machine.txt", text);
  fits(text);
  free(text);
  stream = open_memstream(&text, &bytes); /* a machine that tells nothing */
  l4r_info_machine_print(stream, nothing);
  fclose(stream);
  fits(text);
  free(text);
  json_decref(machine);
  json_decref(nothing);
}

Test(info_machine, this_one_is_told_as_json_and_as_a_page, .timeout = 240) {
  l4r_log_quiet(1);
  OK(test_run(l4r_command_info, "info", "--json", NULL));
  json_t *machine = json_loads(test_read("out"), 0, NULL);
  cr_assert(machine, "%s", test_read("out"));
  cr_assert_eq(strlen(json_string_value(json_object_get(machine, "machine_key"))), 64);
  cr_assert(json_is_object(json_object_get(machine, "clock")));
  json_decref(machine);
  OK(test_run(l4r_command_info, "info", NULL));
  fits(test_read("out"));
  test_says("ISA         portable");
  OK(test_run(l4r_command_info, "info", "--engines", NULL));
  test_says("heuristic  pop");
}
