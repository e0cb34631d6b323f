/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of members: what is made of it, and that records go through it without a loss. */
#include "bench/record/check.h"
#include "bench/record/decode.h"
#include "bench/record/encode.h"
#include "bench/record/fields.h"

#include "bench/commands/commands.h"
#include "bench/record/describe.h"
#include "bench/record/read.h"
#include "bench/record/record.h"
#include "bench/record/tables.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/json.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/schema.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *text_of(const char *path) {
  FILE *file = fopen(path, "rb");
  char *text = calloc(1, 1 << 20);
  cr_assert(file, "%s", path);
  const size_t read = fread(text, 1, (1 << 20) - 1, file);
  cr_assert(read > 0 && feof(file));
  fclose(file);
  return text;
}

Test(fields, the_schema_and_the_list_in_results_are_what_the_table_says) {
  char *schema = l4r_describe_schema(), *members = l4r_describe_members();
  char *file = text_of("results/schema.json"), *readme = text_of("bench/record/README.md");
  cr_assert(schema && members);
  cr_assert_eq(strlen(file), strlen(schema) + 1, "run 'make schema'");
  cr_assert_eq(strncmp(file, schema, strlen(schema)), 0, "run 'make schema'");
  const char *begin = strstr(readme, "<!-- members"), *end = strstr(readme, "<!-- end of members");
  cr_assert(begin && end);
  begin = strchr(begin, '\n') + 1;
  cr_assert_eq((size_t)(end - begin), strlen(members), "run 'make schema'");
  cr_assert_eq(strncmp(begin, members, strlen(members)), 0, "run 'make schema'");
}

/* How many members a schema describes, all of them in words. */
static int described(const json_t *at, const char *path) {
  const char *key;
  json_t *part;
  size_t index;
  int count = 0;
  json_object_foreach(json_object_get(at, "properties"), key, part) {
    const char *about = json_string_value(json_object_get(part, "description"));
    cr_assert(about && strlen(about) > 4, "%s.%s has no description", path, key);
    cr_assert(strchr(".:", about[strlen(about) - 1]), "%s.%s: %s", path, key, about);
    count += 1 + described(part, key);
  }
  json_array_foreach(json_object_get(at, "anyOf"), index, part) count += described(part, path);
  json_object_foreach(json_object_get(at, "definitions"), key, part) {
    const char *about = json_string_value(json_object_get(part, "description"));
    cr_assert(about && strlen(about) > 4, "the object %s has no description", key);
    count += described(part, key);
  }
  return count;
}

Test(fields, every_member_is_described_in_words) {
  char *text = l4r_describe_schema();
  json_t *schema = json_loads(text, 0, NULL);
  cr_assert_gt(described(schema, "record"), 400);
  cr_assert(json_object_get(schema, "description"));
}

/* A copy without members that are null, which say the same as none. */
static json_t *without_nulls(const json_t *value) {
  const char *key;
  json_t *part;
  size_t index;
  json_t *out = json_is_object(value)  ? json_object()
                : json_is_array(value) ? json_array()
                                       : json_deep_copy(value);
  json_array_foreach(value, index, part) json_array_append_new(out, without_nulls(part));
  json_object_foreach((json_t *)value, key, part)
    if (!json_is_null(part)) json_object_set_new(out, key, without_nulls(part));
  return out;
}

static int same_text(const json_t *a, const json_t *b) {
  char *x = json_dumps(a, JSON_COMPACT | JSON_SORT_KEYS);
  char *y = json_dumps(b, JSON_COMPACT | JSON_SORT_KEYS);
  const int same = !strcmp(x, y);
  size_t at = 0;
  while (x[at] && x[at] == y[at]) at++;
  if (!same) fprintf(stderr, "%.200s\n%.200s\n", x + at, y + at);
  free(x);
  free(y);
  return same;
}

static int make_spoilt(json_t *object, const char *path) {
  char part[64];
  const size_t n = strcspn(path, ".");
  snprintf(part, sizeof part, "%.*s", (int)n, path);
  if (!path[n]) return json_object_set_new(object, part, json_string("spoilt"));
  json_t *next = json_object_get(object, part);
  return make_spoilt(json_is_array(next) ? json_array_get(next, 0) : next, path + n + 1);
}

