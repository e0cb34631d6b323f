/* SPDX-License-Identifier: BSD-3-Clause */
/* Vectors of 16 bytes for any processor (SSE2, NEON, ...). Where every processor of the target has
 * a fused multiply-add it is asked for by name, since ISO C's compilers contract nothing: on 64-bit
 * Arm. Elsewhere the compiler's generic vectors multiply and add (a call of fmaf would be
 * emulated).
 *
 * With L4R_DOUBLE the numbers are doubles: the copies of training's layers that finite differences
 * are held against. */
#define SIMD_TARGET
#define SIMD_BYTES 16
#define SIMD_ISA   L4R_ISA_PORTABLE

#if defined(L4R_DOUBLE)
#define SIMD_REAL         double
#define SIMD_INT          int64_t
#define SIMD_FMA(a, b, c) ((a) * (b) + (c))
#elif defined(__aarch64__)
#include <arm_neon.h>
#define SIMD_FMA(a, b, c) (vec) vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b))
#else
#define SIMD_FMA(a, b, c) ((a) * (b) + (c))
#endif

#include "impl/simd/vector.h"

INLINE SIMD_REAL sum_of(vec v) {
  return sum_of_few(v);
}

INLINE SIMD_REAL largest_of(vec v) {
  return largest_of_few(v);
}
