/* SPDX-License-Identifier: BSD-3-Clause */
/* A data set split by one cut in time for all users: who is in which part, who has a target, and
 * what stands in its history. */
#include "impl/data/dataset.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "impl/base/error.h"
#include "impl/data/dataset_write.h"
#include "tests/support/files.h"

enum { ALL = L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST, USERS = 4, ITEMS = 6 };

/* With cuts at 30 and 40: user 1 is in all parts, user 2 has no test part, user 3 first comes in
 * the validation part, user 4 is in the training part alone. Item 6 first comes after training. */
static const int64_t starts[] = {0, 6, 8, 10, 11};
static const l4r_item items[] = {1, 2, 3, 6, 4, 5, 2, 4, 5, 1, 3};
static const int64_t times[] = {10, 29, 30, 39, 40, 50, 5, 35, 32, 45, 12};
static const int64_t cut[] = {30, 40};
static const struct l4r_item_text texts[ITEMS + 1] = {
    {0},
    {"1", "", "", ""},
    {"2", "", "", ""},
    {"3", "", "", ""},
    {"4", "", "", ""},
    {"5", "", "", ""},
    {"6", "", "", ""},
};

static struct l4r_dataset_source source(void) {
  return (struct l4r_dataset_source){.name = "cut",
                                     .source = "test",
                                     .tie = "item",
                                     .filters = "",
                                     .users = USERS,
                                     .items = ITEMS,
                                     .start = starts,
                                     .item = items,
                                     .time = times,
                                     .text = texts,
                                     .cut = cut};
}

static struct l4r_dataset *opened(unsigned parts) {
  const struct l4r_dataset_source s = source();
  struct l4r_dataset *dataset;
  cr_assert_eq(l4r_dataset_write(test_path("d"), &s), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_dataset_open(test_path("d"), parts, &dataset), 0, "%s", l4r_error_message());
  return dataset;
}

static void expect_failure(int status, int code, const char *part) {
  cr_assert_eq(status, code, "status %d, message: %s", status, l4r_error_message());
  cr_assert(strstr(l4r_error_message(), part), "'%s' is not in: %s", part, l4r_error_message());
}

Test(split_time, an_interaction_at_a_cut_belongs_to_what_follows) {
  l4r_dataset_close(opened(0));
  cr_assert_str_eq(test_read("d/train.txt"), "1 1 2\n2 2\n3\n4 3\n");
  cr_assert_str_eq(test_read("d/validation.txt"), "1 3 6\n2 4\n3 5\n4\n");
  cr_assert_str_eq(test_read("d/test.txt"), "1 4 5\n2\n3 1\n4\n");
  cr_assert_str_eq(test_read("d/times.txt"), "1 10 29 30 39 40 50\n2 5 35\n3 32 45\n4 12\n");
}

Test(split_time, targets_are_first_interactions_with_a_history) {
  struct l4r_dataset *d = opened(ALL);
  cr_assert_str_eq(d->split, "time");
  cr_assert_eq(d->cut[0], 30);
  cr_assert_eq(d->cut[1], 40);
  cr_assert_arr_eq(d->parts, ((int64_t[]){4, 4, 3}), sizeof d->parts);
  /* User 3's first interaction in the validation part has nothing before it. */
  cr_assert_arr_eq(d->validation, ((l4r_item[]){3, 4, 0, 0}), USERS * sizeof(l4r_item));
  cr_assert_arr_eq(d->test, ((l4r_item[]){4, 0, 1, 0}), USERS * sizeof(l4r_item));
  cr_assert_arr_eq(d->train_count, ((int64_t[]){0, 1, 2, 1, 0, 0, 0}),
                   (ITEMS + 1) * sizeof(int64_t));
  l4r_dataset_close(d);
}

Test(split_time, a_test_history_is_everything_before_the_last_cut) {
  struct l4r_dataset *d = opened(ALL);
  l4r_item out[8];
  cr_assert_eq(l4r_dataset_history(d, 0, 0, out, 8), 2);
  cr_assert_arr_eq(out, ((l4r_item[]){1, 2}), 2 * sizeof *out);
  cr_assert_eq(l4r_dataset_history(d, 0, 1, out, 8), 4);
  cr_assert_arr_eq(out, ((l4r_item[]){1, 2, 3, 6}), 4 * sizeof *out);
  cr_assert_eq(l4r_dataset_history(d, 0, 1, out, 3), 3);
  cr_assert_arr_eq(out, ((l4r_item[]){2, 3, 6}), 3 * sizeof *out);
  cr_assert_eq(l4r_dataset_history(d, 0, 1, out, 1), 1);
  cr_assert_eq(out[0], 6);
  cr_assert_eq(l4r_dataset_history(d, 2, 0, out, 8), 0);
  cr_assert_eq(l4r_dataset_history(d, 2, 1, out, 8), 1);
  cr_assert_eq(out[0], 5);
  cr_assert_eq(l4r_dataset_history_length(d, 0, 0), 2);
  cr_assert_eq(l4r_dataset_history_length(d, 0, 1), 4);
  cr_assert_eq(l4r_dataset_longest(d), 4);
  l4r_dataset_close(d);
}

