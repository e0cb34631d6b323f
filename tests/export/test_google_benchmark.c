/* SPDX-License-Identifier: BSD-3-Clause */
/* Google Benchmark's JSON of records: figures in closed form, what is left out and told, and, where
 * its own tools are installed, that they read it (Debian: libbenchmark-tools, python3-scipy). */
#include "bench/export/google_benchmark.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "tests/support/files.h"
#include "tests/support/shell.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A record with a round for each of three times; 50 requests in the first, 100 in the others, each
 * taking half of its time on the processor. */
static json_t *record_of(const char *arm, const double ns[3], const char *time) {
  json_t *rounds = json_array();
  for (int r = 0; r < 3; r++) {
    const int permutations = r ? 2 : 1;
    json_array_append_new(
        rounds, json_pack("{s:f, s:f, s:i, s:[{s:s, s:f, s:b}, {s:s, s:f, s:b}, {s:s, s:n, s:b}]}",
                          "mean_ns", ns[r], "users_per_second", 1e9 / ns[r], "permutations",
                          permutations, "counters", "name", "cpu_time", "value",
                          ns[r] / 2 * 50 * permutations, "total", 1, "name", "faults", "value",
                          5. * permutations, "total", 1, "name", "cycles", "value", "total", 1));
  }
  return json_pack("{s:i, s:s, s:s, s:i, s:i, s:{s:s}, s:{s:i}, s:o, s:{s:s, s:i, s:s, s:s}}",
                   "schema", 1, "arm", arm, "scenario", "single-stream", "threads", 2, "batch", 1,
                   "dataset", "name", "small", "latency_ns", "count", 250, "rounds", rounds,
                   "manifest", "time", time, "processors_online", 4, "cpu", "A processor", "git",
                   "abc");
}

static char told[2048];

static void hear(void *context, const char *text) {
  (void)context;
  strncat(told, text, sizeof told - strlen(told) - 1);
}

/* The JSON of an array of records, also as a file of the scratch folder. */
static json_t *exported(json_t *records, const char *name) {
  char *text;
  size_t bytes;
  struct l4r_rows rows;
  FILE *stream = open_memstream(&text, &bytes);
  cr_assert_eq(l4r_rows_make(test_records_of(records), &rows), 0);
  l4r_on_warning(hear, NULL);
  cr_assert_eq(l4r_export_google_benchmark(&rows, stream), 0, "%s", l4r_error_message());
  l4r_on_warning(NULL, NULL);
  fclose(stream);
  test_bytes(name, text, bytes);
  json_error_t error;
  json_t *root = json_loads(text, 0, &error);
  cr_assert(root, "%s", error.text);
  return root;
}

static double number(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  cr_assert(json_is_number(value), "no %s", key);
  return json_number_value(value);
}

static const char *text(const json_t *object, const char *key) {
  const char *value = json_string_value(json_object_get(object, key));
  return value ? value : "";
}

static const double times[3] = {1000, 4000, 2500};

Test(google_benchmark, rounds_are_repetitions_and_aggregates_follow_in_closed_form) {
  json_t *records = json_pack("[o]", record_of("blis@lite", times, "2026-01-01T00:00:00Z"));
  const json_t *root = exported(records, "a.json"), *list = json_object_get(root, "benchmarks");
  cr_assert_eq(json_array_size(list), 7);
  for (size_t r = 0; r < 3; r++) {
    const json_t *entry = json_array_get(list, r);
    cr_assert_str_eq(text(entry, "name"), "blis@lite/small/single-stream/threads:2");
    cr_assert_str_eq(text(entry, "run_type"), "iteration");
    cr_assert_str_eq(text(entry, "time_unit"), "ns");
    cr_assert_eq(number(entry, "repetition_index"), r);
    cr_assert_eq(number(entry, "repetitions"), 3);
    cr_assert_eq(number(entry, "iterations"), r ? 100 : 50);
    cr_assert_eq(number(entry, "real_time"), times[r]);
    cr_assert_float_eq(number(entry, "cpu_time"), times[r] / 2, 1e-9);
    cr_assert_float_eq(number(entry, "faults"), .1, 1e-12);
    cr_assert_null(json_object_get(entry, "cycles")); /* absent is not zero */
  }
  /* Of 1000, 4000, 2500: mean and median 2500, deviation sqrt((1500^2 + 1500^2) / 2) = 1500. */
  static const struct {
    const char *name;
    double real;
  } expected[] = {{"mean", 2500}, {"median", 2500}, {"stddev", 1500}, {"cv", .6}};
  for (size_t a = 0; a < 4; a++) {
    const json_t *entry = json_array_get(list, 3 + a);
    cr_assert_str_eq(text(entry, "aggregate_name"), expected[a].name);
    cr_assert_str_eq(text(entry, "run_type"), "aggregate");
    cr_assert_float_eq(number(entry, "real_time"), expected[a].real, 1e-9);
    cr_assert_float_eq(number(entry, "cpu_time"), expected[a].real / (a == 3 ? 1 : 2), 1e-9);
  }
  const json_t *context = json_object_get(root, "context");
  cr_assert_eq(number(context, "num_cpus"), 4);
  cr_assert(json_is_array(json_object_get(context, "load_avg"))); /* also where it is not known */
  cr_assert_eq(json_array_size(json_object_get(context, "load_avg")), 0);
  cr_assert_str_empty(told);
}

