/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels for any processor. The 32 registers of 64-bit Arm hold a tile of 12 x 8; the tile of
 * 4 x 8 keeps eight accumulators, what sixteen registers leave room for. */
#include "impl/blis/kernels/kernels.h"
#include "impl/blis/kernels/rows.h"
#include "impl/simd/portable.h"

#if defined(__aarch64__)
#define TILE_ROWS 12
#else
#define TILE_ROWS 4
#endif
#define KERNEL_NAME(x) x##portable
#define KERNEL_LABEL   "portable"
#define KERNEL_THERE() 1
#include "impl/blis/kernels/body.h"
#include "impl/blis/kernels/narrow_body.h"

const struct l4r_kernels *l4r_kernels_of(enum l4r_isa isa) {
#if defined(__x86_64__)
  if (isa == L4R_ISA_AVX512 || isa == L4R_ISA_AMX) return &l4r_kernels_avx512;
  if (isa == L4R_ISA_AVX2) return &l4r_kernels_avx2;
#elif defined(__aarch64__)
  if (isa == L4R_ISA_NEON) return &l4r_kernels_neon;
#endif
  return &l4r_kernels_portable;
}
