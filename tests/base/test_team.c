/* SPDX-License-Identifier: BSD-3-Clause */
/* A team of workers: what it says when the system gives it no thread. */
#include "impl/base/error.h"
#include "impl/base/team.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Sanitizers themselves reserve terabytes of addresses. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
Test(team, a_worker_without_memory_for_its_stack_says_so) {
  const struct rlimit limit = {1, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY};
  free(malloc(1 << 16)); /* the team itself fits into the heap there is */
  cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
  void *beyond = malloc(1 << 28);
  if (beyond) cr_skip_test("no limit of memory holds here (qemu's user mode has none)");
  struct l4r_team *team = NULL;
  const int status = l4r_team_create(2, NULL, &team);
  setrlimit(RLIMIT_AS, &all);
  cr_assert_eq(status, L4R_ENVIRONMENT);
  cr_assert_null(team);
  cr_assert(strstr(l4r_error_message(), "worker 1 of 2"), "%s", l4r_error_message());
  cr_assert(strstr(l4r_error_message(), "memory"), "%s", l4r_error_message());
  cr_assert(strstr(l4r_error_message(), "fewer threads"), "%s", l4r_error_message());
}
#endif
