/* SPDX-License-Identifier: BSD-3-Clause */
/* The loops of kernels.h, included once by the file of a set, with
 *   ADAM_TARGET   function attribute that asks for the set
 *   ADAM_ISA      its name in impl/base/cpu.h
 *   ADAM_TABLE    the name of the table
 * No include guard: each file gets its own static copies. */
#include "impl/train/loop/kernels/kernels.h"

/* Eight running sums allow vectors without reordering any sum. */
static ADAM_TARGET double squares(const float *values, int64_t count) {
  double lane[8] = {0};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int j = 0; j < 8; j++) lane[j] += (double)values[i + j] * (double)values[i + j];
  double sum = 0;
  for (; i < count; i++) sum += (double)values[i] * (double)values[i];
  for (int j = 0; j < 8; j++) sum += lane[j];
  return sum;
}

static ADAM_TARGET void update(const struct l4r_adam_rates *r, const struct l4r_adam_range *range) {
  const float *restrict gradients = range->gradients;
  float *restrict values = range->values, *restrict first = range->first,
                  *restrict second = range->second;
  const float scale = r->scale, beta1 = r->beta1, one_beta1 = r->one_beta1, beta2 = r->beta2,
              one_beta2 = r->one_beta2, rate = r->step, root2 = r->root2, epsilon = r->epsilon,
              keep = r->keep;
  for (int64_t i = 0; i < range->count; i++) {
    float g = gradients[i] * scale;
    float m = beta1 * first[i] + one_beta1 * g;
    float v = beta2 * second[i] + one_beta2 * g * g;
    first[i] = m;
    second[i] = v;
    values[i] = keep * values[i] - rate * m / (__builtin_sqrtf(v) * root2 + epsilon);
  }
}

const struct l4r_adam_kernels ADAM_TABLE = {.isa = ADAM_ISA, .squares = squares, .update = update};
