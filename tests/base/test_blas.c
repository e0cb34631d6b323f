/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/blas.h"
#include "impl/base/log.h"

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

/* What cpuid suggests is measured against the alternatives, and processes that follow agree. */
Test(blas, the_choice_is_measured_and_handed_on) {
  unsetenv("LITE4REC_BLIS");
  const struct l4r_blas_choice *choice = l4r_blas_choose();
  cr_assert_str_eq(choice->kernels, l4r_blas_open());
  cr_assert_neq(choice->because[0], '\0');
  cr_assert_geq(choice->measured, 1, "even where there is nothing to choose from");
  if (!choice->asked[0]) cr_skip_test("BLIS's own choice is the only one on this processor");
  cr_assert_str_eq(getenv("LITE4REC_BLIS"), choice->asked);
  cr_assert_str_eq(choice->kernels, choice->asked);
  double best = 0, chosen = 0;
  for (int i = 0; i < choice->measured; i++) {
    cr_expect_gt(choice->speed[i].gflops, 0, "%s", choice->speed[i].name);
    if (choice->speed[i].gflops > best) best = choice->speed[i].gflops;
    if (!strcmp(choice->speed[i].name, choice->asked)) chosen = choice->speed[i].gflops;
  }
  cr_assert_geq(chosen * 1.2, best);
}

Test(blas, a_user_may_name_another_set_and_it_is_said) {
  if (!l4r_cpu()->avx2) cr_skip_test("this processor has one set at most");
  setenv("LITE4REC_BLIS", "haswell", 1); /* the last candidate wherever there is AVX2 */
  const struct l4r_blas_choice *choice = l4r_blas_choose();
  cr_assert_str_eq(choice->kernels, "haswell");
  cr_assert_eq(choice->measured, 0);
}

static char heard[512];
static void listen(void *context, const char *text) {
  snprintf(heard, sizeof heard, "%s", text);
}

Test(blas, a_set_that_is_none_is_ignored_with_a_warning) {
  l4r_on_warning(listen, NULL);
  setenv("LITE4REC_BLIS", "power9", 1);
  const char *kernels = l4r_blas_open();
  l4r_on_warning(NULL, NULL);
  cr_assert_str_neq(kernels, "power9");
  cr_assert_not_null(strstr(heard, "LITE4REC_BLIS=power9"), "%s", heard);
}
