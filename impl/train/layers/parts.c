/* SPDX-License-Identifier: BSD-3-Clause */
/* One sub-layer over one chunk, forward and backward: attention (self and cross) and feed-forward.
 * See layers_inner.h for the scheme they share. */
#include "impl/train/layers/inner.h"

#include "impl/base/memory.h"

#include <string.h>

/* narrow * output^T -> y */
static void product_out(struct l4r_layer_stack *stack, const struct l4r_part *part,
                        const l4r_real *values, const struct l4r_chunk *span) {
  int64_t width = stack->shape.width, rows = span->row[1] - span->row[0];
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .trans_b = 1,
                                  .m = rows,
                                  .n = width,
                                  .k = part->input_rows,
                                  .a = part->narrow + span->row[0] * part->input_rows,
                                  .b = values + part->output,
                                  .c = stack->y,
                                  .alpha = 1});
}

/* normed * folded^T -> wide */
static void product_in(struct l4r_layer_stack *stack, const struct l4r_part *part,
                       const struct l4r_chunk *span, l4r_real *wide) {
  int64_t width = stack->shape.width, columns = part->inputs * part->input_rows;
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .trans_b = 1,
                                  .m = span->row[1] - span->row[0],
                                  .n = columns,
                                  .k = width,
                                  .a = part->normed + span->row[0] * width,
                                  .b = part->folded,
                                  .c = wide + span->row[0] * columns,
                                  .alpha = 1});
}

/* y -> d_narrow and the gradient of output */
static void product_out_back(struct l4r_layer_stack *stack, const struct l4r_part *part,
                             const l4r_real *values, const struct l4r_chunk *span,
                             l4r_real *gradients) {
  int64_t width = stack->shape.width, inner = part->input_rows, rows = span->row[1] - span->row[0];
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .trans_a = 1,
                                  .m = width,
                                  .n = inner,
                                  .k = rows,
                                  .a = stack->y,
                                  .b = part->narrow + span->row[0] * inner,
                                  .c = gradients + part->output,
                                  .alpha = 1,
                                  .beta = 1});
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .m = rows,
                                  .n = inner,
                                  .k = width,
                                  .a = stack->y,
                                  .b = values + part->output,
                                  .c = stack->d_narrow,
                                  .alpha = 1});
}

/* d of wide -> d_normed and d_folded */
static void product_in_back(struct l4r_layer_stack *stack, const struct l4r_part *part,
                            const struct l4r_chunk *span, const l4r_real *d_wide) {
  int64_t width = stack->shape.width, columns = part->inputs * part->input_rows;
  int64_t rows = span->row[1] - span->row[0];
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .trans_a = 1,
                                  .m = columns,
                                  .n = width,
                                  .k = rows,
                                  .a = d_wide,
                                  .b = part->normed + span->row[0] * width,
                                  .c = part->d_folded,
                                  .alpha = 1,
                                  .beta = 1});
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .m = rows,
                                  .n = width,
                                  .k = columns,
                                  .a = d_wide,
                                  .b = part->folded,
                                  .c = stack->d_normed,
                                  .alpha = 1});
}

/* Keys and values of a chunk's memory, side by side in memory_wide. */
static void product_memory(struct l4r_layer_stack *stack, const struct l4r_part *part,
                           const l4r_real *values, const struct l4r_chunk *span) {
  int64_t width = stack->shape.width, inner = part->input_rows;
  for (int which = 0; which < 2; which++)
    l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                    .trans_b = 1,
                                    .m = span->memory[1] - span->memory[0],
                                    .n = inner,
                                    .k = width,
                                    .a = stack->memory + span->memory[0] * width,
                                    .b = values + part->memory[which],
                                    .c = part->memory_wide + (span->memory[0] * 2 + which) * inner,
                                    .c_stride = 2 * inner,
                                    .alpha = 1});
}

