/* SPDX-License-Identifier: BSD-3-Clause */
/* From a run of engines made for tests to records that hold against schema and samples. */
#include "bench/record/read.h"
#include "bench/record/tables.h"
#include "bench/derive/verify.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "tests/red/engines.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/runs.h"
#include "tests/support/schema.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct l4r_arm arms[4];
static char path[L4R_PATH_MAX];

static json_t *made(enum l4r_scenario scenario, int64_t rounds) {
  struct l4r_run_options options = test_run_options(arms, &red_honest, &red_ranker, NULL);
  options.scenario = scenario;
  options.rounds = rounds;
  if (scenario == L4R_SERVER) {
    options.rate.value[options.rate.count++] = 4000;
    options.bound_ms = 1000;
  }
  options.counters = "auto,os,stages";
  json_t *records;
  cr_assert_eq(l4r_run(&options, &records, path), 0, "%s", l4r_error_message());
  json_decref(records);
  const char *const paths[] = {options.out};
  cr_assert_eq(test_records_read(paths, 1, &records), 0, "%s", l4r_error_message());
  cr_assert_eq(json_array_size(records), 2);
  return records;
}

struct seen {
  int count;
  char where[512], field[256], what[256];
};
static void note(void *context, const char *where, const char *field, const char *what) {
  struct seen *seen = context;
  if (seen->count++) return;
  snprintf(seen->where, sizeof seen->where, "%s", where);
  snprintf(seen->field, sizeof seen->field, "%s", field);
  snprintf(seen->what, sizeof seen->what, "%s", what);
}

static struct seen verified(const json_t *record) {
  struct seen seen = {0};
  struct l4r_verified result = {.figures = 0};
  cr_assert_eq(test_record_verify(record, note, &seen, &result), 0, "%s", l4r_error_message());
  json_decref(result.accuracy);
  cr_assert_eq(result.differences, seen.count);
  cr_assert_gt(result.figures, 40);
  return seen;
}

/* In every scenario: no memory taken in a timed loop, its own cost, the slowest calls. */
static void check_rounds(const json_t *record) {
  size_t index, place;
  json_t *round, *tail;
  cr_assert_gt(json_number_value(json_object_get(json_object_get(record, "overhead_ns"), "inside")),
               0);
  json_array_foreach(json_object_get(record, "rounds"), index, round) {
    cr_assert_eq(json_integer_value(json_object_get(round, "allocations")), 0);
    /* Counters count them too, so whoever divides by queries has to know. */
    cr_assert(json_is_integer(json_object_get(round, "novel_inside")));
    cr_assert_gt(json_number_value(json_object_get(round, "overhead_ns")), 0);
    json_t *tails = json_object_get(round, "tails");
    cr_assert_geq(json_array_size(tails), 4); /* 60 users in calls of 16 */
    json_int_t last = INT64_MAX;
    json_array_foreach(tails, place, tail) {
      const json_int_t ns = json_integer_value(json_object_get(tail, "ns"));
      const json_int_t user = json_integer_value(json_object_get(tail, "user"));
      /* Histories of the small data set: all but the last of 4 + u % 12 interactions. */
      cr_assert_eq(json_integer_value(json_object_get(tail, "history")), 3 + (user - 1) % 12);
      cr_assert_leq(ns, last);
      last = ns;
    }
  }
}

