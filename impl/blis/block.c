/* SPDX-License-Identifier: BSD-3-Clause */
/* Packing of a block's tensors, one at a time, so that loading needs no second copy of the model.
 * Projections with a common input lie side by side in one matrix: one product instead of three. */
#include "impl/blis/block.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/blis/finish.h"

#include <stdio.h>
#include <string.h>

struct source { /* where a block's tensors are found */
  const struct l4r_weights *weights;
  const char *prefix;
  const struct l4r_gemm_kernel *gemm;
  char base[64]; /* "encoder.block.3." */
};

int l4r_norm_weight_open(float **norm_weight, const struct l4r_weights *weights, const char *prefix,
                         const char *name, int64_t width) {
  const float *values;
  int status = l4r_weights_get(weights, prefix, name, width, 0, &values);
  if (status) return status;
  *norm_weight = l4r_alloc((size_t)width, sizeof **norm_weight, name);
  if (!*norm_weight) return L4R_ENVIRONMENT;
  memcpy(*norm_weight, values, (size_t)width * sizeof **norm_weight);
  return L4R_OK;
}

static int norm_of(const struct source *source, float **norm_weight, const char *name,
                   int64_t width) {
  char full[128];
  snprintf(full, sizeof full, "%s%s", source->base, name);
  return l4r_norm_weight_open(norm_weight, source->weights, source->prefix, full, width);
}

