/* SPDX-License-Identifier: BSD-3-Clause */
/* The optimiser's loops for AVX2. */
#if defined(__x86_64__)
#define ADAM_TARGET __attribute__((target("avx2")))
#define ADAM_ISA    L4R_ISA_AVX2
#define ADAM_TABLE  l4r_adam_kernels_avx2
#include "impl/train/loop/kernels/body.h"
#endif
