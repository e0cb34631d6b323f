/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec compare --ranks, from records to exit codes. */
#include "bench/commands/commands.h"
#include "bench/derive/accuracy.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/rounds.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { USERS = 400 };

#define compare(...) test_run(l4r_command_compare, "compare", __VA_ARGS__)

/* A record of that arm whose first `moved` users stand a place lower than u % 30. */
static json_t *record_of(const char *arm, int moved, const char *data) {
  const struct test_rounds rounds = {.arm = arm, .rounds = 5, .ns = {1e6, 1.01e6, .99e6, 1e6, 1e6}};
  static const char *const arrays[] = {"tied", "short"};
  json_t *record = test_rounds_record("runs", &rounds), *accuracy;
  struct l4r_bundle ranks;
  char name[80];
  OK(l4r_bundle_init(&ranks));
  int64_t *user = l4r_bundle_add(&ranks, "user", USERS);
  int64_t *keep = l4r_bundle_add(&ranks, "keep", USERS);
  int64_t *mask = l4r_bundle_add(&ranks, "mask", USERS);
  for (int a = 0; a < 2; a++) l4r_bundle_add(&ranks, arrays[a], USERS);
  for (int u = 0; u < USERS; u++) {
    user[u] = u;
    mask[u] = u % 30;
    keep[u] = u % 30 + (u < moved);
  }
  OK(l4r_accuracy_derive(&ranks, &accuracy));
  OK(l4r_bundle_store(&ranks, test_path("runs"), name));
  json_object_set_new(accuracy, "samples", json_string(name));
  json_object_set_new(record, "accuracy", accuracy);
  json_object_set_new(json_object_get(record, "dataset"), "sha256", json_string(data));
  l4r_bundle_free(&ranks);
  OK(l4r_record_seal(record));
  return record;
}

Test(compare_ranks, two_engines_user_by_user) {
  json_t *records[] = {record_of("blis@lite", 0, "d"), record_of("reference@lite", 3, "d")};
  test_records("runs", "a", records, 2);
  const char *runs = test_path("runs");
  OK(compare(runs, runs, "--ranks", NULL));
  test_says("0 (0 %)");
  OK(compare(runs, runs, "--ranks", "--arm", "blis@lite", "--against", "reference@lite", NULL));
  test_says("blis@lite -> reference@lite");
  test_says("3 (0.75 %)");
  test_says(
      "reference@lite, keep, the first users who differ: user 1: not ranked in A, in B 1; user 2: "
      "1 in A, in B 2; user 3: 2 in A, in B 3");
  OK(compare(runs, runs, "--ranks", "--arm", "blis@lite", "--against", "reference@lite", "--allow",
             ".0075", NULL));
  FAILS(compare(runs, runs, "--ranks", "--arm", "blis@lite", "--against", "reference@lite",
                "--allow", "0", NULL),
        L4R_CHECK, "reference@lite: 3 of 400 users have another rank (keep), more than 0 %");
  OK(compare(runs, runs, "--ranks", "--json", "--arm", "blis@lite", "--against", "reference@lite",
             NULL));
  json_t *root = json_loads(test_read("out"), 0, NULL);
  const json_t *keep = json_object_get(json_array_get(json_object_get(root, "rows"), 0), "keep");
  cr_assert_eq(json_integer_value(json_object_get(keep, "differ")), 3);
  cr_assert_eq(json_integer_value(json_array_get(json_object_get(keep, "hits_alone"), 1)), 1);
  cr_assert_eq(json_array_size(json_object_get(keep, "first")), 3);
  json_decref(root);
}

Test(compare_ranks, what_has_no_ranks_to_compare_is_refused) {
  json_t *records[] = {record_of("blis@lite", 0, "d"), record_of("reference@lite", 3, "e")};
  test_records("runs", "a", records, 2);
  const char *runs = test_path("runs");
  FAILS(compare(runs, runs, "--ranks", "--arm", "blis@lite", "--against", "reference@lite", NULL),
        L4R_INPUT, "their data sets differ");
  FAILS(compare(runs, runs, "--ranks", "--arm", "beam@p5", NULL), L4R_INPUT,
        "none of the 2 records");
  FAILS(compare(runs, runs, "--ranks", "--margin", "3%", NULL), L4R_USAGE,
        "--margin is of times; --ranks compares none");
  FAILS(compare(runs, runs, "--allow", "0", NULL), L4R_USAGE, "--allow belongs to --ranks");
  FAILS(compare(runs, runs, "--ranks", "--allow", "1", NULL), L4R_USAGE, "--allow");
}
