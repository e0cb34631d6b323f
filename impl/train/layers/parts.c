/* SPDX-License-Identifier: BSD-3-Clause */
/* One sub-layer over one chunk, forward and backward: attention (self and cross) and feed-forward.
 * inner.h has the scheme that they share. */
#include "impl/train/layers/parts.h"

#include "impl/base/memory.h"
#include "impl/train/layers/matmul.h"

#include <string.h>

/* context * output^T -> y */
static void product_out(struct l4r_layer_stack *stack, const struct l4r_sublayer *part,
                        const l4r_real *values, const struct l4r_chunk *chunk) {
  int64_t width = stack->shape.d_model, rows = chunk->row[1] - chunk->row[0];
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .kernels = stack->kernels,
                                  .trans_b = 1,
                                  .m = rows,
                                  .n = width,
                                  .k = part->input_rows,
                                  .a = part->context + chunk->row[0] * part->input_rows,
                                  .b = values + part->output,
                                  .c = stack->y,
                                  .alpha = 1});
}

/* normed * folded^T -> projected */
static void product_in(struct l4r_layer_stack *stack, const struct l4r_sublayer *part,
                       const struct l4r_chunk *chunk, l4r_real *projected) {
  int64_t width = stack->shape.d_model, columns = part->inputs * part->input_rows;
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .kernels = stack->kernels,
                                  .trans_b = 1,
                                  .m = chunk->row[1] - chunk->row[0],
                                  .n = columns,
                                  .k = width,
                                  .a = part->normed + chunk->row[0] * width,
                                  .b = part->folded,
                                  .c = projected + chunk->row[0] * columns,
                                  .alpha = 1});
}

/* y -> d_context, and the gradient of output */
static void product_out_back(struct l4r_layer_stack *stack, const struct l4r_sublayer *part,
                             const l4r_real *values, const struct l4r_chunk *chunk,
                             l4r_real *gradients) {
  int64_t width = stack->shape.d_model, inner = part->input_rows,
          rows = chunk->row[1] - chunk->row[0];
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .kernels = stack->kernels,
                                  .trans_a = 1,
                                  .m = width,
                                  .n = inner,
                                  .k = rows,
                                  .a = stack->y,
                                  .b = part->context + chunk->row[0] * inner,
                                  .c = gradients + part->output,
                                  .alpha = 1,
                                  .beta = 1});
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .kernels = stack->kernels,
                                  .m = rows,
                                  .n = inner,
                                  .k = width,
                                  .a = stack->y,
                                  .b = values + part->output,
                                  .c = stack->d_context,
                                  .alpha = 1});
}

/* d_projected -> d_normed and d_folded */
static void product_in_back(struct l4r_layer_stack *stack, const struct l4r_sublayer *part,
                            const struct l4r_chunk *chunk, const l4r_real *d_projected) {
  int64_t width = stack->shape.d_model, columns = part->inputs * part->input_rows;
  int64_t rows = chunk->row[1] - chunk->row[0];
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .kernels = stack->kernels,
                                  .trans_a = 1,
                                  .m = columns,
                                  .n = width,
                                  .k = rows,
                                  .a = d_projected,
                                  .b = part->normed + chunk->row[0] * width,
                                  .c = part->d_folded,
                                  .alpha = 1,
                                  .beta = 1});
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .kernels = stack->kernels,
                                  .m = rows,
                                  .n = width,
                                  .k = columns,
                                  .a = d_projected,
                                  .b = part->folded,
                                  .c = stack->d_normed,
                                  .alpha = 1});
}

/* Computes keys and values of a chunk's memory, side by side in memory_kv. */
static void product_memory(struct l4r_layer_stack *stack, const struct l4r_sublayer *part,
                           const l4r_real *values, const struct l4r_chunk *chunk) {
  int64_t width = stack->shape.d_model, inner = part->input_rows;
  for (int which = 0; which < 2; which++)
    l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                    .kernels = stack->kernels,
                                    .trans_b = 1,
                                    .m = chunk->memory[1] - chunk->memory[0],
                                    .n = inner,
                                    .k = width,
                                    .a = stack->memory + chunk->memory[0] * width,
                                    .b = values + part->memory[which],
                                    .c = part->memory_kv + (chunk->memory[0] * 2 + which) * inner,
                                    .c_stride = 2 * inner,
                                    .alpha = 1});
}

