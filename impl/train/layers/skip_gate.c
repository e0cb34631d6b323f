/* SPDX-License-Identifier: BSD-3-Clause */
/* The input of a part exists forward alone, so backward makes it again from what the norm kept:
 * normed / rstd. */
#include "impl/train/layers/skip_gate.h"

#include "impl/train/layers/matmul.h"

#include <string.h>

static int64_t rows_of(const struct l4r_chunk *chunk) {
  return chunk->row[1] - chunk->row[0];
}

void l4r_skip_gate(struct l4r_layer_stack *stack, struct l4r_sublayer *part, const l4r_real *values,
                   const struct l4r_chunk *chunk) {
  const int64_t width = stack->shape.d_model, rows = rows_of(chunk);
  if (!part->gate) return;
  l4r_real *gate = part->gate + chunk->row[0] * width;
  l4r_real *ungated = part->ungated + chunk->row[0] * width;
  for (int64_t row = 0; row < rows; row++)
    memcpy(gate + row * width, values + part->gate_bias, (size_t)width * sizeof *gate);
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .kernels = stack->kernels,
                                  .trans_b = 1,
                                  .m = rows,
                                  .n = width,
                                  .k = width,
                                  .a = stack->x,
                                  .b = values + part->gate_weight,
                                  .c = gate,
                                  .alpha = 1,
                                  .beta = 1});
  stack->kernels->sigmoid(rows * width, gate);
  memcpy(ungated, stack->y, (size_t)(rows * width) * sizeof *ungated);
  for (int64_t i = 0; i < rows * width; i++) stack->y[i] *= gate[i];
}

/* d_gate: of what the sigmoid is taken of. y: of the part's output. */
static void through_product(struct l4r_layer_stack *stack, const struct l4r_sublayer *part,
                            const struct l4r_chunk *chunk) {
  const int64_t width = stack->shape.d_model, at = chunk->row[0] * width;
  const l4r_real *gate = part->gate + at, *ungated = part->ungated + at;
  for (int64_t i = 0; i < rows_of(chunk) * width; i++) {
    stack->d_gate[i] = stack->y[i] * ungated[i] * gate[i] * (1 - gate[i]);
    stack->y[i] *= gate[i];
  }
}

void l4r_skip_gate_back(struct l4r_layer_stack *stack, struct l4r_sublayer *part,
                        const l4r_real *values, const struct l4r_chunk *chunk,
                        l4r_real *gradients) {
  const int64_t width = stack->shape.d_model, rows = rows_of(chunk);
  if (!part->gate) return;
  l4r_real *d_bias = gradients + part->gate_bias;
  through_product(stack, part, chunk);
  for (int64_t row = 0; row < rows; row++) {
    const l4r_real *normed = part->normed + (chunk->row[0] + row) * width;
    const l4r_real length = 1 / part->rstd[chunk->row[0] + row];
    for (int64_t i = 0; i < width; i++) {
      stack->gated_x[row * width + i] = normed[i] * length;
      d_bias[i] += stack->d_gate[row * width + i];
    }
  }
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .kernels = stack->kernels,
                                  .trans_a = 1,
                                  .m = width,
                                  .n = width,
                                  .k = rows,
                                  .a = stack->d_gate,
                                  .b = stack->gated_x,
                                  .c = gradients + part->gate_weight,
                                  .alpha = 1,
                                  .beta = 1});
  l4r_matmul(&(struct l4r_matmul){.bf16 = stack->bf16,
                                  .kernels = stack->kernels,
                                  .m = rows,
                                  .n = width,
                                  .k = width,
                                  .a = stack->d_gate,
                                  .b = values + part->gate_weight,
                                  .c = stack->x,
                                  .alpha = 1,
                                  .beta = 1});
}