Test(split_time, training_needs_no_test_part) {
  l4r_dataset_close(opened(0));
  cr_assert_eq(remove(test_path("d/test.txt")), 0);
  cr_assert_eq(remove(test_path("d/times.txt")), 0);
  struct l4r_dataset *d;
  const unsigned parts = L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEXT;
  cr_assert_eq(l4r_dataset_open(test_path("d"), parts, &d), 0, "%s", l4r_error_message());
  cr_assert_null(d->test);
  cr_assert_null(d->test_part.item);
  l4r_dataset_close(d);
}

/* Two interactions in each part of the one cut, one held out of each in the other: the same files
 * under both splits, which must not pass for the same data set. */
Test(split_time, the_same_files_under_another_split_are_another_data_set) {
  const int64_t start[] = {0, 3, 6}, time[] = {10, 30, 40, 11, 31, 41};
  const l4r_item item[] = {1, 2, 3, 3, 1, 2};
  struct l4r_dataset_source s = source();
  struct l4r_dataset *d[3];
  s.users = 2;
  s.start = start;
  s.item = item;
  s.time = time;
  cr_assert_eq(l4r_dataset_write(test_path("a"), &s), 0, "%s", l4r_error_message());
  s.cut = (const int64_t[]){29, 40};
  cr_assert_eq(l4r_dataset_write(test_path("b"), &s), 0, "%s", l4r_error_message());
  s.cut = NULL;
  cr_assert_eq(l4r_dataset_write(test_path("c"), &s), 0, "%s", l4r_error_message());
  cr_assert_str_eq(test_read("a/train.txt"), test_read("c/train.txt"));
  cr_assert_str_eq(test_read("a/test.txt"), test_read("c/test.txt"));
  for (int i = 0; i < 3; i++)
    cr_assert_eq(l4r_dataset_open(test_path((const char *[]){"a", "b", "c"}[i]), 0, &d[i]), 0);
  cr_assert_str_neq(d[0]->sha256, d[1]->sha256);
  cr_assert_str_neq(d[0]->sha256, d[2]->sha256);
  for (int i = 0; i < 3; i++) l4r_dataset_close(d[i]);
}

Test(split_time, an_edited_split_is_refused) {
  l4r_dataset_close(opened(0));
  char *json = test_read("d/dataset.json"), *at = strstr(json, "30");
  struct l4r_dataset *d;
  at[1] = '1';
  test_file("d/dataset.json", json);
  expect_failure(l4r_dataset_open(test_path("d"), 0, &d), L4R_INPUT, "field \"sha256\"");
}

Test(split_time, the_writer_refuses_cuts_that_leave_nothing) {
  struct l4r_dataset_source s = source();
  s.cut = (const int64_t[]){5, 40}; /* nothing before the first */
  expect_failure(l4r_dataset_write(test_path("w"), &s), L4R_INPUT, "leave 0 interactions to train");
  s.cut = (const int64_t[]){30, 60};
  expect_failure(l4r_dataset_write(test_path("w"), &s), L4R_INPUT, "0 with a test target");
  s.cut = (const int64_t[]){36, 38};
  expect_failure(l4r_dataset_write(test_path("w"), &s), L4R_INPUT, "0 users with a validation");
  s.cut = (const int64_t[]){20, 31};
  expect_failure(l4r_dataset_write(test_path("w"), &s), L4R_INPUT, "user 3 has no interaction");
  s.cut = (const int64_t[]){40, 40};
  expect_failure(l4r_dataset_write(test_path("w"), &s), L4R_USAGE, "ascending");
  s = source();
  s.time = NULL;
  expect_failure(l4r_dataset_write(test_path("w"), &s), L4R_USAGE, "needs times");
  cr_assert_eq(test_entries("w"), -1, "a folder was left behind");
}
