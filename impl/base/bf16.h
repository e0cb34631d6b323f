/* SPDX-License-Identifier: BSD-3-Clause */
/* One number between fp32 and bf16, the upper half of an fp32. Kernels round whole rows by
 * instructions, to the same bits. */
#ifndef L4R_BASE_BF16_H
#define L4R_BASE_BF16_H

#include <stdint.h>
#include <string.h>

/* The nearest bf16, ties to even; NaN stays one. Pure. */
static inline uint32_t l4r_bf16(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return (bits & 0x7fffffff) > 0x7f800000 ? bits >> 16 | 0x40 : rounded;
}

/* The fp32 with that upper half. Pure. */
static inline float l4r_bf16_value(uint32_t bf16) {
  const uint32_t bits = bf16 << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

#endif
