/* SPDX-License-Identifier: BSD-3-Clause */
/* bf16 on the blis stack: rounding and products by every row of the table that this processor has.
 * Whole encoders and heads are in test_precision.c. */
#include "tests/blis/models.h"
#include "tests/support/t5.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/blis/kernels/kernels.h"
#include "impl/blis/matrix.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

/* Value p of a row that was rounded for a kernel. */
static float element(const struct l4r_gemm_kernel *kernel, const uint32_t *row, int64_t p) {
  float wide;
  memcpy(&wide, row + (kernel->layout.a_words == 2 ? p : 0), sizeof wide);
  if (kernel->layout.a_words == 2) return wide;
  return test_bf16_value(row[l4r_rounded_word(&kernel->layout, p / 2)] >> 16 * (p % 2) & 0xffff);
}

Test(blis_bf16, values_are_rounded_to_the_nearest) {
  enum { N = 1000 };
  const struct l4r_gemm_kernel *kernel;
  float *x = test_normals(N, 5);
  for (int i = 0; i < 100; i++) x[i] = test_bf16_value(0x3f80u + (unsigned)i) + (float)ldexp(1, -9);
  for (int at = 0; (kernel = test_next_kernel(L4R_BF16, &at));)
    for (int64_t n = 1; n < N; n += n < 70 ? 1 : 93) {
      uint32_t out[2 * N + 64];
      int64_t words = ((n + 1) / 2 + 3) * kernel->layout.a_words;
      words += words % kernel->layout.interleave;
      int64_t values = 2 * words / kernel->layout.a_words;
      memset(out, 0xee, sizeof out);
      cr_assert_eq(kernel->round(n, x, out, words), 0);
      for (int64_t i = 0; i < values; i++)
        cr_assert_eq(element(kernel, out, i), i < n ? test_bf16(x[i]) : 0,
                     "%s, %lld of %lld: %a becomes %a", kernel->name, (long long)i, (long long)n,
                     (double)x[i], (double)element(kernel, out, i));
      cr_assert_eq(out[l4r_rounded_word(&kernel->layout, words)], 0xeeeeeeee,
                   "nothing is written behind");
    }
  l4r_free(x);
}

Test(blis_bf16, what_is_no_number_stays_none) {
  static const float extreme[] = {NAN, INFINITY, -INFINITY, FLT_MAX};
  const struct l4r_gemm_kernel *kernel;
  for (int at = 0; (kernel = test_next_kernel(L4R_BF16, &at));) {
    uint32_t out[64];
    kernel->round(4, extreme, out, 16 * kernel->layout.a_words);
    cr_expect(isnan(element(kernel, out, 0)), "%s", kernel->name);
    for (int i = 1; i < 4; i++)
      cr_expect_eq(element(kernel, out, i), i == 2 ? -INFINITY : INFINITY, "%s", kernel->name);
  }
}

static double product_of(const float *a, const float *w, int64_t k, double *size) {
  double sum = 0;
  for (int64_t p = 0; p < k; p++) {
    double term = (double)test_bf16(a[p]) * test_bf16(w[p]);
    sum += term;
    *size += fabs(term);
  }
  return sum;
}

Test(blis_bf16, products_at_every_edge) {
  test_gemm_edges(L4R_BF16, product_of, FLT_EPSILON);
}

static double expected(const float *a, const float *weight) {
  double size = 0;
  return product_of(a, weight, TEST_K, &size);
}

/* Odd k, a seam inside a panel, ranges that begin inside one, groups: as test_matrix.c for fp32. */
Test(blis_bf16, products_over_any_range_and_group) {
  float *weight = test_normals(TEST_N * TEST_K, 1), column[TEST_K];
  const struct l4r_gemm_kernel *kernel;
  for (int at = 0; (kernel = test_next_kernel(L4R_BF16, &at));) {
    struct l4r_matrix matrix;
    test_pack(&matrix, kernel, weight);
    int64_t depth = 2 * kernel->layout.depth * kernel->layout.interleave;
    cr_assert_leq(l4r_matrix_bytes(&matrix), (TEST_N + 32) * (TEST_K + depth) * 2);
    for (int64_t j = 0; j < TEST_N; j++) {
      l4r_matrix_column(&matrix, j, column);
      for (int64_t p = 0; p < TEST_K; p++)
        cr_assert_eq(column[p], test_bf16(weight[j * TEST_K + p]));
    }
    test_products(&(struct test_products){.matrix = &matrix,
                                          .weight = weight,
                                          .expected = expected,
                                          .room = 2e-5,
                                          .what = kernel->name});
    l4r_matrix_close(&matrix);
  }
  l4r_free(weight);
}
