/* SPDX-License-Identifier: BSD-3-Clause */
/* A few members of a line: those that a parser finds, and only of lines that are sealed. */
#include "bench/record/read.h"
#include "bench/record/partial.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/rounds.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const char *const members[] = {"schema", "a",        "rounds.ns", "deep.er.yes",
                                      "all",    "list.x.y", "sha256",    NULL};
static struct l4r_partial partial = {.members = members};

static char *sealed_line(const char *json) {
  json_t *record = json_loads(json, 0, NULL);
  cr_assert_not_null(record, "%s", json);
  OK(l4r_record_seal(record));
  char *line = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
  json_decref(record);
  return line;
}

/* What is kept, without the seal that ends it; the caller's. */
static char *kept_of(const char *json) {
  char *line = sealed_line(json);
  const char *kept;
  OK(l4r_partial_read(&partial, line, &kept));
  free(line);
  if (!kept) return NULL;
  json_t *record = json_loads(kept, JSON_REJECT_DUPLICATES, NULL);
  cr_assert_not_null(record, "%s", kept);
  cr_assert_eq(json_object_del(record, "sha256"), 0);
  char *text = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
  json_decref(record);
  return text;
}

static void keeps(const char *json, const char *wanted) {
  char *text = kept_of(json);
  cr_assert_not_null(text, "%s", json);
  cr_expect_str_eq(text, wanted, "of %s:\n%s", json, text);
  free(text);
}

Test(partial, members_and_what_is_below_them) {
  keeps("{\"a\":1,\"b\":2}", "{\"a\":1}");
  keeps("{\"aa\":1,\"b\":[{\"a\":3}],\"x\":{}}", "{}");
  keeps("{\"all\":{\"of\":[1,{\"it\":null}]},\"b\":{\"all\":7}}",
        "{\"all\":{\"of\":[1,{\"it\":null}]}}");
  keeps("{\"rounds\":[{\"ns\":1.5,\"other\":[2]},{},{\"other\":1},{\"n\":1,\"ns\":[3,4],\"z\":0}]}",
        "{\"rounds\":[{\"ns\":1.5},{},{},{\"ns\":[3,4]}]}");
  keeps("{\"deep\":{\"er\":{\"no\":1,\"yes\":2},\"yes\":3}}", "{\"deep\":{\"er\":{\"yes\":2}}}");
  keeps("{\"rounds\":[1,[{\"other\":2}],\"text\",{\"b\":1}],\"deep\":5}",
        "{\"deep\":5,\"rounds\":[1,[{\"other\":2}],\"text\",{}]}");
  keeps("{\"rounds\":[],\"list\":[{\"x\":[{\"y\":1,\"z\":2},{\"z\":3}]}]}",
        "{\"list\":[{\"x\":[{\"y\":1},{}]}],\"rounds\":[]}");
}

Test(partial, texts_that_look_like_structure) {
  keeps("{\"A\":\"\\\"a\\\":{[\",\"a\":\"}],\\\\\",\"b\":\"\\\\\\\\\",\"rounds\":[{\"ns\":\"]\\\"}"
        "\"}]}",
        "{\"a\":\"}],\\\\\",\"rounds\":[{\"ns\":\"]\\\"}\"}]}");
  keeps("{\"A\":{\"sha256\":\"x\"},\"a\":{\"sha256\":\"y\"},\"sha256\":\"old\"}",
        "{\"a\":{\"sha256\":\"y\"}}");
  keeps("{\"\\u00e9\":1,\"a\":\"\\u20ac\\n\",\"\":{}}", "{\"a\":\"\xe2\x82\xac\\n\"}");
  char long_key[512];
  snprintf(long_key, sizeof long_key, "{\"%0300d\":{\"a\":1},\"a\":2}", 7);
  keeps(long_key, "{\"a\":2}");
}

Test(partial, what_is_not_sealed_as_it_stands_is_left_to_a_parser) {
  const char *kept;
  char *line = sealed_line("{\"a\":10,\"rounds\":[{\"ns\":25}],\"schema\":1}");
  const size_t bytes = strlen(line);
  for (size_t i = 0; i < bytes; i++) { /* every change of a byte, and every cut */
    char *copy = strdup(line);
    copy[i] ^= 1;
    OK(l4r_partial_read(&partial, copy, &kept));
    cr_expect_null(kept, "byte %zu: %s", i, copy);
    copy[i] = '\0';
    OK(l4r_partial_read(&partial, copy, &kept));
    cr_expect_null(kept, "cut at %zu", i);
    free(copy);
  }
  OK(l4r_partial_read(&partial, line, &kept));
  cr_expect_not_null(kept);
  free(line);
  static const char *const others[] = {
      "",       "{}",      "[]", "{\"sha256\":\"\"}",      "{\"a\":1,\"sha256\":3}",
      "{\"a\"", "{\"a\":", "{{", "{\"a\":1,\"sha256\":\"", "x"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    OK(l4r_partial_read(&partial, others[i], &kept));
    cr_expect_null(kept, "%s", others[i]);
  }
  l4r_partial_free(&partial);
}

