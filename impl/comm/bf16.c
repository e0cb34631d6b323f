/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/comm/bf16.h"

#include <string.h>

static uint16_t packed_one(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  const uint32_t quiet = (bits >> 16) | 0x40; /* a NaN whose upper half would be an infinity */
  const uint32_t near = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? quiet : near);
}

static float unpacked_one(uint16_t half) {
  const uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

void l4r_bf16_pack(void *packed, const float *values, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const uint16_t half = packed_one(values[i]);
    memcpy((char *)packed + 2 * i, &half, sizeof half);
  }
}

void l4r_bf16_unpack(float *values, const void *packed, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    uint16_t half;
    memcpy(&half, (const char *)packed + 2 * i, sizeof half);
    values[i] = unpacked_one(half);
  }
}

void l4r_bf16_round(float *values, int64_t count) {
  for (int64_t i = 0; i < count; i++) values[i] = unpacked_one(packed_one(values[i]));
}
