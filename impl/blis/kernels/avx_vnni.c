/* SPDX-License-Identifier: BSD-3-Clause */
/* Quads of int8 by AVX-VNNI: vpdpbusd on vectors of 32 bytes, for processors without AVX-512 (Alder
 * Lake, Sierra Forest, Zen 5 has both) and for who forces AVX2. The tile is that of fp32. */
#include "impl/blis/kernels/rows.h"

#if defined(__x86_64__)
#define SIMD_MORE ",avxvnni"
#include "impl/simd/avx2.h"

#define TILE_ROWS 6
#include "impl/blis/kernels/tile.h"

#define QUADS_ADD(sum, x, b)                                                                       \
  ((ivec)_mm256_dpbusd_avx_epi32((__m256i)(sum), (__m256i)(x), (__m256i)(b)))
#define QUADS_FLOAT(v) _mm256_cvtepi32_ps((__m256i)(v))
#include "impl/blis/kernels/quads_body.h"

INLINE vec magnitude_of(vec x) {
  return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x);
}

/* max gives its second operand where the first is NaN. */
static SIMD_TARGET float to_quads(int64_t k, const float *x, uint32_t *out, int64_t words) {
  vec most = {0};
  for (int64_t i = 0; i < k; i += LANES)
    most = _mm256_max_ps(magnitude_of(load_some(x + i, k - i, 0)), most);
  float scale = largest_of(most) / 127;
  vec factor = spread(scale > 0 ? 1 / scale : 0);
  for (int64_t i = 0; i < words; i += 2) { /* eight values, one byte each */
    int64_t at = 4 * i, left = k - at < 0 ? 0 : k - at;
    vec value = load_some(x + (left ? at : 0), left, 0) * factor;
    value = zero_unless((ivec)(value == value), value);
    __m256i whole = _mm256_add_epi32(_mm256_cvtps_epi32(value), _mm256_set1_epi32(128));
    __m128i half = _mm_packus_epi32(_mm256_castsi256_si128(whole),
                                    _mm256_extracti128_si256(whole, 1));
    __m128i bytes = _mm_packus_epi16(half, half);
    memcpy(out + i, &bytes, words - i < 2 ? 4 : 8);
  }
  return scale;
}

static int there(void) {
  return l4r_cpu()->avx2 && l4r_cpu()->avx_vnni;
}

const struct l4r_gemm_kernel l4r_gemm_int8_avx_vnni = {
    .name = "AVX-VNNI",
    .set = L4R_ISA_AVX2,
    .available = there,
    .layout = {.precision = L4R_INT8,
               .panel = 2 * LANES,
               .interleave = 1,
               .depth = 1,
               .planes = 1,
               .a_words = 1,
               .a_rows = 1},
    .round = to_quads,
    .multiply = gemm_quads,
};
#endif
