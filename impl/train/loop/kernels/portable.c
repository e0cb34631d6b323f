/* SPDX-License-Identifier: BSD-3-Clause */
/* The optimiser's loops for any processor. */
#define ADAM_TARGET
#define ADAM_ISA   L4R_ISA_PORTABLE
#define ADAM_TABLE l4r_adam_kernels_portable
#include "impl/train/loop/kernels/body.h"

const struct l4r_adam_kernels *l4r_adam_kernels_of(enum l4r_isa isa) {
#if defined(__x86_64__)
  if (isa == L4R_ISA_AVX512 || isa == L4R_ISA_AMX) return &l4r_adam_kernels_avx512;
  if (isa == L4R_ISA_AVX2) return &l4r_adam_kernels_avx2;
#endif
  (void)isa;
  return &l4r_adam_kernels_portable;
}
