/* SPDX-License-Identifier: BSD-3-Clause */
/* Records for services that follow benchmarks: Bencher's own schema (bencher.dev/bmf.json, written
 * here in its terms) and the rules by which github-action-benchmark takes a custom file apart
 * (extractCustomBenchmarkResult of its src/extract.ts: an array; name, unit and value of each). */
#include "bench/export/tracking.h"
#include "impl/base/error.h"
#include "tests/support/derived.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/rounds.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum what { BENCHER, SMALLER, BIGGER };

static json_t *exported(json_t *records, enum what what) {
  char *text;
  size_t bytes;
  struct l4r_rows rows;
  FILE *stream = open_memstream(&text, &bytes);
  cr_assert_eq(l4r_rows_make(test_records_of(records), &rows), 0);
  const int status = what == BENCHER ? l4r_export_bencher(&rows, stream)
                                     : l4r_export_github_benchmark(&rows, what == BIGGER, stream);
  cr_assert_eq(status, 0, "%s", l4r_error_message());
  fclose(stream);
  l4r_rows_free(&rows);
  test_bytes("out.json", text, bytes);
  json_t *root = json_loads(text, 0, NULL);
  cr_assert_not_null(root, "%s", text);
  free(text);
  return root;
}

static json_t *record(const char *arm, double ns) {
  struct test_rounds wanted = {.rounds = 5, .arm = arm, .weights = 4e6};
  for (int r = 0; r < 5; r++) wanted.ns[r] = ns * (1 + .01 * r);
  return test_rounds_record("a", &wanted);
}

static double at(const json_t *root, const char *one, const char *two, const char *three) {
  const json_t *value = json_object_get(json_object_get(json_object_get(root, one), two), three);
  cr_assert(json_is_number(value), "no %s, %s, %s", one, two, three);
  return json_number_value(value);
}

Test(tracking, bencher_gets_measures_with_their_intervals) {
  json_t *records = json_pack("[o]", record("blis@lite", 1e6));
  json_t *root = exported(records, BENCHER);
  static const char name[] = "blis@lite/small/single-stream/threads:1";
  const double mean = at(root, name, "latency", "value");
  cr_expect_float_eq(mean, 1.02e6, 1e3);
  cr_expect_lt(at(root, name, "latency", "lower_value"), mean);
  cr_expect_gt(at(root, name, "latency", "upper_value"), mean);
  cr_expect_float_eq(at(root, name, "throughput", "value"), 1e9 / mean, 1e-3);
  cr_expect_eq(at(root, name, "weights", "value"), 4e6);
  cr_expect_gt(at(root, name, "p99", "value"), at(root, name, "p50", "value"));
  cr_expect_gt(at(root, name, "hr-10", "value"), 0);
  cr_expect_null(json_object_get(json_object_get(root, name), "instructions")); /* not counted */
  json_decref(root);
}

/* With python3-jsonschema, the schema of its site; every slug as it wants them. */
Test(tracking, bencher_s_schema_holds) {
  static const char program[] =
      "import json, re, sys, jsonschema\n"
      "number = {'type': 'number'}\n"
      "metric = {'type': 'object', 'required': ['value'], 'properties': {'value': number,\n"
      "          'lower_value': number, 'upper_value': number}}\n"
      "some = lambda of: {'type': 'object', 'patternProperties': {'.+': of}}\n"
      "root = json.load(open(sys.argv[1]))\n"
      "jsonschema.Draft7Validator(some(some(metric))).validate(root)\n"
      "assert len(root) == 2 and all(len(n) <= 1024 and n.isprintable() for n in root), root\n"
      "assert all(re.fullmatch('[a-z0-9-]{1,64}', m) for b in root.values() for m in b)\n";
  json_decref(exported(json_pack("[o, o]", record("blis@lite", 1e6), record("pop@\x02p\np", 2e6)),
                       BENCHER));
  const char *python = test_python_with("jsonschema"), *output;
  test_file("check.py", program);
  char script[512];
  snprintf(script, sizeof script, "%s", test_path("check.py"));
  cr_assert_eq(test_shell(&output, "%s %s %s 2>&1", python, script, test_path("out.json")), 0, "%s",
               output);
}

static void check_custom(const json_t *root) {
  size_t index;
  const json_t *entry;
  cr_assert(json_is_array(root) && json_array_size(root));
  json_array_foreach(root, index, entry) {
    cr_expect(json_is_string(json_object_get(entry, "name")));
    cr_expect(json_is_string(json_object_get(entry, "unit")));
    cr_expect(json_is_number(json_object_get(entry, "value")));
    cr_expect(json_is_string(json_object_get(entry, "extra")));
    const json_t *range = json_object_get(entry, "range");
    cr_expect(!range || json_is_string(range));
  }
}

Test(tracking, github_benchmark_gets_two_files_by_direction) {
  json_t *root = exported(json_pack("[o]", record("blis@lite", 1e6)), SMALLER);
  check_custom(root);
  cr_expect_eq(json_array_size(root), 5); /* latency, p50, p99, memory, weights */
  cr_expect_str_eq(json_string_value(json_object_get(json_array_get(root, 0), "name")),
                   "blis@lite/small/single-stream/threads:1, latency");
  cr_expect_str_eq(json_string_value(json_object_get(json_array_get(root, 0), "unit")), "ns/user");
  json_decref(root);
  root = exported(json_pack("[o]", record("blis@lite", 1e6)), BIGGER);
  check_custom(root);
  cr_expect_eq(json_array_size(root), 3); /* throughput, HR@10, NDCG@10 */
  json_decref(root);
}
