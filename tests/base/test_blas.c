/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/blas.h"

#include <blis.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A user's BLIS_ARCH_TYPE must neither steer the kernels nor survive. */
Test(blas, environment_is_ignored) {
  setenv("BLIS_ARCH_TYPE", "5", 1); /* penryn: never right on a machine with AVX2 */
  const char *name = l4r_blas_open();
  cr_assert_null(getenv("BLIS_ARCH_TYPE"));
  cr_assert_str_eq(name, l4r_blas_open());
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    cr_assert_str_neq(name, "penryn");
    cr_assert_str_neq(name, "generic");
  }
#endif
}

Test(blas, multiplies_after_opening) {
  l4r_blas_open();
  float a[6] = {1, 2, 3, 4, 5, 6}, b[6] = {1, 0, 2, 1, 0, 3}, c[4] = {0}, one = 1, zero = 0;
  bli_sgemm(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, 2, 2, 3, &one, a, 3, 1, b, 2, 1, &zero, c, 2, 1);
  float expected[4] = {5, 11, 14, 23};
  cr_assert_arr_eq(c, expected, sizeof c);
}
