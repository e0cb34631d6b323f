/* SPDX-License-Identifier: BSD-3-Clause */
/* Quads of int8 by AVX512-VNNI: vpdpbusd multiplies and adds 64 of them, four times what vfmadd
 * does. The tile is that of fp32. */
#include "impl/blis/kernels/kernels.h"

#if defined(__x86_64__)
#define SIMD_MORE ",avx512vnni"
#include "impl/simd/avx512.h"

#define TILE_ROWS 12
#include "impl/blis/kernels/tile.h"

#define QUADS_ADD(sum, x, b) ((ivec)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(x), (__m512i)(b)))
#define QUADS_FLOAT(v)       _mm512_cvtepi32_ps((__m512i)(v))
#include "impl/blis/kernels/quads_body.h"

static SIMD_TARGET float to_quads(int64_t n, const float *x, uint32_t *out) {
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
  return scale;
}

void l4r_kernels_use_int8(struct l4r_kernels *kernels) {
  if (kernels->isa != L4R_ISA_AVX512 || !l4r_cpu()->avx512_vnni) return;
  kernels->gemm_quads = gemm_quads;
  kernels->to_quads = to_quads;
}
#else
void l4r_kernels_use_int8(struct l4r_kernels *kernels) {
  (void)kernels;
}
#endif