static void product_memory_back(struct l4r_layer_stack *stack, const struct l4r_part *part,
                                const l4r_real *values, const struct l4r_chunk *span,
                                l4r_real *gradients, l4r_real *d_memory, int first) {
  int64_t width = stack->shape.width, inner = part->input_rows;
  int64_t rows = span->memory[1] - span->memory[0];
  for (int which = 0; which < 2; which++) {
    const l4r_real *d = stack->d_memory_wide + which * inner;
    l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                    .trans_a = 1,
                                    .m = inner,
                                    .n = width,
                                    .k = rows,
                                    .a = d,
                                    .a_stride = 2 * inner,
                                    .b = stack->memory + span->memory[0] * width,
                                    .c = gradients + part->memory[which],
                                    .alpha = 1,
                                    .beta = 1});
    l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                    .m = rows,
                                    .n = width,
                                    .k = inner,
                                    .a = d,
                                    .a_stride = 2 * inner,
                                    .b = values + part->memory[which],
                                    .c = d_memory + span->memory[0] * width,
                                    .alpha = 1,
                                    .beta = first && which == 0 ? 0 : 1});
  }
}

/* What a part's queries are grouped by: pieces (self-attention) or sequences (cross-attention). */
static const int64_t *groups_of(const struct l4r_layer_stack *stack, const struct l4r_part *part) {
  return part->kind == L4R_PART_SELF ? stack->piece : stack->batch.start;
}

static const int64_t *span_of(const struct l4r_chunk *span, const struct l4r_part *part) {
  return part->kind == L4R_PART_SELF ? span->piece : span->sequence;
}

/* What attention of one head of group s reads and writes, apart from gradients. */
static struct l4r_attend head_of(const struct l4r_layer_stack *stack, const struct l4r_part *part,
                                 int64_t s, int64_t head) {
  const struct l4r_t5_shape *shape = &stack->shape;
  const int64_t *start = groups_of(stack, part);
  int64_t inner = part->input_rows, row = start[s];
  struct l4r_attend a = {.queries = start[s + 1] - row,
                         .depth = shape->key,
                         .dropped = stack->dropping,
                         .scale = stack->dropper.scale,
                         .out_stride = inner,
                         .scratch = stack->attend};
  if (part->kind == L4R_PART_SELF) {
    a.keys = a.queries;
    a.causal = stack->causal;
    a.q_stride = a.k_stride = 3 * inner;
    a.q = part->wide + row * 3 * inner + head * shape->key;
    a.k = a.q + inner;
    a.v = a.k + inner;
    a.bias = stack->bias + head * stack->bias_stride + stack->max_length - 1;
  } else {
    int64_t memory = stack->memory_start[s];
    a.keys = stack->memory_start[s + 1] - memory;
    a.q_stride = inner;
    a.k_stride = 2 * inner;
    a.q = part->wide + row * inner + head * shape->key;
    a.k = part->memory_wide + memory * 2 * inner + head * shape->key;
    a.v = a.k + inner;
  }
  const int64_t *begin = part->kind == L4R_PART_SELF ? stack->self_weights : stack->cross_weights;
  a.weights = part->weights + begin[s] + head * a.queries * l4r_padded_keys(a.keys);
  return a;
}

static void attention(struct l4r_layer_stack *stack, struct l4r_part *part,
                      const struct l4r_chunk *span) {
  const int64_t *start = groups_of(stack, part), *group = span_of(span, part);
  for (int64_t s = group[0]; s < group[1]; s++)
    for (int64_t head = 0; head < stack->shape.heads; head++) {
      struct l4r_attend a = head_of(stack, part, s, head);
      if (a.queries == 0) break;
      a.out = part->narrow + start[s] * part->input_rows + head * a.depth;
      if (stack->dropping) {
        a.keep = stack->keep_attend;
        stack->kernels->draw(&stack->dropper, stack->keep_attend,
                             l4r_mask_words(a.queries * l4r_padded_keys(a.keys)));
      }
      stack->kernels->attend(&a);
    }
}

