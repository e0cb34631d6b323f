/* SPDX-License-Identifier: BSD-3-Clause */
/* The training kernels for any processor, and the only ones of the double copies. */
#include "impl/simd/portable.h"
#include "impl/train/layers/kernels/kernels.h"

#define ATTEND_ROWS  4
#define KERNEL_TABLE l4r_layer_kernels_portable
#include "impl/train/layers/kernels/body.h"

const struct l4r_layer_kernels *l4r_layer_kernels_of(enum l4r_isa isa) {
#if defined(__x86_64__) && !defined(L4R_DOUBLE)
  if (isa == L4R_ISA_AVX512 || isa == L4R_ISA_AMX) return &l4r_layer_kernels_avx512;
  if (isa == L4R_ISA_AVX2) return &l4r_layer_kernels_avx2;
#elif defined(__aarch64__) && !defined(L4R_DOUBLE)
  if (isa == L4R_ISA_NEON) return &l4r_layer_kernels_neon;
#endif
  return &l4r_layer_kernels_portable;
}

const struct l4r_layer_kernels *l4r_layer_kernels_or_widest(const struct l4r_layer_kernels *given) {
  return given ? given : l4r_layer_kernels_of(l4r_isa_widest());
}
