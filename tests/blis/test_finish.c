/* SPDX-License-Identifier: BSD-3-Clause */
/* Products with their bias and the function of the results: equal to double arithmetic, with and
 * without a bias, by any group; nothing beside the results is touched. */
#include "tests/blis/models.h"
#include "tests/support/every.h"

#include "impl/base/memory.h"
#include "impl/blis/finish.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { LD = TEST_N + 5 };

static const char *const names[] = {"set", "add", "relu", "gelu", "geglu", "swiglu"};

static double function_of(enum l4r_finish finish, double x) {
  const double tanh_of = tanh(sqrt(2 / M_PI) * (x + .044715 * x * x * x));
  switch (finish) {
  case L4R_RELU:
    return x > 0 ? x : 0;
  case L4R_GELU:
    return x * .5 * erfc(-x * M_SQRT1_2);
  case L4R_GEGLU:
    return x * .5 * (1 + tanh_of);
  case L4R_SWIGLU:
    return x / (1 + exp(-x));
  default:
    return x;
  }
}

struct finished {
  const float *weight, *bias, *before;
  float *in;
  enum l4r_finish finish;
};

/* What the matrix and the bias give in row i, column j. */
static double plain(const struct finished *f, int64_t i, int64_t j) {
  double sum = f->bias ? f->bias[j] : 0;
  for (int64_t p = 0; p < TEST_K; p++)
    sum += (double)f->in[i * TEST_K + p] * f->weight[j * TEST_K + p];
  return sum;
}

static double wanted(const struct finished *f, int64_t i, int64_t j) {
  const double value = function_of(f->finish, plain(f, i, j));
  if (f->finish == L4R_ADD) return f->before[i * LD + j] + value;
  return f->finish >= L4R_GEGLU ? value * plain(f, i, j + TEST_N / 2) : value;
}

static void check(const struct finished *f, const struct l4r_kernels *kernels,
                  const struct l4r_matrix *matrix, int64_t rows, int workers) {
  const int64_t columns = f->finish >= L4R_GEGLU ? TEST_N / 2 : TEST_N;
  float *out = l4r_alloc(TEST_M * LD, sizeof *out, "test");
  memcpy(out, f->before, TEST_M * LD * sizeof *out);
  for (int w = 0; w < workers; w++)
    l4r_multiply_finished(
        &(struct l4r_work_group){.kernels = kernels, .worker = w, .workers = workers}, matrix,
        f->bias, (struct l4r_blis_rows){rows, f->in, TEST_K}, f->finish,
        (struct l4r_blis_rows){rows, out, LD});
  for (int64_t i = 0; i < TEST_M; i++) {
    for (int64_t j = 0; j < columns && i < rows; j++) {
      const double right = wanted(f, i, j);
      cr_assert_leq(fabs(out[i * LD + j] - right), 2e-5 * (1 + fabs(right)),
                    "%s, %s, %d workers: row %lld, column %lld is %g, not %g", names[f->finish],
                    f->bias ? "bias" : "no bias", workers, (long long)i, (long long)j,
                    (double)out[i * LD + j], right);
    }
    const int64_t from = i < rows ? TEST_N : 0; /* a gate's second half is the product's to use */
    cr_assert_arr_eq(out + i * LD + from, f->before + i * LD + from,
                     (size_t)(LD - from) * sizeof *out, "%s: beside row %lld", names[f->finish],
                     (long long)i);
  }
  l4r_free(out);
}

static void check_all(const struct l4r_kernels *kernels, const struct l4r_matrix *matrix,
                      struct finished f) {
  const float *bias = f.bias;
  for (int finish = L4R_SET; finish <= L4R_SWIGLU; finish++)
    for (int with = 0; with < 2; with++)
      for (int workers = 1; workers < 4; workers += test_every()) {
        f.finish = (enum l4r_finish)finish;
        f.bias = with ? bias : NULL;
        check(&f, kernels, matrix, TEST_M, workers);
        check(&f, kernels, matrix, 1, workers);
      }
}

Test(blis_finish, bias_and_function_equal_double_arithmetic) {
  float *weight = test_normals(TEST_N * TEST_K, 1), *bias = test_normals(TEST_N, 2);
  float *in = test_normals(TEST_M * TEST_K, 3), *before = test_normals(TEST_M * LD, 4);
  struct l4r_matrix matrix;
  for (int64_t i = 0; i < TEST_N * TEST_K; i++) weight[i] /= 6; /* results of about 1 */
  test_pack(&matrix, l4r_gemm_kernel_best(L4R_FP32, L4R_ISA_AMX), weight);
  for (int set = 0; set < L4R_ISAS; set++)
    if (l4r_cpu_offers((enum l4r_isa)set))
      check_all(l4r_kernels_of((enum l4r_isa)set), &matrix,
                (struct finished){.weight = weight, .bias = bias, .before = before, .in = in});
  l4r_matrix_close(&matrix);
  l4r_free(weight), l4r_free(bias), l4r_free(in), l4r_free(before);
}
