/* SPDX-License-Identifier: BSD-3-Clause */
/* bf16 on the blis stack: rounding, the gemm of pairs with every set of vectors this processor has
 * and with AVX512-BF16 where there is it, and packed matrices. Whole encoders and heads are in
 * test_precision.c. */
#include "tests/blis/models.h"
#include "tests/support/t5.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/blis/kernels/kernels.h"
#include "impl/blis/matrix.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Table `index` of those that run here: the sets of vectors, and last AVX512-BF16; NULL behind. */
static const struct l4r_kernels *table_of(int index) {
  static struct l4r_kernels extended;
  const enum l4r_isa best = l4r_isa_widest();
  if (index <= (int)best) return l4r_kernels_of((enum l4r_isa)index);
  if (index > (int)best + 1 || !l4r_cpu()->avx512_bf16) return NULL;
  extended = *l4r_kernels_of(best);
  l4r_kernels_use_bf16(&extended);
  cr_assert_neq(extended.gemm_pairs, l4r_kernels_of(best)->gemm_pairs);
  return &extended;
}

static float element(const uint32_t *pair, int64_t p) {
  return test_bf16_value(pair[p / 2] >> 16 * (p % 2) & 0xffff);
}

Test(blis_bf16, values_are_rounded_to_the_nearest) {
  enum { N = 1000 };
  const struct l4r_kernels *kernels;
  float *x = test_normals(N, 5);
  for (int i = 0; i < 100; i++) x[i] = test_bf16_value(0x3f80u + (unsigned)i) + (float)ldexp(1, -9);
  for (int set = 0; (kernels = table_of(set)); set++)
    for (int64_t n = 0; n < N; n += n < 70 ? 1 : 93) {
      uint32_t out[N / 2 + 1];
      memset(out, 0xee, sizeof out);
      kernels->to_pairs(n, x, out);
      for (int64_t i = 0; i < n; i++)
        cr_assert_eq(element(out, i), test_bf16(x[i]), "set %d, %lld of %lld: %a becomes %a", set,
                     (long long)i, (long long)n, (double)x[i], (double)element(out, i));
      if (n % 2) cr_assert_eq(out[n / 2] >> 16, 0, "an odd end is filled up");
      cr_assert_eq(out[(n + 1) / 2], 0xeeeeeeee, "nothing is written behind");
    }
  uint32_t nan;
  const float not_a_number = NAN;
  for (int set = 0; (kernels = table_of(set)); set++) {
    kernels->to_pairs(1, &not_a_number, &nan);
    cr_assert(isnan(element(&nan, 0)));
  }
  l4r_free(x);
}

static void check_gemm(const struct l4r_kernels *kernels, int set, int64_t m, int64_t n, int64_t k,
                       int accumulate) {
  int64_t pairs = (k + 1) / 2, lda = pairs + 3, ldb = n + 5, ldc = n + 2;
  float *x = test_normals(m * k, 1), *y = test_normals(2 * pairs * ldb, 2);
  float *c = test_normals(m * ldc, 3), *before = test_normals(m * ldc, 3);
  uint32_t *a = l4r_alloc((size_t)(m * lda), sizeof *a, "test");
  uint32_t *b = l4r_alloc((size_t)(pairs * ldb), sizeof *b, "test");
  for (int64_t i = 0; i < m; i++) kernels->to_pairs(k, x + i * k, a + i * lda);
  kernels->to_pairs(2 * pairs * ldb, y, b);
  kernels->gemm_pairs(&(struct l4r_gemm_pairs){.m = m,
                                               .n = n,
                                               .k = pairs,
                                               .a = a,
                                               .lda = lda,
                                               .b = b,
                                               .ldb = ldb,
                                               .c = c,
                                               .ldc = ldc,
                                               .accumulate = accumulate});
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < ldc; j++) {
      double sum = j < n ? 0 : before[i * ldc + j], size = 1;
      if (j < n && accumulate) sum = before[i * ldc + j];
      for (int64_t p = 0; j < n && p < 2 * pairs; p++) {
        double term = (double)element(a + i * lda, p) * element(b + p / 2 * ldb + j, p % 2);
        sum += term;
        size += fabs(term);
      }
      cr_assert_leq(fabs(c[i * ldc + j] - sum), (double)(k + 2) * FLT_EPSILON * size,
                    "set %d, %lld x %lld x %lld at %lld, %lld", set, (long long)m, (long long)n,
                    (long long)k, (long long)i, (long long)j);
    }
  void *const all[] = {x, y, c, before, a, b};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}

Test(blis_bf16, gemm_at_every_edge) {
  static const int64_t columns[] = {1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 48, 50, 65, 96};
  static const int64_t depths[] = {1, 5, 64, 65, 130};
  const struct l4r_kernels *kernels;
  for (int set = 0; (kernels = table_of(set)); set++)
    for (int64_t m = 1; m <= 26; m++)
      for (size_t j = 0; j < sizeof columns / sizeof *columns; j++)
        check_gemm(kernels, set, m, columns[j], depths[(m + (int64_t)j) % 5], m % 2);
}

static double expected(const float *a, const float *weight) {
  double sum = 0;
  for (int k = 0; k < TEST_K; k++) sum += (double)test_bf16(a[k]) * test_bf16(weight[k]);
  return sum;
}

/* Odd k, a seam inside a panel, ranges that begin inside one, groups: as test_matrix.c for fp32. */
Test(blis_bf16, products_over_any_range_and_group) {
  float *weight = test_normals(TEST_N * TEST_K, 1), column[TEST_K];
  const struct l4r_kernels *kernels;
  for (int set = 0; (kernels = table_of(set)); set++) {
    struct l4r_matrix matrix;
    test_pack(&matrix, (struct l4r_layout){kernels->panel, L4R_BF16}, weight);
    cr_assert_leq(l4r_matrix_bytes(&matrix), (TEST_N + 32) * (TEST_K + 1) * 2);
    for (int64_t j = 0; j < TEST_N; j++) {
      l4r_matrix_column(&matrix, j, column);
      for (int64_t p = 0; p < TEST_K; p++)
        cr_assert_eq(column[p], test_bf16(weight[j * TEST_K + p]));
    }
    char what[32];
    snprintf(what, sizeof what, "set %d", set);
    test_products(&(struct test_products){.kernels = kernels,
                                          .matrix = &matrix,
                                          .weight = weight,
                                          .expected = expected,
                                          .room = 2e-5,
                                          .what = what});
    l4r_matrix_close(&matrix);
  }
  l4r_free(weight);
}
