/* SPDX-License-Identifier: BSD-3-Clause */
/* A row of A as int8 by AVX-512, included after impl/simd/avx512.h by the files whose kernels read
 * quads of it. No include guard: each file gets its own static copies. */

/* Any row. */
static SIMD_TARGET float to_quads_of_any(int64_t n, const float *x, uint32_t *out, int64_t words) {
  const __m512 sign = _mm512_set1_ps(-0.0f);
  vec most = {0};
  for (int64_t i = 0; i < n; i += 16) { /* max gives its second operand where the first is NaN */
    vec part = n - i < 16 ? load_part(x + i, n - i) : load(x + i);
    most = _mm512_max_ps(_mm512_andnot_ps(sign, part), most);
  }
  float scale = _mm512_reduce_max_ps(most) / 127;
  const __m512 factor = _mm512_set1_ps(scale > 0 ? 1 / scale : 0);
  unsigned char *to = (unsigned char *)out;
  for (int64_t i = 0; i < n; i += 16) {
    int64_t left = n - i < 16 ? n - i : 16;
    vec value = _mm512_mul_ps(left < 16 ? load_part(x + i, left) : load(x + i), factor);
    __mmask16 number = _mm512_cmp_ps_mask(value, value, _CMP_ORD_Q);
    __m512i whole = _mm512_add_epi32(_mm512_maskz_cvtps_epi32(number, value),
                                     _mm512_set1_epi32(128));
    _mm512_mask_cvtepi32_storeu_epi8(to + i, mask_of((left + 3) / 4 * 4), whole);
  }
  memset(to + (n + 3) / 4 * 4, 128, (size_t)(4 * (words - (n + 3) / 4)));
  return scale;
}

/* 64 values times the factor, as whole numbers plus 128. Packing goes within quarters of a
 * vector: the last step puts them in order. */
INLINE __m512i sixty_four(const float *x, __m512 factor) {
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  __m512i whole[4];
  UNROLL for (int i = 0; i < 4; i++) {
    whole[i] = _mm512_cvtps_epi32(_mm512_mul_ps(load(x + i * LANES), factor));
  }
  __m512i bytes = _mm512_packs_epi16(_mm512_packs_epi32(whole[0], whole[1]),
                                     _mm512_packs_epi32(whole[2], whole[3]));
  return _mm512_xor_si512(_mm512_permutexvar_epi32(order, bytes), _mm512_set1_epi8((char)128));
}

/* Rows of whole blocks of numbers, which are the most, in less than half the time. */
static SIMD_TARGET float to_quads(int64_t n, const float *x, uint32_t *out, int64_t words) {
  enum {
    BLOCK = 4 * LANES,
    NO_NUMBER = 0x7f800000, /* infinity's bits, and above them */
    INVERSE = 0x04000000    /* 127 times what has a finite inverse, 1.5e-36 */
  };
  if (n % BLOCK) return to_quads_of_any(n, x, out, words);
  const __m512i magnitude = _mm512_set1_epi32(0x7fffffff), zero = _mm512_setzero_si512();
  __m512i most[4] = {zero, zero, zero, zero};
  for (int64_t i = 0; i < n; i += BLOCK) {
    UNROLL for (int j = 0; j < 4; j++) {
      __m512i part = _mm512_and_si512((__m512i)load(x + i + j * LANES), magnitude);
      most[j] = _mm512_max_epi32(part, most[j]);
    }
  }
  int32_t bits = _mm512_reduce_max_epi32(
      _mm512_max_epi32(_mm512_max_epi32(most[0], most[1]), _mm512_max_epi32(most[2], most[3])));
  if (bits >= NO_NUMBER || bits < INVERSE) return to_quads_of_any(n, x, out, words);
  float largest;
  memcpy(&largest, &bits, sizeof largest);
  float scale = largest / 127;
  const __m512 factor = _mm512_set1_ps(1 / scale);
  unsigned char *to = (unsigned char *)out;
  for (int64_t i = 0; i < n; i += BLOCK) _mm512_storeu_si512(to + i, sixty_four(x + i, factor));
  memset(to + n, 128, (size_t)(4 * words - n));
  return scale;
}
