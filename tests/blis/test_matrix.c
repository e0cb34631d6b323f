/* SPDX-License-Identifier: BSD-3-Clause */
/* Packed matrices: what was put in comes out, and products by any group, over any
 * range of columns equal double arithmetic. */
#include "tests/blis/models.h"
#include "tests/support/every.h"

#include "impl/base/memory.h"
#include "impl/blis/matrix.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

Test(blis_matrix, columns_come_out_as_they_went_in) {
  float *weight = test_normals(TEST_N * TEST_K, 1), column[TEST_K];
  const struct l4r_gemm_kernel *kernel;
  for (int at = 0; (kernel = test_next_kernel(L4R_FP32, &at));) {
    struct l4r_matrix matrix;
    test_pack(&matrix, kernel, weight);
    cr_assert_geq(l4r_matrix_bytes(&matrix), TEST_N * TEST_K * 4);
    cr_assert_leq(l4r_matrix_bytes(&matrix), (TEST_N + 64) * TEST_K * 4);
    for (int64_t j = 0; j < TEST_N; j++) {
      l4r_matrix_column(&matrix, j, column);
      cr_assert_arr_eq(column, weight + j * TEST_K, sizeof column, "%s, column %lld", kernel->name,
                       (long long)j);
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
  const struct l4r_gemm_kernel *kernel;
  for (int at = 0; (kernel = test_next_kernel(L4R_FP32, &at));) {
    struct l4r_matrix matrix;
    test_pack(&matrix, kernel, weight);
    test_products(&(struct test_products){.matrix = &matrix,
                                          .weight = weight,
                                          .expected = expected,
                                          .room = 2e-5,
                                          .what = kernel->name});
    l4r_matrix_close(&matrix);
  }
  l4r_free(weight);
}

static double product_of(const float *a, const float *w, int64_t k, double *size) {
  double sum = 0;
  for (int64_t p = 0; p < k; p++) {
    sum += (double)a[p] * w[p];
    *size += fabs((double)a[p] * w[p]);
  }
  return sum;
}

Test(blis_matrix, products_at_every_edge) {
  test_gemm_edges(L4R_FP32, product_of, FLT_EPSILON);
}

/* A layout is the row's to say: 1 or 2 words side by side, k filled up to any depth. */
Test(blis_matrix, columns_come_out_of_any_layout) {
  float *weight = test_normals(TEST_N * TEST_K, 1), column[TEST_K], wanted[TEST_K];
  for (int i = 0; i < L4R_PRECISIONS * 2 * 2; i++) {
    enum l4r_precision precision = (enum l4r_precision)(i % L4R_PRECISIONS);
    const struct l4r_gemm_kernel *plain = l4r_gemm_kernel_best(precision, L4R_ISA_PORTABLE);
    struct l4r_gemm_kernel changed = *plain;
    struct l4r_matrix one, other;
    changed.layout.interleave = 1 + i / L4R_PRECISIONS % 2;
    if (precision == L4R_FP32) changed.layout.interleave = 1; /* no kernel wants other */
    changed.layout.depth = i / L4R_PRECISIONS / 2 ? 16 : 1;
    test_pack(&one, plain, weight);
    test_pack(&other, &changed, weight);
    for (int64_t j = 0; j < TEST_N; j++) {
      l4r_matrix_column(&one, j, wanted);
      l4r_matrix_column(&other, j, column);
      cr_assert_arr_eq(column, wanted, sizeof column, "case %d, column %lld", i, (long long)j);
    }
    l4r_matrix_close(&one);
    l4r_matrix_close(&other);
  }
  l4r_free(weight);
}

Test(blis_matrix, interleaved_two_words_of_a_column_stand_side_by_side) {
  float *weight = test_normals(TEST_N * TEST_K, 1);
  struct l4r_gemm_kernel changed = *l4r_gemm_kernel_best(L4R_BF16, L4R_ISA_PORTABLE);
  struct l4r_matrix plain, beside;
  int64_t panel = changed.layout.panel;
  test_pack(&plain, &changed, weight);
  changed.layout.interleave = 2;
  test_pack(&beside, &changed, weight);
  for (int64_t j = 0; j < panel; j++)
    for (int64_t p = 0; p < plain.words; p++)
      cr_assert_eq(beside.word[p / 2 * 2 * panel + j * 2 + p % 2], plain.word[p * panel + j],
                   "word %lld of column %lld", (long long)p, (long long)j);
  l4r_matrix_close(&plain);
  l4r_matrix_close(&beside);
  l4r_free(weight);
}

struct handed {
  float *c;
  int64_t ldc;
  float *seen; /* [m][n]; NaN: not handed on yet */
};

static void take(const void *context, const struct l4r_share *part) {
  const struct handed *handed = context;
  for (int64_t i = part->row; i < part->row + part->rows; i++)
    for (int64_t j = part->column; j < part->column + part->columns; j++) {
      cr_expect(isnan(handed->seen[i * handed->ldc + j]), "handed on twice");
      handed->seen[i * handed->ldc + j] = handed->c[i * handed->ldc + j];
    }
}

Test(blis_matrix, results_are_handed_on_once_and_complete) {
  enum { M = 260, N = 700, K = 520 }; /* several blocks of rows, parts of columns, stretches of k */
  float *weight = test_normals(N * K, 1), *a = test_normals(M * K, 2);
  float *c = l4r_alloc(M * N, sizeof *c, "test"), *seen = l4r_alloc(M * N, sizeof *seen, "test");
  uint32_t *converted = l4r_alloc(L4R_CONVERTED + L4R_CONVERTED_ROWS, sizeof *converted, "test");
  const struct handed handed = {.c = c, .ldc = N, .seen = seen};
  for (int p = 0; p < L4R_PRECISIONS; p++) {
    struct l4r_matrix matrix;
    const struct l4r_gemm_kernel *kernel = l4r_gemm_kernel_best((enum l4r_precision)p, L4R_ISA_AMX);
    cr_assert_eq(l4r_matrix_open(&matrix, kernel, K, N, "test"), 0);
    l4r_matrix_put(&matrix, 0, N, weight);
    const struct l4r_product product = {.m = M,
                                        .a = a,
                                        .lda = K,
                                        .columns = N,
                                        .c = c,
                                        .ldc = N,
                                        .after = take,
                                        .context = &handed};
    for (int workers = test_every() > 1 ? 2 : 1; workers < 4; workers += test_every()) {
      memset(seen, 0xff, (size_t)(M * N) * sizeof *seen);
      for (int w = 0; w < workers; w++)
        l4r_multiply(
            &(struct l4r_work_group){.worker = w, .workers = workers, .converted = converted},
            &matrix, &product);
      cr_expect_arr_eq(seen, c, M * N * sizeof *c, "%s, %d workers", kernel->name, workers);
    }
    l4r_matrix_close(&matrix);
  }
  l4r_free(weight), l4r_free(a), l4r_free(c), l4r_free(seen), l4r_free(converted);
}
