/* SPDX-License-Identifier: BSD-3-Clause */
/* SASRec's blocks forward and backward, chunk by chunk; struct l4r_t5_shape has the formulas.
 * Products go to BLIS, with the bias stored in the result beforehand; attention, ReLU and dropout
 * use the kernels of T5. */
#include "impl/train/layers/sasrec.h"

#include "impl/base/error.h"
#include "impl/train/layers/biased.h"
#include "impl/train/layers/chunk.h"
#include "impl/train/layers/matmul.h"
#include "impl/train/layers/sasrec_gate.h"
#include "impl/train/layers/sasrec_inner.h"
#include "impl/train/layers/self_attention.h"

#include <math.h>
#include <string.h>

/* Returns the rows of a chunk with their mask, which begins at `dropout_mask`; draws it when
 * asked. */
static struct l4r_masked_rows masked(struct l4r_sasrec_layers *s,
                                     const struct l4r_sequence_chunk *chunk, int64_t width,
                                     uint64_t *dropout_mask, int draw) {
  struct l4r_masked_rows shape = {
      .rows = l4r_chunk_rows(chunk), .width = width, .scale = s->dropper.scale};
  if (!s->dropping) return shape;
  shape.dropout_mask = dropout_mask;
  if (draw) s->kernels->draw(&s->dropper, dropout_mask, shape.rows * l4r_mask_words(width));
  return shape;
}

static struct l4r_self_attention attention_of(struct l4r_sasrec_layers *s,
                                              const struct l4r_sequence_chunk *chunk) {
  return (struct l4r_self_attention){.kernels = s->kernels,
                                     .start = s->batch.start,
                                     .weights_at = s->weights_at,
                                     .heads = s->shape.heads,
                                     .key = s->shape.d_kv,
                                     .causal = s->shape.causal,
                                     .dropping = s->dropping,
                                     .dropper = &s->dropper,
                                     .scratch = s->attend,
                                     .mask = s->attend_mask,
                                     .sequence = {chunk->sequence[0], chunk->sequence[1]}};
}

/* --- a block --- */

/* ReLU reads the mask off its output, so that all blocks share one; swiglu needs its own. */
static uint64_t *inner_mask(const struct l4r_sasrec_layers *s, const struct l4r_sasrec_block *block,
                            int64_t first) {
  return s->shape.swiglu ? block->inner_mask + first * l4r_mask_words(s->shape.d_ff) : s->relu_mask;
}

/* block->inner: ReLU of wi z, or with swiglu silu of its first half times its second, after
 * dropout.
 */
static void feed_inner(struct l4r_sasrec_layers *s, struct l4r_sasrec_block *block,
                       const l4r_real *values, const struct l4r_sequence_chunk *chunk) {
  const int64_t d_ff = s->shape.d_ff, rows = l4r_chunk_rows(chunk), first = chunk->row[0];
  l4r_real *inner = block->inner + first * d_ff, *z = block->z + first * s->shape.d_model;
  l4r_real *wide = s->shape.swiglu ? block->wide + first * 2 * d_ff : inner;
  l4r_layer_linear(&block->wi, values, rows, 1, z, (struct l4r_layer_operand){wide, block->wi.out});
  struct l4r_masked_rows shape = masked(s, chunk, d_ff, inner_mask(s, block, first), 1);
  if (s->shape.swiglu)
    s->kernels->swiglu(&shape, wide, inner);
  else
    s->kernels->relu(&shape, inner);
}

/* s->d_inner becomes the gradient of wi's output; with swiglu that is in block->wide. */
static struct l4r_layer_operand feed_inner_back(struct l4r_sasrec_layers *s,
                                                struct l4r_sasrec_block *block,
                                                const struct l4r_sequence_chunk *chunk) {
  const int64_t d_ff = s->shape.d_ff, first = chunk->row[0];
  struct l4r_masked_rows shape = masked(s, chunk, d_ff, inner_mask(s, block, first), 0);
  if (!s->shape.swiglu) {
    s->kernels->relu_back(&shape, block->inner + first * d_ff, s->d_inner);
    return (struct l4r_layer_operand){s->d_inner, d_ff};
  }
  s->kernels->swiglu_back(&shape, s->d_inner, block->wide + first * 2 * d_ff);
  return (struct l4r_layer_operand){block->wide + first * 2 * d_ff, 2 * d_ff};
}

