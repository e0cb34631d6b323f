/* SPDX-License-Identifier: BSD-3-Clause */
/* The optimiser's loops for AVX-512. */
#if defined(__x86_64__)
#define ADAM_TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl")))
#define ADAM_ISA    L4R_ISA_AVX512
#define ADAM_TABLE  l4r_adam_kernels_avx512
#include "impl/train/loop/kernels/body.h"
#endif
