/* SPDX-License-Identifier: BSD-3-Clause */
/* A row of A as bf16 by AVX512-BF16, included after impl/simd/avx512.h by the files whose kernels
 * read pairs of it. The instructions take denormals for zero. No include guard: each file gets its
 * own static copies. */

static SIMD_TARGET float to_pairs(int64_t k, const float *x, uint32_t *out, int64_t words) {
  for (int64_t i = 0; i < words; i += LANES) {
    __m512bh both = _mm512_cvtne2ps_pbh(
        _mm512_maskz_loadu_ps(mask_of(k - 2 * i - LANES), x + 2 * i + LANES),
        _mm512_maskz_loadu_ps(mask_of(k - 2 * i), x + 2 * i));
    _mm512_mask_storeu_epi32(out + i, mask_of(words - i), (__m512i)both);
  }
  return 0;
}

/* As l4r_bf16_parts: one plane's part of x, as its 16 bits; x becomes what is left. */
INLINE __m256i take_part(__m512 *x) {
  const __m512i infinite = _mm512_set1_epi32(0x7f800000), bits = (__m512i)*x;
  __m256i part = (__m256i)_mm512_cvtneps_pbh(*x);
  __mmask16 finite = _mm512_cmpneq_epi32_mask(_mm512_and_si512(bits, infinite), infinite);
  __m512i wide = _mm512_slli_epi32(_mm512_cvtepu16_epi32(part), 16);
  __mmask16 grown = _mm512_mask_cmpeq_epi32_mask(finite, _mm512_and_si512(wide, infinite),
                                                 infinite);
  wide = _mm512_mask_and_epi32(wide, grown, bits, _mm512_set1_epi32((int)0xffff0000));
  *x = _mm512_maskz_sub_ps(finite, *x, (__m512)wide);
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(wide, 16));
}

/* The same of finite values whose parts are finite. */
INLINE __m256i take_finite_part(__m512 *x) {
  __m256i part = (__m256i)_mm512_cvtneps_pbh(*x);
  *x = _mm512_sub_ps(*x, (__m512)_mm512_slli_epi32(_mm512_cvtepu16_epi32(part), 16));
  return part;
}

static SIMD_TARGET float to_three_pairs(int64_t k, const float *x, uint32_t *out, int64_t words) {
  const __m512i magnitude = _mm512_set1_epi32(0x7fffffff), huge = _mm512_set1_epi32(0x7f000000);
  for (int64_t i = 0; i < words; i += LANES / 2) {
    __m512 rest = _mm512_maskz_loadu_ps(mask_of(k - 2 * i), x + 2 * i);
    __mmask8 there = (__mmask8)mask_of(words - i < 8 ? words - i : 8);
    int finite = !_mm512_cmpge_epi32_mask(_mm512_and_si512((__m512i)rest, magnitude), huge);
    for (int plane = 0; plane < 3; plane++)
      _mm256_mask_storeu_epi32(out + plane * words + i, there,
                               finite ? take_finite_part(&rest) : take_part(&rest));
  }
  return 0;
}
