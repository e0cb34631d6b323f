/* SPDX-License-Identifier: BSD-3-Clause */
/* Folders that are old or new: what is carried over, what is refused, and what neither a failure
 * nor a signal nor a kill may leave. */
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/folder.h"
#include "impl/base/log.h"
#include "impl/base/tidy.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void test_exchange_fails(int error); /* test_base.c */

static int owns(const char *name) {
  return !strcmp(name, "data") || !strcmp(name, "times") || !strcmp(name, "whole");
}

static void put(const struct l4r_folder *folder, const char *name, const char *text) {
  char path[L4R_PATH_MAX];
  cr_assert_eq(l4r_path_join(path, folder->path, name), 0);
  cr_assert_eq(l4r_write_file(path, text, strlen(text)), 0, "%s", l4r_error_message());
}

static void write_folder(const char *target, const char *text) {
  struct l4r_folder folder;
  cr_assert_eq(l4r_folder_begin(&folder, target), 0, "%s", l4r_error_message());
  put(&folder, "data", text);
  put(&folder, "whole", "yes");
  cr_assert_eq(l4r_folder_end(&folder, 0, owns, "whole"), 0, "%s", l4r_error_message());
}

static void fails(int status, int code, const char *part) {
  cr_assert_eq(status, code, "status %d: %s", status, l4r_error_message());
  cr_assert_not_null(strstr(l4r_error_message(), part), "%s", l4r_error_message());
}

static int absent(const char *name) {
  struct stat info;
  return lstat(test_path(name), &info) != 0;
}

Test(folder, a_new_one_takes_the_old_ones_place_with_what_a_person_put_there) {
  write_folder(test_path("above/t"), "old");
  cr_assert_eq(test_entries("above"), 1, "something was left beside it");
  cr_assert_eq(test_entries("above/t"), 2);
  test_file("above/t/times", "of the old one");
  test_file("above/t/notes", "mine");
  test_file("above/t/data.12.tmp", "of a killed process");
  cr_assert_eq(l4r_make_folders(test_path("above/t/deep/deeper")), 0);
  test_file("above/t/deep/deeper/notes", "mine too");
  cr_assert_eq(chmod(test_path("above/t"), 0750), 0);
  write_folder(test_path("above/t/"), "new");
  cr_assert_str_eq(test_read("above/t/data"), "new");
  cr_assert_str_eq(test_read("above/t/notes"), "mine");
  cr_assert_str_eq(test_read("above/t/deep/deeper/notes"), "mine too");
  cr_assert_eq(test_entries("above/t"), 4);
  cr_assert_eq(test_entries("above"), 1);
  struct stat info;
  cr_assert_eq(stat(test_path("above/t"), &info), 0);
  cr_assert_eq(info.st_mode & 0777, 0750);
}

Test(folder, a_failure_leaves_the_old_one_and_nothing_else) {
  struct l4r_folder folder;
  write_folder(test_path("above/t"), "old");
  cr_assert_eq(l4r_folder_begin(&folder, test_path("above/t")), 0);
  put(&folder, "data", "new");
  cr_assert_eq(l4r_folder_end(&folder, L4R_INPUT, owns, "whole"), L4R_INPUT);
  cr_assert_str_eq(test_read("above/t/data"), "old");
  cr_assert_eq(test_entries("above"), 1);
  cr_assert_eq(l4r_folder_begin(&folder, test_path("fresh/a/b")), 0);
  cr_assert_eq(l4r_folder_end(&folder, L4R_INPUT, owns, "whole"), L4R_INPUT);
  cr_assert(absent("fresh"), "folders that were made for nothing stay");
}

Test(folder, a_link_leads_to_the_folder_that_is_exchanged) {
  write_folder(test_path("real/t"), "old");
  cr_assert_eq(symlink("real/t", test_path("link")), 0);
  write_folder(test_path("link"), "new");
  struct stat info;
  cr_assert_eq(lstat(test_path("link"), &info), 0);
  cr_assert(S_ISLNK(info.st_mode));
  cr_assert_str_eq(test_read("real/t/data"), "new");
  cr_assert_eq(symlink("nowhere", test_path("dangling")), 0);
  struct l4r_folder folder;
  fails(l4r_folder_begin(&folder, test_path("dangling")), L4R_ENVIRONMENT, "link to nothing");
  test_file("file", "x");
  fails(l4r_folder_begin(&folder, test_path("file")), L4R_ENVIRONMENT, "not a folder");
}