/* `names` (NULL-ended), each [out][in], side by side. */
static int matrix_of(const struct source *source, struct l4r_matrix *matrix,
                     const char *const *names, int64_t out, int64_t in) {
  int64_t count = 0;
  while (names[count]) count++;
  int status = l4r_matrix_open(matrix, source->gemm, in, count * out, names[0]);
  for (int64_t i = 0; !status && i < count; i++) {
    char full[128];
    const float *values;
    snprintf(full, sizeof full, "%s%s", source->base, names[i]);
    status = l4r_weights_get(source->weights, source->prefix, full, out, in, &values);
    if (!status) l4r_matrix_put(matrix, i * out, out, values);
  }
  return status;
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static int open_cross(struct l4r_block *block, const struct source *source, int64_t d,
                      int64_t inner) {
  int status = norm_of(source, &block->cross_norm, "layer.1.layer_norm.weight", d);
  if (!status)
    status = matrix_of(source, &block->cross_q, NAMES("layer.1.EncDecAttention.q.weight"), inner,
                       d);
  if (!status)
    status = matrix_of(
        source, &block->cross_kv,
        NAMES("layer.1.EncDecAttention.k.weight", "layer.1.EncDecAttention.v.weight"), inner, d);
  if (!status)
    status = matrix_of(source, &block->cross_o, NAMES("layer.1.EncDecAttention.o.weight"), d,
                       inner);
  return status;
}

static int open_feed_forward(struct l4r_block *block, const struct source *source,
                             const struct l4r_t5_shape *shape, int layer) {
  char norm[64], wi[64], wi0[64], wi1[64], wo[64];
  snprintf(norm, sizeof norm, "layer.%d.layer_norm.weight", layer);
  snprintf(wi, sizeof wi, "layer.%d.DenseReluDense.wi.weight", layer);
  snprintf(wi0, sizeof wi0, "layer.%d.DenseReluDense.wi_0.weight", layer);
  snprintf(wi1, sizeof wi1, "layer.%d.DenseReluDense.wi_1.weight", layer);
  snprintf(wo, sizeof wo, "layer.%d.DenseReluDense.wo.weight", layer);
  int status = norm_of(source, &block->ff_norm, norm, shape->d_model);
  if (!status)
    status = matrix_of(source, &block->wi, shape->gated ? NAMES(wi0, wi1) : NAMES(wi), shape->d_ff,
                       shape->d_model);
  if (!status) status = matrix_of(source, &block->wo, NAMES(wo), shape->d_model, shape->d_ff);
  return status;
}

static int open_gate(struct l4r_skip_gate *gate, const struct source *source, int layer,
                     int64_t d) {
  char weight[64], bias[64];
  snprintf(weight, sizeof weight, "layer.%d.gate.weight", layer);
  snprintf(bias, sizeof bias, "layer.%d.gate.bias", layer);
  const int status = matrix_of(source, &gate->matrix, NAMES(weight), d, d);
  return status ? status : norm_of(source, &gate->bias, bias, d); /* a vector of that width */
}

int l4r_block_open(struct l4r_block *block, const struct l4r_t5_shape *shape,
                   const struct l4r_weights *weights, const char *prefix, int decoder,
                   int64_t index, const struct l4r_gemm_kernel *gemm) {
  struct source source = {.weights = weights, .prefix = prefix, .gemm = gemm};
  int64_t d = shape->d_model, inner = shape->heads * shape->d_kv;
  snprintf(source.base, sizeof source.base, "%s.block.%lld.", decoder ? "decoder" : "encoder",
           (long long)index);
  int status = norm_of(&source, &block->self_norm, "layer.0.layer_norm.weight", d);
  if (!status)
    status = matrix_of(&source, &block->qkv,
                       NAMES("layer.0.SelfAttention.q.weight", "layer.0.SelfAttention.k.weight",
                             "layer.0.SelfAttention.v.weight"),
                       inner, d);
  if (!status)
    status = matrix_of(&source, &block->self_o, NAMES("layer.0.SelfAttention.o.weight"), d, inner);
  if (!status && decoder) status = open_cross(block, &source, d, inner);
  if (!status) status = open_feed_forward(block, &source, shape, decoder ? 2 : 1);
  if (shape->gates == L4R_GATES_NONE || decoder) return status;
  if (!status) status = open_gate(&block->self_gate, &source, 0, d);
  if (!status) status = open_gate(&block->ff_gate, &source, 1, d);
  return status;
}

void l4r_block_close(struct l4r_block *block) {
  l4r_free(block->self_norm);
  l4r_free(block->cross_norm);
  l4r_free(block->ff_norm);
  l4r_free(block->self_gate.bias);
  l4r_free(block->ff_gate.bias);
  struct l4r_matrix *matrix[] = {
      &block->qkv, &block->self_o, &block->cross_q,          &block->cross_kv,      &block->cross_o,
      &block->wi,  &block->wo,     &block->self_gate.matrix, &block->ff_gate.matrix};
  for (size_t i = 0; i < sizeof matrix / sizeof *matrix; i++) l4r_matrix_close(matrix[i]);
}

int64_t l4r_block_bytes(const struct l4r_block *block, int64_t width) {
  const struct l4r_matrix *matrix[] = {
      &block->qkv, &block->self_o, &block->cross_q,          &block->cross_kv,      &block->cross_o,
      &block->wi,  &block->wo,     &block->self_gate.matrix, &block->ff_gate.matrix};
  int64_t bytes = (block->cross_norm ? 3 : 2) * width * (int64_t)sizeof(float);
  if (block->self_gate.bias) bytes += 2 * width * (int64_t)sizeof(float);
  for (size_t i = 0; i < sizeof matrix / sizeof *matrix; i++) bytes += l4r_matrix_bytes(matrix[i]);
  return bytes;
}

void l4r_norm_rows(const struct l4r_work_group *group, const struct l4r_t5_shape *shape,
                   int64_t rows, const float *x, const float *norm_weight, float *out) {
  int64_t begin, end, d = shape->d_model;
  l4r_split(rows, 1, group->worker, group->workers, &begin, &end);
  for (int64_t i = begin; i < end; i++)
    group->kernels->rms_norm(d, x + i * d, norm_weight, (float)shape->epsilon, out + i * d);
}

int64_t l4r_inner_ld(const struct l4r_t5_shape *shape) {
  return l4r_padded(shape->d_ff * (shape->gated ? 2 : 1));
}

static enum l4r_finish activation(const struct l4r_t5_shape *shape) {
  if (shape->swiglu) return L4R_SWIGLU;
  return shape->gated ? L4R_GEGLU : L4R_RELU;
}

/* inner = act(normed wi), every worker its share. */
static void widen(const struct l4r_work_group *group, const struct l4r_feed_forward *ff) {
  const struct l4r_blis_rows in = {ff->rows, ff->normed, ff->shape->d_model};
  const struct l4r_blis_rows out = {ff->rows, ff->inner, l4r_inner_ld(ff->shape)};
  l4r_multiply_finished(group, &ff->block->wi, NULL, in, activation(ff->shape), out);
}

void l4r_feed_forward(const struct l4r_work_group *group, const struct l4r_feed_forward *ff) {
  l4r_norm_rows(group, ff->shape, ff->rows, ff->x, ff->block->ff_norm, ff->normed);
  l4r_work_group_end(group, L4R_SPENT_NORMS);
  widen(group, ff);
  l4r_work_group_end(group, L4R_SPENT_FEED_FORWARD);
  const struct l4r_skip_gate *gate = &ff->block->ff_gate;
  l4r_add_skip(group, &(struct l4r_skip){.gate = &gate->matrix,
                                         .gate_bias = gate->bias,
                                         .matrix = &ff->block->wo,
                                         .in = {ff->rows, ff->inner, l4r_inner_ld(ff->shape)},
                                         .x = ff->x,
                                         .added = ff->normed,
                                         .gates = ff->gate});
}
