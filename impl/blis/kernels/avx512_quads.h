/* SPDX-License-Identifier: BSD-3-Clause */
/* A row of A as int8 by AVX-512, included after impl/simd/avx512.h by the files whose kernels read
 * quads of it. No include guard: each file gets its own static copies. */

static SIMD_TARGET float to_quads(int64_t n, const float *x, uint32_t *out, int64_t words) {
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