Test(record, a_run_leaves_valid_records_that_verify, .timeout = 240) {
  for (int scenario = 0; scenario < L4R_SCENARIOS; scenario++) {
    json_t *records = made((enum l4r_scenario)scenario, 2), *record;
    json_error_t error;
    json_t *schema = json_load_file("results/schema.json", 0, &error);
    cr_assert(schema, "%s", error.text);
    size_t index;
    json_array_foreach(records, index, record) {
      char fault[512];
      cr_assert(test_schema_valid(schema, record, fault, sizeof fault), "%s", fault);
      json_t *as_written = json_copy(record);
      json_object_del(as_written, "_path");
      json_object_del(as_written, "_line");
      cr_assert(test_schema_names(schema, as_written, fault, sizeof fault), "%s", fault);
      json_decref(as_written);
      struct seen seen = verified(record);
      cr_assert_eq(seen.count, 0, "%s %s", seen.field, seen.what);
      json_t *first = json_array_get(json_object_get(record, "rounds"), 0);
      cr_assert(json_object_get(first, "machine") && json_object_get(first, "stage_counters"));
      cr_assert(json_is_array(json_object_get(record, "warnings")));
      /* What a later version adds is nobody's business here, and is sealed all the same. */
      json_object_set_new(first, "of_a_later_version", json_integer(1));
      cr_assert(test_schema_valid(schema, record, fault, sizeof fault), "%s", fault);
      seen = verified(record);
      cr_assert_eq(seen.count, 2); /* its own hash, and the one that its samples were bound with */
      cr_assert_str_eq(seen.field, "sha256");
      json_object_del(first, "of_a_later_version");
      cr_assert_null(strchr(json_string_value(json_object_get(record, "samples")), '/'));
      check_rounds(record);
    }
    json_t *broken = json_deep_copy(json_array_get(records, 0));
    char fault[512];
    json_object_set_new(json_object_get(broken, "latency_ns"), "p50", json_integer(3));
    cr_assert_not(test_schema_valid(schema, broken, fault, sizeof fault));
    cr_assert(strstr(fault, "latency_ns.p50"), "%s", fault);
    unlink(json_string_value(json_object_get(record = json_array_get(records, 0), "_path")));
    json_decref(records);
  }
}

Test(record, what_a_run_measured_is_what_it_was_told) {
  json_t *records = made(L4R_SINGLE_STREAM, 2), *record = json_array_get(records, 0), *round;
  json_t *latency = json_object_get(record, "latency_ns");
  size_t index;
  long long queries = 0;
  json_array_foreach(json_object_get(record, "rounds"), index, round) {
    long long permutations = json_integer_value(json_object_get(round, "permutations"));
    cr_assert_geq(permutations, 1);
    queries += 60 * permutations;
    cr_assert_gt(json_integer_value(json_object_get(round, "cold_ns")), 20000);
    cr_assert_eq(json_integer_value(json_object_get(round, "load_ns")), 7000);
    cr_assert_eq(json_integer_value(json_object_get(round, "allocations")), 0);
  }
  cr_assert_eq(json_integer_value(json_object_get(latency, "count")), queries);
  /* 60 distinct users: p90 is given, p95 and p99 are withheld. */
  cr_assert(json_object_get(json_object_get(latency, "p90"), "value"));
  cr_assert_str_eq(json_string_value(json_object_get(json_object_get(latency, "p95"), "withheld")),
                   "needs 72 distinct users");
  cr_assert_str_eq(json_string_value(json_object_get(json_object_get(latency, "p99"), "withheld")),
                   "needs 368 distinct users");
  json_t *p50 = json_object_get(latency, "p50");
  cr_assert_geq(json_number_value(json_object_get(p50, "value")), 20000); /* its stated cost */
}

Test(record, an_edited_figure_is_found_by_line_and_field) {
  json_t *records = made(L4R_SINGLE_STREAM, 2), *record = json_array_get(records, 1);
  static const struct {
    const char *object, *member;
  } edits[] = {{"accuracy", "tie_share"},
               {"users_per_second", "hi"},
               {"latency_over_rounds_ns.p50", "lo"},
               {"resources", "peak_rss_bytes"}};
  for (size_t e = 0; e < sizeof edits / sizeof *edits; e++) {
    json_t *edited = json_deep_copy(record);
    json_t *object = edited;
    char name_of[64], *rest = name_of;
    snprintf(name_of, sizeof name_of, "%s", edits[e].object);
    for (const char *name; (name = strsep(&rest, ".")) != NULL;)
      object = json_object_get(object, name);
    const json_t *before = json_object_get(object, edits[e].member);
    const double value = json_number_value(before) * 1.001 + 1e-3;
    json_object_set_new(object, edits[e].member,
                        json_is_integer(before) ? json_integer((json_int_t)value + 1)
                                                : json_real(value));
    struct seen seen = verified(edited);
    cr_assert_eq(seen.count, 2);
    cr_assert_str_eq(seen.field, "sha256");
    json_object_set_new(edited, "sha256", json_null());
    cr_assert_eq(l4r_record_seal(edited), 0); /* sealed again: the samples still tell */
    seen = verified(edited);
    cr_assert_eq(seen.count, 1, "%s", edits[e].member);
    char field[128];
    snprintf(field, sizeof field, "%s.%s", edits[e].object, edits[e].member);
    cr_assert_str_eq(seen.field, field);
    cr_assert(strstr(seen.where, ".jsonl:2"), "%s", seen.where);
    json_decref(edited);
  }
}