Test(google_benchmark, the_context_has_load_and_caches_as_googles) {
  json_t *record = record_of("blis@lite", times, "2026-01-01T00:00:00Z");
  json_t *manifest = json_object_get(record, "manifest");
  json_object_set_new(
      manifest, "load_average",
      json_pack("{s:f, s:f, s:f}", "minutes_1", .5, "minutes_5", 1.5, "minutes_15", 2.5));
  json_object_set_new(manifest, "topology",
                      json_pack("{s:i, s:[{s:i, s:i, s:i}, {s:i, s:i, s:i}]}", "processors", 4,
                                "caches", "level", 1, "bytes", 32768, "count", 2, "level", 3,
                                "bytes", 1 << 25, "count", 1));
  const json_t *root = exported(json_pack("[o]", record), "a.json");
  const json_t *context = json_object_get(root, "context"), *load, *caches;
  load = json_object_get(context, "load_avg");
  cr_assert_eq(json_array_size(load), 3);
  cr_expect_eq(json_number_value(json_array_get(load, 2)), 2.5);
  caches = json_object_get(context, "caches");
  cr_assert_eq(json_array_size(caches), 2);
  cr_expect_str_eq(text(json_array_get(caches, 0), "type"), "Data");
  cr_expect_eq(number(json_array_get(caches, 0), "num_sharing"), 2);
  cr_expect_str_eq(text(json_array_get(caches, 1), "type"), "Unified");
  cr_expect_eq(number(json_array_get(caches, 1), "num_sharing"), 4);
}

Test(google_benchmark, the_newest_is_taken_and_what_was_not_counted_is_told) {
  static const double newer[3] = {10, 20, 30};
  json_t *late = record_of("blis@lite", newer, "2026-02-01T00:00:00Z"), *round;
  json_t *crashed = record_of("beam@p5", times, "2026-01-01T00:00:00Z");
  json_t *records = json_pack("[o, o, o]", late,
                              record_of("blis@lite", times, "2026-01-01T00:00:00Z"), crashed);
  size_t index;
  json_array_foreach(json_object_get(late, "rounds"), index, round)
    json_object_del(round, "counters");
  json_array_foreach(json_object_get(crashed, "rounds"), index, round)
    if (index) json_object_set_new(round, "mean_ns", json_null());
  const json_t *list = json_object_get(exported(records, "a.json"), "benchmarks");
  cr_assert_eq(json_array_size(list), 8); /* 3 and 4 aggregates; one round alone has none */
  cr_assert_eq(number(json_array_get(list, 0), "real_time"), 10);
  cr_assert_null(json_object_get(json_array_get(list, 0), "cpu_time"));
  cr_assert_null(json_object_get(json_array_get(list, 3), "cpu_time"));
  cr_assert_str_eq(text(json_array_get(list, 7), "run_name"),
                   "beam@p5/small/single-stream/threads:2");
  cr_assert_not_null(strstr(told, "1 records are older ones"), "%s", told);
  cr_assert_not_null(strstr(told, "1 benchmarks have no cpu_time"), "%s", told);
}

Test(google_benchmark, its_own_compare_reads_it) {
  const char *tool = getenv("L4R_COMPARE_PY"), *output;
  tool = tool && *tool ? tool : "/usr/share/benchmark/compare.py";
  if (access(tool, R_OK))
    cr_skip_test("no %s (Debian: libbenchmark-tools; L4R_COMPARE_PY names another)", tool);
  const char *python = test_python_with("scipy.stats, numpy");
  static const double slower[3] = {2000, 8000, 5000};
  exported(json_pack("[o]", record_of("blis@lite", times, "2026-01-01T00:00:00Z")), "a.json");
  exported(json_pack("[o]", record_of("blis@lite", slower, "2026-01-01T00:00:00Z")), "b.json");
  cr_assert_eq(test_shell(&output, "%s %s --no-color benchmarks %s %s 2>&1", python, tool,
                          test_path("a.json"), test_path("b.json")),
               0, "%s", output);
  static const char *const lines[] = {"threads:2 ", "threads:2_mean ", "threads:2_median ",
                                      "threads:2_stddev "};
  for (size_t l = 0; l < sizeof lines / sizeof *lines; l++) {
    const char *line = strstr(output, lines[l]);
    cr_assert_not_null(line, "no %s in\n%s", lines[l], output);
    char one[512]; /* twice the time, on the clock and on the processor */
    snprintf(one, sizeof one, "%.*s", (int)strcspn(line, "\n"), line);
    const char *first = strstr(one, "+1.0000");
    cr_assert(first && strstr(first + 1, "+1.0000"), "%s", one);
  }
  cr_assert_not_null(strstr(output, "_pvalue"), "%s", output);
}
