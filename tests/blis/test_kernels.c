/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels of every instruction set that this processor has, one by one, against double
 * arithmetic, at sizes around every edge of a tile. */
#include "tests/blis/models.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/blis/kernels/kernels.h"
#include "impl/blis/matrix.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The first set from `set` on that is here; L4R_ISAS: none. */
static int offered(int set) {
  while (set < L4R_ISAS && !l4r_cpu_offers((enum l4r_isa)set)) set++;
  return set;
}

static void check_gemm(const struct l4r_kernels *kernels, int64_t m, int64_t n, int64_t k,
                       int accumulate) {
  int64_t lda = k + 3, ldb = n + 5, ldc = n + 2;
  float *a = test_normals(m * lda, 1), *b = test_normals(k * ldb, 2), *c = test_normals(m * ldc, 3);
  float *before = test_normals(m * ldc, 3);
  kernels->gemm(&(struct l4r_gemm){.m = m,
                                   .n = n,
                                   .k = k,
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
      for (int64_t p = 0; j < n && p < k; p++) {
        double term = (double)a[i * lda + p] * b[p * ldb + j];
        sum += term;
        size += fabs(term);
      }
      cr_assert_leq(fabs(c[i * ldc + j] - sum), (double)(k + 1) * FLT_EPSILON * size,
                    "%s, %lld x %lld x %lld at %lld, %lld", l4r_isa_name(kernels->isa),
                    (long long)m, (long long)n, (long long)k, (long long)i, (long long)j);
    }
  l4r_free(a);
  l4r_free(b);
  l4r_free(c);
  l4r_free(before);
}

Test(blis_kernels, gemm_at_every_edge) {
  static const int64_t columns[] = {1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 48, 50, 65, 96};
  static const int64_t depths[] = {1, 5, 64, 65, 130};
  for (int set = offered(0); set < L4R_ISAS; set = offered(set + 1))
    for (int64_t m = 1; m <= 26; m++)
      for (size_t j = 0; j < sizeof columns / sizeof *columns; j++)
        check_gemm(l4r_kernels_of(set), m, columns[j], depths[(m + (int64_t)j) % 5], m % 2);
}

static void check_layer_norm(const struct l4r_kernels *kernels, int64_t d, float shift) {
  float *x = test_normals(d, 1), *norm_weight = test_normals(d, 2), *bias = test_normals(d, 3);
  double mean = 0, variance = 0;
  for (int64_t i = 0; i < d; i++) x[i] += shift;
  for (int64_t i = 0; i < d; i++) mean += x[i] / (double)d;
  for (int64_t i = 0; i < d; i++) variance += (x[i] - mean) * (x[i] - mean) / (double)d;
  float *out = test_normals(d, 4);
  kernels->layer_norm(d, x, norm_weight, bias, 1e-8f, out);
  for (int64_t i = 0; i < d; i++) {
    double want = (x[i] - mean) / sqrt(variance + 1e-8) * norm_weight[i] + bias[i];
    double room = d > 1 ? 4e-6 * (1 + fabs(shift)) * (1 + fabs(want)) : 1e-6;
    cr_assert_leq(fabs(out[i] - want), room, "%s, %lld at %lld: %g, not %g",
                  l4r_isa_name(kernels->isa), (long long)d, (long long)i, (double)out[i], want);
  }
  kernels->layer_norm(d, x, norm_weight, bias, 1e-8f, x); /* in place */
  cr_assert_eq(memcmp(x, out, (size_t)d * sizeof *x), 0);
  float *all[] = {x, norm_weight, bias, out};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}

Test(blis_kernels, layer_norm) {
  static const int64_t width[] = {1, 7, 16, 17, 31, 32, 64, 100, 128, 513};
  for (int set = offered(0); set < L4R_ISAS; set = offered(set + 1))
    for (size_t i = 0; i < sizeof width / sizeof *width; i++) {
      check_layer_norm(l4r_kernels_of(set), width[i], 0);
      if (width[i] > 1) check_layer_norm(l4r_kernels_of(set), width[i], 9);
    }
}

Test(blis_kernels, a_result_does_not_depend_on_its_neighbours) {
  enum { M = 25, N = 75, K = 100 };
  for (int set = offered(0); set < L4R_ISAS; set = offered(set + 1)) {
    const struct l4r_kernels *kernels = l4r_kernels_of(set);
    float *a = test_normals(M * K, 1), *b = test_normals(K * N, 2);
    float *whole = test_normals(M * N, 3), one;
    struct l4r_gemm g = {
        .m = M, .n = N, .k = K, .a = a, .lda = K, .b = b, .ldb = N, .c = whole, .ldc = N};
    g.next = b;
    kernels->gemm(&g);
    for (int64_t i = 0; i < M; i++)
      for (int64_t j = 0; j < N; j++) {
        struct l4r_gemm single = {.m = 1,
                                  .n = 1,
                                  .k = K,
                                  .a = a + i * K,
                                  .lda = K,
                                  .b = b + j,
                                  .ldb = N,
                                  .c = &one,
                                  .ldc = 1};
        kernels->gemm(&single);
        cr_assert_eq(memcmp(&one, whole + i * N + j, sizeof one), 0, "%s at %lld, %lld",
                     l4r_isa_name(kernels->isa), (long long)i, (long long)j);
      }
    l4r_free(a);
    l4r_free(b);
    l4r_free(whole);
  }
}

Test(blis_kernels, exp_is_within_its_stated_tolerance) {
  enum { N = 200001 };
  float *x = l4r_alloc(N, sizeof *x, "test"), *y = l4r_alloc(N, sizeof *y, "test");
  for (int set = offered(0); set < L4R_ISAS; set = offered(set + 1)) {
    double worst = 0;
    for (int64_t i = 0; i < N; i++) x[i] = y[i] = (float)(-87.0 + 175.0 * (double)i / (N - 1));
    l4r_kernels_of(set)->exp(N, y);
    for (int64_t i = 0; i < N; i++) worst = fmax(worst, fabs(y[i] / exp((double)x[i]) - 1));
    cr_assert_leq(worst, 2e-7, "%s: %g", l4r_isa_name(set), worst);
    float extreme[] = {-INFINITY, -1e30f, INFINITY, NAN, 0};
    l4r_kernels_of(set)->exp(5, extreme);
    cr_assert_lt(extreme[0], 2e-38);
    cr_assert_lt(extreme[1], 2e-38);
    cr_assert_gt(extreme[2], 1e38);
    cr_assert(isnan(extreme[3]));
    cr_assert_eq(extreme[4], 1);
  }
  l4r_free(x);
  l4r_free(y);
}

Test(blis_kernels, the_greatest_and_the_sum_of_exponentials) {
  enum { N = 70 };
  float *x = test_normals(N, 9);
  for (int set = offered(0); set < L4R_ISAS; set = offered(set + 1))
    for (int64_t n = 0; n <= N; n++) {
      const struct l4r_kernels *kernels = l4r_kernels_of(set);
      float most = -INFINITY;
      double sum = 0;
      for (int64_t i = 0; i < n; i++) most = fmaxf(most, x[i]);
      cr_assert_eq(kernels->greatest(n, x), most);
      for (int64_t i = 0; i < n; i++) sum += exp((double)x[i] - most);
      if (n) cr_assert_float_eq(kernels->exp_sum(n, x, most), sum, 1e-6 * sum);
    }
  x[3] = NAN;
  cr_expect_not(isnan(l4r_kernels_of(0)->greatest(N, x)));
  l4r_free(x);
}

Test(blis_kernels, softmax_sums_to_one_and_pads_with_zeros) {
  for (int set = offered(0); set < L4R_ISAS; set = offered(set + 1))
    for (int64_t length = 1; length <= 70; length++) {
      float *score = test_normals(96, (uint64_t)length), *bias = test_normals(96, 99);
      double wanted[70], total = 0;
      for (int64_t i = 0; i < length; i++) {
        score[i] *= 20;
        total += wanted[i] = exp((double)score[i] + bias[i]);
      }
      l4r_kernels_of(set)->softmax(length, score, length % 2 ? bias : NULL);
      if (length % 2)
        for (int64_t i = 0; i < length; i++)
          cr_assert_float_eq(score[i], wanted[i] / total, 1e-5, "%s, length %lld at %lld",
                             l4r_isa_name(set), (long long)length, (long long)i);
      double sum = 0;
      for (int64_t i = 0; i < length; i++) sum += score[i];
      cr_assert_float_eq(sum, 1, 1e-5);
      for (int64_t i = length; i < (length + 15) / 16 * 16; i++) cr_assert_eq(score[i], 0);
      l4r_free(score);
      l4r_free(bias);
    }
}

/* What pads a row must not be the greatest of it. */
Test(blis_kernels, softmax_of_scores_far_below_zero) {
  for (int set = offered(0); set < L4R_ISAS; set = offered(set + 1))
    for (int64_t length = 1; length <= 33; length++) {
      float score[48], low[48];
      for (int64_t i = 0; i < length; i++) low[i] = (score[i] = (float)(i % 5)) - 300;
      l4r_kernels_of(set)->softmax(length, score, NULL);
      l4r_kernels_of(set)->softmax(length, low, NULL);
      cr_assert_arr_eq(score, low, (size_t)length * sizeof *score, "%s, length %lld",
                       l4r_isa_name(set), (long long)length);
    }
}

Test(blis_kernels, row_passes_equal_double_arithmetic) {
  for (int set = offered(0); set < L4R_ISAS; set = offered(set + 1))
    for (int64_t n = 1; n <= 70; n++) {
      const struct l4r_kernels *kernels = l4r_kernels_of(set);
      float *x = test_normals(n, 1), *y = test_normals(n, 2), *z = test_normals(n, 1);
      double squares = 0, product = 0;
      for (int64_t i = 0; i < n; i++) {
        squares += (double)x[i] * x[i];
        product += (double)x[i] * y[i];
      }
      cr_assert_float_eq(kernels->dot(n, x, y), product, 1e-4);
      kernels->rms_norm(n, x, y, 0.25f, z); /* epsilon: as large as what it is added to */
      for (int64_t i = 0; i < n; i++)
        cr_assert_float_eq(z[i], x[i] / sqrt(squares / (double)n + 0.25) * y[i], 1e-5);
      memcpy(z, x, (size_t)n * sizeof *z);
      kernels->gelu_gate(n, z, y);
      for (int64_t i = 0; i < n; i++) {
        double v = x[i], u = sqrt(2 / 3.14159265358979) * (v + 0.044715 * v * v * v);
        cr_assert_float_eq(z[i], v / 2 * (1 + tanh(u)) * y[i], 2e-6);
      }
      for (int64_t i = 0; i < n; i++) z[i] = 3 * x[i];
      kernels->gelu(n, z);
      for (int64_t i = 0; i < n; i++) {
        double v = 3 * x[i];
        cr_assert_float_eq(z[i], v / 2 * erfc(-v / sqrt(2)), 2e-7 * (1 + fabs(v)));
      }
      memcpy(z, x, (size_t)n * sizeof *z);
      kernels->silu_gate(n, z, y);
      for (int64_t i = 0; i < n; i++)
        cr_assert_float_eq(z[i], x[i] / (1 + exp(-(double)x[i])) * y[i], 2e-6);
      memcpy(z, x, (size_t)n * sizeof *z);
      kernels->sigmoid_gate(n, z, y);
      for (int64_t i = 0; i < n; i++)
        cr_assert_float_eq(z[i], y[i] / (1 + exp(-(double)x[i])), 2e-6);
      memcpy(z, x, (size_t)n * sizeof *z);
      kernels->relu(n, z);
      for (int64_t i = 0; i < n; i++) cr_assert_eq(z[i], x[i] > 0 ? x[i] : 0);
      memcpy(z, y, (size_t)n * sizeof *z);
      kernels->axpy(n, 0.5f, x, z);
      for (int64_t i = 0; i < n; i++) cr_assert_float_eq(z[i], y[i] + 0.5 * x[i], 1e-6);
      for (int64_t from = 0; from <= n; from++) {
        int64_t first = from;
        while (first < n && x[first] < 0.7f) first++;
        cr_assert_eq(kernels->next_not_below(x, from, n, 0.7f), first);
      }
      l4r_free(x);
      l4r_free(y);
      l4r_free(z);
    }
}

Test(blis_kernels, leading_dimensions_are_lines_and_never_a_kibibyte_apart) {
  for (int64_t n = 1; n <= 4096; n++) {
    int64_t ld = l4r_padded(n);
    cr_assert(ld >= n && ld < n + 32 && ld % 16 == 0 && ld * 4 % 1024 != 0, "%lld", (long long)n);
  }
}
