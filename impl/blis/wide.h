/* Vectors of AVX-512 as the gemm templates want them, for the files that add an extension to the
 * set of kernels_avx512.c: each defines KERNEL_TARGET, its function attribute, before. */
#ifndef L4R_BLIS_WIDE_H
#define L4R_BLIS_WIDE_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

typedef __m512 vec;
typedef int32_t ivec __attribute__((vector_size(64)));

#define KERNEL_LANES 16
#define KERNEL_ROWS  12
#define HELPER       static inline KERNEL_TARGET __attribute__((always_inline))

#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

HELPER __mmask16 first(int64_t n) {
  return (__mmask16)((1u << n) - 1);
}

HELPER vec load(const float *p) {
  return _mm512_loadu_ps(p);
}

HELPER void store(float *p, vec v) {
  _mm512_storeu_ps(p, v);
}

HELPER vec load_part(const float *p, int64_t n) {
  return _mm512_maskz_loadu_ps(first(n), p);
}

HELPER void store_part(float *p, vec v, int64_t n) {
  _mm512_mask_storeu_ps(p, first(n), v);
}

#endif
