/* SPDX-License-Identifier: BSD-3-Clause */
/* bf16x3 on the blis stack: the three parts of a value, and products by every row of the table that
 * this processor has, at the tolerance of fp32. Whole encoders, decoders and heads are among the
 * parity tests of tests/stack. */
#include "tests/blis/models.h"

#include "impl/base/memory.h"
#include "impl/blis/kernels/kernels.h"
#include "impl/blis/matrix.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

/* Value p of a plane of a row that was rounded for a kernel. */
static float element(const struct l4r_gemm_kernel *kernel, const uint32_t *plane, int64_t p) {
  float wide;
  memcpy(&wide, plane + (kernel->layout.a_words == 2 ? p : 0), sizeof wide);
  if (kernel->layout.a_words == 2) return wide;
  return test_bf16_value(plane[l4r_rounded_word(&kernel->layout, p / 2)] >> 16 * (p % 2) & 0xffff);
}

Test(blis_bf16x3, three_parts_are_the_value) {
  static const float special[] = {0,           -0.0f,           1,       -1,
                                  1.00390625f, 3.14159274f,     FLT_MAX, -FLT_MAX,
                                  0x1.ffp127f, 0x1.fffffep-60f, 1e-30f};
  enum { N = 1000, SPECIAL = sizeof special / sizeof *special };
  float *x = test_normals(N, 5);
  memcpy(x, special, sizeof special);
  for (int i = 0; i < N; i++) {
    uint32_t part[3];
    l4r_bf16_parts(x[i], part);
    float sum = test_bf16_value(part[2]) + test_bf16_value(part[1]) + test_bf16_value(part[0]);
    cr_assert_eq(sum, x[i], "%a is %a + %a + %a", (double)x[i], (double)test_bf16_value(part[0]),
                 (double)test_bf16_value(part[1]), (double)test_bf16_value(part[2]));
  }
  l4r_free(x);
}

Test(blis_bf16x3, what_is_no_number_has_one_part) {
  static const float extreme[] = {NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 3; i++) {
    uint32_t part[3];
    l4r_bf16_parts(extreme[i], part);
    cr_expect(i ? test_bf16_value(part[0]) == extreme[i] : isnan(test_bf16_value(part[0])));
    cr_expect_eq(part[1] | part[2], 0);
  }
}

Test(blis_bf16x3, rows_are_rounded_as_weights_are) {
  enum { N = 300, SPECIAL = 6 };
  static const float special[SPECIAL] = {FLT_MAX, -FLT_MAX, INFINITY, -INFINITY, NAN, 0};
  const struct l4r_gemm_kernel *kernel;
  float *x = test_normals(N, 6);
  memcpy(x, special, sizeof special);
  for (int at = 0; (kernel = test_next_kernel(L4R_BF16X3, &at));)
    for (int64_t n = 1; n < N; n += n < 40 ? 1 : 53) {
      uint32_t out[6 * N + 64];
      int64_t words = ((n + 1) / 2 + 3) * kernel->layout.a_words;
      words += words % kernel->layout.interleave;
      int64_t plane_words = l4r_rounded_word(&kernel->layout, words);
      memset(out, 0xee, sizeof out);
      kernel->round(n, x, out, words);
      for (int64_t i = 0; i < 2 * words / kernel->layout.a_words; i++) {
        uint32_t part[3] = {0};
        if (i < n) l4r_bf16_parts(x[i], part);
        for (int plane = 0; plane < 3; plane++) {
          float got = element(kernel, out + plane * plane_words, i),
                want = test_bf16_value(part[plane]);
          cr_assert(got == want || (isnan(got) && isnan(want)), "%s, part %d of %a: %a, not %a",
                    kernel->name, plane, i < n ? (double)x[i] : 0, (double)got, (double)want);
        }
      }
      cr_assert_eq(out[3 * plane_words], 0xeeeeeeee, "nothing is written behind");
    }
  l4r_free(x);
}

static double product_of(const float *a, const float *w, int64_t k, double *size) {
  double sum = 0;
  for (int64_t p = 0; p < k; p++) {
    sum += (double)a[p] * w[p];
    *size += fabs((double)a[p] * w[p]);
  }
  return sum;
}

/* As fp32's, whose sums have k additions a result and not six times k: within the same room. */
Test(blis_bf16x3, products_at_every_edge) {
  test_gemm_edges(L4R_BF16X3, product_of, FLT_EPSILON);
}

/* k beyond what is multiplied at a time: 512 values. */
Test(blis_bf16x3, long_sums_go_in_stretches) {
  static const int64_t depths[] = {511, 512, 513, 1023, 1056, 1300};
  enum { M = 65, N = 67, MOST_K = 1300 };
  float *a = test_normals(M * (MOST_K + 3), 7), *weight = test_normals(N * MOST_K, 8);
  const struct l4r_gemm_kernel *kernel;
  for (int at = 0; (kernel = test_next_kernel(L4R_BF16X3, &at));)
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
      struct test_gemm gemm = {.m = i % 2 ? M : 20,
                               .n = N,
                               .k = depths[i],
                               .a = a,
                               .weight = weight,
                               .begin = i % 3 ? 0 : 5,
                               .accumulate = i % 2};
      test_check_gemm(kernel, &gemm, product_of, 4 * FLT_EPSILON);
    }
  l4r_free(a);
  l4r_free(weight);
}

static double expected(const float *a, const float *weight) {
  double size = 0;
  return product_of(a, weight, TEST_K, &size);
}

Test(blis_bf16x3, products_over_any_range_and_group) {
  float *weight = test_normals(TEST_N * TEST_K, 1), column[TEST_K];
  const struct l4r_gemm_kernel *kernel;
  for (int at = 0; (kernel = test_next_kernel(L4R_BF16X3, &at));) {
    struct l4r_matrix matrix;
    test_pack(&matrix, kernel, weight);
    for (int64_t j = 0; j < TEST_N; j++) {
      l4r_matrix_column(&matrix, j, column);
      cr_assert_arr_eq(column, weight + j * TEST_K, sizeof column);
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