Test(record, edited_or_missing_samples_are_found) {
  json_t *records = made(L4R_SINGLE_STREAM, 1), *record = json_array_get(records, 0);
  char file[L4R_PATH_MAX], *content;
  size_t bytes;
  cr_assert_eq(
      test_record_sibling_path(record, json_string_value(json_object_get(record, "samples")), file),
      0);
  FILE *stream = fopen(file, "r+b");
  fseek(stream, 40, SEEK_SET);
  int byte = fgetc(stream);
  fseek(stream, 40, SEEK_SET);
  fputc(byte ^ 1, stream);
  fclose(stream);
  struct seen seen = {0};
  struct l4r_verified result = {.figures = 0};
  cr_assert_eq(test_record_verify(record, note, &seen, &result), 0);
  cr_assert_str_eq(seen.field, "samples");
  unlink(file);
  test_fails(test_record_verify(record, note, &seen, &result), L4R_INPUT, ".jsonl:1");
  /* A truncated line names its place. */
  const char *jsonl = json_string_value(json_object_get(record, "_path"));
  cr_assert_eq(l4r_read_file(jsonl, 1, &content, &bytes), 0);
  const char *const cut[] = {test_bytes("cut.jsonl", content, bytes - 100)};
  json_t *none;
  test_fails(test_records_read(cut, 1, &none), L4R_INPUT, "cut.jsonl:2");
}

Test(record, a_single_round_has_no_interval_over_rounds) {
  json_t *records = made(L4R_SINGLE_STREAM, 1), *record = json_array_get(records, 0);
  json_t *mean = json_object_get(json_object_get(record, "latency_ns"), "mean");
  cr_assert(json_is_number(json_object_get(mean, "value")));
  cr_assert(json_is_null(json_object_get(mean, "lo")));
  cr_assert_eq(verified(record).count, 0);
}

Test(record, exports_have_a_row_for_everything) {
  json_t *records = made(L4R_SINGLE_STREAM, 2);
  char *text;
  size_t bytes, lines = 0;
  FILE *stream = open_memstream(&text, &bytes);
  json_t *read;
  size_t index;
  l4r_csv_head(stream);
  json_array_foreach(records, index, read) {
    struct l4r_record record;
    cr_assert_eq(test_record_parse(read, &record), 0, "%s", l4r_error_message());
    l4r_csv_line(stream, &record);
    l4r_record_free(&record);
  }
  fclose(stream);
  for (const char *c = text; *c; c++) lines += *c == '\n';
  cr_assert_eq(lines, 3);
  cr_assert(strstr(text, "\nhonest,honest@model,single-stream,1,fp32,model,"), "%s", text);
}

Test(record, a_run_that_cannot_start_measures_nothing) {
  struct l4r_run_options options = test_run_options(arms, &red_honest, NULL);
  json_t *records;
  options.threads.value[0] = 1000;
  test_fails(l4r_run(&options, &records, path), L4R_ENVIRONMENT, "1000 threads do not fit");
  options.threads.value[0] = 1;
  options.budget = 1e-6;
  test_fails(l4r_run(&options, &records, path), L4R_USAGE, "--budget");
  options.budget = 5;
  options.rounds = 0;
  test_fails(l4r_run(&options, &records, path), L4R_USAGE, "--rounds");
  options.rounds = 1;
  options.out = test_path("data/train.txt/out");
  test_fails(l4r_run(&options, &records, path), L4R_ENVIRONMENT, "--out");
  options.out = test_path("out");
  options.data = test_path("nowhere");
  test_fails(l4r_run(&options, &records, path), L4R_INPUT, "nowhere");
  options.data = test_small_data();
  options.counters = "sunspots";
  test_fails(l4r_run(&options, &records, path), L4R_USAGE, "sunspots");
  options.counters = "none";
  cr_assert_eq(l4r_arm_parse("honest@model:colour=red", &arms[0]), 0);
  test_fails(l4r_run(&options, &records, path), L4R_USAGE, "no option 'colour'; it knows: cost");
  cr_assert_leq(test_entries("out"), 0); /* made by then, but nothing left in it */
}

