/* SPDX-License-Identifier: BSD-3-Clause */
/* The double build of the encoder for tests that are themselves compiled with float. */
#ifndef L4R_TESTS_TRAIN_LAYERS_DOUBLE_ENCODER_H
#define L4R_TESTS_TRAIN_LAYERS_DOUBLE_ENCODER_H

#include "impl/base/random.h"
#include "impl/model/tensors.h"

#include <stdint.h>

struct double_encoder {
  const struct l4r_t5_shape *shape;
  const struct l4r_tensors *tensors;
  double dropout;
  const float *values;
  int64_t count, longest;
  const int64_t *start;
  const int32_t *token;
  const float *d_hidden;
};
/* Forward with dropout from a generator of `seed` and backward; hidden[positions][D] and
 * gradients[tensors->floats] are written. Asserts. */
void double_encoder_run(const struct double_encoder *run, uint64_t seed, double *hidden,
                        double *gradients);

#endif
