/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/comm/bf16.h"

#include "impl/base/bf16.h"

#include <string.h>

void l4r_bf16_pack(void *packed, const float *values, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const uint16_t half = (uint16_t)l4r_bf16(values[i]);
    memcpy((char *)packed + 2 * i, &half, sizeof half);
  }
}

void l4r_bf16_unpack(float *values, const void *packed, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    uint16_t half;
    memcpy(&half, (const char *)packed + 2 * i, sizeof half);
    values[i] = l4r_bf16_value(half);
  }
}

void l4r_bf16_round(float *values, int64_t count) {
  for (int64_t i = 0; i < count; i++) values[i] = l4r_bf16_value(l4r_bf16(values[i]));
}
