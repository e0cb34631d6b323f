/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/layers/biased.h"

#include "impl/train/layers/matmul.h"
#include "impl/train/layers/open.h"

#include <math.h>
#include <stdio.h>

int l4r_layer_find_pair(const struct l4r_train_spec *spec, const char *part, int64_t out,
                        int64_t in, int64_t *weight, int64_t *bias) {
  char name[160];
  snprintf(name, sizeof name, "%s.weight", part);
  int status = l4r_layer_find(spec, name, out, in, weight);
  snprintf(name, sizeof name, "%s.bias", part);
  return status ? status : l4r_layer_find(spec, name, out, 0, bias);
}

void l4r_layer_norm_plan(struct l4r_block_plan *plan, int64_t positions, int64_t width,
                         struct l4r_layer_norms *norm) {
  norm->width = width;
  norm->normed = place_reals(plan, positions * width);
  norm->rstd = place_reals(plan, positions);
}

enum { SUMS = 8 };

static l4r_real total(const l4r_real *sum) {
  return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

void l4r_layer_norm(double epsilon, const struct l4r_layer_norms *n, const l4r_real *values,
                    const int64_t rows[2], const l4r_real *x, l4r_real *restrict out) {
  int64_t width = n->width;
  const l4r_real *norm_weight = values + n->weight, *bias = values + n->bias;
  for (int64_t row = rows[0]; row < rows[1]; row++, x += width, out += width) {
    l4r_real *restrict normed = n->normed + row * width;
    l4r_real sum[SUMS] = {0}, squares[SUMS] = {0};
    for (int64_t i = 0; i < width; i++) sum[i % SUMS] += x[i];
    l4r_real mean = total(sum) / (l4r_real)width;
    for (int64_t i = 0; i < width; i++) squares[i % SUMS] += (x[i] - mean) * (x[i] - mean);
    double variance = (double)(total(squares) / (l4r_real)width) + epsilon;
    l4r_real rstd = (l4r_real)(1 / sqrt(variance));
    n->rstd[row] = rstd;
    for (int64_t i = 0; i < width; i++) {
      normed[i] = (x[i] - mean) * rstd;
      out[i] = normed[i] * norm_weight[i] + bias[i];
    }
  }
}

void l4r_layer_norm_back(const struct l4r_layer_norms *n, const l4r_real *values,
                         const int64_t rows[2], const l4r_real *d, l4r_real *gradients, int add,
                         l4r_real *d_x) {
  int64_t width = n->width;
  const l4r_real *norm_weight = values + n->weight;
  l4r_real *restrict d_norm_weight = gradients + n->weight, *restrict d_bias = gradients + n->bias;
  for (int64_t row = rows[0]; row < rows[1]; row++, d += width, d_x += width) {
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

void l4r_layer_drop(const struct l4r_masked_rows *shape, l4r_real *x) {
  if (!shape->dropout_mask) return;
  int64_t words = l4r_mask_words(shape->width);
  for (int64_t row = 0; row < shape->rows; row++)
    for (int64_t i = 0; i < shape->width; i++) {
      int kept = shape->dropout_mask[row * words + i / 64] >> (i % 64) & 1;
      x[row * shape->width + i] *= kept ? shape->scale : 0;
    }
}

void l4r_layer_linear(const struct l4r_layer_linears *l, const l4r_real *values, int64_t rows,
                      l4r_real scale, const l4r_real *in, struct l4r_layer_operand out) {
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

void l4r_layer_linear_back(const struct l4r_layer_linears *l, const l4r_real *values, int64_t rows,
                           struct l4r_layer_operand d, const l4r_real *in, l4r_real *gradients,
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
  if (!d_in) return;
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