static void product_memory_back(struct l4r_layer_stack *stack, const struct l4r_sublayer *part,
                                const l4r_real *values, const struct l4r_chunk *chunk,
                                l4r_real *gradients, l4r_real *d_memory, int first) {
  int64_t width = stack->shape.d_model, inner = part->input_rows;
  int64_t rows = chunk->memory[1] - chunk->memory[0];
  for (int which = 0; which < 2; which++) {
    const l4r_real *d = stack->d_memory_kv + which * inner;
    l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                    .kernels = stack->kernels,
                                    .trans_a = 1,
                                    .m = inner,
                                    .n = width,
                                    .k = rows,
                                    .a = d,
                                    .a_stride = 2 * inner,
                                    .b = stack->memory + chunk->memory[0] * width,
                                    .c = gradients + part->memory[which],
                                    .alpha = 1,
                                    .beta = 1});
    l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                    .kernels = stack->kernels,
                                    .m = rows,
                                    .n = width,
                                    .k = inner,
                                    .a = d,
                                    .a_stride = 2 * inner,
                                    .b = values + part->memory[which],
                                    .c = d_memory + chunk->memory[0] * width,
                                    .alpha = 1,
                                    .beta = first && which == 0 ? 0 : 1});
  }
}

/* Returns the groups of a part's queries: pieces for self-attention, sequences for
 * cross-attention. */
static const int64_t *groups_of(const struct l4r_layer_stack *stack,
                                const struct l4r_sublayer *part) {
  return part->kind == L4R_PART_SELF ? stack->piece : stack->batch.start;
}

static const int64_t *chunk_of(const struct l4r_chunk *chunk, const struct l4r_sublayer *part) {
  return part->kind == L4R_PART_SELF ? chunk->piece : chunk->sequence;
}

/* Sets the inputs and outputs, except gradients, of attention of one head in group s. */
static struct l4r_attend head_of(const struct l4r_layer_stack *stack,
                                 const struct l4r_sublayer *part, int64_t s, int64_t head) {
  const struct l4r_t5_shape *shape = &stack->shape;
  const int64_t *start = groups_of(stack, part);
  int64_t inner = part->input_rows, row = start[s];
  struct l4r_attend a = {.queries = start[s + 1] - row,
                         .depth = shape->d_kv,
                         .dropped = stack->dropping,
                         .scale = stack->dropper.scale,
                         .out_stride = inner,
                         .scratch = stack->attend};
  if (part->kind == L4R_PART_SELF) {
    a.keys = a.queries;
    a.causal = stack->causal;
    a.q_stride = a.k_stride = 3 * inner;
    a.q = part->projected + row * 3 * inner + head * shape->d_kv;
    a.k = a.q + inner;
    a.v = a.k + inner;
    a.bias = stack->bias + head * stack->bias_stride + stack->max_length - 1;
  } else {
    int64_t memory = stack->memory_start[s];
    a.keys = stack->memory_start[s + 1] - memory;
    a.q_stride = inner;
    a.k_stride = 2 * inner;
    a.q = part->projected + row * inner + head * shape->d_kv;
    a.k = part->memory_kv + memory * 2 * inner + head * shape->d_kv;
    a.v = a.k + inner;
  }
  const int64_t *begin = part->kind == L4R_PART_SELF ? stack->self_weights : stack->cross_weights;
  a.weights = part->weights + begin[s] + head * a.queries * l4r_padded_keys(a.keys);
  return a;
}

static void attention(struct l4r_layer_stack *stack, struct l4r_sublayer *part,
                      const struct l4r_chunk *chunk) {
  const int64_t *start = groups_of(stack, part), *group = chunk_of(chunk, part);
  for (int64_t s = group[0]; s < group[1]; s++)
    for (int64_t head = 0; head < stack->shape.heads; head++) {
      struct l4r_attend a = head_of(stack, part, s, head);
      if (a.queries == 0) break;
      a.out = part->context + start[s] * part->input_rows + head * a.depth;
      if (stack->dropping) {
        a.dropout_mask = stack->attend_mask;
        stack->kernels->draw(&stack->dropper, stack->attend_mask,
                             l4r_mask_words(a.queries * l4r_padded_keys(a.keys)));
      }
      stack->kernels->attend(&a);
    }
}

