/* SPDX-License-Identifier: BSD-3-Clause */
#define L4R_DOUBLE
#include "tests/train/layers/double_encoder.h"

#include "impl/base/memory.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/layers/layers.h"

#include <criterion/criterion.h>
#include <string.h>

static double *doubles(const float *values, int64_t count) {
  double *wide = l4r_alloc((size_t)count, sizeof *wide, "doubles");
  cr_assert_not_null(wide);
  for (int64_t i = 0; i < count; i++) wide[i] = values[i];
  return wide;
}

void double_encoder_run(const struct double_encoder *run, uint64_t seed, double *hidden,
                        double *gradients) {
  int64_t rows = run->start[run->count], width = run->shape->d_model;
  struct l4r_train_spec spec = {.shape = run->shape,
                                .tensors = run->tensors,
                                .prefix = "",
                                .dropout = run->dropout,
                                .max_positions = rows,
                                .max_count = run->count,
                                .max_length = run->longest};
  struct l4r_encoder_layers *encoder;
  cr_assert_eq(l4r_encoder_layers_open(&spec, &encoder), 0);
  double *values = doubles(run->values, run->tensors->floats);
  double *d_hidden = doubles(run->d_hidden, rows * width);
  struct l4r_batch batch = {.count = run->count, .start = run->start, .token = run->token};
  struct l4r_random random;
  l4r_random_seed(&random, seed);
  memset(gradients, 0, (size_t)run->tensors->floats * sizeof *gradients);
  cr_assert_eq(l4r_encoder_forward(encoder, values, &batch, &random, hidden), 0);
  cr_assert_eq(l4r_encoder_backward(encoder, values, d_hidden, gradients, NULL), 0);
  l4r_encoder_layers_close(encoder);
  l4r_free(values);
  l4r_free(d_hidden);
}
