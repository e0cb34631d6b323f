/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels for any processor: the compiler's generic vectors of four floats (SSE2, NEON, ...).
 * The tile of 4 x 8 keeps eight accumulators, what sixteen registers leave room for. */
#include "impl/blis/kernels.h"

typedef float vec __attribute__((vector_size(16)));

#define KERNEL_TARGET
#define KERNEL_LANES        4
#define KERNEL_ROWS         4
#define KERNEL_FMA(a, b, c) ((a) * (b) + (c))
#define KERNEL_TABLE        l4r_kernels_portable
#define KERNEL_ISA          L4R_ISA_PORTABLE
#include "impl/blis/kernels_body.h"

const struct l4r_kernels *l4r_kernels_of(enum l4r_isa isa) {
#if defined(__x86_64__)
  if (isa == L4R_ISA_AVX512) return &l4r_kernels_avx512;
  if (isa == L4R_ISA_AVX2) return &l4r_kernels_avx2;
#endif
  return &l4r_kernels_portable;
}
