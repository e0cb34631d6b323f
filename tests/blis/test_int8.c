/* SPDX-License-Identifier: BSD-3-Clause */
/* int8 on the blis stack: rounding and products by every row of the table that this processor has.
 * Whole encoders and heads are in test_precision.c. */
#include "tests/blis/models.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/blis/kernels/kernels.h"
#include "impl/blis/matrix.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

static int activation(const struct l4r_gemm_kernel *kernel, const uint32_t *row, int64_t p) {
  uint32_t byte = row[l4r_rounded_word(&kernel->layout, p / 4)] >> 8 * (p % 4) & 255;
  if (kernel->layout.a_signed) return (int8_t)byte;
  if (kernel->layout.a_words == 1) return (int)byte - 128;
  /* two words of 16-bit numbers for a quad: values 0 and 2, then 1 and 3 */
  return (int)(row[p / 4 * 2 + p % 2] >> 16 * (p % 4 / 2) & 0xffff) - 128;
}

Test(blis_int8, values_are_rounded_to_the_nearest) {
  enum { N = 500 };
  const struct l4r_gemm_kernel *kernel;
  float *x = test_normals(N, 5);
  for (int at = 0; (kernel = test_next_kernel(L4R_INT8, &at));)
    for (int64_t n = 1; n < N; n += n < 70 ? 1 : n % 64 ? 64 - n % 64 : 93) {
      uint32_t out[N];
      int64_t words = ((n + 3) / 4 + 3) * kernel->layout.a_words;
      words += words % kernel->layout.interleave;
      double most = 0;
      int extreme = 0;
      memset(out, 0xee, sizeof out);
      float scale = kernel->round(n, x, out, words);
      for (int64_t i = 0; i < n; i++) most = fmax(most, fabs((double)x[i]));
      cr_assert_float_eq(scale, most / 127, 1e-6 * most);
      for (int64_t i = 0; i < n; i++) {
        int q = activation(kernel, out, i);
        cr_assert_leq(fabs((double)x[i] - q * (double)scale), 0.5001 * (double)scale,
                      "%s, %lld of %lld: %g becomes %d x %g", kernel->name, (long long)i,
                      (long long)n, (double)x[i], q, (double)scale);
        extreme |= q == 127 || q == -127;
      }
      cr_assert(extreme, "the largest value takes the whole range");
      for (int64_t i = n; i < 4 * words / kernel->layout.a_words; i++)
        cr_assert_eq(activation(kernel, out, i), 0);
      cr_assert_eq(out[l4r_rounded_word(&kernel->layout, words)], 0xeeeeeeee,
                   "nothing is written behind");
    }
  l4r_free(x);
}

/* A row of whole vectors, too, which is rounded otherwise. */
Test(blis_int8, zeros_and_what_is_no_number) {
  enum { N = 64 };
  const struct l4r_gemm_kernel *kernel;
  for (int at = 0; (kernel = test_next_kernel(L4R_INT8, &at));)
    for (int64_t n = 5; n <= N; n += N - 5) {
      const float zeros[N] = {0}, mixed[N] = {1, NAN, -2, 0, 2};
      int64_t words = (n + 7) / 8 * 2 * kernel->layout.a_words;
      uint32_t out[N];
      cr_expect_eq(kernel->round(n, zeros, out, words), 0);
      for (int i = 0; i < n; i++) cr_expect_eq(activation(kernel, out, i), 0);
      float scale = kernel->round(n, mixed, out, words);
      cr_expect_float_eq(scale, 2.0 / 127, 1e-6, "%s", kernel->name);
      cr_expect_eq(activation(kernel, out, 1), 0);
      cr_expect_eq(activation(kernel, out, 2), -127);
      cr_expect_eq(activation(kernel, out, 4), 127);
    }
}

/* The product of a row of A and a column, from their values rounded here as the kernels say. */
static double product_of(const float *a, const float *w, int64_t k, double *size) {
  float most[2] = {0};
  double sum = 0;
  for (int64_t p = 0; p < k; p++) {
    most[0] = fmaxf(most[0], fabsf(a[p]));
    most[1] = fmaxf(most[1], fabsf(w[p]));
  }
  float scale = most[0] / 127, factor = 1 / scale;
  for (int64_t p = 0; p < k; p++)
    sum += (double)rintf(a[p] * factor) * (double)rintf(w[p] / most[1] * 127);
  sum *= (double)scale * (double)(most[1] / 127);
  *size = fabs(sum);
  return sum;
}

Test(blis_int8, products_at_every_edge) {
  test_gemm_edges(L4R_INT8, product_of, FLT_EPSILON);
}

/* The numbers are whole: no order of sums, so no row differs from another by a bit. */
Test(blis_int8, all_rows_agree_to_the_bit) {
  enum { M = 43 };
  float *weight = test_normals(TEST_N * TEST_K, 1), *a = test_normals(M * TEST_K, 2);
  float *c[2] = {test_normals(M * TEST_N, 3), test_normals(M * TEST_N, 3)};
  uint32_t *converted = l4r_alloc(L4R_CONVERTED + L4R_CONVERTED_ROWS, sizeof *converted, "test");
  const struct l4r_work_group group = {.workers = 1, .converted = converted};
  const struct l4r_gemm_kernel *kernel;
  for (int at = 0, row = 0; (kernel = test_next_kernel(L4R_INT8, &at)); row++) {
    struct l4r_matrix matrix;
    test_pack(&matrix, kernel, weight);
    l4r_multiply(
        &group, &matrix,
        &(struct l4r_product){
            .m = M, .a = a, .lda = TEST_K, .columns = TEST_N, .c = c[row > 0], .ldc = TEST_N});
    if (row) cr_expect_arr_eq(c[0], c[1], M * TEST_N * sizeof(float), "%s", kernel->name);
    l4r_matrix_close(&matrix);
  }
  void *const all[] = {weight, a, c[0], c[1], converted};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}

static double expected(const float *a, const float *weight) {
  double size;
  return product_of(a, weight, TEST_K, &size);
}

Test(blis_int8, products_over_any_range_and_group) {
  float *weight = test_normals(TEST_N * TEST_K, 1), column[TEST_K];
  const struct l4r_gemm_kernel *kernel;
  for (int at = 0; (kernel = test_next_kernel(L4R_INT8, &at));) {
    struct l4r_matrix matrix;
    test_pack(&matrix, kernel, weight);
    int64_t depth = 4 * kernel->layout.depth * kernel->layout.interleave;
    cr_assert_leq(l4r_matrix_bytes(&matrix), (TEST_N + 32) * (TEST_K + depth) + TEST_N * 8);
    for (int64_t j = 0; j < TEST_N; j++) {
      double most = 0;
      l4r_matrix_column(&matrix, j, column);
      for (int64_t p = 0; p < TEST_K; p++) most = fmax(most, fabs((double)weight[j * TEST_K + p]));
      for (int64_t p = 0; p < TEST_K; p++)
        cr_assert_leq(fabs((double)column[p] - (double)weight[j * TEST_K + p]), 0.501 * most / 127);
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
