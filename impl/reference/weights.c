/* SPDX-License-Identifier: BSD-3-Clause */
/* What one half of a T5 holds, copied out of where the model's values come from. Part of the
 * reference stack: plain loops, never optimised.
 *
 * Matrices are transposed on the way (see l4r_reference_linear). The position bias of block 0 is
 * spread from buckets to distances, because all blocks of the half share it. */
#include "impl/model/bucket.h"
#include "impl/model/weights.h"
#include "impl/reference/reference.h"

#include "impl/base/error.h"

#include <stdio.h>

struct source { /* where values come from, and the arena they are copied to */
  const struct l4r_weights *weights;
  const char *prefix;
  struct l4r_arena *arena;
};

static size_t rounded(int64_t floats) {
  return ((size_t)floats * sizeof(float) + 63) / 64 * 64;
}

/* Copies a [out][in] matrix as [in][out]; columns 0: a vector, copied as it is. */
static int copy(const struct source *source, const char *name, int64_t rows, int64_t columns,
                int transpose, const float **out) {
  const float *values;
  int status = l4r_weights_get(source->weights, source->prefix, name, rows, columns, &values);
  if (status) return status;
  const int64_t width = columns ? columns : 1;
  float *to = l4r_arena_take(source->arena, (size_t)(rows * width), sizeof *to);
  if (!to) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < width; c++)
      to[transpose ? c * rows + r : r * width + c] = values[r * width + c];
  *out = to;
  return L4R_OK;
}

static int copy_attention(const struct source *source, const struct l4r_reference_half *half,
                          const char *layer, const char *kind,
                          struct l4r_reference_projections *to) {
  const int64_t width = half->shape.d_model, inner = half->inner;
  char name[112];
  int status;
  snprintf(name, sizeof name, "%s.layer_norm.weight", layer);
  if ((status = copy(source, name, width, 0, 0, &to->norm_weight))) return status;
  snprintf(name, sizeof name, "%s.%s.q.weight", layer, kind);
  if ((status = copy(source, name, inner, width, 1, &to->q))) return status;
  snprintf(name, sizeof name, "%s.%s.k.weight", layer, kind);
  if ((status = copy(source, name, inner, width, 1, &to->k))) return status;
  snprintf(name, sizeof name, "%s.%s.v.weight", layer, kind);
  if ((status = copy(source, name, inner, width, 1, &to->v))) return status;
  snprintf(name, sizeof name, "%s.%s.o.weight", layer, kind);
  return copy(source, name, width, inner, 1, &to->o);
}

static int copy_feed_forward(const struct source *source, const struct l4r_reference_half *half,
                             const char *layer, struct l4r_reference_block *to) {
  const int64_t width = half->shape.d_model, d_ff = half->shape.d_ff;
  char name[112];
  int status;
  snprintf(name, sizeof name, "%s.layer_norm.weight", layer);
  if ((status = copy(source, name, width, 0, 0, &to->ff_norm_weight))) return status;
  snprintf(name, sizeof name, "%s.DenseReluDense.wo.weight", layer);
  if ((status = copy(source, name, width, d_ff, 1, &to->wo))) return status;
  snprintf(name, sizeof name, "%s.DenseReluDense.%s.weight", layer,
           half->shape.gated ? "wi_0" : "wi");
  if ((status = copy(source, name, d_ff, width, 1, &to->wi_0))) return status;
  if (!half->shape.gated) return L4R_OK;
  snprintf(name, sizeof name, "%s.DenseReluDense.wi_1.weight", layer);
  return copy(source, name, d_ff, width, 1, &to->wi_1);
}

static int copy_gate(const struct source *source, const struct l4r_reference_half *half,
                     const char *layer, struct l4r_biased *to) {
  const int64_t width = half->shape.d_model;
  char name[112];
  snprintf(name, sizeof name, "%s.gate.weight", layer);
  const int status = copy(source, name, width, width, 1, &to->weight);
  snprintf(name, sizeof name, "%s.gate.bias", layer);
  return status ? status : copy(source, name, width, 0, 0, &to->bias);
}

static int copy_block(const struct source *source, const struct l4r_reference_half *half,
                      int decoder, int64_t index) {
  struct l4r_reference_block *block = &half->block[index];
  char layer[64];
  int status;
  snprintf(layer, sizeof layer, "%s.block.%lld.layer.0", decoder ? "decoder" : "encoder",
           (long long)index);
  if ((status = copy_attention(source, half, layer, "SelfAttention", &block->self))) return status;
  const int gated = half->shape.gates == L4R_GATES_LIGR && !decoder;
  if (gated && (status = copy_gate(source, half, layer, &block->self_gate))) return status;
  if (decoder) {
    snprintf(layer, sizeof layer, "decoder.block.%lld.layer.1", (long long)index);
    if ((status = copy_attention(source, half, layer, "EncDecAttention", &block->cross)))
      return status;
  }
  snprintf(layer, sizeof layer, "%s.block.%lld.layer.%d", decoder ? "decoder" : "encoder",
           (long long)index, decoder ? 2 : 1);
  if (gated && (status = copy_gate(source, half, layer, &block->ff_gate))) return status;
  return copy_feed_forward(source, half, layer, block);
}

