/* SPDX-License-Identifier: BSD-3-Clause */
/* See models.h. */
#include "tests/blis/models.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/config_sizes.h"
#include "impl/model/weights.h"

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

void test_pack(struct l4r_matrix *matrix, struct l4r_layout layout, const float *weight) {
  enum { SEAM = 523 };
  cr_assert_eq(l4r_matrix_open(matrix, layout, TEST_K, TEST_N, "test"), 0);
  l4r_matrix_put(matrix, 0, SEAM, weight);
  l4r_matrix_put(matrix, SEAM, TEST_N - SEAM, weight + (int64_t)SEAM * TEST_K);
}

/* All shares of a group, computed one after another. */
static void multiply(const struct test_products *t, int workers,
                     const struct l4r_product *product) {
  uint32_t *converted = l4r_alloc(L4R_CONVERTED + L4R_CONVERTED_ROWS, sizeof *converted, "test");
  for (int w = 0; w < workers; w++) {
    struct l4r_work_group group = {
        .kernels = t->kernels, .worker = w, .workers = workers, .converted = converted};
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
