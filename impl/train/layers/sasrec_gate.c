/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/layers/sasrec_gate.h"

#include "impl/train/layers/biased.h"

#include <string.h>

void l4r_sasrec_gate(struct l4r_sasrec_layers *s, struct l4r_sasrec_gate *gate,
                     const l4r_real *values, int64_t first, int64_t rows, const l4r_real *in,
                     l4r_real *y) {
  const int64_t width = s->shape.d_model;
  if (!gate->value) return;
  l4r_real *value = gate->value + first * width, *ungated = gate->ungated + first * width;
  l4r_layer_linear(&gate->linear, values, rows, 1, in, (struct l4r_layer_operand){value, width});
  s->kernels->sigmoid(rows * width, value);
  memcpy(ungated, y, (size_t)(rows * width) * sizeof *y);
  for (int64_t i = 0; i < rows * width; i++) y[i] *= value[i];
}

void l4r_sasrec_gate_back(struct l4r_sasrec_layers *s, const struct l4r_sasrec_gate *gate,
                          const l4r_real *values, int64_t first, int64_t rows, const l4r_real *in,
                          l4r_real *d, l4r_real *gradients, l4r_real *d_in) {
  const int64_t width = s->shape.d_model;
  if (!gate->value) return;
  const l4r_real *value = gate->value + first * width, *ungated = gate->ungated + first * width;
  for (int64_t i = 0; i < rows * width; i++) {
    s->d_gate[i] = d[i] * ungated[i] * value[i] * (1 - value[i]);
    d[i] *= value[i];
  }
  l4r_layer_linear_back(&gate->linear, values, rows, (struct l4r_layer_operand){s->d_gate, width},
                        in, gradients, 1, d_in);
}
