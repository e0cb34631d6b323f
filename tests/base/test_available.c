/* SPDX-License-Identifier: BSD-3-Clause */
/* What memory there is: bounded by the process's own limit, and refused with both figures. */
#include "impl/base/available.h"
#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/resource.h>

Test(available, there_is_some_and_not_everything) {
  int64_t available = l4r_memory_available();
  cr_assert_gt(available, 1 << 20);
  cr_assert_lt(available, INT64_C(1) << 50);
  cr_assert_eq(l4r_memory_check(1, "a byte"), 0);
  cr_assert_eq(l4r_memory_check(1e18, "an exabyte"), L4R_ENVIRONMENT);
  cr_assert_not_null(strstr(l4r_error_message(), "an exabyte: 1000000000000000000 bytes"), "%s",
                     l4r_error_message());
  cr_assert_not_null(strstr(l4r_error_message(), "available"));
}

/* Sanitizers themselves reserve terabytes of addresses. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
Test(available, the_limit_of_the_process_counts) {
  const struct rlimit limit = {(rlim_t)1 << 29, (rlim_t)1 << 29};
  struct rlimit taken;
  cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
  cr_assert_eq(getrlimit(RLIMIT_AS, &taken), 0);
  if (taken.rlim_cur != limit.rlim_cur) /* qemu's emulation of a process: it would starve qemu */
    cr_skip_test("this system accepts RLIMIT_AS and does not set it");
  int64_t available = l4r_memory_available();
  cr_assert_lt(available, 1 << 29);
  cr_assert_geq(available, 0);
}
#endif
