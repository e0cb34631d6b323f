/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of rows: each precision can be had anywhere, names are names, and which rows the tests
 * of this binary reach, for the summary of tests/kernels.sh. */
#include "tests/blis/models.h"

#include "impl/base/memory.h"
#include "impl/blis/kernels/gemm_kernel.h"
#include "impl/blis/matrix.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(blis_rows, every_precision_has_a_row_for_any_processor) {
  for (int p = 0; p < L4R_PRECISIONS; p++)
    for (int isa = L4R_ISA_PORTABLE; isa <= L4R_ISA_NEON; isa++) {
      const struct l4r_gemm_kernel *row = l4r_gemm_kernel_best((enum l4r_precision)p,
                                                               (enum l4r_isa)isa);
      cr_assert(row && row->available());
      cr_expect_eq((int)row->layout.precision, p);
      cr_expect(l4r_isa_contains((enum l4r_isa)isa, row->set), "%s", row->name);
    }
}

Test(blis_rows, a_name_is_one_row) {
  const struct l4r_gemm_kernel *row;
  for (int i = 0; (row = l4r_gemm_kernel_at(i)); i++)
    cr_expect_eq(l4r_gemm_kernel_named(row->layout.precision, row->name), row,
                 "two rows of %s are called %s", l4r_precision_name(row->layout.precision),
                 row->name);
  cr_expect_null(l4r_gemm_kernel_named(L4R_BF16, "abacus"));
  cr_expect_null(l4r_gemm_kernel_at(-1));
}

Test(blis_rows, a_set_contains_what_is_below_it) {
  cr_expect(l4r_isa_contains(L4R_ISA_AMX, L4R_ISA_AVX512));
  cr_expect(l4r_isa_contains(L4R_ISA_AVX512, L4R_ISA_PORTABLE));
  cr_expect(l4r_isa_contains(L4R_ISA_NEON, L4R_ISA_PORTABLE));
  cr_expect_not(l4r_isa_contains(L4R_ISA_NEON, L4R_ISA_AVX2));
  cr_expect_not(l4r_isa_contains(L4R_ISA_AMX, L4R_ISA_NEON));
  cr_expect_not(l4r_isa_contains(L4R_ISA_AVX2, L4R_ISA_AVX512));
}

enum { M = 29, N = 75, K = 67 };

/* Rows row .. row+m-1 by columns column .. column+n-1, into their place in c[M][N]. */
static void multiply(const struct l4r_matrix *matrix, const float *a, int64_t row, int64_t m,
                     int64_t column, int64_t n, float *c) {
  uint32_t *converted = l4r_alloc(L4R_CONVERTED + L4R_CONVERTED_ROWS, sizeof *converted, "test");
  const struct l4r_work_group group = {.workers = 1, .converted = converted};
  l4r_multiply(&group, matrix,
               &(struct l4r_product){.m = m,
                                     .a = a + row * K,
                                     .lda = K,
                                     .begin = column,
                                     .columns = n,
                                     .c = c + row * N + column,
                                     .ldc = N});
  l4r_free(converted);
}

static void check_neighbours(const struct l4r_gemm_kernel *row, const float *a,
                             const float *weight) {
  struct l4r_matrix matrix;
  float *whole = test_normals(M * N, 3), *part = test_normals(M * N, 4);
  cr_assert_eq(l4r_matrix_open(&matrix, row, K, N, "test"), 0);
  l4r_matrix_put(&matrix, 0, N, weight);
  multiply(&matrix, a, 0, M, 0, N, whole);
  for (int64_t i = 0, m; i < M; i += m) {
    m = i < 6 ? 1 : i < 12 ? 3 : M - i;
    multiply(&matrix, a, i, m, 0, 5, part);
    multiply(&matrix, a, i, m, 5, 44, part);
    multiply(&matrix, a, i, m, 49, N - 49, part);
  }
  for (int64_t i = 0; i < M * N; i++)
    cr_assert_eq(memcmp(part + i, whole + i, sizeof *part), 0, "%s in %s at %lld, %lld", row->name,
                 l4r_precision_name(row->layout.precision), (long long)(i / N), (long long)(i % N));
  l4r_matrix_close(&matrix);
  l4r_free(whole);
  l4r_free(part);
}

Test(blis_rows, a_result_does_not_depend_on_its_neighbours) {
  const struct l4r_gemm_kernel *row;
  float *a = test_normals(M * K, 1), *weight = test_normals(N * K, 2);
  for (int i = 0; (row = l4r_gemm_kernel_at(i)); i++)
    if (row->available()) check_neighbours(row, a, weight);
  l4r_free(a);
  l4r_free(weight);
}

/* No k: C becomes zero, or stays; no rows or columns: nothing happens. */
Test(blis_rows, nothing_times_nothing) {
  static const uint32_t words[4 * 64];
  static const float scales[64];
  static const int32_t offsets[64];
  const struct l4r_gemm_term term = {0};
  const struct l4r_gemm_kernel *row;
  for (int i = 0; (row = l4r_gemm_kernel_at(i)); i++)
    for (int which = 0; row->available() && which < 4; which++) { /* k, k and +=, m, n */
      float c[2] = {5, 7};
      int64_t k = which < 2 ? 0 : row->layout.depth, m = which != 2, n = which != 3;
      if (row->begin && !m) continue; /* who begins has rows */
      if (row->gemm)
        row->gemm(&(struct l4r_gemm){.m = m,
                                     .n = n,
                                     .k = k,
                                     .a = scales,
                                     .lda = 64,
                                     .b = scales,
                                     .ldb = row->layout.panel,
                                     .c = c,
                                     .ldc = 2,
                                     .accumulate = which == 1});
      if (row->begin) row->begin(m);
      if (row->multiply)
        row->multiply(&(struct l4r_gemm_rounded){.m = m,
                                                 .n = n,
                                                 .k = k,
                                                 .a = words,
                                                 .lda = 64,
                                                 .b = words,
                                                 .ldb = row->layout.panel * row->layout.interleave,
                                                 .term = &term,
                                                 .terms = 1,
                                                 .c = c,
                                                 .ldc = 2,
                                                 .accumulate = which == 1,
                                                 .row = scales,
                                                 .column = scales,
                                                 .offset = offsets});
      if (row->end) row->end();
      cr_expect_eq(c[0], which == 0 ? 0 : 5, "%s, case %d: %g", row->name, which, (double)c[0]);
      cr_expect_eq(c[1], 7, "%s, case %d: %g", row->name, which, (double)c[1]);
    }
}

Test(blis_rows, which_run_here) {
  const struct l4r_gemm_kernel *row;
  for (int i = 0; (row = l4r_gemm_kernel_at(i)); i++) {
    const char *emulated = strstr(row->name, " (emulated)");
    int length = (int)(emulated ? (size_t)(emulated - row->name) : strlen(row->name));
    fprintf(stderr, "[KERNEL] %s: %s by %.*s\n",
            !row->available() ? "not run"
            : emulated        ? "emulated"
                              : "native",
            l4r_precision_name(row->layout.precision), length, row->name);
  }
}
