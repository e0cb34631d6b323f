/* SPDX-License-Identifier: BSD-3-Clause */
/* int8 on the blis stack: rounding, the gemm of quads with every set of vectors this processor has
 * and with AVX512-VNNI where there is it, and packed matrices. Whole encoders and heads are in
 * test_precision.c. */
#include "tests/blis/models.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/blis/kernels/kernels.h"
#include "impl/blis/matrix.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Table `index` of those that run here: the sets of vectors, and last AVX512-VNNI; NULL behind. */
static const struct l4r_kernels *table_of(int index) {
  static struct l4r_kernels extended;
  const enum l4r_isa best = l4r_isa_widest();
  if (index <= (int)best) return l4r_kernels_of((enum l4r_isa)index);
  if (index > (int)best + 1 || !l4r_cpu()->avx512_vnni) return NULL;
  extended = *l4r_kernels_of(best);
  l4r_kernels_use_int8(&extended);
  cr_assert_neq(extended.gemm_quads, l4r_kernels_of(best)->gemm_quads);
  return &extended;
}

static int activation(const uint32_t *quad, int64_t p) {
  return (int)(quad[p / 4] >> 8 * (p % 4) & 255) - 128;
}

static int weight_of(const uint32_t *quad, int64_t p) {
  return (int8_t)(quad[p / 4] >> 8 * (p % 4) & 255);
}

Test(blis_int8, values_are_rounded_to_the_nearest) {
  enum { N = 500 };
  const struct l4r_kernels *kernels;
  float *x = test_normals(N, 5);
  for (int set = 0; (kernels = table_of(set)); set++)
    for (int64_t n = 1; n < N; n += n < 70 ? 1 : 93) {
      uint32_t out[N / 4 + 2];
      double most = 0;
      int extreme = 0;
      memset(out, 0xee, sizeof out);
      float scale = kernels->to_quads(n, x, out);
      for (int64_t i = 0; i < n; i++) most = fmax(most, fabs((double)x[i]));
      cr_assert_float_eq(scale, most / 127, 1e-6 * most);
      for (int64_t i = 0; i < n; i++) {
        int q = activation(out, i);
        cr_assert_leq(fabs((double)x[i] - q * (double)scale), 0.5001 * (double)scale,
                      "set %d, %lld of %lld: %g becomes %d x %g", set, (long long)i, (long long)n,
                      (double)x[i], q, (double)scale);
        extreme |= q == 127 || q == -127;
      }
      cr_assert(extreme, "the largest value takes the whole range");
      for (int64_t i = n; i % 4; i++) cr_assert_eq(activation(out, i), 0);
      cr_assert_eq(out[(n + 3) / 4], 0xeeeeeeee, "nothing is written behind");
    }
  l4r_free(x);
}

Test(blis_int8, zeros_and_what_is_no_number) {
  const struct l4r_kernels *kernels;
  for (int set = 0; (kernels = table_of(set)); set++) {
    const float zeros[5] = {0}, mixed[5] = {1, NAN, -2, 0, 2};
    uint32_t out[3];
    cr_expect_eq(kernels->to_quads(5, zeros, out), 0);
    for (int i = 0; i < 8; i++) cr_expect_eq(activation(out, i), 0);
    float scale = kernels->to_quads(5, mixed, out);
    cr_expect_float_eq(scale, 2.0 / 127, 1e-6, "set %d", set);
    cr_expect_eq(activation(out, 1), 0);
    cr_expect_eq(activation(out, 2), -127);
  }
}

