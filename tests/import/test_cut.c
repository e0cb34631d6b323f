/* SPDX-License-Identifier: BSD-3-Clause */
/* `--split time` from files to parts: where the cuts fall, who is dropped, what is cold, and what
 * is refused. */
#include "bench/import/check.h"
#include "bench/import/cut.h"
#include "bench/import/import.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/commands/commands.h"
#include "impl/base/error.h"
#include "tests/support/files.h"

/* Ten interactions at the times 10, 20, ..., 100 (users 1 to 4, movies 1 to 6); user 4 first comes
 * at 90, movie 6 at 90 too. */
static const char ratings[] = "1\t1\t5\t10\n1\t2\t5\t20\n2\t1\t5\t30\n2\t3\t5\t40\n3\t4\t5\t50\n"
                              "3\t1\t5\t60\n1\t5\t5\t70\n2\t2\t5\t80\n4\t6\t5\t90\n4\t1\t5\t100\n"
                              "4\t2\t5\t100\n3\t2\t5\t85\n";

static const char *data_file(void) {
  return test_file("u.data", ratings);
}

static const char *item_file(void) {
  char line[128], all[1024] = "";
  for (int i = 1; i <= 6; i++) {
    snprintf(line, sizeof line, "%d|M%d|||%s\n", i, i, "|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0");
    strcat(all, line);
  }
  return test_file("u.item", all);
}

static int import(const char *cut_text, struct l4r_import_report *report) {
  struct l4r_cut cut;
  cr_assert_eq(l4r_cut_parse(cut_text, &cut), 0, "%s", l4r_error_message());
  const struct l4r_import_options options = {
      .file = {data_file(), item_file()}, .files = 2, .out = test_path("d"), .cut = &cut};
  return l4r_import_run("ml-100k", &options, report);
}

static void expect_failure(int status, int code, const char *part) {
  cr_assert_eq(status, code, "status %d, message: %s", status, l4r_error_message());
  cr_assert(strstr(l4r_error_message(), part), "'%s' is not in: %s", part, l4r_error_message());
}

static void expect_parts(void) {
  cr_assert_str_eq(test_read("d/train.txt"), "1 1 2\n2 1 3\n3 4 1\n");
  cr_assert_str_eq(test_read("d/validation.txt"), "1 5\n2\n3\n");
  cr_assert_str_eq(test_read("d/test.txt"), "1\n2 2\n3 2\n");
}

Test(cut, shares_of_all_interactions_become_times) {
  struct l4r_import_report report;
  /* Twelve interactions: place 6 in the order of time (from 0) is at 70, place 7 at 80. */
  cr_assert_eq(import("0.5,0.59", &report), 0, "%s", l4r_error_message());
  expect_parts();
  cr_assert_eq(report.late_users, 1);
  cr_assert_eq(report.late_interactions, 3);
  cr_assert_eq(report.users, 3);
  cr_assert_eq(report.items, 6); /* movie 6 stays in the catalogue */
  cr_assert_eq(report.interactions, 9);
}

Test(cut, times_are_taken_as_they_are) {
  struct l4r_import_report report;
  cr_assert_eq(import("65,71", &report), 0, "%s", l4r_error_message());
  expect_parts();
  cr_assert_eq(import("70,80", &report), 0, "%s", l4r_error_message());
  expect_parts();
}

Test(cut, check_counts_targets_and_cold_items) {
  struct l4r_import_report report;
  struct l4r_check_report check = {0};
  cr_assert_eq(import("70,80", &report), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_dataset_check(test_path("d"), &check), 0, "%s", l4r_error_message());
  cr_assert_eq(check.validation_targets, 1);
  cr_assert_eq(check.test_targets, 2);
  cr_assert_eq(check.unseen_items, 2); /* 5 and 6 */
  cr_assert_eq(check.cold_validation, 1);
  cr_assert_eq(check.cold_test, 0);
  cr_assert_eq(check.training, 6);
  cr_assert_eq(check.has_times, 1);
}

/* Times that a hash would not give away (hashes are forged alongside) are held against the cuts. */
Test(cut, check_holds_times_against_the_cuts) {
  struct l4r_import_report report;
  struct l4r_check_report check = {0};
  cr_assert_eq(import("70,80", &report), 0);
  cr_assert_str_eq(test_read("d/times.txt"), "1 10 20 70\n2 30 40 80\n3 50 60 85\n");
  test_file("d/times.txt", "1 10 20 70\n2 30 40 79\n3 50 60 85\n");
  expect_failure(l4r_dataset_check(test_path("d"), &check), L4R_INPUT, "times.txt");
}

Test(cut, bad_cuts_are_refused) {
  static const struct {
    const char *text, *part;
  } bad[] = {{"0.8", "two shares"},    {"0.9,0.8", "ascending"}, {"0.8,0.8", "ascending"},
             {"0,0.5", "ascending"},   {"0.5,70", "both"},       {"a,b", "two ascending numbers"},
             {"0.8,0.9,1", "numbers"}, {"", "two shares"},       {"0.5,nan", "two ascending"}};
  struct l4r_cut cut;
  struct l4r_import_report report;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    expect_failure(l4r_cut_parse(bad[i].text, &cut), L4R_USAGE, bad[i].part);
  expect_failure(import("5,80", &report), L4R_INPUT, "leave a part empty");
  expect_failure(import("70,101", &report), L4R_INPUT, "between 10 and 100");
  cr_assert_eq(test_entries("d"), -1, "a folder was left behind");
}

static int data(int argc, const char **argv) {
  return l4r_command_data(argc, (char **)argv);
}

Test(cut, the_command_refuses_sources_without_times) {
  const char *sequences = test_file("s.txt", "1 1 2 3 4\n2 4 3 2 1\n");
  const char *out = test_path("d");
  expect_failure(data(7, (const char *[]){"data", "import", "sequences", sequences, "--split=time",
                                          "--out", out}),
                 L4R_USAGE, "needs timestamps, which sequences has not");
  expect_failure(data(7, (const char *[]){"data", "import", "sequences", sequences, "--split=half",
                                          "--out", out}),
                 L4R_USAGE, "--split is leave-one-out or time");
  expect_failure(data(7, (const char *[]){"data", "import", "sequences", sequences, "--cut=0.8,0.9",
                                          "--out", out}),
                 L4R_USAGE, "--cut belongs to --split time");
  cr_assert_eq(test_entries("d"), -1, "a folder was left behind");
}
