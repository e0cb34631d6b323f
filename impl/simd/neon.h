/* SPDX-License-Identifier: BSD-3-Clause */
/* Vectors of 16 bytes for 64-bit Arm, whose every processor has these instructions. A file of
 * kernels that needs one of Armv8.2's extensions defines SIMD_MORE before, such as "bf16", and
 * writes their instructions out: older compilers have functions for them under flags for a whole
 * program alone. */

/* gcc would order a tile's instructions before it gives out registers, all loads first, and then
 * has none left for the sums. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-schedule-insns")
#endif

#include <arm_neon.h>

#if !defined(SIMD_MORE)
#define SIMD_TARGET
#elif defined(__clang__)
#define SIMD_TARGET __attribute__((target(SIMD_MORE)))
#else
#define SIMD_TARGET __attribute__((target("arch=armv8.2-a+" SIMD_MORE)))
#endif
#define SIMD_BYTES        16
#define SIMD_ISA          L4R_ISA_NEON
#define SIMD_FMA(a, b, c) (vec) vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b))

#include "impl/simd/vector.h"

INLINE float sum_of(vec v) {
  return sum_of_few(v);
}

INLINE float largest_of(vec v) {
  return largest_of_few(v);
}
