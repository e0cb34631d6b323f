/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/blis/biased.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <stdio.h>
#include <string.h>

/* --- weights --- */

/* Copies columns `at` .. of a bias of `total`, taken at the first. */
static int put_vector(const struct l4r_blis_source *source, float **to, const char *name,
                      int64_t total, int64_t at, int64_t count, float scale) {
  char full[128];
  const float *values;
  snprintf(full, sizeof full, "%s%s", source->base, name);
  int status = l4r_weights_get(source->spec->weights, source->spec->prefix, full, count, 0,
                               &values);
  if (status) return status;
  if (!*to) {
    *to = l4r_alloc((size_t)total, sizeof **to, full);
    if (!*to) return L4R_ENVIRONMENT;
    *source->bytes += total * (int64_t)sizeof **to;
  }
  for (int64_t i = 0; i < count; i++) (*to)[at + i] = values[i] * scale;
  return L4R_OK;
}

int l4r_blis_norm_open(const struct l4r_blis_source *source, struct l4r_blis_norm *norm,
                       const char *part) {
  char name[64];
  int64_t width = source->spec->shape->d_model;
  snprintf(name, sizeof name, "%s.weight", part);
  int status = put_vector(source, &norm->weight, name, width, 0, width, 1);
  snprintf(name, sizeof name, "%s.bias", part);
  return status ? status : put_vector(source, &norm->bias, name, width, 0, width, 1);
}

int l4r_blis_layer_open(const struct l4r_blis_source *source, struct l4r_blis_layer *layer,
                        const char *const *parts, int64_t out, int64_t in, float scale) {
  int64_t count = 0;
  while (parts[count]) count++;
  int status = l4r_matrix_open(&layer->matrix, source->gemm, in, count * out, parts[0]);
  float *scaled = status ? NULL : l4r_alloc((size_t)(out * in), sizeof *scaled, parts[0]);
  if (!scaled) return status ? status : L4R_ENVIRONMENT;
  for (int64_t p = 0; p < count && !status; p++) {
    const float factor = p ? 1 : scale;
    char name[128];
    const float *values;
    snprintf(name, sizeof name, "%s%s.weight", source->base, parts[p]);
    status = l4r_weights_get(source->spec->weights, source->spec->prefix, name, out, in, &values);
    if (status) break;
    for (int64_t i = 0; i < out * in; i++) scaled[i] = values[i] * factor;
    l4r_matrix_put(&layer->matrix, p * out, out, scaled);
    snprintf(name, sizeof name, "%s.bias", parts[p]);
    status = put_vector(source, &layer->bias, name, count * out, p * out, out, factor);
  }
  l4r_free(scaled);
  *source->bytes += l4r_matrix_bytes(&layer->matrix);
  return status;
}

int l4r_blis_table_open(const struct l4r_blis_source *source, float **table, const char *name,
                        int64_t rows) {
  const struct l4r_encoder_spec *spec = source->spec;
  const float *values;
  const size_t count = (size_t)(rows * spec->shape->d_model);
  int status = l4r_weights_get(spec->weights, spec->prefix, name, rows, spec->shape->d_model,
                               &values);
  if (status) return status;
  *table = l4r_alloc(count, sizeof **table, name);
  if (!*table) return L4R_ENVIRONMENT;
  memcpy(*table, values, count * sizeof **table);
  *source->bytes += (int64_t)(count * sizeof **table);
  return L4R_OK;
}

void l4r_blis_layer_close(struct l4r_blis_layer *layer) {
  l4r_matrix_close(&layer->matrix);
  l4r_free(layer->bias);
}

void l4r_blis_norm_close(struct l4r_blis_norm *norm) {
  l4r_free(norm->weight);
  l4r_free(norm->bias);
}

/* --- products --- */

void l4r_blis_apply(const struct l4r_work_group *group, const struct l4r_blis_layer *layer,
                    struct l4r_blis_rows in, enum l4r_finish finish, struct l4r_blis_rows out) {
  l4r_multiply_finished(group, &layer->matrix, layer->bias, in, finish, out);
}

void l4r_blis_norm_rows(const struct l4r_work_group *group, const struct l4r_t5_shape *shape,
                        const struct l4r_blis_norm *norm, int64_t rows, const float *in,
                        float *out) {
  int64_t begin, end, d = shape->d_model;
  l4r_split(rows, 1, group->worker, group->workers, &begin, &end);
  for (int64_t i = begin; i < end; i++)
    group->kernels->layer_norm(d, in + i * d, norm->weight, norm->bias, (float)shape->epsilon,
                               out + i * d);
}
