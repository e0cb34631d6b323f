/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/import/check.h"
#include "bench/import/leak.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/import/import.h"
#include "bench/commands/commands.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/data/dataset.h"
#include "impl/data/dataset_write.h"
#include "tests/support/datasets.h"
#include "tests/support/files.h"

static const char *folder(void) {
  struct l4r_import_report report;
  const struct l4r_import_options options = {
      .file = {test_file("ratings.dat", "1::1::5::1\n1::3::5::2\n1::2::5::3\n1::4::5::4\n"
                                        "2::4::5::1\n2::1::5::2\n2::2::5::2\n")},
      .files = 2,
      .out = test_path("d")};
  struct l4r_import_options both = options;
  both.file[1] = test_file("movies.dat", "1::A::B\n");
  cr_assert_eq(l4r_import_run("ml-1m", &both, &report), 0, "%s", l4r_error_message());
  return test_path("d");
}

static void expect(int status, int code, const char *part) {
  cr_assert_eq(status, code, "status %d: %s", status, l4r_error_message());
  cr_assert(strstr(l4r_error_message(), part), "'%s' is not in: %s", part, l4r_error_message());
}

/* --- the scan over files read --------------------------------------------------------------------
 */

Test(leak, what_training_may_read_passes) {
  const char *d = folder();
  const char *paths[] = {test_path("d/train.txt"), test_path("d/validation.txt"),
                         test_path("d/items.tsv"), test_path("d/dataset.json"),
                         test_path("gone/model.safetensors")};
  cr_assert_eq(l4r_leak_scan(d, paths, 5), 0, "%s", l4r_error_message());
}

Test(leak, the_test_part_is_caught_under_any_name) {
  const char *d = folder();
  char *content = test_read("d/test.txt");
  const char *copy = test_file("innocent.bin", content);
  const char *link = test_path("link");
  cr_assert_eq(symlink(test_path("d/test.txt"), link), 0);
  const char *paths[] = {test_path("d/test.txt"),         test_path("d/../d/test.txt"), link, copy,
                         test_path("elsewhere/test.txt"), test_path("d/times.txt")};
  for (int i = 0; i < 6; i++) {
    const char *run[] = {test_path("d/train.txt"), paths[i]};
    expect(l4r_leak_scan(d, run, 2), L4R_CHECK, paths[i]);
  }
  cr_assert_eq(l4r_exit_code(L4R_CHECK), 1);
}

Test(leak, watching_a_run_finds_what_it_opened) {
  const char *d = folder();
  struct l4r_dataset *dataset;
  int64_t count = 0;
  l4r_leak_watch();
  const unsigned allowed = L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEXT;
  cr_assert_eq(l4r_dataset_open(d, allowed, &dataset), 0);
  l4r_dataset_close(dataset);
  cr_assert_eq(l4r_leak_verdict(d, &count), 0, "%s", l4r_error_message());
  cr_assert_eq(count, 4); /* dataset.json, train.txt, validation.txt, items.tsv */
  l4r_leak_watch();
  cr_assert_eq(l4r_dataset_open(d, L4R_PART_TRAIN | L4R_PART_TEST, &dataset), 0);
  l4r_dataset_close(dataset);
  expect(l4r_leak_verdict(d, &count), L4R_CHECK, "test.txt");
  cr_assert_eq(count, 3);
}

/* --- data check ----------------------------------------------------------------------------------
 */

Test(leak, check_counts) {
  struct l4r_check_report report;
  cr_assert_eq(l4r_dataset_check(folder(), &report), 0, "%s", l4r_error_message());
  cr_assert_eq(report.users, 2);
  cr_assert_eq(report.items, 4);
  cr_assert_eq(report.interactions, 7);
  cr_assert_eq(report.training, 3);
  cr_assert_eq(report.shortest, 1);
  cr_assert_eq(report.longest, 2);
  cr_assert_eq(report.unseen_items, 1); /* item 2 */
  cr_assert_eq(report.without_text, 3);
  cr_assert_eq(report.repeats, 0);
  cr_assert_eq(report.has_times, 1);
  /* User 1: 1 3 2 then 4, the largest + 1; user 2: 4 1 then 2. */
  cr_assert_float_eq(report.next_id, 0.5, 1e-12);
  cr_assert_float_eq(report.next_ten, 0.5, 1e-12);
}

