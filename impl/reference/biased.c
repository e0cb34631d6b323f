/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/reference/biased.h"

#include "impl/base/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Copies a vector (columns 0) as it is, a matrix transposed. */
static int copy_one(struct l4r_arena *arena, const struct l4r_encoder_spec *spec, const char *name,
                    int64_t rows, int64_t columns, const float **out) {
  const float *values;
  int status = l4r_weights_get(spec->weights, spec->prefix, name, rows, columns, &values);
  if (status) return status;
  int64_t wide = columns ? columns : 1;
  float *to = l4r_arena_take(arena, (size_t)(rows * wide), sizeof *to);
  if (!to) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < wide; c++) to[c * rows + r] = values[r * wide + c];
  *out = to;
  return L4R_OK;
}

int l4r_biased_copy(struct l4r_arena *arena, const struct l4r_encoder_spec *spec, const char *part,
                    int64_t rows, int64_t columns, struct l4r_biased *to) {
  char name[128];
  snprintf(name, sizeof name, "%s.weight", part);
  int status = copy_one(arena, spec, name, rows, columns, &to->weight);
  snprintf(name, sizeof name, "%s.bias", part);
  return status ? status : copy_one(arena, spec, name, rows, 0, &to->bias);
}

int l4r_biased_copy_table(struct l4r_arena *arena, const struct l4r_encoder_spec *spec,
                          const char *name, int64_t rows, const float **out) {
  const int64_t count = rows * spec->shape->d_model;
  const float *values;
  int status = l4r_weights_get(spec->weights, spec->prefix, name, rows, spec->shape->d_model,
                               &values);
  if (status) return status;
  float *table = l4r_arena_take(arena, (size_t)count, sizeof *table);
  if (!table) return L4R_ENVIRONMENT;
  memcpy(table, values, (size_t)count * sizeof *table);
  *out = table;
  return L4R_OK;
}

void l4r_biased_norm(const struct l4r_t5_shape *shape, const struct l4r_biased *norm,
                     const float *x, float *out) {
  const int64_t width = shape->d_model;
  double mean = 0, variance = 0;
  for (int64_t i = 0; i < width; i++) mean += x[i];
  mean /= (double)width;
  for (int64_t i = 0; i < width; i++) variance += (x[i] - mean) * (x[i] - mean);
  const double factor = 1.0 / sqrt(variance / (double)width + shape->epsilon);
  for (int64_t i = 0; i < width; i++)
    out[i] = (float)((x[i] - mean) * factor * norm->weight[i] + norm->bias[i]);
}

void l4r_biased_apply(const struct l4r_biased *linear, const float *x, int64_t in, int64_t out,
                      double *sum, float *y) {
  l4r_reference_linear(y, x, linear->weight, in, out, sum);
  for (int64_t i = 0; i < out; i++) y[i] += linear->bias[i];
}

int l4r_biased_check(const struct l4r_ragged *batch, int64_t max_count, int64_t max_length,
                     int64_t max_positions) {
  if (batch->count < 0 || batch->count > max_count)
    return l4r_fail(L4R_USAGE, "encode: %lld sequences, opened for at most %lld",
                    (long long)batch->count, (long long)max_count);
  for (int64_t i = 0; i < batch->count; i++) {
    int64_t length = batch->start[i + 1] - batch->start[i];
    if (length < 0 || length > max_length)
      return l4r_fail(L4R_USAGE,
                      "encode: sequence %lld has %lld positions, opened for at most %lld",
                      (long long)i, (long long)length, (long long)max_length);
  }
  if (batch->start[batch->count] > max_positions)
    return l4r_fail(L4R_USAGE, "encode: %lld positions, opened for at most %lld",
                    (long long)batch->start[batch->count], (long long)max_positions);
  return L4R_OK;
}