Test(folder, a_second_writer_is_refused_and_told_by_whom) {
  struct l4r_folder folder, other;
  char number[32];
  cr_assert_eq(l4r_folder_begin(&folder, test_path("t")), 0);
  fails(l4r_folder_begin(&other, test_path("t")), L4R_ENVIRONMENT, "another process");
  snprintf(number, sizeof number, "process %ld ", (long)getpid());
  fails(l4r_folder_hold(&other, test_path("t")), L4R_ENVIRONMENT, number);
  put(&folder, "whole", "yes");
  cr_assert_eq(l4r_folder_end(&folder, 0, owns, "whole"), 0, "%s", l4r_error_message());
  write_folder(test_path("t"), "next");
  cr_assert_eq(test_entries("."), 1);
}

Test(folder, where_nothing_can_be_exchanged_the_old_one_stays) {
  struct l4r_folder folder;
  write_folder(test_path("above/t"), "old");
  test_exchange_fails(EINVAL);
  fails(l4r_folder_begin(&folder, test_path("above/t")), L4R_ENVIRONMENT, "cannot exchange");
  cr_assert_str_eq(test_read("above/t/data"), "old");
  cr_assert_eq(test_entries("above"), 1);
  write_folder(test_path("above/fresh"), "a new one needs no exchange");
  cr_assert_eq(l4r_make_folders(test_path("above/empty")), 0);
  write_folder(test_path("above/empty"), "nor does an empty one");
}

/* A folder where a process stands would go from under it. */
Test(folder, where_this_process_stands_only_an_empty_one_is_filled) {
  struct l4r_folder folder;
  const char *here = strdup(test_path("here"));
  cr_assert_eq(l4r_make_folders(here), 0);
  cr_assert_eq(chdir(here), 0);
  write_folder(".", "first");
  cr_assert_eq(access("data", F_OK), 0, "the process stands in a folder that is gone");
  cr_assert_eq(test_entries("here"), 2);
  fails(l4r_folder_begin(&folder, "."), L4R_ENVIRONMENT, "runs in it");
  cr_assert_eq(test_entries("here"), 2);
  cr_assert_eq(chdir("/"), 0);
}

/* Ends a child that is in the midst of writing by a signal; whether the old folder is as it was. */
static void end_in_the_midst(int number) {
  const pid_t child = fork();
  if (!child) {
    struct l4r_folder folder;
    signal(number, SIG_DFL);
    if (l4r_folder_begin(&folder, test_path("above/t"))) _exit(1);
    put(&folder, "data", "half");
    raise(number);
    _exit(2);
  }
  int state;
  cr_assert_eq(waitpid(child, &state, 0), child);
  cr_assert(WIFSIGNALED(state) && WTERMSIG(state) == number, "state %x", (unsigned)state);
  cr_assert_str_eq(test_read("above/t/data"), "old");
}

Test(folder, signals_leave_nothing_aside_and_a_kill_nothing_after_the_next_writing) {
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  write_folder(test_path("above/t"), "old");
  for (size_t s = 0; s < sizeof signals / sizeof *signals; s++) {
    end_in_the_midst(signals[s]);
    cr_assert(absent("above/.t.new"), "signal %d left a folder", signals[s]);
  }
  end_in_the_midst(SIGKILL);
  cr_assert_not(absent("above/.t.new"));
  write_folder(test_path("above/t"), "new");
  cr_assert_eq(test_entries("above"), 1, "the killed process's folder is still there");
}

Test(folder, a_tree_is_removed_and_links_are_not_followed) {
  char name[64];
  cr_assert_eq(l4r_make_folders(test_path("tree/deep")), 0);
  cr_assert_eq(l4r_make_folders(test_path("kept")), 0);
  test_file("kept/file", "x");
  cr_assert_eq(symlink("../kept", test_path("tree/link")), 0);
  for (int i = 0; i < 500; i++) { /* more than one listing holds */
    snprintf(name, sizeof name, "tree/deep/a-name-of-some-length-%d", i);
    test_file(name, "");
  }
  l4r_remove_tree(test_path("tree"));
  cr_assert(absent("tree"));
  cr_assert_str_eq(test_read("kept/file"), "x");
}

Test(folder, a_scratch_folder_goes_with_a_signal_and_at_its_end) {
  char folder[L4R_PATH_MAX];
  struct l4r_scratch scratch;
  cr_assert_eq(setenv("TMPDIR", test_folder(), 1), 0);
  cr_assert_eq(l4r_scratch_make("l4r-scratch", folder, &scratch), 0);
  cr_assert_eq(test_entries("."), 1);
  l4r_scratch_remove(folder, &scratch);
  cr_assert_eq(test_entries("."), 0);
  const pid_t child = fork();
  if (!child) {
    signal(SIGTERM, SIG_DFL);
    if (l4r_scratch_make("l4r-scratch", folder, &scratch)) _exit(1);
    raise(SIGTERM);
    _exit(2);
  }
  int state;
  cr_assert_eq(waitpid(child, &state, 0), child);
  cr_assert(WIFSIGNALED(state));
  cr_assert_eq(test_entries("."), 0);
}
