/* SPDX-License-Identifier: BSD-3-Clause */
/* See models.h. */
#include "tests/blis/models.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/config_sizes.h"
#include "impl/model/weights.h"
#include "tests/support/every.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

float *test_normals(int64_t n, uint64_t seed) {
  struct l4r_random random;
  l4r_random_seed(&random, seed);
  float *values = l4r_alloc((size_t)n, sizeof *values, "test values");
  cr_assert(values);
  for (int64_t i = 0; i < n; i++) values[i] = (float)l4r_random_normal(&random);
  return values;
}

void test_model_open(struct test_model *model, const char *size, int64_t vocabulary,
                     void (*change)(struct l4r_t5_shape *)) {
  memset(model, 0, sizeof *model);
  cr_assert_eq(l4r_config_defaults(L4R_KIND_P5, size, &model->config), 0, "%s",
               l4r_error_message());
  model->config.p5.vocabulary = vocabulary;
  if (change) change(&model->config.p5);
  cr_assert_eq(l4r_tensors_of(&model->config, &model->tensors), 0, "%s", l4r_error_message());
  model->values = l4r_alloc((size_t)model->tensors.floats, sizeof(float), "test model");
  cr_assert(model->values);
  l4r_tensors_init(&model->tensors, 7, model->values);
  struct l4r_random random;
  l4r_random_seed(&random, 8);
  for (int64_t t = 0; t < model->tensors.count; t++)
    if (model->tensors.tensor[t].deviation <= 0)
      for (int64_t i = 0; i < model->tensors.tensor[t].count; i++)
        model->values[model->tensors.tensor[t].offset + i] += (float)(0.2 *
                                                                      l4r_random_normal(&random));
  model->weights = (struct l4r_weights){.tensors = &model->tensors, .values = model->values};
}

void test_model_close(struct test_model *model) {
  l4r_free(model->values);
  l4r_tensors_free(&model->tensors);
}

void test_batch_open(struct test_batch *batch, int64_t count, const int64_t *length, int64_t width,
                     int64_t vocabulary, uint64_t seed) {
  memset(batch, 0, sizeof *batch);
  cr_assert_leq(count, 64);
  for (int64_t s = 0; s < count; s++) batch->start[s + 1] = batch->start[s] + length[s];
  batch->rows = batch->start[count];
  batch->ragged = (struct l4r_ragged){.count = count, .start = batch->start};
  if (width) {
    batch->vector = test_normals(batch->rows * width, seed);
    batch->ragged.vector = batch->vector;
    return;
  }
  struct l4r_random random;
  l4r_random_seed(&random, seed);
  batch->token = l4r_alloc((size_t)batch->rows, sizeof *batch->token, "test tokens");
  cr_assert(batch->token);
  for (int64_t i = 0; i < batch->rows; i++)
    batch->token[i] = (int32_t)l4r_random_below(&random, (uint64_t)vocabulary);
  batch->ragged.token = batch->token;
}

void test_batch_close(struct test_batch *batch) {
  l4r_free(batch->token);
  l4r_free(batch->vector);
}

void test_close(const float *got, const float *wanted, int64_t n, const char *what) {
  double largest = 0, worst = 0;
  int64_t at = 0;
  for (int64_t i = 0; i < n; i++) {
    largest = fmax(largest, fabs((double)wanted[i]));
    double error = fabs((double)got[i] - wanted[i]);
    if (!(error <= worst)) { /* NaN is the worst of all */
      worst = error;
      at = i;
    }
  }
  cr_assert(worst <= 1e-5 + 1e-4 * largest, "%s: %g instead of %g at %lld, largest value %g", what,
            (double)got[at], (double)wanted[at], (long long)at, largest);
}

void test_pack(struct l4r_matrix *matrix, const struct l4r_gemm_kernel *kernel,
               const float *weight) {
  enum { SEAM = 523 };
  cr_assert_eq(l4r_matrix_open(matrix, kernel, TEST_K, TEST_N, "test"), 0);
  l4r_matrix_put(matrix, 0, SEAM, weight);
  l4r_matrix_put(matrix, SEAM, TEST_N - SEAM, weight + (int64_t)SEAM * TEST_K);
}

const struct l4r_gemm_kernel *test_next_kernel(enum l4r_precision precision, int *at) {
  const struct l4r_gemm_kernel *row;
  while ((row = l4r_gemm_kernel_at((*at)++)))
    if (row->layout.precision == precision && row->available()) return row;
  return NULL;
}