static void block_forward(struct l4r_sasrec_layers *s, struct l4r_sasrec_block *block,
                          const l4r_real *values, const struct l4r_sequence_chunk *chunk) {
  int64_t width = s->shape.d_model, inner = s->shape.heads * s->shape.d_kv, d_ff = s->shape.d_ff;
  int64_t rows = l4r_chunk_rows(chunk), first = chunk->row[0];
  l4r_real *query = block->query + first * width, *z = block->z + first * width;
  l4r_real *qkv = block->qkv + first * 3 * inner, *inner_rows = block->inner + first * d_ff;
  memcpy(block->x + first * width, s->x, (size_t)(rows * width) * sizeof *s->x);
  l4r_layer_norm(s->shape.epsilon, &block->before, values, chunk->row, s->x, query);
  l4r_real scale = (l4r_real)(1 / sqrt((double)s->shape.d_kv));
  l4r_layer_linear(&block->q, values, rows, scale, query,
                   (struct l4r_layer_operand){qkv, 3 * inner});
  l4r_layer_linear(&block->k, values, rows, 1, s->x,
                   (struct l4r_layer_operand){qkv + inner, 3 * inner});
  l4r_layer_linear(&block->v, values, rows, 1, s->x,
                   (struct l4r_layer_operand){qkv + 2 * inner, 3 * inner});
  const struct l4r_self_attention attention = attention_of(s, chunk);
  l4r_self_attention(&attention, block->qkv, block->weights, block->context);
  l4r_layer_linear(&block->o, values, rows, 1, block->context + first * inner,
                   (struct l4r_layer_operand){s->y, width});
  l4r_sasrec_gate(s, &block->gate[0], values, first, rows, query, s->y);
  for (int64_t i = 0; i < rows * width; i++) s->y[i] += query[i];
  l4r_layer_norm(s->shape.epsilon, &block->between, values, chunk->row, s->y, z);
  feed_inner(s, block, values, chunk);
  l4r_layer_linear(&block->wo, values, rows, 1, inner_rows,
                   (struct l4r_layer_operand){s->x, width});
  struct l4r_masked_rows shape = masked(s, chunk, width,
                                        block->dropout_mask + first * l4r_mask_words(width), 1);
  l4r_layer_drop(&shape, s->x);
  l4r_sasrec_gate(s, &block->gate[1], values, first, rows, z, s->x);
  for (int64_t i = 0; i < rows * width; i++) s->x[i] += z[i];
}

/* s->d_x is the gradient of the block's output before, of its input after this call. */
static void block_back(struct l4r_sasrec_layers *s, struct l4r_sasrec_block *block,
                       const l4r_real *values, const struct l4r_sequence_chunk *chunk,
                       l4r_real *gradients) {
  int64_t width = s->shape.d_model, inner = s->shape.heads * s->shape.d_kv, d_ff = s->shape.d_ff;
  int64_t rows = l4r_chunk_rows(chunk), first = chunk->row[0];
  const l4r_real *x = block->x + first * width, *query = block->query + first * width;
  memcpy(s->y, s->d_x, (size_t)(rows * width) * sizeof *s->y);
  l4r_sasrec_gate_back(s, &block->gate[1], values, first, rows, block->z + first * width, s->y,
                       gradients, s->d_x);
  struct l4r_masked_rows shape = masked(s, chunk, width,
                                        block->dropout_mask + first * l4r_mask_words(width), 0);
  l4r_layer_drop(&shape, s->y);
  l4r_layer_linear_back(&block->wo, values, rows, (struct l4r_layer_operand){s->y, width},
                        block->inner + first * d_ff, gradients, 0, s->d_inner);
  l4r_layer_linear_back(&block->wi, values, rows, feed_inner_back(s, block, chunk),
                        block->z + first * width, gradients, 1,
                        s->d_x); /* d_x: of z, with the residual */
  l4r_layer_norm_back(&block->between, values, chunk->row, s->d_x, gradients, 0, s->d_y);
  /* d_y goes both ways: into the query as it is, and through the gate into attention's output. */
  memcpy(s->y, s->d_y, (size_t)(rows * width) * sizeof *s->y);
  l4r_sasrec_gate_back(s, &block->gate[0], values, first, rows, query, s->y, gradients, s->d_y);
  l4r_layer_linear_back(&block->o, values, rows, (struct l4r_layer_operand){s->y, width},
                        block->context + first * inner, gradients, 0, s->d_context);
  const struct l4r_self_attention attention = attention_of(s, chunk);
  l4r_self_attention_back(&attention, block->qkv, block->weights, s->d_context, s->d_qkv);
  struct l4r_layer_operand d_q = {s->d_qkv, 3 * inner}, d_k = {s->d_qkv + inner, 3 * inner},
                           d_v = {s->d_qkv + 2 * inner, 3 * inner};
  l4r_layer_linear_back(&block->q, values, rows, d_q, query, gradients, 1,
                        s->d_y); /* d_y: of the query */
  l4r_layer_linear_back(&block->k, values, rows, d_k, x, gradients, 0, s->d_x);
  l4r_layer_linear_back(&block->v, values, rows, d_v, x, gradients, 1, s->d_x);
  l4r_layer_norm_back(&block->before, values, chunk->row, s->d_y, gradients, 1, s->d_x);
}