/* Through the C types and back, over what was read and from nothing. */
static void goes_round(json_t *json) {
  struct l4r_record record, bare;
  cr_assert_eq(l4r_record_parse(json, NULL, 0, &record), 0, "%s", l4r_error_message());
  json_t *again = l4r_record_json(&record);
  cr_assert(again && same_text(again, json));
  for (int64_t w = 0; w < record.data.warnings.count; w++) { /* as an object from now on */
    json_t *warnings = json_object_get(json, "warnings"), *warning = json_array_get(warnings, w);
    if (json_is_string(warning))
      json_array_set_new(warnings, w, json_pack("{s:O}", "text", warning));
  }
  bare = record; /* the same members, nothing that was read behind them */
  bare.from.json = NULL;
  json_t *anew = l4r_record_json(&bare), *left = without_nulls(anew), *right = without_nulls(json);
  cr_assert(same_text(left, right));
  json_decref(left);
  json_decref(right);
  json_decref(anew);
  json_decref(again);
  l4r_record_free(&record);
}

Test(fields, every_committed_record_comes_back_to_the_last_digit, .timeout = 240) {
  static const char *const paths[] = {"results"};
  json_t *records, *read;
  size_t index;
  OK(test_records_read(paths, 1, &records));
  cr_assert_geq(json_array_size(records), 162);
  json_array_foreach(records, index, read) {
    json_object_del(read, "_path");
    json_object_del(read, "_line");
    goes_round(read);
  }
}

static json_t *committed(void) {
  static const char *const paths[] = {"results/zen4-2core-server"};
  json_t *records;
  OK(test_records_read(paths, 1, &records));
  json_t *record = json_array_get(records, 0);
  json_object_del(record, "_path");
  json_object_del(record, "_line");
  return record;
}

Test(fields, members_of_later_versions_survive) {
  struct l4r_record record;
  json_t *json = committed();
  json_object_set_new(json, "of_later", json_pack("{s:[i, n]}", "x", 1));
  json_object_set_new(json_array_get(json_object_get(json, "rounds"), 1), "of_later",
                      json_real(.1));
  json_object_set_new(json_object_get(json_object_get(json, "latency_ns"), "p50"), "of_later",
                      json_true());
  OK(l4r_record_parse(json, NULL, 0, &record));
  json_t *again = l4r_record_json(&record);
  cr_assert(same_text(again, json));
  /* A change goes to its member, and nothing else moves. */
  record.data.rounds.at[1].mean_ns = 4.25;
  record.data.batch = L4R_NONE;
  json_t *changed = l4r_record_json(&record);
  json_object_set_new(json_array_get(json_object_get(json, "rounds"), 1), "mean_ns",
                      json_real(4.25));
  json_object_del(json, "batch");
  cr_assert(same_text(changed, json));
}

Test(fields, older_warnings_are_texts_and_stay_so) {
  struct l4r_record record;
  json_t *json = json_pack("{s:i, s:[s, {s:s, s:n, s:s, s:s}]}", "schema", 1, "warnings", "old",
                           "arm", "a", "rounds", "kind", "k", "text", "new");
  OK(l4r_record_parse(json, NULL, 0, &record));
  cr_assert_eq(record.data.warnings.count, 2);
  cr_assert_str_eq(record.data.warnings.at[0].text, "old");
  cr_assert_str_eq(record.data.warnings.at[1].text, "new");
  json_t *again = l4r_record_json(&record);
  cr_assert(same_text(again, json));
}

Test(fields, a_member_that_is_not_there_can_be_asked_for) {
  struct l4r_record record;
  json_t *json = json_pack("{s:i}", "schema", 1);
  OK(l4r_record_parse(json, NULL, 0, &record));
  cr_assert(isnan(record.data.accuracy.ci95.keep.hr10.lo));
  cr_assert_eq(record.data.server.is_there, 0);
  cr_assert_eq(record.data.server.schedule.max_ns, L4R_NONE);
  cr_assert_eq(record.data.rounds.count, 0);
  cr_assert_null(record.data.manifest.system.governor);
  cr_assert_eq(record.data.manifest.system.hypervisor, -1);
}