/* --- through the reader
 * --------------------------------------------------------------------------*/

static json_t *seen[4];
static int count;

static int keep(void *context, struct l4r_record *record) {
  (void)context;
  json_t *records = json_array();
  cr_assert_lt(count, 4);
  test_collect(records, record);
  seen[count++] = json_array_get(records, 0);
  return L4R_OK;
}

static int read_parts(const char *path) {
  static const char *const parts[] = {"schema", "arm", "rounds.mean_ns", NULL};
  const struct l4r_records_part part = {&path, 1, parts};
  count = 0;
  return l4r_records_read_partial(&part, keep, NULL);
}

Test(partial, records_of_a_folder) {
  struct test_rounds wanted = {.rounds = 2, .users = 40, .ns = {1e6, 2e6}};
  const char *path = test_rounds_file("h", "a", &wanted);
  OK(read_parts(path));
  cr_assert_eq(count, 1);
  cr_assert_eq(json_object_size(seen[0]), 6); /* schema, arm, rounds and the reader's three */
  OK(test_record_sealed(seen[0]));
  json_t *round = json_array_get(json_object_get(seen[0], "rounds"), 1);
  cr_assert_eq(json_object_size(round), 1);
  cr_expect_float_eq(json_number_value(json_object_get(round, "mean_ns")), 2e6, 1);
  cr_expect_str_eq(json_string_value(json_object_get(seen[0], "_path")), path);
  cr_expect_eq(json_integer_value(json_object_get(seen[0], "_line")), 1);
  /* Written anew by another program, with blanks: whole, and what it states still holds. */
  json_t *record = json_loads(test_read("h/a.jsonl"), 0, NULL);
  char *text = json_dumps(record, 0);
  test_file("h/a.jsonl", text);
  OK(read_parts(path));
  cr_assert_not_null(json_object_get(seen[0], "dataset"));
  OK(test_record_sealed(seen[0]));
  free(text);
  /* A file's own word that it is sealed counts for nothing. */
  json_object_set_new(record, "arm", json_string("another"));
  json_object_set_new(record, "_sealed", json_true());
  text = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
  test_file("h/a.jsonl", text);
  OK(read_parts(path));
  FAILS(test_record_sealed(seen[0]), L4R_INPUT, "a.jsonl:1: sha256: ");
  free(text);
  json_decref(record);
}

/* The committed records, all of them the short way, say the same as when parsed. */
Test(partial, committed_records) {
  static const char *const parts[] = {"schema", "arm", "rounds.mean_ns", "manifest.topology", NULL};
  const char *const folder[] = {"results"};
  const struct l4r_records_part part = {folder, 1, parts};
  json_t *whole, *record, *round, *few = json_array();
  size_t index, r;
  OK(test_records_read(folder, 1, &whole));
  OK(l4r_records_read_partial(&part, test_collect, few));
  cr_assert_eq(json_array_size(few), json_array_size(whole));
  json_array_foreach(few, index, record) {
    const json_t *other = json_array_get(whole, index), *rounds = json_object_get(other, "rounds");
    cr_assert(json_is_true(json_object_get(record, "_sealed")), "record %zu", index);
    cr_assert(json_equal(json_object_get(record, "arm"), json_object_get(other, "arm")));
    cr_assert_eq(json_array_size(json_object_get(record, "rounds")), json_array_size(rounds));
    json_array_foreach(json_object_get(record, "rounds"), r, round)
      cr_assert(json_equal(json_object_get(round, "mean_ns"),
                           json_object_get(json_array_get(rounds, r), "mean_ns")));
    const json_t *manifest = json_object_get(other, "manifest"), *topology;
    topology = json_object_get(json_object_get(record, "manifest"), "topology");
    cr_assert(topology == json_object_get(manifest, "topology") ||
              json_equal(topology, json_object_get(manifest, "topology")));
  }
  json_decref(whole);
  json_decref(few);
}

Test(partial, bad_lines_are_named_as_before) {
  struct test_rounds wanted = {.rounds = 2, .users = 40, .ns = {1e6, 2e6}};
  json_t *record = test_rounds_record("h", &wanted);
  char *good = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
  char *lines = malloc(3 * strlen(good));
  sprintf(lines, "%s\n%.*s\n", good, (int)strlen(good) / 2, good);
  FAILS(read_parts(test_file("cut.jsonl", lines)), L4R_INPUT, "cut.jsonl:2: not JSON (");
  sprintf(lines, "%s\n\n[1]\n", good);
  FAILS(read_parts(test_file("foreign.jsonl", lines)), L4R_INPUT, "foreign.jsonl:3: not a record");
  json_object_set_new(record, "schema", json_integer(7)); /* sealed, but of a later program */
  OK(l4r_record_seal(record));
  char *later = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
  FAILS(read_parts(test_file("later.jsonl", later)), L4R_INPUT, "later.jsonl:1: schema 7");
  free(later);
  free(lines);
  free(good);
  json_decref(record);
}
