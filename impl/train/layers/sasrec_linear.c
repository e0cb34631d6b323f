/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/layers/sasrec_linear.h"

#include "impl/train/layers/matmul.h"

void l4r_sasrec_linear(const struct l4r_sasrec_linear *l, const l4r_real *values, int64_t rows,
                       l4r_real scale, const l4r_real *in, struct l4r_sasrec_operand out) {
  const l4r_real *bias = values + l->bias;
  for (int64_t row = 0; row < rows; row++)
    for (int64_t i = 0; i < l->out; i++) out.at[row * out.stride + i] = bias[i] * scale;
  l4r_matmul(&(struct l4r_matmul){.bf16 = l->bf16,
                                  .kernels = l->kernels,
                                  .trans_b = 1,
                                  .m = rows,
                                  .n = l->out,
                                  .k = l->in,
                                  .a = in,
                                  .b = values + l->weight,
                                  .c = out.at,
                                  .c_stride = out.stride,
                                  .alpha = scale,
                                  .beta = 1});
}

void l4r_sasrec_linear_back(const struct l4r_sasrec_linear *l, const l4r_real *values, int64_t rows,
                            struct l4r_sasrec_operand d, const l4r_real *in, l4r_real *gradients,
                            l4r_real beta, l4r_real *d_in) {
  l4r_real *restrict d_bias = gradients + l->bias;
  for (int64_t row = 0; row < rows; row++)
    for (int64_t i = 0; i < l->out; i++) d_bias[i] += d.at[row * d.stride + i];
  l4r_matmul(&(struct l4r_matmul){.bf16 = l->bf16,
                                  .kernels = l->kernels,
                                  .trans_a = 1,
                                  .m = l->out,
                                  .n = l->in,
                                  .k = rows,
                                  .a = d.at,
                                  .a_stride = d.stride,
                                  .b = in,
                                  .c = gradients + l->weight,
                                  .alpha = 1,
                                  .beta = 1});
  l4r_matmul(&(struct l4r_matmul){.bf16 = l->bf16,
                                  .kernels = l->kernels,
                                  .m = rows,
                                  .n = l->in,
                                  .k = l->out,
                                  .a = d.at,
                                  .a_stride = d.stride,
                                  .b = values + l->weight,
                                  .c = d_in,
                                  .alpha = 1,
                                  .beta = beta});
}
