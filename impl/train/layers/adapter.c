/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/layers/adapter.h"

#include "impl/base/error.h"
#include "impl/model/config_sizes.h"
#include "impl/train/layers/biased.h"
#include "impl/train/layers/kernels/kernels.h"
#include "impl/train/layers/open.h"

#include <math.h>
#include <string.h>

int l4r_adapter_open(const struct l4r_model_config *config, const struct l4r_tensors *tensors,
                     int bf16, const struct l4r_layer_kernels *kernels,
                     struct l4r_adapter_layers *adapter) {
  const int64_t in = config->item_llm.d_model, out = config->rec_llm.d_model;
  const struct l4r_train_spec spec = {.tensors = tensors, .prefix = "item_llm."};
  struct l4r_adapter_layers a = {.in = in,
                                 .out = out,
                                 .middle = l4r_adapter_middle(config),
                                 .whiten = -1,
                                 .normalize = config->normalize,
                                 .bf16 = bf16,
                                 .kernels = l4r_layer_kernels_or_widest(kernels)};
  int status = l4r_layer_find_pair(&spec, "adapter.0", a.middle ? a.middle : out, in, &a.weight[0],
                                   &a.bias[0]);
  if (!status && a.middle)
    status = l4r_layer_find_pair(&spec, "adapter.1", out, a.middle, &a.weight[1], &a.bias[1]);
  if (!status && config->whiten) {
    status = l4r_layer_find(&spec, "whiten.weight", in, in, &a.whiten);
    if (!status) status = l4r_layer_find(&spec, "whiten.mean", in, 0, &a.mean);
  }
  if (!status) *adapter = a;
  return status;
}

static l4r_real factor_of(const l4r_real *raw, int64_t width) {
  double squares = 0;
  for (int64_t i = 0; i < width; i++) squares += (double)raw[i] * (double)raw[i];
  return (l4r_real)(1 / fmax(sqrt(squares), 1e-12));
}

void l4r_adapter_whiten(const struct l4r_adapter_layers *a, const l4r_real *values,
                        const l4r_real *raw, l4r_real *scratch, l4r_real *out) {
  const l4r_real factor = a->normalize ? factor_of(raw, a->in) : 1;
  const l4r_real *mean = values + a->mean, *weight = values + a->whiten;
  for (int64_t i = 0; i < a->in; i++) scratch[i] = raw[i] * factor;
  if (a->whiten < 0) {
    memcpy(out, scratch, (size_t)a->in * sizeof *out);
    return;
  }
  for (int64_t i = 0; i < a->in; i++) scratch[i] -= mean[i];
  for (int64_t i = 0; i < a->in; i++, weight += a->in) {
    l4r_real sum[4] = {0};
    for (int64_t j = 0; j <= i; j++) sum[j % 4] += weight[j] * scratch[j];
    out[i] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  }
}

void l4r_adapter_whiten_back(const struct l4r_adapter_layers *a, const l4r_real *values,
                             const l4r_real *raw, l4r_real *scratch, l4r_real *d) {
  if (a->whiten >= 0) {
    const l4r_real *weight = values + a->whiten;
    memset(scratch, 0, (size_t)a->in * sizeof *scratch);
    for (int64_t i = 0; i < a->in; i++, weight += a->in)
      for (int64_t j = 0; j <= i; j++) scratch[j] += weight[j] * d[i];
    memcpy(d, scratch, (size_t)a->in * sizeof *d);
  }
  if (!a->normalize) return;
  const l4r_real factor = factor_of(raw, a->in);
  double along = 0;
  for (int64_t i = 0; i < a->in; i++) along += (double)(d[i] * raw[i] * factor);
  for (int64_t i = 0; i < a->in; i++) d[i] = (d[i] - (l4r_real)along * raw[i] * factor) * factor;
}

static struct l4r_layer_linears layer_of(const struct l4r_adapter_layers *a, int which) {
  const int64_t middle = a->middle ? a->middle : a->out;
  return (struct l4r_layer_linears){.in = which ? middle : a->in,
                                    .out = which ? a->out : middle,
                                    .weight = a->weight[which],
                                    .bias = a->bias[which],
                                    .bf16 = a->bf16,
                                    .kernels = a->kernels};
}

void l4r_adapter_forward(const struct l4r_adapter_layers *a, const l4r_real *values, int64_t rows,
                         const l4r_real *x, l4r_real *u, l4r_real *g, l4r_real *y) {
  const struct l4r_layer_linears first = layer_of(a, 0), second = layer_of(a, 1);
  if (rows <= 0) return;
  const struct l4r_layer_operand out = {y, a->out}, between = {u, a->middle};
  l4r_layer_linear(&first, values, rows, 1, x, a->middle ? between : out);
  if (!a->middle) return;
  a->kernels->gelu(rows * a->middle, u, g);
  l4r_layer_linear(&second, values, rows, 1, g, out);
}

void l4r_adapter_backward(const struct l4r_adapter_layers *a, const l4r_real *values, int64_t rows,
                          const l4r_real *x, const l4r_real *u, l4r_real *g, l4r_real *d_y,
                          l4r_real *gradients, l4r_real *d_x) {
  const struct l4r_layer_linears first = layer_of(a, 0), second = layer_of(a, 1);
  if (rows <= 0) return;
  struct l4r_layer_operand d = {d_y, a->out};
  if (a->middle) {
    /* g is the input of the weight's gradient first, and then the gradient of u. */
    l4r_layer_linear_back(&second, values, rows, d, g, gradients, 0, g);
    a->kernels->gelu_back(rows * a->middle, u, g);
    d = (struct l4r_layer_operand){g, a->middle};
  }
  l4r_layer_linear_back(&first, values, rows, d, x, gradients, 0, d_x);
}