static void multiply_alone(const struct l4r_matrix *matrix, const struct l4r_product *product) {
  uint32_t *converted = l4r_alloc(L4R_CONVERTED + L4R_CONVERTED_ROWS, sizeof *converted, "test");
  /* Whatever a product before left there, and worse, must not matter. */
  memset(converted, 0xff, (L4R_CONVERTED + L4R_CONVERTED_ROWS) * sizeof *converted);
  const struct l4r_work_group group = {.workers = 1, .converted = converted};
  l4r_multiply(&group, matrix, product);
  l4r_free(converted);
}

void test_check_gemm(const struct l4r_gemm_kernel *kernel, const struct test_gemm *g,
                     double (*expected)(const float *a, const float *w, int64_t k, double *size),
                     double room) {
  int64_t columns = g->n - g->begin, lda = g->k + 3, ldc = columns + 2;
  float *c = test_normals((g->m + 1) * ldc, 3), *before = test_normals((g->m + 1) * ldc, 3);
  struct l4r_matrix matrix;
  cr_assert_eq(l4r_matrix_open(&matrix, kernel, g->k, g->n, "test"), 0, "%s", l4r_error_message());
  l4r_matrix_put(&matrix, 0, g->n, g->weight);
  multiply_alone(&matrix, &(struct l4r_product){.m = g->m,
                                                .a = g->a,
                                                .lda = lda,
                                                .begin = g->begin,
                                                .columns = columns,
                                                .c = c,
                                                .ldc = ldc,
                                                .accumulate = g->accumulate});
  for (int64_t i = 0; i < (g->m + 1) * ldc; i++) {
    double size = 0, wanted = before[i];
    if (i / ldc < g->m && i % ldc < columns) {
      double sum = expected(g->a + i / ldc * lda, g->weight + (g->begin + i % ldc) * g->k, g->k,
                            &size);
      wanted = g->accumulate ? wanted + sum : sum;
      size += g->accumulate ? fabs((double)before[i]) : 0;
    }
    cr_assert(fabs(c[i] - wanted) <= room * size,
              "%s: %lld x %lld x %lld at %lld, %lld: %g, not %g", kernel->name, (long long)g->m,
              (long long)g->n, (long long)g->k, (long long)(i / ldc), (long long)(i % ldc),
              (double)c[i], wanted);
  }
  l4r_matrix_close(&matrix);
  l4r_free(c);
  l4r_free(before);
}

/* Where an A is no number, so is the result, and no other. */
static void check_what_is_no_number(const struct l4r_gemm_kernel *kernel) {
  enum { M = 19, N = 35, K = 50 };
  float *a = test_normals(M * K, 1), *weight = test_normals(N * K, 2), *c = test_normals(M * N, 3);
  struct l4r_matrix matrix;
  a[7 * K + 33] = NAN;
  a[18 * K] = INFINITY;
  cr_assert_eq(l4r_matrix_open(&matrix, kernel, K, N, "test"), 0);
  l4r_matrix_put(&matrix, 0, N, weight);
  multiply_alone(&matrix,
                 &(struct l4r_product){.m = M, .a = a, .lda = K, .columns = N, .c = c, .ldc = N});
  for (int i = 0; i < M * N; i++)
    cr_assert_eq(isfinite(c[i]) != 0, i / N != 7 && i / N != 18, "%s at %d, %d", kernel->name,
                 i / N, i % N);
  l4r_matrix_close(&matrix);
  l4r_free(a), l4r_free(weight), l4r_free(c);
}

/* Many rows, and more than a worker's memory holds rounded at a time; none of k; none of n. */
static void check_extremes(const struct l4r_gemm_kernel *kernel,
                           double (*expected)(const float *, const float *, int64_t, double *),
                           double room_each) {
  enum { M = 3200, N = 33, K = 200 };
  float *a = test_normals(M * (K + 3), 1), *weight = test_normals(N * K, 2);
  struct test_gemm gemm = {.m = M, .n = N, .k = K, .a = a, .weight = weight, .accumulate = 1};
  test_check_gemm(kernel, &gemm, expected, room_each * (K + 2));
  gemm.m = 21;
  gemm.k = 0;
  test_check_gemm(kernel, &gemm, expected, 0);
  gemm.accumulate = 0;
  test_check_gemm(kernel, &gemm, expected, 0);
  gemm.n = 0;
  gemm.k = K;
  test_check_gemm(kernel, &gemm, expected, 0);
  l4r_free(a);
  l4r_free(weight);
}

