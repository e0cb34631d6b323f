/* SPDX-License-Identifier: BSD-3-Clause */
/* Instantiates the inner loops for each set of instructions and picks one at run time, so that one
 * binary runs everywhere without a global -march. The double copies exist for finite differences
 * only and take the portable table. */
#include "impl/train/layers/kernels.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define L4R_JOIN_(a, b) a##_##b
#define L4R_JOIN(a, b)  L4R_JOIN_(a, b)
#define FN(name)        L4R_JOIN(name, L4R_ISA)

#if defined(__x86_64__) && !defined(L4R_DOUBLE)
#include <immintrin.h>

#define L4R_ISA    avx512
#define L4R_BYTES  64
#define L4R_TILE   8
#define L4R_TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")))
#include "impl/train/layers/vector.inc.h"
#include "impl/train/layers/rows.inc.h"
#include "impl/train/layers/attend.inc.h"
#undef L4R_ISA
#undef L4R_BYTES
#undef L4R_TILE
#undef L4R_TARGET

#define L4R_ISA    avx2
#define L4R_BYTES  32
#define L4R_TILE   4
#define L4R_TARGET __attribute__((target("avx2,fma")))
#include "impl/train/layers/vector.inc.h"
#include "impl/train/layers/rows.inc.h"
#include "impl/train/layers/attend.inc.h"
#undef L4R_ISA
#undef L4R_BYTES
#undef L4R_TILE
#undef L4R_TARGET
#endif

#define L4R_ISA   plain
#define L4R_BYTES 16
#define L4R_TILE  4
#define L4R_TARGET
#include "impl/train/layers/vector.inc.h"
#include "impl/train/layers/rows.inc.h"
#include "impl/train/layers/attend.inc.h"

const struct l4r_layer_kernels *l4r_layer_kernels_of(enum l4r_isa isa) {
#if defined(__x86_64__) && !defined(L4R_DOUBLE)
  if (isa == L4R_ISA_AVX512) return &kernels_avx512;
  if (isa == L4R_ISA_AVX2) return &kernels_avx2;
#endif
  return &kernels_plain;
}

const struct l4r_layer_kernels *l4r_layer_kernels(void) {
  enum l4r_isa isa;
  l4r_cpu_isa(&isa); /* who opens layers has been told of an error */
  return l4r_layer_kernels_of(isa);
}