static void attention_back(struct l4r_layer_stack *stack, struct l4r_sublayer *part,
                           const struct l4r_chunk *chunk) {
  const int64_t *start = groups_of(stack, part), *group = chunk_of(chunk, part);
  int64_t inner = part->input_rows;
  for (int64_t s = group[0]; s < group[1]; s++)
    for (int64_t head = 0; head < stack->shape.heads; head++) {
      struct l4r_attend a = head_of(stack, part, s, head);
      int64_t row = start[s] - chunk->row[0], at = head * a.depth;
      a.d_out = stack->d_context + row * inner + at;
      if (part->kind == L4R_PART_SELF) {
        a.d_q = stack->d_projected + row * 3 * inner + at;
        a.d_k = a.d_q + inner;
        a.d_bias = stack->d_bias + head * stack->bias_stride + stack->max_length - 1;
      } else {
        a.d_q = stack->d_projected + row * inner + at;
        a.d_k = stack->d_memory_kv + (stack->memory_start[s] - chunk->memory[0]) * 2 * inner + at;
      }
      a.d_v = a.d_k + inner;
      if (a.queries > 0) {
        stack->kernels->attend_back(&a);
      } else {
        for (int64_t j = 0; j < a.keys; j++) {
          memset(a.d_k + j * a.k_stride, 0, (size_t)a.depth * sizeof *a.d_k);
          memset(a.d_v + j * a.k_stride, 0, (size_t)a.depth * sizeof *a.d_v);
        }
      }
    }
}

static struct l4r_masked_rows d_ff_rows(const struct l4r_layer_stack *stack,
                                        const struct l4r_sublayer *part,
                                        const struct l4r_chunk *chunk) {
  struct l4r_masked_rows shape = {.rows = chunk->row[1] - chunk->row[0],
                                  .width = stack->shape.d_ff,
                                  .scale = stack->dropper.scale};
  if (stack->dropping)
    shape.dropout_mask = part->inner_mask
                             ? part->inner_mask + chunk->row[0] * l4r_mask_words(shape.width)
                             : stack->relu_mask;
  return shape;
}

static void feed_forward(struct l4r_layer_stack *stack, struct l4r_sublayer *part,
                         const struct l4r_chunk *chunk) {
  struct l4r_masked_rows shape = d_ff_rows(stack, part, chunk);
  l4r_real *context = part->context + chunk->row[0] * shape.width;
  product_in(stack, part, chunk, stack->shape.gated ? part->projected : part->context);
  if (shape.dropout_mask)
    stack->kernels->draw(&stack->dropper, (uint64_t *)shape.dropout_mask,
                         shape.rows * l4r_mask_words(shape.width));
  if (stack->shape.swiglu)
    stack->kernels->swiglu(&shape, part->projected + chunk->row[0] * 2 * shape.width, context);
  else if (stack->shape.gated)
    stack->kernels->gate(&shape, part->projected + chunk->row[0] * 2 * shape.width, context);
  else
    stack->kernels->relu(&shape, context);
}

void l4r_layer_part(struct l4r_layer_stack *stack, struct l4r_sublayer *part,
                    const l4r_real *values, const struct l4r_chunk *chunk) {
  if (part->kind == L4R_PART_FEED_FORWARD) {
    feed_forward(stack, part, chunk);
  } else {
    product_in(stack, part, chunk, part->projected);
    if (part->kind == L4R_PART_CROSS) product_memory(stack, part, values, chunk);
    attention(stack, part, chunk);
  }
  product_out(stack, part, values, chunk);
}

void l4r_layer_part_back(struct l4r_layer_stack *stack, struct l4r_sublayer *part,
                         const l4r_real *values, const struct l4r_chunk *chunk, l4r_real *gradients,
                         l4r_real *d_memory, int first) {
  product_out_back(stack, part, values, chunk, gradients);
  if (part->kind != L4R_PART_FEED_FORWARD) {
    attention_back(stack, part, chunk);
    product_in_back(stack, part, chunk, stack->d_projected);
    if (part->kind == L4R_PART_CROSS)
      product_memory_back(stack, part, values, chunk, gradients, d_memory, first);
    return;
  }
  struct l4r_masked_rows shape = d_ff_rows(stack, part, chunk);
  if (stack->shape.gated) {
    l4r_real *projected = part->projected + chunk->row[0] * 2 * shape.width;
    if (stack->shape.swiglu)
      stack->kernels->swiglu_back(&shape, stack->d_context, projected);
    else
      stack->kernels->gate_back(&shape, stack->d_context, projected);
    product_in_back(stack, part, chunk, projected);
  } else {
    stack->kernels->relu_back(&shape, part->context + chunk->row[0] * shape.width,
                              stack->d_context);
    product_in_back(stack, part, chunk, stack->d_context);
  }
}