Test(fields, a_value_is_found_by_its_path) {
  struct l4r_record record;
  OK(l4r_record_parse(committed(), NULL, 0, &record));
  const struct l4r_shape *shape = l4r_shape_record();
  const void *data = &record.data;
  cr_assert_eq(l4r_member_at(shape, data, "rounds.1.mean_ns").real,
               record.data.rounds.at[1].mean_ns);
  cr_assert_eq(l4r_member_at(shape, data, "accuracy.ci95.keep.HR@10.1").real,
               record.data.accuracy.ci95.keep.hr10.hi);
  cr_assert_str_eq(l4r_member_at(shape, data, "server.verdict").text, record.data.server.verdict);
  cr_assert_eq(l4r_member_at(shape, data, "threads").whole, record.data.threads);
  cr_assert(l4r_member_at(shape, data, "server.schedule").is_there);
  static const char *const none[] = {"rounds.99.mean_ns", "rounds.x",    "colour",
                                     "server.colour",     "threads.1.x", ""};
  for (size_t n = 0; n < sizeof none / sizeof *none; n++)
    cr_assert_not(l4r_member_at(shape, data, none[n]).is_there && strcmp(none[n], "threads.1.x"),
                  "%s", none[n]);
  cr_assert(l4r_field_at(shape, "rounds.mean_ns"));
  cr_assert(l4r_field_at(shape, "rounds.0.tails.3.ns"));
  cr_assert_null(l4r_field_at(shape, "rounds.mean"));
}

Test(fields, columns_of_the_csv_have_a_member_and_a_name_each) {
  struct l4r_csv_column column[L4R_CSV_COLUMNS];
  const int count = l4r_csv_columns(column);
  cr_assert_eq(count, 114);
  for (int c = 0; c < count; c++) {
    cr_assert(*column[c].path == '@' || l4r_field_at(l4r_shape_record(), column[c].path) ||
                  strstr(column[c].path, ".ci95."),
              "%s", column[c].path);
    cr_assert_eq(column[c].place, c + 1, "%s", column[c].name);
    for (int other = 0; other < c; other++) cr_assert_str_neq(column[c].name, column[other].name);
  }
}

/* --- bad input ------------------------------------------------------------------------------- */

static int read_text(const char *text) {
  json_t *records;
  const char *path = test_file("bad.jsonl", text);
  const int status = test_records_read(&path, 1, &records);
  if (!status) json_decref(records);
  return status;
}

Test(fields, a_wrong_type_is_told_with_file_line_and_member) {
  static const char *const paths[] = {"threads",
                                      "arm",
                                      "rounds",
                                      "rounds.mean_ns",
                                      "latency_ns.p50.value",
                                      "accuracy.ci95.keep.HR@10",
                                      "pinned.observed",
                                      "pinned.proven",
                                      "server.schedule",
                                      "manifest.libraries",
                                      "options",
                                      "rounds.tails.over"};
  for (size_t p = 0; p < sizeof paths / sizeof *paths; p++) {
    json_t *json = committed();
    const int is_text = !strcmp(paths[p], "arm");
    if (is_text)
      json_object_set_new(json, "arm", json_integer(3));
    else
      OK(make_spoilt(json, paths[p]));
    char *text = json_dumps(json, JSON_COMPACT), *last = strrchr(paths[p], '.');
    static char both[1 << 18];
    char member[64];
    snprintf(both, sizeof both, "{\"schema\":1}\n%s\n", text);
    FAILS(read_text(both), L4R_INPUT, "bad.jsonl:2: ");
    snprintf(member, sizeof member, "%s: %s in place of ", last ? last + 1 : paths[p],
             is_text ? "a whole number" : "a text");
    cr_assert(strstr(l4r_error_message(), member), "%s: %s", paths[p], l4r_error_message());
    free(text);
  }
}

Test(fields, members_twice_and_numbers_beyond_every_range_are_refused) {
  static const struct {
    const char *line, *says;
  } bad[] = {
      {"{\"schema\":1,\"threads\":1,\"threads\":2}", "bad.jsonl:1: not JSON (duplicate object key"},
      {"{\"schema\":1,\"rounds\":[{\"mean_ns\":1.0,\"mean_ns\":2.0}]}", "duplicate object key"},
      {"{\"schema\":1,\"threads\":99999999999999999999}", "bad.jsonl:1: not JSON (too big integer"},
      {"{\"schema\":1,\"users_per_second\":{\"value\":1e999}}", "real number overflow"},
      {"{\"schema\":1,\"threads\":0}", "bad.jsonl:1: threads: 0 is below 1"},
      {"{\"schema\":1,\"threads\":-9223372036854775808}",
       "threads: the smallest 64-bit number stands for a missing one"},
      {"{\"schema\":1,\"accuracy\":{\"keep\":{\"HR@10\":1.5}}}",
       "accuracy.keep.HR@10: 1.5 is not from 0 to 1"},
      {"{\"schema\":1,\"accuracy\":{\"ci95\":{\"keep\":{\"HR@10\":[0.1]}}}}", "not two numbers"},
      {"{\"schema\":1,\"failures\":[{\"round\":-1}]}", "failures[0].round: -1 is below 0"},
      {"{\"schema\":3}", "bad.jsonl:1: schema 3, this program reads 1 to 2"},
  };
  for (size_t b = 0; b < sizeof bad / sizeof *bad; b++)
    FAILS(read_text(bad[b].line), L4R_INPUT, bad[b].says);
}

