/* SPDX-License-Identifier: BSD-3-Clause */
/* Both items (from their texts) and users (from their histories) are pooled with this. */
#include "impl/train/items/pool.h"

#include <string.h>

void l4r_pool(const float *hidden, int64_t length, int64_t width, int last, float *out) {
  if (last) {
    memcpy(out, hidden + (length - 1) * width, (size_t)width * sizeof(float));
    return;
  }
  memset(out, 0, (size_t)width * sizeof(float));
  for (int64_t p = 0; p < length; p++)
    for (int64_t j = 0; j < width; j++) out[j] += hidden[p * width + j];
  for (int64_t j = 0; j < width; j++) out[j] /= (float)length;
}

void l4r_pool_backward(const float *d_out, int64_t length, int64_t width, int last,
                       float *d_hidden) {
  memset(d_hidden, 0, (size_t)(length * width) * sizeof(float));
  float share = last ? 1.0f : 1.0f / (float)length;
  for (int64_t p = last ? length - 1 : 0; p < length; p++)
    for (int64_t j = 0; j < width; j++) d_hidden[p * width + j] = share * d_out[j];
}