static int spread_bias(const struct source *source, struct l4r_reference_half *half, int decoder) {
  const struct l4r_t5_shape *shape = &half->shape;
  const float *table; /* [buckets][H] */
  int status = l4r_weights_get(
      source->weights, source->prefix,
      decoder ? "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
              : "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
      shape->buckets, shape->heads, &table);
  if (status) return status;
  float *bias = l4r_arena_take(source->arena, (size_t)(shape->heads * half->span), sizeof *bias);
  if (!bias) return L4R_ENVIRONMENT;
  for (int64_t d = -half->origin; d <= half->origin; d++) {
    int bucket = l4r_t5_bucket(d, !decoder && !shape->causal, shape->buckets, shape->max_distance);
    for (int64_t h = 0; h < shape->heads; h++)
      bias[h * half->span + half->origin + d] = table[bucket * shape->heads + h];
  }
  half->bias = bias;
  return L4R_OK;
}

static size_t arena_bytes(const struct l4r_reference_half *half, int decoder) {
  const struct l4r_t5_shape *s = &half->shape;
  size_t attention = rounded(s->d_model) + 4 * rounded(s->d_model * half->inner);
  size_t feed_forward = rounded(s->d_model) + (s->gated ? 3 : 2) * rounded(s->d_model * s->d_ff);
  size_t tables = rounded(s->vocabulary * s->d_model) * (decoder && !s->tied ? 2 : 1);
  if (s->gates) feed_forward += 2 * (rounded(s->d_model * s->d_model) + rounded(s->d_model));
  return (size_t)half->blocks * (attention * (decoder ? 2 : 1) + feed_forward) +
         rounded(s->d_model) + tables + rounded(s->heads * half->span);
}

static int copy_all(const struct source *source, struct l4r_reference_half *half, int decoder) {
  const struct l4r_t5_shape *shape = &half->shape;
  int status;
  for (int64_t b = 0; b < half->blocks; b++)
    if ((status = copy_block(source, half, decoder, b))) return status;
  const char *final = decoder ? "decoder.final_layer_norm.weight"
                              : "encoder.final_layer_norm.weight";
  if ((status = copy(source, final, shape->d_model, 0, 0, &half->norm_weight))) return status;
  if ((status = spread_bias(source, half, decoder))) return status;
  if (shape->vocabulary == 0) return L4R_OK;
  if ((status = copy(source, "shared.weight", shape->vocabulary, shape->d_model, 0,
                     &half->embedding)))
    return status;
  half->output = half->embedding;
  if (!decoder || shape->tied) return L4R_OK;
  return copy(source, "lm_head.weight", shape->vocabulary, shape->d_model, 0, &half->output);
}

int l4r_reference_half_open(const struct l4r_t5_shape *shape, const struct l4r_weights *weights,
                            const char *prefix, int decoder, int64_t max_length,
                            struct l4r_reference_half *half) {
  *half = (struct l4r_reference_half){
      .shape = *shape,
      .inner = shape->heads * shape->d_kv,
      .blocks = decoder ? shape->decoder_blocks : shape->encoder_blocks,
      .origin = max_length > 0 ? max_length - 1 : 0,
      .max_length = max_length,
  };
  half->span = 2 * half->origin + 1;
  half->block = l4r_alloc((size_t)half->blocks, sizeof *half->block, "the blocks of a T5");
  int status = half->block ? L4R_OK : L4R_ENVIRONMENT;
  if (!status) status = l4r_arena_init(&half->arena, arena_bytes(half, decoder), "a T5's weights");
  const struct source source = {.weights = weights, .prefix = prefix, .arena = &half->arena};
  if (!status) status = copy_all(&source, half, decoder);
  if (status) l4r_reference_half_close(half);
  return status;
}

void l4r_reference_half_close(struct l4r_reference_half *half) {
  l4r_arena_free(&half->arena);
  l4r_free(half->block);
  half->block = NULL;
}

static int64_t widest(const struct l4r_reference_half *half) {
  int64_t width = half->shape.d_model;
  if (half->inner > width) width = half->inner;
  return half->shape.d_ff > width ? half->shape.d_ff : width;
}

size_t l4r_reference_scratch_bytes(const struct l4r_reference_half *half, int64_t keys) {
  return rounded(2 * widest(half)) + rounded(2 * keys) + 3 * rounded(half->shape.d_model) +
         rounded(half->inner) + 2 * rounded(half->shape.d_ff);
}

int l4r_reference_scratch_take(const struct l4r_reference_half *half, int64_t keys,
                               struct l4r_arena *arena, struct l4r_reference_scratch *scratch) {
  const size_t width = (size_t)half->shape.d_model, d_ff = (size_t)half->shape.d_ff;
  scratch->sum = l4r_arena_take(arena, (size_t)widest(half), sizeof *scratch->sum);
  scratch->weight = l4r_arena_take(arena, (size_t)keys, sizeof *scratch->weight);
  scratch->normed = l4r_arena_take(arena, width, sizeof *scratch->normed);
  scratch->inner = l4r_arena_take(arena, (size_t)half->inner, sizeof *scratch->inner);
  scratch->ff_0 = l4r_arena_take(arena, d_ff, sizeof *scratch->ff_0);
  scratch->ff_1 = l4r_arena_take(arena, d_ff, sizeof *scratch->ff_1);
  scratch->out = l4r_arena_take(arena, width, sizeof *scratch->out);
  scratch->gate = l4r_arena_take(arena, width, sizeof *scratch->gate);
  return scratch->gate && scratch->out && scratch->weight && scratch->ff_1 ? L4R_OK
                                                                           : L4R_ENVIRONMENT;
}
