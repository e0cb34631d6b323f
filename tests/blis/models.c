/* See models.h. */
#include "tests/blis/models.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

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
