/* SPDX-License-Identifier: BSD-3-Clause */
/* A whole stack over a batch, chunk by chunk: embedding or input vectors, the parts one after
 * another, the final norm, and the backward pass. The residual stream exists for one chunk only,
 * because backward needs only the normalised rows, which every part keeps. */
#include "impl/train/layers/stack.h"

#include "impl/base/error.h"
#include "impl/train/layers/parts.h"
#include "impl/train/layers/skip_gate.h"

#include <string.h>

static int check_batch(const struct l4r_layer_stack *stack, const struct l4r_batch *batch) {
  if (batch->count < 0 || batch->count > stack->max_count ||
      batch->start[batch->count] > stack->max_positions)
    return l4r_fail(L4R_INPUT,
                    "batch of %lld sequences; the training layers were opened for %lld sequences"
                    " and %lld positions",
                    (long long)batch->count, (long long)stack->max_count,
                    (long long)stack->max_positions);
  if (!batch->token == !batch->vector || (batch->token && stack->embedding < 0))
    return l4r_fail(L4R_INPUT, "a batch needs either tokens (and a model with an embedding) or"
                               " vectors");
  if (batch->start[0] != 0)
    return l4r_fail(L4R_INPUT, "the first sequence of a batch starts at %lld, not 0",
                    (long long)batch->start[0]);
  for (int64_t s = 0; s < batch->count; s++) {
    int64_t length = batch->start[s + 1] - batch->start[s];
    if (length < 0 || length > stack->max_length)
      return l4r_fail(L4R_INPUT, "sequence %lld of a batch has length %lld; 0 to %lld are possible",
                      (long long)s, (long long)length, (long long)stack->max_length);
    if (!stack->decoder) continue;
    int64_t keys = stack->memory_start[s + 1] - stack->memory_start[s];
    if (keys < (length > 0) || keys > stack->max_memory_length || stack->memory_start[s] < 0 ||
        stack->memory_start[s + 1] > stack->max_memory)
      return l4r_fail(L4R_INPUT,
                      "sequence %lld attends to %lld memory positions; 1 to %lld are possible, %lld"
                      " in all",
                      (long long)s, (long long)keys, (long long)stack->max_memory_length,
                      (long long)stack->max_memory);
  }
  for (int64_t i = 0; batch->token && i < batch->start[batch->count]; i++)
    if (batch->token[i] < 0 || batch->token[i] >= stack->shape.vocabulary)
      return l4r_fail(L4R_INPUT,
                      "token %ld at position %lld of a batch is outside the vocabulary"
                      " of %lld",
                      (long)batch->token[i], (long long)i, (long long)stack->shape.vocabulary);
  return 0;
}

/* Checks that pieces divide the sequences and none is empty. */
static int check_pieces(const struct l4r_layer_stack *stack, const struct l4r_batch *batch) {
  if (!batch->piece) return 0;
  int64_t s = 0;
  if (batch->pieces <= stack->max_positions && batch->piece[0] == 0)
    for (int64_t i = 0; i < batch->pieces && s < batch->count; i++) {
      while (s < batch->count && batch->start[s + 1] <= batch->piece[i]) s++;
      if (s == batch->count || batch->piece[i + 1] <= batch->piece[i] ||
          batch->piece[i + 1] > batch->start[s + 1])
        break;
      if (i + 1 == batch->pieces && batch->piece[i + 1] == batch->start[batch->count]) return 0;
    }
  return l4r_fail(L4R_INPUT, "the %lld pieces of a batch do not divide its %lld sequences",
                  (long long)batch->pieces, (long long)batch->count);
}

/* Folds the weights of norms into the weights that follow them, and expands the position bias to
 * distances. */
static void prepare(struct l4r_layer_stack *stack, const l4r_real *values) {
  int64_t width = stack->shape.d_model, heads = stack->shape.heads;
  for (int64_t i = 0; i < stack->parts; i++) {
    const struct l4r_sublayer *part = &stack->part[i];
    const l4r_real *norm_weight = values + part->norm_weight;
    l4r_real *out = part->folded;
    for (int64_t input = 0; input < part->inputs; input++) {
      const l4r_real *weight = values + part->input[input];
      for (int64_t row = 0; row < part->input_rows; row++, weight += width, out += width)
        for (int64_t c = 0; c < width; c++) out[c] = weight[c] * norm_weight[c];
    }
  }
  for (int64_t head = 0; head < heads; head++)
    for (int64_t d = 0; d < 2 * stack->max_length - 1; d++)
      stack->bias[head * stack->bias_stride + d] =
          values[stack->bias_table + stack->bucket[d] * heads + head];
}

/* Undoes the folding for gradients: d weight = d folded * norm_weight, d norm_weight = sum of d
 * folded * weight. */
