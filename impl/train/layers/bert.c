/* SPDX-License-Identifier: BSD-3-Clause */
/* BERT's blocks forward and backward, chunk by chunk; struct l4r_t5_shape has the formulas. GELU's
 * output is computed again on the way back, which spares the widest of what would be kept. */
#include "impl/train/layers/bert.h"

#include "impl/base/error.h"
#include "impl/train/layers/bert_inner.h"
#include "impl/train/layers/chunk.h"
#include "impl/train/layers/self_attention.h"

#include <math.h>
#include <string.h>

/* Drops the chunk's rows of `x` by a mask of the whole batch; draws it when asked. */
static void drop(struct l4r_bert_layers *s, const struct l4r_sequence_chunk *chunk, uint64_t *mask,
                 int draw, l4r_real *x) {
  const int64_t width = s->shape.d_model, words = l4r_mask_words(width);
  struct l4r_masked_rows shape = {
      .rows = l4r_chunk_rows(chunk), .width = width, .scale = s->dropper.scale};
  if (!s->dropping) return;
  shape.dropout_mask = mask + chunk->row[0] * words;
  if (draw) s->kernels->draw(&s->dropper, mask + chunk->row[0] * words, shape.rows * words);
  l4r_layer_drop(&shape, x);
}

static void add(int64_t count, const l4r_real *from, l4r_real *restrict to) {
  for (int64_t i = 0; i < count; i++) to[i] += from[i];
}

static struct l4r_self_attention attention_of(struct l4r_bert_layers *s,
                                              const struct l4r_sequence_chunk *chunk) {
  return (struct l4r_self_attention){.kernels = s->kernels,
                                     .start = s->batch.start,
                                     .weights_at = s->weights_at,
                                     .heads = s->shape.heads,
                                     .key = s->shape.d_kv,
                                     .dropping = s->dropping,
                                     .dropper = &s->dropper,
                                     .scratch = s->attend,
                                     .mask = s->attend_mask,
                                     .sequence = {chunk->sequence[0], chunk->sequence[1]}};
}

/* --- a block --- */

static void block_forward(struct l4r_bert_layers *s, struct l4r_bert_block *block,
                          const l4r_real *values, const struct l4r_sequence_chunk *chunk) {
  const int64_t width = s->shape.d_model, d_ff = s->shape.d_ff, rows = l4r_chunk_rows(chunk);
  const int64_t first = chunk->row[0], count = rows * width;
  const struct l4r_self_attention attention = attention_of(s, chunk);
  const struct l4r_layer_operand y = {s->y, width};
  l4r_real *z = block->z + first * width, *qkv = block->qkv + first * 3 * width;
  l4r_real *inner = block->inner + first * d_ff;
  memcpy(block->x + first * width, s->x, (size_t)count * sizeof *s->x);
  const l4r_real scale = (l4r_real)(1 / sqrt((double)s->shape.d_kv));
  l4r_layer_linear(&block->q, values, rows, scale, s->x,
                   (struct l4r_layer_operand){qkv, 3 * width});
  l4r_layer_linear(&block->k, values, rows, 1, s->x,
                   (struct l4r_layer_operand){qkv + width, 3 * width});
  l4r_layer_linear(&block->v, values, rows, 1, s->x,
                   (struct l4r_layer_operand){qkv + 2 * width, 3 * width});
  l4r_self_attention(&attention, block->qkv, block->weights, block->context);
  l4r_layer_linear(&block->o, values, rows, 1, block->context + first * width, y);
  drop(s, chunk, block->mask[0], 1, s->y);
  add(count, s->x, s->y);
  l4r_layer_norm(s->shape.epsilon, &block->attention_norm, values, chunk->row, s->y, z);
  l4r_layer_linear(&block->wi, values, rows, 1, z, (struct l4r_layer_operand){inner, d_ff});
  s->kernels->gelu(rows * d_ff, inner, s->act);
  l4r_layer_linear(&block->wo, values, rows, 1, s->act, y);
  drop(s, chunk, block->mask[1], 1, s->y);
  add(count, z, s->y);
  l4r_layer_norm(s->shape.epsilon, &block->feed_norm, values, chunk->row, s->y, s->x);
}

/* s->d_x is the gradient of the block's output before, of its input after this call. */
static void block_back(struct l4r_bert_layers *s, struct l4r_bert_block *block,
                       const l4r_real *values, const struct l4r_sequence_chunk *chunk,
                       l4r_real *gradients) {
  const int64_t width = s->shape.d_model, d_ff = s->shape.d_ff, rows = l4r_chunk_rows(chunk);
  const int64_t first = chunk->row[0], count = rows * width;
  const size_t bytes = (size_t)count * sizeof *s->y;
  const struct l4r_self_attention attention = attention_of(s, chunk);
  const l4r_real *x = block->x + first * width, *inner = block->inner + first * d_ff;
  l4r_layer_norm_back(&block->feed_norm, values, chunk->row, s->d_x, gradients, 0, s->d_y);
  memcpy(s->y, s->d_y, bytes); /* d_y: of z, by the residual, and then by the feed-forward too */
  drop(s, chunk, block->mask[1], 0, s->y);
  s->kernels->gelu(rows * d_ff, inner, s->act);
  l4r_layer_linear_back(&block->wo, values, rows, (struct l4r_layer_operand){s->y, width}, s->act,
                        gradients, 0, s->d_inner);
  s->kernels->gelu_back(rows * d_ff, inner, s->d_inner);
  l4r_layer_linear_back(&block->wi, values, rows, (struct l4r_layer_operand){s->d_inner, d_ff},
                        block->z + first * width, gradients, 1, s->d_y);
  l4r_layer_norm_back(&block->attention_norm, values, chunk->row, s->d_y, gradients, 0, s->d_x);
  memcpy(s->y, s->d_x, bytes); /* d_x: of the input, by the residual */
  drop(s, chunk, block->mask[0], 0, s->y);
  l4r_layer_linear_back(&block->o, values, rows, (struct l4r_layer_operand){s->y, width},
                        block->context + first * width, gradients, 0, s->d_context);
  l4r_self_attention_back(&attention, block->qkv, block->weights, s->d_context, s->d_qkv);
  const struct l4r_layer_linears *const inputs[] = {&block->q, &block->k, &block->v};
  for (int i = 0; i < 3; i++)
    l4r_layer_linear_back(inputs[i], values, rows,
                          (struct l4r_layer_operand){s->d_qkv + i * width, 3 * width}, x, gradients,
                          1, s->d_x);
}

