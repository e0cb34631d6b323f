/* SPDX-License-Identifier: BSD-3-Clause */
/* users.tsv, look-ups by source id, and what newer folders state beside the older ones. */
#include "impl/data/dataset.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "impl/base/error.h"
#include "impl/data/dataset_users.h"
#include "impl/data/dataset_write.h"
#include "tests/support/datasets.h"
#include "tests/support/files.h"

static const int64_t starts[] = {0, 3, 6};
static const l4r_item items[] = {1, 2, 3, 3, 1, 1};
static const int64_t times[] = {-5, 7, 9, 1, 2, 3};
static const struct l4r_item_text texts[] = {
    {0}, {"B1", "", "", ""}, {"B 2", "", "", ""}, {"7", "", "", ""}};
static const char *const users[] = {"A9", "Zo\xc3\xab \"Z\""};

static struct l4r_dataset_source source(void) {
  static const struct test_interactions of = {2, 3, starts, items};
  struct l4r_dataset_source source = test_source("u", &of, texts);
  source.tie = "file";
  source.filters = "repeats=all";
  source.time = times;
  source.time_unit = "ms";
  source.user_id = users;
  source.repeats = 1;
  return source;
}

static struct l4r_dataset *opened(unsigned parts) {
  struct l4r_dataset *dataset;
  cr_assert_eq(l4r_dataset_open(test_path("d"), parts, &dataset), 0, "%s", l4r_error_message());
  return dataset;
}

Test(users, source_ids_are_kept_and_found) {
  const struct l4r_dataset_source s = source();
  test_dataset_write("d", &s);
  cr_assert_str_eq(test_read("d/users.tsv"), "user\tsource_id\n1\tA9\n2\tZo\xc3\xab \"Z\"\n");
  cr_assert_str_eq(test_read("d/times.txt"), "1 -5 7 9\n2 1 2 3\n");
  struct l4r_dataset *d = opened(L4R_PART_USERS | L4R_PART_TEXT);
  cr_assert_str_eq(d->user_id[1], users[1]);
  cr_assert_eq(l4r_dataset_find_user(d, "A9"), 0);
  cr_assert_eq(l4r_dataset_find_user(d, "Zo\xc3\xab \"Z\""), 1);
  cr_assert_eq(l4r_dataset_find_user(d, "a9"), -1);
  cr_assert_eq(l4r_dataset_find_item(d, "B 2"), 2);
  cr_assert_eq(l4r_dataset_find_item(d, "7"), 3);
  cr_assert_eq(l4r_dataset_find_item(d, ""), 0);
  cr_assert_str_eq(d->time_unit, "ms");
  cr_assert_eq(d->repeats, 1);
  l4r_dataset_close(d);
  d = opened(0);
  cr_assert_null(d->user_id);
  cr_assert_eq(l4r_dataset_find_user(d, "A9"), -1);
  l4r_dataset_close(d);
}

/* What users are called changes no result, so it does not change the data set's identity either. */
Test(users, folders_without_them_are_the_same_data_set) {
  char with[65];
  struct l4r_dataset_source s = source();
  test_dataset_write("d", &s);
  struct l4r_dataset *d = opened(0);
  strcpy(with, d->sha256);
  l4r_dataset_close(d);
  s.user_id = NULL;
  s.time_unit = NULL;
  s.repeats = 0;
  test_dataset_write("d", &s);
  cr_assert_eq(access(test_path("d/users.tsv"), F_OK), -1, "the former users.tsv is still there");
  d = opened(L4R_PART_USERS);
  cr_assert_str_eq(d->sha256, with);
  cr_assert_null(d->user_id);
  cr_assert_str_eq(d->time_unit, "s");
  cr_assert_eq(d->repeats, 0);
  l4r_dataset_close(d);
}

Test(users, changed_names_are_refused) {
  const struct l4r_dataset_source s = source();
  struct l4r_dataset *d;
  test_dataset_write("d", &s);
  test_file("d/users.tsv", "user\tsource_id\n1\tA8\n2\tx\n");
  cr_assert_eq(l4r_dataset_open(test_path("d"), L4R_PART_USERS, &d), L4R_INPUT);
  cr_assert(strstr(l4r_error_message(), "users.tsv: its SHA-256"), "%s", l4r_error_message());
  d = opened(L4R_PART_TRAIN); /* who does not ask for names is not kept from the rest */
  l4r_dataset_close(d);
}

Test(users, names_that_would_break_the_file_are_refused) {
  struct l4r_dataset_source s = source();
  static const char *const bad[][2] = {{"a\tb", "c"}, {"a", "b\nc"}, {"a", "\xe9"}};
  for (int i = 0; i < 3; i++) {
    s.user_id = bad[i];
    cr_assert_eq(l4r_dataset_write(test_path("d"), &s), L4R_INPUT, "case %d", i);
    cr_assert(strstr(l4r_error_message(), "its source id"), "%s", l4r_error_message());
  }
}
