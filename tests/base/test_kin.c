/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/kin.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t kin[L4R_KIN_MOST];

/* A child that has a child in a session of its own; both sleep. */
static pid_t family(void) {
  int told[2];
  char byte;
  cr_assert_eq(pipe(told), 0);
  const pid_t child = fork();
  if (!child) {
    if (!fork()) setsid();
    if (write(told[1], "x", 1) < 0) _exit(1);
    sleep(1000);
    _exit(0);
  }
  for (int i = 0; i < 2; i++) cr_assert_eq(read(told[0], &byte, 1), 1);
  return child;
}

Test(kin, children_and_theirs_are_found) {
  const pid_t one = family(), other = family();
  cr_assert_eq(l4r_kin_find(getpid(), 0, kin), 2);
  cr_assert_eq(l4r_kin_find(getpid(), 1, kin), 4);
  cr_assert_eq(l4r_kin_find(one, 1, kin), 1);
  cr_assert_geq(l4r_kin_end(&other, 1), 2);
  cr_assert_eq(l4r_kin_find(getpid(), 1, kin), 2, "the other was spared");
  l4r_kin_end(NULL, 0);
  cr_assert_eq(l4r_kin_find(getpid(), 1, kin), 0);
}

Test(kin, orphans_are_found_where_they_are_adopted) {
  const int refused = prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (refused && errno == EINVAL) /* as qemu does, which runs one process */
    cr_skip_test("this system lets nobody adopt orphans (PR_SET_CHILD_SUBREAPER)");
  cr_assert_eq(refused, 0);
  const pid_t child = family();
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  cr_assert_eq(l4r_kin_find(getpid(), 0, kin), 1);
  cr_assert_eq(l4r_kin_end(NULL, 0), 1);
  cr_assert_eq(l4r_kin_find(getpid(), 1, kin), 0);
}
