/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures worked out ahead are those that anybody works out of the same ranks. */
#include "bench/derive/ahead.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/run/accuracy.h"
#include "bench/record/bundle.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "tests/support/files.h"
#include "tests/support/derived.h"

enum { RANKS = 12, USERS = 50 };

static char name[RANKS][96];
static json_t *expected[RANKS];

/* A file of ranks, named by its hash, and what it gives. */
static void make_ranks(int which) {
  static const char *const arrays[] = {"keep", "mask", "tied", "short"};
  struct l4r_bundle bundle;
  char hash[65], from[512];
  cr_assert_eq(l4r_bundle_init(&bundle), 0);
  for (int a = 0; a < 4; a++) {
    int64_t *value = l4r_bundle_add(&bundle, arrays[a], USERS);
    for (int u = 0; u < USERS; u++) value[u] = a < 2 ? 1 + (u * (which + 3) + a) % 40 : 0;
  }
  snprintf(from, sizeof from, "%s", test_path("new"));
  cr_assert_eq(l4r_bundle_write(&bundle, from), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_sha256_file(from, hash), 0);
  snprintf(name[which], sizeof name[which], "%s.samples.gz", hash);
  cr_assert_eq(rename(from, test_path(name[which])), 0);
  cr_assert_eq(l4r_accuracy_derive(&bundle, &expected[which]), 0, "%s", l4r_error_message());
  l4r_bundle_free(&bundle);
}

static json_t *records_of_all(void) {
  json_t *records = json_array();
  for (int r = 0; r < 2 * RANKS; r++) /* two records share their ranks */
    json_array_append_new(records, json_pack("{s:s, s:{s:s}}", "_path", test_path("a.jsonl"),
                                             "accuracy", "samples", name[r % RANKS]));
  return records;
}

Test(ahead, figures_are_those_of_the_ranks) {
  for (int r = 0; r < RANKS; r++) make_ranks(r);
  json_t *records = records_of_all();
  struct l4r_ahead *ahead = l4r_ahead_start(test_records_of(records));
  if (!ahead) cr_skip_test("one processor");
  for (int r = RANKS - 1; r >= 0; r--) { /* in another order than they are worked out in */
    json_t *figures = l4r_ahead_take(ahead, name[r]);
    cr_assert(json_equal(figures, expected[r]), "ranks %d", r);
    json_decref(figures);
  }
  cr_assert_null(l4r_ahead_take(ahead, "no such ranks"));
  l4r_ahead_stop(ahead);
  ahead = l4r_ahead_start(test_records_of(records)); /* with work left to do */
  l4r_ahead_stop(ahead);
  json_decref(records);
}

Test(ahead, ranks_that_are_damaged_or_gone_are_left_to_who_asks) {
  for (int r = 0; r < RANKS; r++) make_ranks(r);
  test_file(name[3], "not what its name says");
  cr_assert_eq(unlink(test_path(name[4])), 0);
  json_t *records = records_of_all();
  struct l4r_ahead *ahead = l4r_ahead_start(test_records_of(records));
  if (!ahead) cr_skip_test("one processor");
  cr_assert_null(l4r_ahead_take(ahead, name[3]));
  cr_assert_null(l4r_ahead_take(ahead, name[4]));
  json_t *figures = l4r_ahead_take(ahead, name[5]);
  cr_assert(json_equal(figures, expected[5]));
  json_decref(figures);
  l4r_ahead_stop(ahead);
  json_decref(records);
}

Test(ahead, a_few_ranks_do_not_pay) {
  make_ranks(0);
  json_t *records = json_pack("[{s:s, s:{s:s}}]", "_path", test_path("a.jsonl"), "accuracy",
                              "samples", name[0]);
  cr_assert_null(l4r_ahead_start(test_records_of(records)));
  l4r_ahead_stop(NULL);
  json_decref(records);
}
