/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels for any processor: vectors of four floats (SSE2, NEON, ...). Where every processor of
 * the target has a fused multiply-add it is asked for by name, since ISO C's compilers contract
 * nothing: on 64-bit Arm, with a tile of 12 x 8, which its 32 registers hold. Elsewhere the
 * compiler's generic vectors multiply and add (a call of fmaf would be emulated); the tile of 4 x 8
 * keeps eight accumulators, what sixteen registers leave room for. */
#include "impl/blis/kernels/kernels.h"

#if defined(__aarch64__)
#include <arm_neon.h>

typedef float32x4_t vec;

#define KERNEL_ROWS         12
#define KERNEL_FMA(a, b, c) vfmaq_f32(c, a, b)
#else
typedef float vec __attribute__((vector_size(16)));

#define KERNEL_ROWS         4
#define KERNEL_FMA(a, b, c) ((a) * (b) + (c))
#endif

#define KERNEL_TARGET
#define KERNEL_LANES 4
#define KERNEL_TABLE l4r_kernels_portable
#define KERNEL_ISA   L4R_ISA_PORTABLE
#include "impl/blis/kernels/body.h"

const struct l4r_kernels *l4r_kernels_of(enum l4r_isa isa) {
#if defined(__x86_64__)
  if (isa == L4R_ISA_AVX512) return &l4r_kernels_avx512;
  if (isa == L4R_ISA_AVX2) return &l4r_kernels_avx2;
#endif
  return &l4r_kernels_portable;
}