static void unfold(struct l4r_layer_stack *stack, const l4r_real *values, l4r_real *gradients) {
  int64_t width = stack->shape.d_model, heads = stack->shape.heads;
  for (int64_t i = 0; i < stack->parts; i++) {
    const struct l4r_sublayer *part = &stack->part[i];
    const l4r_real *norm_weight = values + part->norm_weight, *d = part->d_folded;
    l4r_real *d_norm_weight = gradients + part->norm_weight;
    for (int64_t input = 0; input < part->inputs; input++) {
      const l4r_real *weight = values + part->input[input];
      l4r_real *d_weight = gradients + part->input[input];
      for (int64_t row = 0; row < part->input_rows; row++) {
        for (int64_t c = 0; c < width; c++) {
          d_weight[c] += d[c] * norm_weight[c];
          d_norm_weight[c] += d[c] * weight[c];
        }
        d += width, weight += width, d_weight += width;
      }
    }
  }
  for (int64_t head = 0; head < heads; head++)
    for (int64_t d = 0; d < 2 * stack->max_length - 1; d++)
      gradients[stack->bias_table + stack->bucket[d] * heads + head] +=
          stack->d_bias[head * stack->bias_stride + d];
}

/* Finds the next chunk: whole sequences until rows or memory rows reach the chunk's size. Returns 0
 * at the end. */
static int next_chunk(const struct l4r_layer_stack *stack, struct l4r_chunk *chunk) {
  const struct l4r_batch *batch = &stack->batch;
  int64_t begin = chunk->sequence[1], s = begin, piece = chunk->piece[1];
  if (begin >= batch->count) return 0;
  do s++;
  while (s < batch->count && batch->start[s] - batch->start[begin] < L4R_CHUNK_ROWS &&
         (!stack->decoder || stack->memory_start[s] - stack->memory_start[begin] < L4R_CHUNK_ROWS));
  *chunk = (struct l4r_chunk){
      .sequence = {begin, s}, .piece = {piece, s}, .row = {batch->start[begin], batch->start[s]}};
  if (batch->piece) {
    while (piece < stack->pieces && stack->piece[piece] < chunk->row[1]) piece++;
    chunk->piece[1] = piece;
  }
  if (stack->decoder) {
    chunk->memory[0] = stack->memory_start[begin];
    chunk->memory[1] = stack->memory_start[s];
  }
  return 1;
}

/* Returns the rows of a chunk with their mask in `dropout_mask`, or without one when there is no
 * dropout. */
static struct l4r_masked_rows rows_of(const struct l4r_layer_stack *stack,
                                      const struct l4r_chunk *chunk, const uint64_t *dropout_mask) {
  struct l4r_masked_rows shape = {.rows = chunk->row[1] - chunk->row[0],
                                  .width = stack->shape.d_model,
                                  .scale = stack->dropper.scale};
  if (stack->dropping)
    shape.dropout_mask = dropout_mask + chunk->row[0] * l4r_mask_words(shape.width);
  return shape;
}

/* Draws the mask first. */
static struct l4r_masked_rows drawn_rows(struct l4r_layer_stack *stack,
                                         const struct l4r_chunk *chunk, uint64_t *dropout_mask) {
  struct l4r_masked_rows shape = rows_of(stack, chunk, dropout_mask);
  if (shape.dropout_mask)
    stack->kernels->draw(&stack->dropper, (uint64_t *)shape.dropout_mask,
                         shape.rows * l4r_mask_words(shape.width));
  return shape;
}

static const l4r_real *input_rows(struct l4r_layer_stack *stack, const l4r_real *values,
                                  const struct l4r_chunk *chunk) {
  int64_t width = stack->shape.d_model;
  if (stack->batch.vector) return stack->batch.vector + chunk->row[0] * width;
  for (int64_t row = chunk->row[0]; row < chunk->row[1]; row++)
    memcpy(stack->y + (row - chunk->row[0]) * width,
           values + stack->embedding + stack->batch.token[row] * width,
           (size_t)width * sizeof *stack->y);
  return stack->y;
}

static void forward_chunk(struct l4r_layer_stack *stack, const l4r_real *values,
                          const struct l4r_chunk *chunk, l4r_real *hidden) {
  const struct l4r_layer_kernels *kernels = stack->kernels;
  int64_t at = chunk->row[0] * stack->shape.d_model;
  l4r_real epsilon = (l4r_real)stack->shape.epsilon;
  const l4r_real *add = input_rows(stack, values, chunk);
  uint64_t *dropout_mask = stack->input_mask;
  for (int64_t i = 0; i < stack->parts; i++) {
    struct l4r_sublayer *part = &stack->part[i];
    struct l4r_masked_rows shape = drawn_rows(stack, chunk, dropout_mask);
    kernels->add_norm(&shape, i == 0, add, epsilon, stack->x, part->normed + at,
                      part->rstd + chunk->row[0]);
    l4r_layer_part(stack, part, values, chunk);
    l4r_skip_gate(stack, part, values, chunk);
    add = stack->y;
    dropout_mask = part->dropout_mask;
  }
  struct l4r_masked_rows shape = drawn_rows(stack, chunk, dropout_mask);
  kernels->add_norm(&shape, 0, add, epsilon, stack->x, stack->final_normed + at,
                    stack->final_rstd + chunk->row[0]);
  shape = drawn_rows(stack, chunk, stack->final_mask);
  kernels->apply_norm_weight(&shape, stack->final_normed + at, values + stack->final_norm_weight,
                             hidden + at);
}

