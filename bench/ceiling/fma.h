/* SPDX-License-Identifier: BSD-3-Clause */
/* The ceilings of the registers, and their inner loops. */
#ifndef L4R_BENCH_CEILING_FMA_H
#define L4R_BENCH_CEILING_FMA_H

#include "impl/base/team.h"
#include "impl/base/cpu.h"

#include <stdint.h>

enum l4r_fma_kind {
  L4R_FMA_FP32, /* vfmadd, or multiply and add */
  L4R_FMA_BF16, /* vdpbf16ps: two products of bf16 added to an fp32 */
  L4R_FMA_INT8, /* vpdpbusd: four products of int8 added to an int32 */
};

/* Runs `rounds` rounds of independent multiply-adds in registers, with the vectors of `isa`; bf16
 * and int8 only with avx512 and where l4r_fma_lacks finds nothing. Pure but for the time it takes.
 */
void l4r_fma_loop(enum l4r_fma_kind kind, enum l4r_isa isa, int64_t rounds);
/* Returns the operations of one round; a multiply-add counts as two. */
double l4r_fma_flops(enum l4r_fma_kind kind, enum l4r_isa isa);

/* Returns NULL when this processor can do the kind, else what it lacks ("no AVX512-BF16"). */
const char *l4r_fma_lacks(enum l4r_fma_kind kind);

/* Measures multiply-adds in registers, without any memory access, with the widest vectors of
 * l4r_isa_widest. No kernel can exceed this. 10^9 operations a second of the whole team, measured
 * as l4r_ceiling_sgemm measures. L4R_ENVIRONMENT where l4r_fma_lacks. Without fused multiply-adds
 * (portable on x86), multiply and add count as two. */
int l4r_ceiling_fma(struct l4r_team *team, enum l4r_fma_kind kind, double seconds, double *gops);

#endif