/* --- a batch --- */

static int check_batch(const struct l4r_sasrec_layers *s, const struct l4r_batch *batch) {
  int status = l4r_chunk_check(batch, s->max_count, s->max_positions, s->max_length);
  if (status) return status;
  if (batch->token || !batch->vector)
    return l4r_fail(L4R_INPUT, "SASRec's blocks read vectors, and this batch has none");
  return L4R_OK;
}

/* Returns the row of the position table for a sequence's first element; its newest has the last
 * row. */
static int64_t first_position(const struct l4r_sasrec_layers *s, int64_t sequence) {
  return s->shape.positions - (s->batch.start[sequence + 1] - s->batch.start[sequence]);
}

static void input(struct l4r_sasrec_layers *s, const l4r_real *values,
                  const struct l4r_sequence_chunk *chunk) {
  int64_t width = s->shape.d_model;
  l4r_real scale = (l4r_real)sqrt((double)width);
  l4r_real *x = s->x;
  for (int64_t sequence = chunk->sequence[0]; sequence < chunk->sequence[1]; sequence++) {
    const l4r_real *position = values + s->position + first_position(s, sequence) * width;
    const l4r_real *vector = s->batch.vector + s->batch.start[sequence] * width;
    int64_t count = (s->batch.start[sequence + 1] - s->batch.start[sequence]) * width;
    for (int64_t i = 0; i < count; i++) *x++ = vector[i] * scale + position[i];
  }
  int64_t words = l4r_mask_words(width);
  struct l4r_masked_rows shape = masked(s, chunk, width, s->input_mask + chunk->row[0] * words, 1);
  l4r_layer_drop(&shape, s->x);
}

static void input_back(struct l4r_sasrec_layers *s, const struct l4r_sequence_chunk *chunk,
                       l4r_real *gradients, l4r_real *d_vector) {
  int64_t width = s->shape.d_model, words = l4r_mask_words(width);
  l4r_real scale = (l4r_real)sqrt((double)width);
  struct l4r_masked_rows shape = masked(s, chunk, width, s->input_mask + chunk->row[0] * words, 0);
  l4r_layer_drop(&shape, s->d_x);
  const l4r_real *d = s->d_x;
  for (int64_t sequence = chunk->sequence[0]; sequence < chunk->sequence[1]; sequence++) {
    l4r_real *restrict position = gradients + s->position + first_position(s, sequence) * width;
    int64_t count = (s->batch.start[sequence + 1] - s->batch.start[sequence]) * width;
    for (int64_t i = 0; i < count; i++) position[i] += d[i];
    d += count;
  }
  if (!d_vector) return;
  d_vector += chunk->row[0] * width;
  for (int64_t i = 0; i < l4r_chunk_rows(chunk) * width; i++) d_vector[i] = s->d_x[i] * scale;
}

int l4r_sasrec_forward(struct l4r_sasrec_layers *s, const l4r_real *values,
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
    l4r_layer_norm(s->shape.epsilon, &s->final, values, chunk.row, s->x,
                   hidden + chunk.row[0] * s->shape.d_model);
  }
  return 0;
}

void l4r_sasrec_backward(struct l4r_sasrec_layers *s, const l4r_real *values, l4r_real *d_hidden,
                         l4r_real *gradients, l4r_real *d_vector) {
  struct l4r_sequence_chunk chunk = {{0, 0}, {0, 0}};
  while (l4r_chunk_next(&s->batch, &chunk)) {
    const l4r_real *d = d_hidden + chunk.row[0] * s->shape.d_model;
    l4r_layer_norm_back(&s->final, values, chunk.row, d, gradients, 0, s->d_x);
    for (int64_t b = s->shape.encoder_blocks - 1; b >= 0; b--)
      block_back(s, &s->block[b], values, &chunk, gradients);
    input_back(s, &chunk, gradients, d_vector);
  }
}