Test(leak, check_finds_held_out_items_in_the_training_part) {
  const int64_t start[] = {0, 4, 7};
  const l4r_item item[] = {1, 2, 3, 1, 1, 2, 2};
  const struct l4r_item_text text[] = {
      {0}, {"1", "a", "", ""}, {"2", "b", "", ""}, {"3", "c", "", ""}};
  const struct test_interactions of = {2, 3, start, item};
  const struct l4r_dataset_source source = test_source("leaky", &of, text);
  struct l4r_check_report report;
  test_dataset_write("leaky", &source);
  expect(l4r_dataset_check(test_path("leaky"), &report), L4R_CHECK, "1 users have a held-out item");
  cr_assert_eq(report.leaked_users, 1);
  cr_assert_eq(report.equal_held_out, 1);
}

Test(leak, check_proves_times_too) {
  struct l4r_check_report report;
  folder();
  char *content = test_read("d/times.txt");
  content[2] = '0';
  test_file("d/times.txt", content);
  expect(l4r_dataset_check(test_path("d"), &report), L4R_INPUT, "times.txt");
  cr_assert_eq(unlink(test_path("d/times.txt")), 0);
  expect(l4r_dataset_check(test_path("d"), &report), L4R_INPUT, "times.txt: the file is missing");
}

/* --- what the command prints ---------------------------------------------------------------------
 */

static char *printed(int argc, const char **argv, int expected) {
  fflush(stdout);
  const int kept = dup(1);
  cr_assert_not_null(freopen(test_path("stdout"), "w", stdout));
  const int status = l4r_command_data(argc, (char **)argv);
  fflush(stdout);
  dup2(kept, 1);
  close(kept);
  cr_assert_eq(status, expected, "status %d: %s", status, l4r_error_message());
  return test_read("stdout");
}

static void expect_text(const char *text, const char *part) {
  cr_assert(strstr(text, part), "'%s' is not in:\n%s", part, text);
}

Test(leak, commands_print_counts_tie_rule_and_hashes) {
  folder();
  const char *import[] = {
      "data", "import", "ml-1m",       test_path("ratings.dat"), test_path("movies.dat"), "--tie",
      "file", "--out",  test_path("p")};
  char *text = printed(9, import, 0), hash[65];
  expect_text(text, "7 interactions, 2 users, 4 items");
  expect_text(text, "0 users with fewer than three items");
  expect_text(text, "2 interactions, ordered by the tie rule");
  expect_text(text, "tie rule file");
  static const char *const names[] = {"p/train.txt", "p/test.txt", "p/items.tsv", "p/times.txt"};
  for (int i = 0; i < 4; i++) {
    cr_assert_eq(l4r_sha256_file(test_path(names[i]), hash), 0);
    expect_text(text, hash);
  }
  const char *check[] = {"data", "check", test_path("p"), "--reads", NULL};
  text = printed(3, check, 0);
  expect_text(text, "0 users with a held-out item in their training part");
  char list[9000];
  snprintf(list, sizeof list, "%s\n%s\n", test_path("p/train.txt"), test_path("p/items.tsv"));
  check[4] = test_file("reads", list);
  expect_text(printed(5, check, 0), "2 files, none of them held-out data");
  snprintf(list, sizeof list, "%s\n", test_path("p/test.txt"));
  test_file("reads", list);
  printed(5, check, L4R_CHECK);
  expect_text(l4r_error_message(), "p/test.txt");
}
