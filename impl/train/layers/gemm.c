/* SPDX-License-Identifier: BSD-3-Clause */
/* Instantiates the products and the softmax head for each set of instructions and picks one at run
 * time, as layers_kernels.c does. There is no portable copy: without vectors of 256 bits, and in
 * the double copies, the route through BLIS serves. */
#include "impl/train/layers/gemm.h"

#include <stddef.h>

#if defined(__x86_64__) && !defined(L4R_DOUBLE)
#include "impl/base/unroll.h"
#include "impl/train/layers/plan.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define L4R_JOIN_(a, b) a##_##b
#define L4R_JOIN(a, b)  L4R_JOIN_(a, b)
#define FN(name)        L4R_JOIN(name, L4R_ISA)

enum {
  CHUNK = 120,           /* classes: a multiple of every tile's rows; 15 KB of a panel's logits */
  BLOCK_VALUES = 160000, /* logits of the rows at work: 640 KB of a second-level cache of 1 MB */
  KEPT_VALUES = 1 << 20, /* of one panel, beyond which logits are made twice: 4 MB */
  WIDTH_PER_PANEL = 64,  /* weights and their gradients pass by once a block: the wider, the larger
                            the blocks, even beyond that cache */
  MOST_PANELS = 32
};

struct head { /* a call of the softmax head at work; arrays lie in the caller's scratch */
  const struct l4r_softmax_spec *spec;
  int64_t chunks, panels; /* of classes; of rows in a block */
  int64_t slots;          /* chunks of logits that are held */
  int kept;
  int64_t rows, *row;                                      /* of the block that have a target */
  l4r_real *top, *sum, *aim, *factor;                      /* [rows] */
  l4r_real *gathered, *transposed, *scaled, *d_transposed; /* rows x width */
  l4r_real *e;                                             /* [panels][slots][CHUNK][panel] */
};

#define L4R_ISA       avx512
#define L4R_ISA_NAME  "avx512"
#define L4R_BYTES     64
#define L4R_TILE_ROWS 8
#define L4R_TARGET    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")))
#include "impl/train/layers/vector.inc.h"
#include "impl/train/layers/gemm.inc.h"
#include "impl/train/layers/head.inc.h"
#undef L4R_ISA
#undef L4R_ISA_NAME
#undef L4R_BYTES
#undef L4R_TILE_ROWS
#undef L4R_TARGET

#define L4R_ISA       avx2
#define L4R_ISA_NAME  "avx2"
#define L4R_BYTES     32
#define L4R_TILE_ROWS 6
#define L4R_TARGET    __attribute__((target("avx2,fma")))
#include "impl/train/layers/vector.inc.h"
#include "impl/train/layers/gemm.inc.h"
#include "impl/train/layers/head.inc.h"
#endif

const struct l4r_gemm_kernels *l4r_gemm_kernels_of(enum l4r_isa isa) {
#if defined(__x86_64__) && !defined(L4R_DOUBLE)
  if (isa == L4R_ISA_AVX512) return &gemm_kernels_avx512;
  if (isa == L4R_ISA_AVX2) return &gemm_kernels_avx2;
#endif
  return NULL;
}

const struct l4r_gemm_kernels *l4r_gemm_kernels(void) {
  enum l4r_isa isa;
  l4r_cpu_isa(&isa); /* who opens layers has been told of an error */
  return l4r_gemm_kernels_of(isa);
}