static void attention_back(struct l4r_layer_stack *stack, struct l4r_part *part,
                           const struct l4r_chunk *span) {
  const int64_t *start = groups_of(stack, part), *group = span_of(span, part);
  int64_t inner = part->input_rows;
  for (int64_t s = group[0]; s < group[1]; s++)
    for (int64_t head = 0; head < stack->shape.heads; head++) {
      struct l4r_attend a = head_of(stack, part, s, head);
      int64_t row = start[s] - span->row[0], at = head * a.depth;
      a.d_out = stack->d_narrow + row * inner + at;
      if (part->kind == L4R_PART_SELF) {
        a.d_q = stack->d_wide + row * 3 * inner + at;
        a.d_k = a.d_q + inner;
        a.d_bias = stack->d_bias + head * stack->bias_stride + stack->max_length - 1;
      } else {
        a.d_q = stack->d_wide + row * inner + at;
        a.d_k = stack->d_memory_wide + (stack->memory_start[s] - span->memory[0]) * 2 * inner + at;
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

static struct l4r_masked_rows feed_rows(const struct l4r_layer_stack *stack,
                                        const struct l4r_part *part, const struct l4r_chunk *span) {
  struct l4r_masked_rows shape = {.rows = span->row[1] - span->row[0],
                                  .width = stack->shape.feed,
                                  .scale = stack->dropper.scale};
  if (stack->dropping)
    shape.keep = part->keep_inner ? part->keep_inner + span->row[0] * l4r_mask_words(shape.width)
                                  : stack->keep_relu;
  return shape;
}

static void feed(struct l4r_layer_stack *stack, struct l4r_part *part,
                 const struct l4r_chunk *span) {
  struct l4r_masked_rows shape = feed_rows(stack, part, span);
  l4r_real *narrow = part->narrow + span->row[0] * shape.width;
  product_in(stack, part, span, stack->shape.gated ? part->wide : part->narrow);
  if (shape.keep)
    stack->kernels->draw(&stack->dropper, (uint64_t *)shape.keep,
                         shape.rows * l4r_mask_words(shape.width));
  if (stack->shape.gated)
    stack->kernels->gate(&shape, part->wide + span->row[0] * 2 * shape.width, narrow);
  else
    stack->kernels->relu(&shape, narrow);
}

void l4r_layer_part(struct l4r_layer_stack *stack, struct l4r_part *part, const l4r_real *values,
                    const struct l4r_chunk *span) {
  if (part->kind == L4R_PART_FEED) {
    feed(stack, part, span);
  } else {
    product_in(stack, part, span, part->wide);
    if (part->kind == L4R_PART_CROSS) product_memory(stack, part, values, span);
    attention(stack, part, span);
  }
  product_out(stack, part, values, span);
}

void l4r_layer_part_back(struct l4r_layer_stack *stack, struct l4r_part *part,
                         const l4r_real *values, const struct l4r_chunk *span, l4r_real *gradients,
                         l4r_real *d_memory, int first) {
  product_out_back(stack, part, values, span, gradients);
  if (part->kind != L4R_PART_FEED) {
    attention_back(stack, part, span);
    product_in_back(stack, part, span, stack->d_wide);
    if (part->kind == L4R_PART_CROSS)
      product_memory_back(stack, part, values, span, gradients, d_memory, first);
    return;
  }
  struct l4r_masked_rows shape = feed_rows(stack, part, span);
  if (stack->shape.gated) {
    l4r_real *wide = part->wide + span->row[0] * 2 * shape.width;
    stack->kernels->gate_back(&shape, stack->d_narrow, wide);
    product_in_back(stack, part, span, wide);
  } else {
    stack->kernels->relu_back(&shape, part->narrow + span->row[0] * shape.width, stack->d_narrow);
    product_in_back(stack, part, span, stack->d_narrow);
  }
}