Test(fields, texts_of_ten_kilobytes_are_refused) {
  static const char *const before[] = {"{\"schema\":1,\"arm\":\"", "{\"schema\":1,\"warnings\":[\"",
                                       "{\"schema\":1,\"manifest\":{\"warnings\":[\"a\",\""};
  static const char *const behind[] = {"\"}", "\"]}", "\"]}}"};
  static const char *const member[] = {"arm", "warnings[0]", "manifest.warnings[1]"};
  for (int i = 0; i < 3; i++) {
    char line[10400], says[128];
    char *at = stpcpy(line, before[i]);
    memset(at, 'x', 10000);
    strcpy(at + 10000, behind[i]);
    snprintf(says, sizeof says, "bad.jsonl:1: %s: a text of 10000 bytes", member[i]);
    FAILS(read_text(line), L4R_INPUT, says);
  }
}

struct faults {
  int count;
  char first[512];
};
static void note(void *context, const char *member, const char *what) {
  struct faults *faults = context;
  if (!faults->count++) snprintf(faults->first, sizeof faults->first, "%s %s", member, what);
}

Test(fields, what_a_whole_record_lacks_is_told_by_member) {
  struct l4r_record record;
  struct faults faults = {0};
  OK(l4r_record_parse(committed(), NULL, 0, &record));
  cr_assert_eq(l4r_record_check(&record, note, &faults), 0, "%s", faults.first);
  record.data.rounds.at[0].mean_ns = NAN;
  record.data.scenario = "sideways";
  record.data.latency_ns.p50.value = NAN;
  record.data.dataset.sha256 = "abc";
  cr_assert_eq(l4r_record_check(&record, note, &faults), 4);
  cr_assert_str_eq(faults.first, "scenario 'sideways' is none of "
                                 "single-stream|multi-stream|offline|server");
}

#define verify_command(...) test_run(l4r_command_verify, "verify", __VA_ARGS__)

/* Sealed, and with its samples beside it. */
Test(fields, verify_names_the_members_that_a_record_lacks) {
  char from[L4R_PATH_MAX], to[L4R_PATH_MAX], folder[512];
  json_t *json = committed();
  const char *const samples[] = {
      json_string_value(json_object_get(json, "samples")),
      json_string_value(json_object_get(json_object_get(json, "accuracy"), "samples"))};
  snprintf(folder, sizeof folder, "%s", test_folder());
  for (int s = 0; s < 2; s++) {
    cr_assert(realpath("results/zen4-2core-server", from));
    snprintf(to, sizeof to, "%s/%s", folder, samples[s]);
    snprintf(from + strlen(from), sizeof from - strlen(from), "/%s", samples[s]);
    cr_assert_eq(symlink(from, to), 0);
  }
  json_object_del(json, "precision");
  OK(l4r_record_seal(json));
  char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
  const char *path = test_file("lacks.jsonl", text);
  FAILS(verify_command(path, NULL), L4R_INPUT, "1 members of 1 records");
  cr_assert(strstr(test_read("out"), "lacks.jsonl:1: precision: is missing"), "%s",
            test_read("out"));
  free(text);
}

/* --- memory ---------------------------------------------------------------------------------- */

static long calls, failing;

static void *take(size_t bytes) {
  return ++calls == failing ? NULL : malloc(bytes);
}

Test(fields, without_memory_there_is_no_json_with_a_hole, .timeout = 240) {
  struct l4r_record record;
  OK(l4r_record_parse(committed(), NULL, 0, &record));
  record.from.json = NULL; /* all of it is made anew */
  calls = failing = 0;
  l4r_json_guard(take);
  json_t *whole = l4r_record_json(&record);
  const long all = calls;
  cr_assert_gt(all, 1000);
  for (long n = 1; n <= all; n += n < 200 ? 1 : 37) {
    calls = 0;
    failing = n;
    l4r_json_guard(take);
    json_t *json = l4r_record_json(&record);
    /* Where the spare memory helped, the value is whole; and nothing is sealed all the same. */
    cr_assert(!json || same_text(json, whole), "%ld", n);
    cr_assert_eq(l4r_json_whole("a record"), L4R_ENVIRONMENT);
    json_decref(json);
  }
}
