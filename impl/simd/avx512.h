/* SPDX-License-Identifier: BSD-3-Clause */
/* Vectors of 64 bytes for AVX-512 (F, DQ, BW, VL). A file of kernels that need more of it defines
 * SIMD_MORE, such as ",avx512bf16", before. */
#include <immintrin.h>

#ifndef SIMD_MORE
#define SIMD_MORE
#endif
#define SIMD_TARGET       __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma" SIMD_MORE)))
#define SIMD_BYTES        64
#define SIMD_ISA          L4R_ISA_AVX512
#define SIMD_FMA(a, b, c) (vec) _mm512_fmadd_ps(a, b, c)
#define SIMD_MADD(x, b)   (ivec) _mm512_madd_epi16((__m512i)(x), (__m512i)(b))

#include "impl/simd/vector.h"

/* The first n lanes, as instructions with a mask take them; n may be negative or beyond the last.
 */
INLINE __mmask16 mask_of(int64_t n) {
  return n >= LANES ? 0xffff : n <= 0 ? 0 : (__mmask16)((1U << n) - 1);
}

INLINE float sum_of(vec v) {
  __m256 half = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
  return sum_of_few(_mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
}

INLINE float largest_of(vec v) {
  __m256 half = _mm256_max_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
  return largest_of_few(_mm_max_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
}
