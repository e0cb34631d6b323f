/* SPDX-License-Identifier: BSD-3-Clause */
/* Products with weights grow with the number of positions, attention with the number of pairs. */
#include "impl/model/flops.h"

double l4r_encoder_flops(const struct l4r_t5_shape *shape, double positions, double squares) {
  double inner = (double)(shape->heads * shape->d_kv), width = (double)shape->d_model;
  double matrices = 4 * inner + (shape->gated ? 3 : 2) * (double)shape->d_ff;
  if (shape->gates) matrices += 2 * width;
  double pairs = shape->causal ? 0.5 * (squares + positions) : squares;
  return (double)shape->encoder_blocks * (2 * positions * width * matrices + 4 * pairs * inner);
}