void test_gemm_edges(enum l4r_precision precision,
                     double (*expected)(const float *a, const float *w, int64_t k, double *size),
                     double room_each) {
  static const int64_t columns[] = {1, 3, 8, 15, 16, 17, 31, 32, 33, 48, 65, 96};
  static const int64_t depths[] = {1, 2, 31, 64, 65, 131};
  enum { MOST_M = 40, MOST_N = 96, MOST_K = 131, DEPTHS = sizeof depths / sizeof *depths };
  float *a = test_normals(MOST_M * (MOST_K + 3), 1), *weight = test_normals(MOST_N * MOST_K, 2);
  const struct l4r_gemm_kernel *kernel;
  int number = 0;
  for (int at = 0; (kernel = test_next_kernel(precision, &at));) {
    for (int64_t m = 1; m <= MOST_M; m++)
      for (size_t j = 0; j < sizeof columns / sizeof *columns; j++) {
        if (number++ % test_every()) continue;
        struct test_gemm gemm = {.m = m,
                                 .n = columns[j],
                                 .k = depths[((size_t)m + j) % DEPTHS],
                                 .a = a,
                                 .weight = weight,
                                 .begin = m % 5 == 4 ? columns[j] / 2 : 0,
                                 .accumulate = m % 2};
        test_check_gemm(kernel, &gemm, expected, room_each * (double)(gemm.k + 2));
      }
    check_extremes(kernel, expected, room_each);
    if (precision != L4R_INT8) check_what_is_no_number(kernel);
  }
  l4r_free(a);
  l4r_free(weight);
}

/* All shares of a group, computed one after another. */
static void multiply(const struct test_products *t, int workers,
                     const struct l4r_product *product) {
  uint32_t *converted = l4r_alloc(L4R_CONVERTED + L4R_CONVERTED_ROWS, sizeof *converted, "test");
  for (int w = 0; w < workers; w++) {
    struct l4r_work_group group = {.worker = w, .workers = workers, .converted = converted};
    l4r_multiply(&group, t->matrix, product);
  }
  l4r_free(converted);
}

static void check_product(const struct test_products *t, int workers,
                          const struct l4r_product *product) {
  for (int64_t i = 0; i < product->m; i++)
    for (int64_t j = 0; j < product->columns; j++) {
      double sum = product->accumulate ? 2 : 0;
      sum += t->expected(product->a + i * TEST_K, t->weight + (product->begin + j) * TEST_K);
      cr_assert_float_eq(product->c[i * product->ldc + j], sum, t->room,
                         "%s, %d workers, rows %lld, columns %lld+%lld at %lld, %lld", t->what,
                         workers, (long long)product->m, (long long)product->begin,
                         (long long)product->columns, (long long)i, (long long)j);
    }
  for (int64_t i = 0; i < TEST_M; i++)
    if (i >= product->m || product->columns < TEST_N)
      cr_assert_eq(product->c[i * TEST_N + (i < product->m ? product->columns : 0)], 2);
}

void test_products(const struct test_products *t) {
  static const struct {
    int64_t m, begin, columns;
  } range[] = {{TEST_M, 0, TEST_N}, {1, 0, TEST_N}, {TEST_M, 500, 300},
               {TEST_M, 13, 5},     {3, 1090, 10},  {0, 0, TEST_N}};
  float *a = test_normals(TEST_M * TEST_K, 2);
  float *c = l4r_alloc(TEST_M, TEST_N * sizeof(float), "test");
  for (size_t r = 0; r < sizeof range / sizeof *range; r++)
    for (int workers = 1; workers <= 7; workers += 3) {
      const struct l4r_product product = {.m = range[r].m,
                                          .a = a,
                                          .lda = TEST_K,
                                          .begin = range[r].begin,
                                          .columns = range[r].columns,
                                          .c = c,
                                          .ldc = TEST_N,
                                          .accumulate = workers > 1};
      for (int64_t i = 0; i < TEST_M * TEST_N; i++) c[i] = 2;
      multiply(t, workers, &product);
      check_product(t, workers, &product);
    }
  l4r_free(a);
  l4r_free(c);
}
