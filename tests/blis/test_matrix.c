/* SPDX-License-Identifier: BSD-3-Clause */
/* Packed matrices: what was put in comes out, and products by any group, over any
 * range of columns equal double arithmetic. */
#include "tests/blis/models.h"

#include "impl/base/memory.h"
#include "impl/blis/matrix.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const int64_t panels[] = {8, 16, 32};

Test(blis_matrix, columns_come_out_as_they_went_in) {
  float *weight = test_normals(TEST_N * TEST_K, 1), column[TEST_K];
  for (size_t p = 0; p < sizeof panels / sizeof *panels; p++) {
    struct l4r_matrix matrix;
    test_pack(&matrix, (struct l4r_layout){panels[p], L4R_FP32}, weight);
    cr_assert_geq(l4r_matrix_bytes(&matrix), TEST_N * TEST_K * 4);
    cr_assert_leq(l4r_matrix_bytes(&matrix), (TEST_N + 64) * TEST_K * 4);
    for (int64_t j = 0; j < TEST_N; j++) {
      l4r_matrix_column(&matrix, j, column);
      cr_assert_arr_eq(column, weight + j * TEST_K, sizeof column, "panel %lld, column %lld",
                       (long long)panels[p], (long long)j);
    }
    l4r_matrix_close(&matrix);
    cr_assert_eq(l4r_matrix_bytes(&matrix), 0);
  }
  l4r_free(weight);
}

static double expected(const float *a, const float *weight) {
  double sum = 0;
  for (int k = 0; k < TEST_K; k++) sum += (double)a[k] * weight[k];
  return sum;
}

Test(blis_matrix, products_over_any_range_and_group) {
  float *weight = test_normals(TEST_N * TEST_K, 1);
  for (size_t p = 0; p < sizeof panels / sizeof *panels; p++) {
    struct l4r_matrix matrix;
    char what[32];
    snprintf(what, sizeof what, "panel %lld", (long long)panels[p]);
    test_pack(&matrix, (struct l4r_layout){panels[p], L4R_FP32}, weight);
    test_products(&(struct test_products){.kernels = l4r_kernels_of(L4R_ISA_PORTABLE),
                                          .matrix = &matrix,
                                          .weight = weight,
                                          .expected = expected,
                                          .room = 2e-5,
                                          .what = what});
    l4r_matrix_close(&matrix);
  }
  l4r_free(weight);
}
