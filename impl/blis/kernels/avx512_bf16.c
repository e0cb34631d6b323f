/* SPDX-License-Identifier: BSD-3-Clause */
/* Pairs of bf16 by AVX512-BF16: vdpbf16ps multiplies and adds 32 of them, twice what vfmadd does.
 * The tile is that of fp32. */
#include "impl/blis/kernels/kernels.h"

#if defined(__x86_64__)
#define SIMD_MORE ",avx512bf16"
#include "impl/simd/avx512.h"

#define TILE_ROWS 12
#include "impl/blis/kernels/tile.h"

#define PAIRS_ADD(sum, x, b) _mm512_dpbf16_ps(sum, (__m512bh)(x), (__m512bh)(b))
#include "impl/blis/kernels/pairs_body.h"

static SIMD_TARGET void to_pairs(int64_t n, const float *x, uint32_t *out) {
  int64_t i = 0;
  for (; i + 32 <= n; i += 32) {
    __m512bh both = _mm512_cvtne2ps_pbh(load(x + i + 16), load(x + i));
    memcpy(out + i / 2, &both, sizeof both);
  }
  for (; i < n; i += 16) {
    int64_t left = n - i < 16 ? n - i : 16;
    __m256bh part = _mm512_cvtneps_pbh(load_part(x + i, left));
    memcpy(out + i / 2, &part, (size_t)(left + 1) / 2 * sizeof *out);
  }
}

void l4r_kernels_use_bf16(struct l4r_kernels *kernels) {
  if (kernels->isa != L4R_ISA_AVX512 || !l4r_cpu()->avx512_bf16) return;
  kernels->gemm_pairs = gemm_pairs;
  kernels->to_pairs = to_pairs;
}
#else
void l4r_kernels_use_bf16(struct l4r_kernels *kernels) {
  (void)kernels;
}
#endif