/* --- a batch --- */

static int check_batch(const struct l4r_bert_layers *s, const struct l4r_batch *batch) {
  int status = l4r_chunk_check(batch, s->max_count, s->max_positions, s->max_length);
  if (status) return status;
  if (batch->vector || !batch->token)
    return l4r_fail(L4R_INPUT, "BERT's blocks read tokens, and this batch has none");
  for (int64_t p = 0; p < batch->start[batch->count]; p++)
    if (batch->token[p] < 0 || batch->token[p] >= s->shape.vocabulary)
      return l4r_fail(L4R_INPUT, "token %lld at position %lld of a batch; the vocabulary has %lld",
                      (long long)batch->token[p], (long long)p, (long long)s->shape.vocabulary);
  return L4R_OK;
}

static void input(struct l4r_bert_layers *s, const l4r_real *values,
                  const struct l4r_sequence_chunk *chunk) {
  const int64_t width = s->shape.d_model;
  const l4r_real *type = values + s->type;
  l4r_real *y = s->y;
  for (int64_t sequence = chunk->sequence[0]; sequence < chunk->sequence[1]; sequence++) {
    const int64_t begin = s->batch.start[sequence], end = s->batch.start[sequence + 1];
    for (int64_t p = begin; p < end; p++, y += width) {
      const l4r_real *word = values + s->word + s->batch.token[p] * width;
      const l4r_real *position = values + s->position + (p - begin) * width;
      for (int64_t i = 0; i < width; i++) y[i] = word[i] + position[i] + type[i];
    }
  }
  l4r_layer_norm(s->shape.epsilon, &s->input_norm, values, chunk->row, s->y, s->x);
  drop(s, chunk, s->input_mask, 1, s->x);
}

static void input_back(struct l4r_bert_layers *s, const l4r_real *values,
                       const struct l4r_sequence_chunk *chunk, l4r_real *gradients) {
  const int64_t width = s->shape.d_model;
  drop(s, chunk, s->input_mask, 0, s->d_x);
  l4r_layer_norm_back(&s->input_norm, values, chunk->row, s->d_x, gradients, 0, s->d_y);
  const l4r_real *d = s->d_y;
  for (int64_t sequence = chunk->sequence[0]; sequence < chunk->sequence[1]; sequence++) {
    const int64_t begin = s->batch.start[sequence], end = s->batch.start[sequence + 1];
    for (int64_t p = begin; p < end; p++, d += width) {
      add(width, d, gradients + s->word + s->batch.token[p] * width);
      add(width, d, gradients + s->position + (p - begin) * width);
      add(width, d, gradients + s->type);
    }
  }
}

int l4r_bert_forward(struct l4r_bert_layers *s, const l4r_real *values,
                     const struct l4r_batch *batch, struct l4r_random *random, l4r_real *hidden) {
  int status = check_batch(s, batch);
  if (status) return status;
  s->batch = *batch;
  s->dropping = l4r_dropper_start(&s->dropper, s->dropout, random);
  l4r_self_attention_places(batch, s->shape.heads, s->weights_at);
  struct l4r_sequence_chunk chunk = {{0, 0}, {0, 0}};
  while (l4r_chunk_next(&s->batch, &chunk)) {
    input(s, values, &chunk);
    for (int64_t b = 0; b < s->shape.encoder_blocks; b++)
      block_forward(s, &s->block[b], values, &chunk);
    memcpy(hidden + chunk.row[0] * s->shape.d_model, s->x,
           (size_t)(l4r_chunk_rows(&chunk) * s->shape.d_model) * sizeof *hidden);
  }
  return 0;
}

void l4r_bert_backward(struct l4r_bert_layers *s, const l4r_real *values, const l4r_real *d_hidden,
                       l4r_real *gradients) {
  struct l4r_sequence_chunk chunk = {{0, 0}, {0, 0}};
  while (l4r_chunk_next(&s->batch, &chunk)) {
    memcpy(s->d_x, d_hidden + chunk.row[0] * s->shape.d_model,
           (size_t)(l4r_chunk_rows(&chunk) * s->shape.d_model) * sizeof *s->d_x);
    for (int64_t b = s->shape.encoder_blocks - 1; b >= 0; b--)
      block_back(s, &s->block[b], values, &chunk, gradients);
    input_back(s, values, &chunk, gradients);
  }
}
