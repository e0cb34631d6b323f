/* SPDX-License-Identifier: BSD-3-Clause */
/* The arithmetic of one position. Part of the reference stack: plain loops, never optimised. */
#include "impl/reference/reference.h"

#include <math.h>

void l4r_reference_norm(float *out, const float *x, const float *norm_weight, int64_t width,
                        double epsilon) {
  double squares = 0;
  for (int64_t i = 0; i < width; i++) squares += (double)x[i] * x[i];
  double factor = 1.0 / sqrt(squares / (double)width + epsilon);
  for (int64_t i = 0; i < width; i++) out[i] = (float)(x[i] * factor * norm_weight[i]);
}

void l4r_reference_linear(float *out, const float *x, const float *weight, int64_t in, int64_t n,
                          double *sum) {
  for (int64_t j = 0; j < n; j++) sum[j] = 0;
  for (int64_t i = 0; i < in; i++)
    for (int64_t j = 0; j < n; j++) sum[j] += (double)x[i] * weight[i * n + j];
  for (int64_t j = 0; j < n; j++) out[j] = (float)sum[j];
}

double l4r_reference_dot(const float *a, const float *b, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += (double)a[i] * b[i];
  return sum;
}

/* In place, numerically safe. */
static void softmax(double *x, int64_t count) {
  double largest = -INFINITY, sum = 0;
  for (int64_t i = 0; i < count; i++) largest = fmax(largest, x[i]);
  for (int64_t i = 0; i < count; i++) {
    x[i] = exp(x[i] - largest);
    sum += x[i];
  }
  for (int64_t i = 0; i < count; i++) x[i] /= sum;
}

void l4r_reference_attend(float *out, const struct l4r_reference_attention *a) {
  const int64_t inner = a->heads * a->key;
  for (int64_t h = 0; h < a->heads; h++) {
    const int64_t first = h * a->key;
    for (int64_t j = 0; j < a->keys; j++) {
      a->weight[j] = l4r_reference_dot(a->q + first, a->k + j * inner + first, a->key);
      if (a->bias) a->weight[j] += a->bias[h * a->bias_stride + j];
    }
    softmax(a->weight, a->keys);
    for (int64_t c = first; c < first + a->key; c++) {
      double sum = 0;
      for (int64_t j = 0; j < a->keys; j++) sum += a->weight[j] * a->v[j * inner + c];
      out[c] = (float)sum;
    }
  }
}

/* gelu_new of Hendrycks and Gimpel's tanh approximation, as T5 v1.1 has it. */
static double gelu_new(double x) {
  const double root = 0.79788456080286535588; /* sqrt(2 / pi) */
  return 0.5 * x * (1.0 + tanh(root * (x + 0.044715 * x * x * x)));
}

static double sigmoid(double x) {
  return 1.0 / (1.0 + exp(-x));
}

double l4r_reference_silu(double x) {
  return x * sigmoid(x);
}

void l4r_reference_add_gated(const struct l4r_biased *gate, int64_t width, const float *add,
                             double *sum, float *scratch, float *x) {
  if (!gate || !gate->weight) {
    for (int64_t i = 0; i < width; i++) x[i] += add[i];
    return;
  }
  l4r_reference_linear(scratch, x, gate->weight, width, width, sum);
  for (int64_t i = 0; i < width; i++)
    x[i] += (float)(sigmoid((double)scratch[i] + gate->bias[i]) * add[i]);
}

void l4r_reference_add_attention(const struct l4r_reference_half *half, const float *o,
                                 const struct l4r_biased *gate,
                                 const struct l4r_reference_attention *attention,
                                 struct l4r_reference_scratch *scratch, float *x) {
  const int64_t width = half->shape.d_model;
  l4r_reference_attend(scratch->inner, attention);
  l4r_reference_linear(scratch->out, scratch->inner, o, half->inner, width, scratch->sum);
  l4r_reference_add_gated(gate, width, scratch->out, scratch->sum, scratch->gate, x);
}

void l4r_reference_add_feed_forward(const struct l4r_reference_half *half,
                                    const struct l4r_reference_block *block,
                                    struct l4r_reference_scratch *scratch, float *x) {
  const int64_t width = half->shape.d_model, d_ff = half->shape.d_ff;
  l4r_reference_norm(scratch->normed, x, block->ff_norm_weight, width, half->shape.epsilon);
  l4r_reference_linear(scratch->ff_0, scratch->normed, block->wi_0, width, d_ff, scratch->sum);
  if (half->shape.gated) {
    l4r_reference_linear(scratch->ff_1, scratch->normed, block->wi_1, width, d_ff, scratch->sum);
    for (int64_t i = 0; i < d_ff; i++)
      scratch->ff_0[i] = (float)((half->shape.swiglu ? l4r_reference_silu(scratch->ff_0[i])
                                                     : gelu_new(scratch->ff_0[i])) *
                                 scratch->ff_1[i]);
  } else {
    for (int64_t i = 0; i < d_ff; i++)
      scratch->ff_0[i] = scratch->ff_0[i] > 0 ? scratch->ff_0[i] : 0;
  }
  l4r_reference_linear(scratch->out, scratch->ff_0, block->wo, d_ff, width, scratch->sum);
  l4r_reference_add_gated(&block->ff_gate, width, scratch->out, scratch->sum, scratch->gate, x);
}
