/* SPDX-License-Identifier: BSD-3-Clause */
/* Each test is a process of its own, so nothing is put back. */
#include "impl/base/hide.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Bytes that can be read of a file; -1: it cannot be opened. */
static int readable(const char *path) {
  char byte[16];
  const int file = open(path, O_RDONLY);
  const int got = file < 0 ? -1 : (int)read(file, byte, sizeof byte);
  if (file >= 0) close(file);
  return got;
}

static void hide(unsigned way, const char *name) {
  char how[192];
  const char *const path[] = {test_path("data/test.txt"), test_path("data/none.txt"),
                              test_path("link.txt")};
  cr_assert_eq(mkdir(test_path("data"), 0700), 0);
  test_file("data/test.txt", "secret");
  test_file("data/train.txt", "known");
  test_file("data/linked.txt", "linked");
  test_file("beside.txt", "beside");
  cr_assert_eq(symlink(test_path("data/linked.txt"), test_path("link.txt")), 0);
  cr_assert_eq(link(test_path("data/test.txt"), test_path("data/other-name.txt")), 0);
  if (!l4r_hide_files(path, 3, way, how, sizeof how)) cr_skip_test("%s", how);
  cr_expect_str_eq(how, name);
  cr_expect_leq(readable(test_path("data/test.txt")), 0);
  cr_expect_leq(readable(test_path("data/../data/test.txt")), 0);
  cr_expect_leq(readable(test_path("data/linked.txt")), 0, "by the link's target");
  cr_expect_gt(readable(test_path("data/train.txt")), 0);
  cr_expect_gt(readable(test_path("beside.txt")), 0);
  cr_expect_gt(readable("/proc/self/status"), 0);
  if (way == L4R_HIDE_LANDLOCK) {
    cr_expect_eq(readable(test_path("data/other-name.txt")), -1, "a hard link in the same folder");
    cr_expect_eq(rename(test_path("beside.txt"), test_path("data/beside.txt")), 0);
  }
  const pid_t child = fork();
  int how_it_ended;
  if (!child) _exit(readable(test_path("data/test.txt")) > 0);
  waitpid(child, &how_it_ended, 0);
  cr_expect_eq(how_it_ended, 0, "a child reads it");
}

Test(hide, landlock_refuses_what_is_hidden_and_nothing_else) {
  hide(L4R_HIDE_LANDLOCK, "Landlock");
}

Test(hide, a_mount_namespace_shows_it_empty) {
  hide(L4R_HIDE_MOUNTS, "a mount namespace");
}

Test(hide, what_cannot_be_done_is_said) {
  char how[192];
  const char *const path[] = {test_file("file", "x")};
  cr_expect_eq(l4r_hide_files(path, 1, 0, how, sizeof how), 0);
  cr_expect(strstr(how, "not to be tried"), "%s", how);
  cr_expect_eq(readable(path[0]), 1);
}

/* From inside a ward, the memory of the process outside cannot be read. */
Test(hide, a_ward_keeps_from_the_memory_of_others) {
  const int ward = l4r_ward_open();
  if (ward < 0) cr_skip_test("this kernel has no Landlock");
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", (int)getpid());
  for (int inside = 0; inside < 2; inside++) {
    int how;
    const pid_t child = fork();
    if (!child) {
      if (inside) l4r_ward_enter(ward);
      _exit(open(path, O_RDONLY) >= 0);
    }
    waitpid(child, &how, 0);
    if (!inside && !WEXITSTATUS(how)) cr_skip_test("no process here reads another's memory");
    cr_expect_eq(WEXITSTATUS(how), !inside);
  }
}
