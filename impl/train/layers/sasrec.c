/* SPDX-License-Identifier: BSD-3-Clause */
/* SASRec's blocks forward and backward, chunk by chunk; struct l4r_t5_shape has the formulas.
 * Products go to BLIS, with the bias stored in the result beforehand; attention, ReLU and dropout
 * use the kernels of T5. Norms are plain loops over eight sums at a time: with D = 64 they take a
 * few percent of a step, which is dominated by the catalogue's logits. */
#include "impl/train/layers/sasrec.h"

#include "impl/base/error.h"
#include "impl/train/layers/matmul.h"
#include "impl/train/layers/sasrec_gate.h"
#include "impl/train/layers/sasrec_inner.h"
#include "impl/train/layers/biased.h"

#include <math.h>
#include <string.h>

struct chunk { /* sequences and their rows */
  int64_t sequence[2], row[2];
};

static int64_t rows_in(const struct chunk *chunk) {
  return chunk->row[1] - chunk->row[0];
}

/* --- rows --- */

enum { SUMS = 8 };

static l4r_real total(const l4r_real *sum) {
  return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

/* out = normed * norm_weight + bias, normed = (x - mean) * rstd. */
static void norm(const struct l4r_sasrec_layers *s, const struct l4r_sasrec_norm *n,
                 const l4r_real *values, const struct chunk *chunk, const l4r_real *x,
                 l4r_real *restrict out) {
  int64_t width = s->shape.d_model;
  const l4r_real *norm_weight = values + n->weight, *bias = values + n->bias;
  for (int64_t row = chunk->row[0]; row < chunk->row[1]; row++, x += width, out += width) {
    l4r_real *restrict normed = n->normed + row * width;
    l4r_real sum[SUMS] = {0}, squares[SUMS] = {0};
    for (int64_t i = 0; i < width; i++) sum[i % SUMS] += x[i];
    l4r_real mean = total(sum) / (l4r_real)width;
    for (int64_t i = 0; i < width; i++) squares[i % SUMS] += (x[i] - mean) * (x[i] - mean);
    double variance = (double)(total(squares) / (l4r_real)width) + s->shape.epsilon;
    l4r_real rstd = (l4r_real)(1 / sqrt(variance));
    n->rstd[row] = rstd;
    for (int64_t i = 0; i < width; i++) {
      normed[i] = (x[i] - mean) * rstd;
      out[i] = normed[i] * norm_weight[i] + bias[i];
    }
  }
}

/* d_x (+)= the gradient through the norm, where d is the gradient of its output; adds the gradients
 * of norm_weight and bias. */
static void norm_back(const struct l4r_sasrec_layers *s, const struct l4r_sasrec_norm *n,
                      const l4r_real *values, const struct chunk *chunk, const l4r_real *d,
                      l4r_real *gradients, int add, l4r_real *d_x) {
  int64_t width = s->shape.d_model;
  const l4r_real *norm_weight = values + n->weight;
  l4r_real *restrict d_norm_weight = gradients + n->weight, *restrict d_bias = gradients + n->bias;
  for (int64_t row = chunk->row[0]; row < chunk->row[1]; row++, d += width, d_x += width) {
    const l4r_real *normed = n->normed + row * width;
    l4r_real sum[SUMS] = {0}, products[SUMS] = {0};
    for (int64_t i = 0; i < width; i++) {
      d_bias[i] += d[i];
      d_norm_weight[i] += d[i] * normed[i];
      sum[i % SUMS] += d[i] * norm_weight[i];
      products[i % SUMS] += d[i] * norm_weight[i] * normed[i];
    }
    l4r_real mean = total(sum) / (l4r_real)width, along = total(products) / (l4r_real)width;
    for (int64_t i = 0; i < width; i++) {
      l4r_real v = (d[i] * norm_weight[i] - mean - normed[i] * along) * n->rstd[row];
      d_x[i] = add ? d_x[i] + v : v;
    }
  }
}

/* Multiplies by the mask and its scale; does nothing without dropout. */
static void drop(const struct l4r_masked_rows *shape, l4r_real *x) {
  if (!shape->dropout_mask) return;
  int64_t words = l4r_mask_words(shape->width);
  for (int64_t row = 0; row < shape->rows; row++)
    for (int64_t i = 0; i < shape->width; i++) {
      int kept = shape->dropout_mask[row * words + i / 64] >> (i % 64) & 1;
      x[row * shape->width + i] *= kept ? shape->scale : 0;
    }
}

/* Returns the rows of a chunk with their mask, which begins at `dropout_mask`; draws it when
 * asked. */
static struct l4r_masked_rows masked(struct l4r_sasrec_layers *s, const struct chunk *chunk,
                                     int64_t width, uint64_t *dropout_mask, int draw) {
  struct l4r_masked_rows shape = {
      .rows = rows_in(chunk), .width = width, .scale = s->dropper.scale};
  if (!s->dropping) return shape;
  shape.dropout_mask = dropout_mask;
  if (draw) s->kernels->draw(&s->dropper, dropout_mask, shape.rows * l4r_mask_words(width));
  return shape;
}

/* --- attention --- */

static struct l4r_attend head_of(const struct l4r_sasrec_layers *s,
                                 const struct l4r_sasrec_block *block, int64_t sequence,
                                 int64_t head) {
  int64_t row = s->batch.start[sequence], key = s->shape.d_kv, inner = s->shape.heads * key;
  struct l4r_attend a = {.queries = s->batch.start[sequence + 1] - row,
                         .depth = key,
                         .causal = s->shape.causal,
                         .dropped = s->dropping,
                         .scale = s->dropper.scale,
                         .q = block->qkv + row * 3 * inner + head * key,
                         .q_stride = 3 * inner,
                         .k_stride = 3 * inner,
                         .out_stride = inner,
                         .scratch = s->attend};
  a.keys = a.queries;
  a.k = a.q + inner;
  a.v = a.k + inner;
  a.weights = block->weights + s->weights_at[sequence] + head * a.queries * l4r_padded_keys(a.keys);
  return a;
}

static void attention(struct l4r_sasrec_layers *s, const struct l4r_sasrec_block *block,
                      const struct chunk *chunk) {
  int64_t inner = s->shape.heads * s->shape.d_kv;
  for (int64_t sequence = chunk->sequence[0]; sequence < chunk->sequence[1]; sequence++)
    for (int64_t head = 0; head < s->shape.heads; head++) {
      struct l4r_attend a = head_of(s, block, sequence, head);
      if (a.queries == 0) break;
      a.out = block->context + s->batch.start[sequence] * inner + head * a.depth;
      if (s->dropping) {
        a.dropout_mask = s->attend_mask;
        s->kernels->draw(&s->dropper, s->attend_mask,
                         l4r_mask_words(a.queries * l4r_padded_keys(a.keys)));
      }
      s->kernels->attend(&a);
    }
}

/* d_context -> d_qkv. The part of q is the gradient of the divided q, so it is divided once
 * more. */
static void attention_back(struct l4r_sasrec_layers *s, const struct l4r_sasrec_block *block,
                           const struct chunk *chunk) {
  int64_t inner = s->shape.heads * s->shape.d_kv;
  for (int64_t sequence = chunk->sequence[0]; sequence < chunk->sequence[1]; sequence++)
    for (int64_t head = 0; head < s->shape.heads; head++) {
      struct l4r_attend a = head_of(s, block, sequence, head);
      if (a.queries == 0) break;
      int64_t row = s->batch.start[sequence] - chunk->row[0];
      a.d_out = s->d_context + row * inner + head * a.depth;
      a.d_q = s->d_qkv + row * 3 * inner + head * a.depth;
      a.d_k = a.d_q + inner;
      a.d_v = a.d_k + inner;
      s->kernels->attend_back(&a);
    }
  l4r_real scale = (l4r_real)(1 / sqrt((double)s->shape.d_kv));
  for (int64_t row = 0; row < rows_in(chunk); row++)
    for (int64_t i = 0; i < inner; i++) s->d_qkv[row * 3 * inner + i] *= scale;
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
                       const l4r_real *values, const struct chunk *chunk) {
  const int64_t d_ff = s->shape.d_ff, rows = rows_in(chunk), first = chunk->row[0];
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
                                                const struct chunk *chunk) {
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
                          const l4r_real *values, const struct chunk *chunk) {
  int64_t width = s->shape.d_model, inner = s->shape.heads * s->shape.d_kv, d_ff = s->shape.d_ff;
  int64_t rows = rows_in(chunk), first = chunk->row[0];
  l4r_real *query = block->query + first * width, *z = block->z + first * width;
  l4r_real *qkv = block->qkv + first * 3 * inner, *inner_rows = block->inner + first * d_ff;
  memcpy(block->x + first * width, s->x, (size_t)(rows * width) * sizeof *s->x);
  norm(s, &block->before, values, chunk, s->x, query);
  l4r_real scale = (l4r_real)(1 / sqrt((double)s->shape.d_kv));
  l4r_layer_linear(&block->q, values, rows, scale, query,
                   (struct l4r_layer_operand){qkv, 3 * inner});
  l4r_layer_linear(&block->k, values, rows, 1, s->x,
                   (struct l4r_layer_operand){qkv + inner, 3 * inner});
  l4r_layer_linear(&block->v, values, rows, 1, s->x,
                   (struct l4r_layer_operand){qkv + 2 * inner, 3 * inner});
  attention(s, block, chunk);
  l4r_layer_linear(&block->o, values, rows, 1, block->context + first * inner,
                   (struct l4r_layer_operand){s->y, width});
  l4r_sasrec_gate(s, &block->gate[0], values, first, rows, query, s->y);
  for (int64_t i = 0; i < rows * width; i++) s->y[i] += query[i];
  norm(s, &block->between, values, chunk, s->y, z);
  feed_inner(s, block, values, chunk);
  l4r_layer_linear(&block->wo, values, rows, 1, inner_rows,
                   (struct l4r_layer_operand){s->x, width});
  struct l4r_masked_rows shape = masked(s, chunk, width,
                                        block->dropout_mask + first * l4r_mask_words(width), 1);
  drop(&shape, s->x);
  l4r_sasrec_gate(s, &block->gate[1], values, first, rows, z, s->x);
  for (int64_t i = 0; i < rows * width; i++) s->x[i] += z[i];
}

/* s->d_x is the gradient of the block's output before, of its input after this call. */
static void block_back(struct l4r_sasrec_layers *s, struct l4r_sasrec_block *block,
                       const l4r_real *values, const struct chunk *chunk, l4r_real *gradients) {
  int64_t width = s->shape.d_model, inner = s->shape.heads * s->shape.d_kv, d_ff = s->shape.d_ff;
  int64_t rows = rows_in(chunk), first = chunk->row[0];
  const l4r_real *x = block->x + first * width, *query = block->query + first * width;
  memcpy(s->y, s->d_x, (size_t)(rows * width) * sizeof *s->y);
  l4r_sasrec_gate_back(s, &block->gate[1], values, first, rows, block->z + first * width, s->y,
                       gradients, s->d_x);
  struct l4r_masked_rows shape = masked(s, chunk, width,
                                        block->dropout_mask + first * l4r_mask_words(width), 0);
  drop(&shape, s->y);
  l4r_layer_linear_back(&block->wo, values, rows, (struct l4r_layer_operand){s->y, width},
                        block->inner + first * d_ff, gradients, 0, s->d_inner);
  l4r_layer_linear_back(&block->wi, values, rows, feed_inner_back(s, block, chunk),
                        block->z + first * width, gradients, 1,
                        s->d_x); /* d_x: of z, with the residual */
  norm_back(s, &block->between, values, chunk, s->d_x, gradients, 0, s->d_y);
  /* d_y goes both ways: into the query as it is, and through the gate into attention's output. */
  memcpy(s->y, s->d_y, (size_t)(rows * width) * sizeof *s->y);
  l4r_sasrec_gate_back(s, &block->gate[0], values, first, rows, query, s->y, gradients, s->d_y);
  l4r_layer_linear_back(&block->o, values, rows, (struct l4r_layer_operand){s->y, width},
                        block->context + first * inner, gradients, 0, s->d_context);
  attention_back(s, block, chunk);
  struct l4r_layer_operand d_q = {s->d_qkv, 3 * inner}, d_k = {s->d_qkv + inner, 3 * inner},
                           d_v = {s->d_qkv + 2 * inner, 3 * inner};
  l4r_layer_linear_back(&block->q, values, rows, d_q, query, gradients, 1,
                        s->d_y); /* d_y: of the query */
  l4r_layer_linear_back(&block->k, values, rows, d_k, x, gradients, 0, s->d_x);
  l4r_layer_linear_back(&block->v, values, rows, d_v, x, gradients, 1, s->d_x);
  norm_back(s, &block->before, values, chunk, s->d_y, gradients, 1, s->d_x);
}

/* --- a batch --- */

static int check_batch(const struct l4r_sasrec_layers *s, const struct l4r_batch *batch) {
  if (batch->count < 0 || batch->count > s->max_count || batch->start[0] != 0 ||
      batch->start[batch->count] > s->max_positions)
    return l4r_fail(L4R_INPUT,
                    "batch of %lld sequences; the training layers were opened for %lld sequences"
                    " and %lld positions, beginning at 0",
                    (long long)batch->count, (long long)s->max_count, (long long)s->max_positions);
  if (batch->token || !batch->vector)
    return l4r_fail(L4R_INPUT, "SASRec's blocks read vectors, and this batch has none");
  for (int64_t i = 0; i < batch->count; i++) {
    int64_t length = batch->start[i + 1] - batch->start[i];
    if (length < 0 || length > s->max_length)
      return l4r_fail(L4R_INPUT, "sequence %lld of a batch has length %lld; 0 to %lld are possible",
                      (long long)i, (long long)length, (long long)s->max_length);
  }
  return 0;
}

/* Finds the next chunk: whole sequences until their rows reach the chunk's size. Returns 0 at the
 * end. */
static int next_chunk(const struct l4r_sasrec_layers *s, struct chunk *chunk) {
  const struct l4r_batch *batch = &s->batch;
  int64_t begin = chunk->sequence[1], end = begin;
  if (begin >= batch->count) return 0;
  do end++;
  while (end < batch->count && batch->start[end] - batch->start[begin] < L4R_CHUNK_ROWS);
  *chunk = (struct chunk){{begin, end}, {batch->start[begin], batch->start[end]}};
  return 1;
}

/* Returns the row of the position table for a sequence's first element; its newest has the last
 * row. */
static int64_t first_position(const struct l4r_sasrec_layers *s, int64_t sequence) {
  return s->shape.positions - (s->batch.start[sequence + 1] - s->batch.start[sequence]);
}

static void input(struct l4r_sasrec_layers *s, const l4r_real *values, const struct chunk *chunk) {
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
  drop(&shape, s->x);
}

static void input_back(struct l4r_sasrec_layers *s, const struct chunk *chunk, l4r_real *gradients,
                       l4r_real *d_vector) {
  int64_t width = s->shape.d_model, words = l4r_mask_words(width);
  l4r_real scale = (l4r_real)sqrt((double)width);
  struct l4r_masked_rows shape = masked(s, chunk, width, s->input_mask + chunk->row[0] * words, 0);
  drop(&shape, s->d_x);
  const l4r_real *d = s->d_x;
  for (int64_t sequence = chunk->sequence[0]; sequence < chunk->sequence[1]; sequence++) {
    l4r_real *restrict position = gradients + s->position + first_position(s, sequence) * width;
    int64_t count = (s->batch.start[sequence + 1] - s->batch.start[sequence]) * width;
    for (int64_t i = 0; i < count; i++) position[i] += d[i];
    d += count;
  }
  if (!d_vector) return;
  d_vector += chunk->row[0] * width;
  for (int64_t i = 0; i < rows_in(chunk) * width; i++) d_vector[i] = s->d_x[i] * scale;
}

int l4r_sasrec_forward(struct l4r_sasrec_layers *s, const l4r_real *values,
                       const struct l4r_batch *batch, struct l4r_random *random, l4r_real *hidden) {
  int status = check_batch(s, batch);
  if (status) return status;
  s->batch = *batch;
  s->dropping = l4r_dropper_start(&s->dropper, s->dropout, random);
  s->weights_at[0] = 0;
  for (int64_t i = 0; i < batch->count; i++) {
    int64_t length = batch->start[i + 1] - batch->start[i];
    s->weights_at[i + 1] = s->weights_at[i] + s->shape.heads * length * l4r_padded_keys(length);
  }
  struct chunk chunk = {{0, 0}, {0, 0}};
  while (next_chunk(s, &chunk)) {
    input(s, values, &chunk);
    for (int64_t b = 0; b < s->shape.encoder_blocks; b++)
      block_forward(s, &s->block[b], values, &chunk);
    norm(s, &s->final, values, &chunk, s->x, hidden + chunk.row[0] * s->shape.d_model);
  }
  return 0;
}

void l4r_sasrec_backward(struct l4r_sasrec_layers *s, const l4r_real *values, l4r_real *d_hidden,
                         l4r_real *gradients, l4r_real *d_vector) {
  struct chunk chunk = {{0, 0}, {0, 0}};
  while (next_chunk(s, &chunk)) {
    const l4r_real *d = d_hidden + chunk.row[0] * s->shape.d_model;
    norm_back(s, &s->final, values, &chunk, d, gradients, 0, s->d_x);
    for (int64_t b = s->shape.encoder_blocks - 1; b >= 0; b--)
      block_back(s, &s->block[b], values, &chunk, gradients);
    input_back(s, &chunk, gradients, d_vector);
  }
}