static void check_gemm(const struct l4r_kernels *kernels, int set, int64_t m, int64_t n, int64_t k,
                       int accumulate) {
  int64_t quads = (k + 3) / 4, lda = quads + 3, ldb = n + 5, ldc = n + 2;
  float *x = test_normals(m * k, 1), *column = test_normals(n, 2), *row = test_normals(m, 4);
  float *c = test_normals(m * ldc, 3), *before = test_normals(m * ldc, 3);
  uint32_t *a = l4r_alloc((size_t)(m * lda), sizeof *a, "test");
  uint32_t *b = l4r_alloc((size_t)(quads * ldb), sizeof *b, "test");
  int32_t *offset = l4r_alloc((size_t)n, sizeof *offset, "test");
  for (int64_t i = 0; i < m; i++) kernels->to_quads(k, x + i * k, a + i * lda);
  for (int64_t i = 0; i < quads * ldb; i++) /* every byte, and -128 and 127 among them */
    b[i] = (uint32_t)i * 2654435761u;
  for (int64_t j = 0; j < n; j++)
    for (int64_t p = 0; p < 4 * quads; p++)
      offset[j] += 128 * weight_of(b + p / 4 * ldb + j, p % 4);
  kernels->gemm_quads(&(struct l4r_gemm_quads){.m = m,
                                               .n = n,
                                               .k = quads,
                                               .a = a,
                                               .lda = lda,
                                               .row = row,
                                               .b = b,
                                               .ldb = ldb,
                                               .column = column,
                                               .offset = offset,
                                               .c = c,
                                               .ldc = ldc,
                                               .accumulate = accumulate});
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < ldc; j++) {
      double sum = 0, size = fabs((double)before[i * ldc + j]), wanted = before[i * ldc + j];
      for (int64_t p = 0; j < n && p < 4 * quads; p++)
        sum += activation(a + i * lda, p) * weight_of(b + p / 4 * ldb + j, p % 4);
      if (j < n) {
        double product = sum * (double)row[i] * (double)column[j];
        wanted = product + (accumulate ? wanted : 0);
        size += fabs(product);
      }
      cr_assert_leq(fabs(c[i * ldc + j] - wanted), 4 * FLT_EPSILON * size,
                    "set %d, %lld x %lld x %lld at %lld, %lld: %g, not %g", set, (long long)m,
                    (long long)n, (long long)k, (long long)i, (long long)j, (double)c[i * ldc + j],
                    wanted);
    }
  void *const all[] = {x, column, row, c, before, a, b, offset};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}

Test(blis_int8, gemm_at_every_edge) {
  static const int64_t columns[] = {1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 48, 50, 65, 96};
  static const int64_t depths[] = {1, 5, 64, 66, 131};
  const struct l4r_kernels *kernels;
  for (int set = 0; (kernels = table_of(set)); set++)
    for (int64_t m = 1; m <= 26; m++)
      for (size_t j = 0; j < sizeof columns / sizeof *columns; j++)
        check_gemm(kernels, set, m, columns[j], depths[(m + (int64_t)j) % 5], m % 2);
}

/* The product of a row of A and a column, from their values rounded here. */
static double expected(const float *a, const float *weight) {
  double most[2] = {0}, sum = 0;
  for (int k = 0; k < TEST_K; k++) {
    most[0] = fmax(most[0], fabs((double)a[k]));
    most[1] = fmax(most[1], fabs((double)weight[k]));
  }
  for (int k = 0; k < TEST_K; k++)
    sum += rint((double)a[k] / most[0] * 127) * rint((double)weight[k] / most[1] * 127);
  return sum * most[0] / 127 * most[1] / 127;
}

Test(blis_int8, products_over_any_range_and_group) {
  float *weight = test_normals(TEST_N * TEST_K, 1), column[TEST_K];
  const struct l4r_kernels *kernels;
  for (int set = 0; (kernels = table_of(set)); set++) {
    struct l4r_matrix matrix;
    test_pack(&matrix, (struct l4r_layout){kernels->panel, L4R_INT8}, weight);
    cr_assert_leq(l4r_matrix_bytes(&matrix), (TEST_N + 32) * (TEST_K + 3) + TEST_N * 8);
    for (int64_t j = 0; j < TEST_N; j++) {
      double most = 0;
      l4r_matrix_column(&matrix, j, column);
      for (int64_t p = 0; p < TEST_K; p++) most = fmax(most, fabs((double)weight[j * TEST_K + p]));
      for (int64_t p = 0; p < TEST_K; p++)
        cr_assert_leq(fabs((double)column[p] - (double)weight[j * TEST_K + p]), 0.501 * most / 127);
    }
    /* A value half way between two numbers may fall to either side: less than one in K. */
    char what[32];
    snprintf(what, sizeof what, "set %d", set);
    test_products(&(struct test_products){.kernels = kernels,
                                          .matrix = &matrix,
                                          .weight = weight,
                                          .expected = expected,
                                          .room = 0.05,
                                          .what = what});
    l4r_matrix_close(&matrix);
  }
  l4r_free(weight);
}