/* Sets where the attention weights of each piece and of each sequence begin. */
static void set_weights(struct l4r_layer_stack *stack) {
  int64_t self = 0, cross = 0;
  for (int64_t i = 0; i < stack->pieces; i++) {
    int64_t queries = stack->piece[i + 1] - stack->piece[i];
    stack->self_weights[i] = self;
    self += stack->shape.heads * queries * l4r_padded_keys(queries);
  }
  for (int64_t s = 0; stack->decoder && s < stack->batch.count; s++) {
    int64_t queries = stack->batch.start[s + 1] - stack->batch.start[s];
    stack->cross_weights[s] = cross;
    cross += stack->shape.heads * queries *
             l4r_padded_keys(stack->memory_start[s + 1] - stack->memory_start[s]);
  }
}

int l4r_layer_forward(struct l4r_layer_stack *stack, const l4r_real *values,
                      const struct l4r_batch *batch, struct l4r_random *random, l4r_real *hidden) {
  int status = check_batch(stack, batch);
  if (status) return status;
  status = check_pieces(stack, batch);
  if (status) return status;
  stack->batch = *batch;
  stack->pieces = batch->piece ? batch->pieces : batch->count;
  stack->piece = batch->piece ? batch->piece : batch->start;
  stack->dropping = l4r_dropper_start(&stack->dropper, stack->dropout, random);
  set_weights(stack);
  prepare(stack, values);
  struct l4r_chunk chunk = {0};
  while (next_chunk(stack, &chunk)) forward_chunk(stack, values, &chunk, hidden);
  return 0;
}

/* Adds the gradient of the stack's input, which is in y after its dropout. */
static void input_back(struct l4r_layer_stack *stack, const struct l4r_chunk *chunk,
                       l4r_real *gradients, l4r_real *d_input) {
  int64_t width = stack->shape.d_model, rows = chunk->row[1] - chunk->row[0];
  if (stack->batch.vector) {
    if (d_input)
      memcpy(d_input + chunk->row[0] * width, stack->y, (size_t)(rows * width) * sizeof *d_input);
    return;
  }
  for (int64_t row = 0; row < rows; row++) {
    l4r_real *d = gradients + stack->embedding + stack->batch.token[chunk->row[0] + row] * width;
    const l4r_real *from = stack->y + row * width;
    for (int64_t c = 0; c < width; c++) d[c] += from[c];
  }
}

static void backward_chunk(struct l4r_layer_stack *stack, const l4r_real *values,
                           const struct l4r_chunk *chunk, l4r_real *d_hidden, l4r_real *gradients,
                           l4r_real *d_input, l4r_real *d_memory) {
  const struct l4r_layer_kernels *kernels = stack->kernels;
  int64_t at = chunk->row[0] * stack->shape.d_model, last = stack->parts - 1;
  struct l4r_masked_rows shape = rows_of(stack, chunk, stack->final_mask);
  kernels->apply_norm_weight_back(&shape, stack->final_normed + at,
                                  values + stack->final_norm_weight, d_hidden + at,
                                  gradients + stack->final_norm_weight);
  shape = rows_of(stack, chunk, stack->part[last].dropout_mask);
  kernels->norm_back(&shape, 1, d_hidden + at, stack->final_normed + at,
                     stack->final_rstd + chunk->row[0], stack->x, stack->y);
  for (int64_t i = last; i >= 0; i--) {
    struct l4r_sublayer *part = &stack->part[i];
    l4r_skip_gate_back(stack, part, values, chunk, gradients);
    l4r_layer_part_back(stack, part, values, chunk, gradients, d_memory, i >= last - 1);
    shape = rows_of(stack, chunk, i ? stack->part[i - 1].dropout_mask : stack->input_mask);
    kernels->norm_back(&shape, 0, stack->d_normed, part->normed + at, part->rstd + chunk->row[0],
                       stack->x, stack->y);
  }
  input_back(stack, chunk, gradients, d_input);
}

void l4r_layer_backward(struct l4r_layer_stack *stack, const l4r_real *values, l4r_real *d_hidden,
                        l4r_real *gradients, l4r_real *d_input, l4r_real *d_memory) {
  for (int64_t i = 0; i < stack->parts; i++) {
    const struct l4r_sublayer *part = &stack->part[i];
    memset(part->d_folded, 0,
           (size_t)(part->inputs * part->input_rows * stack->shape.d_model) *
               sizeof *part->d_folded);
  }
  memset(stack->d_bias, 0,
         (size_t)(stack->shape.heads * stack->bias_stride) * sizeof *stack->d_bias);
  struct l4r_chunk chunk = {0};
  while (next_chunk(stack, &chunk)) {
    backward_chunk(stack, values, &chunk, d_hidden, gradients, d_input, d_memory);
    if (stack->between) stack->between(stack->context);
  }
  unfold(stack, values, gradients);
}