Test(record, a_server_record_holds_its_rate_and_verdict, .timeout = 240) {
  json_t *records = made(L4R_SERVER, 2), *record = json_array_get(records, 0);
  json_t *server = json_object_get(record, "server");
  cr_assert_eq(json_number_value(json_object_get(server, "rate_asked")), 4000);
  /* 60 users are too few for p99, and a verdict is not made up. */
  cr_assert_str_eq(json_string_value(json_object_get(server, "verdict")), "WITHHELD");
  cr_assert(strstr(json_string_value(json_object_get(server, "reason")), "not PASS"));
  cr_assert_eq(json_number_value(json_object_get(server, "bound_ns")), 1e9);
  cr_assert_null(json_object_get(record, "knee"));
  static const char *const edits[] = {"rate_achieved", "verdict"};
  for (int e = 0; e < 2; e++) {
    json_t *edited = json_deep_copy(record);
    json_object_set_new(json_object_get(edited, "server"), edits[e],
                        e ? json_string("PASS") : json_real(4000.5));
    cr_assert_eq(l4r_record_seal(edited), 0);
    struct seen seen = verified(edited);
    cr_assert_eq(seen.count, 1);
    cr_assert(strstr(seen.field, edits[e]), "%s", seen.field);
  }
}

Test(record, a_tail_that_was_left_out_or_changed_is_found) {
  json_t *records = made(L4R_SINGLE_STREAM, 2), *record = json_array_get(records, 0);
  for (int e = 0; e < 2; e++) {
    json_t *edited = json_deep_copy(record);
    json_t *round = json_array_get(json_object_get(edited, "rounds"), 1);
    json_t *tails = json_object_get(round, "tails");
    if (e)
      json_array_remove(tails, 0);
    else
      json_object_set_new(json_array_get(tails, 2), "ns", json_integer(5));
    cr_assert_eq(l4r_record_seal(edited), 0);
    struct seen seen = verified(edited);
    cr_assert_eq(seen.count, 1 + e, "%d", seen.count); /* what else it said is gone with it */
    cr_assert_str_eq(seen.field, e ? "rounds[1].tails" : "rounds[1].tails[2].ns");
  }
}

/* Verdicts without timing: a bound that nothing meets, and one that only overload misses. */
Test(record, a_search_leaves_a_record_for_every_rate, .timeout = 240) {
  struct l4r_run_options options = test_run_options(arms, &red_honest, NULL);
  options.scenario = L4R_SERVER;
  options.find_peak_rate = 1;
  options.bound_ms = 1e-3; /* below what the engine takes: no rate passes */
  options.users = 0;
  options.rounds = 1;
  options.min_seconds = 0;
  json_t *records;
  cr_assert_eq(l4r_run(&options, &records, path), 0, "%s", l4r_error_message());
  json_t *record = json_array_get(records, 0), *knee = json_object_get(record, "knee");
  cr_assert(json_is_null(json_object_get(knee, "rate")));
  cr_assert_eq(json_array_size(records), json_array_size(json_object_get(knee, "trials")));
  cr_assert_eq(json_array_size(records), 1);
  cr_assert(strstr(json_string_value(json_object_get(knee, "stopped")), "slower than the bound"));
  json_decref(records);
  options.bound_ms = 1e5; /* only a load of 1 or more fails */
  cr_assert_eq(l4r_run(&options, &records, path), 0, "%s", l4r_error_message());
  size_t index;
  int passed = 0;
  json_array_foreach(records, index, record) {
    json_t *server = json_object_get(record, "server");
    const int passes = !strcmp(json_string_value(json_object_get(server, "verdict")), "PASS");
    cr_assert_eq(passes, json_number_value(json_object_get(server, "load")) < 1);
    knee = json_object_get(record, "knee");
    json_t *trial = json_array_get(json_object_get(knee, "trials"), index);
    cr_assert(json_equal(json_object_get(trial, "rate"), json_object_get(server, "rate_asked")));
    passed += passes;
  }
  cr_assert_eq(json_array_size(records), json_array_size(json_object_get(knee, "trials")));
  cr_assert_gt(passed, 0);
  cr_assert(json_is_real(json_object_get(knee, "rate")));
}
