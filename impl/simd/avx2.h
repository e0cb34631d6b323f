/* SPDX-License-Identifier: BSD-3-Clause */
/* Vectors of 32 bytes for AVX2 with FMA. A file of kernels that need more of it defines SIMD_MORE,
 * such as ",avxvnni", before. */
#include <immintrin.h>

#ifndef SIMD_MORE
#define SIMD_MORE
#endif
#define SIMD_TARGET       __attribute__((target("avx2,fma" SIMD_MORE)))
#define SIMD_BYTES        32
#define SIMD_ISA          L4R_ISA_AVX2
#define SIMD_FMA(a, b, c) (vec) _mm256_fmadd_ps(a, b, c)
#define SIMD_MADD(x, b)   (ivec) _mm256_madd_epi16((__m256i)(x), (__m256i)(b))

#include "impl/simd/vector.h"

INLINE float sum_of(vec v) {
  return sum_of_few(_mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1)));
}

INLINE float largest_of(vec v) {
  return largest_of_few(_mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1)));
}
