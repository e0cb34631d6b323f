/* SPDX-License-Identifier: BSD-3-Clause */
/* Which files of a tree hold records, and in which order they are read. */
#include "bench/record/read.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "tests/support/command.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char order[4096];

static int note(void *context, struct l4r_record *record) {
  (void)context;
  const char *path = record->from.path;
  strcat(strcat(order, path + strlen(test_folder()) + 1), " ");
  return L4R_OK;
}

static int read_from(const char *path) {
  *order = '\0';
  return l4r_records_each(&path, 1, note, NULL);
}

static void file(const char *name) {
  test_file(name, "{\"schema\":1}\n");
}

Test(read, a_tree_is_read_in_the_order_of_names_at_every_depth) {
  static const char *const folders[] = {"t", "t/b", "t/b/c", "t/.hidden", "t/empty"};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
    cr_assert_eq(mkdir(test_path(folders[i]), 0777), 0);
  static const char *const files[] = {"t/z.jsonl",     "t/a.jsonl",         "t/b/2.jsonl",
                                      "t/b/c/1.jsonl", "t/.hidden/x.jsonl", "t/b.txt",
                                      "t/.jsonl",      "t/b/10.jsonl",      "t/B.jsonl"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) file(files[i]);
  OK(read_from(test_path("t")));
  cr_expect_str_eq(order, "t/.hidden/x.jsonl t/B.jsonl t/a.jsonl t/b/10.jsonl t/b/2.jsonl "
                          "t/b/c/1.jsonl t/z.jsonl ");
  OK(read_from(test_path("t/")));
  cr_expect_str_eq(order, "t/.hidden/x.jsonl t/B.jsonl t/a.jsonl t/b/10.jsonl t/b/2.jsonl "
                          "t/b/c/1.jsonl t/z.jsonl ");
  OK(read_from(test_path("t/b.txt"))); /* one that is named need not end in .jsonl */
  cr_expect_str_eq(order, "t/b.txt ");
  FAILS(read_from(test_path("t/empty")), L4R_INPUT, "no record");
}

Test(read, links_are_not_followed_and_a_loop_of_them_ends) {
  cr_assert_eq(mkdir(test_path("t"), 0777), 0);
  file("t/a.jsonl");
  cr_assert_eq(symlink(".", test_path("t/loop")), 0);
  cr_assert_eq(symlink("a.jsonl", test_path("t/b.jsonl")), 0);
  OK(read_from(test_path("t")));
  cr_expect_str_eq(order, "t/a.jsonl ");
}

Test(read, what_is_missing_or_too_deep_is_named) {
  char path[L4R_PATH_MAX + 300];
  snprintf(path, sizeof path, "%s", test_path("t"));
  FAILS(read_from(path), L4R_INPUT, "cannot read ");
  FAILS(read_from(""), L4R_USAGE, "an empty path");
  memset(path, 'x', sizeof path - 1);
  path[sizeof path - 1] = '\0';
  FAILS(read_from(path), L4R_USAGE, "path too long");
  /* Deeper than a path can name. */
  char name[201];
  memset(name, 'd', 200);
  name[200] = '\0';
  cr_assert_eq(chdir(test_folder()), 0);
  for (int i = 0; i < 25; i++) {
    cr_assert_eq(mkdir(name, 0777), 0);
    cr_assert_eq(chdir(name), 0);
  }
  FAILS(read_from(test_folder()), L4R_INPUT, "is longer than 4095 bytes");
  /* Out again, for nobody else can remove it. */
  for (int i = 0; i < 25; i++) {
    cr_assert_eq(chdir(".."), 0);
    cr_assert_eq(rmdir(name), 0);
  }
}
