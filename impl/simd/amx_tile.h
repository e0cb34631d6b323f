/* SPDX-License-Identifier: BSD-3-Clause */
/* The operations of AMX's eight tiles, for kernels and for their ceiling: by the processor, or,
 * where L4R_EMULATE_TILES is defined, by plain C to the same bits (a build of the tests alone).
 * Numbers of tiles are literals. Strides are in bytes.
 *
 *   TILE_CONFIGURE(palette)      rows and bytes of a row of each tile; all zeros afterwards
 *   TILE_RELEASE()               back to the initial state, which costs switches of threads nothing
 *   TILE_ZERO(t)  TILE_LOAD(t, from, stride)  TILE_STORE(t, to, stride)
 *   TILE_LOAD_ONCE(t, from, stride)  the same of what is not soon read again: it does not push out
 *                                what lies in the first-level cache (TILELOADDT1)
 *   TILE_BF16(c, a, b)           c[m][n] += a[m][2k] b[k][2n] + a[m][2k+1] b[k][2n+1]: TDPBF16PS
 *   TILE_INT8(c, a, b)           likewise of four bytes, a's unsigned, b's signed: TDPBUSD
 *
 * The processor's are assembler because compilers' functions for them came one by one (gcc 11,
 * clang 12) and under changing conditions. Intel SDM volume 2, "TILELOADD" and so on. */
#ifndef L4R_SIMD_AMX_TILE_H
#define L4R_SIMD_AMX_TILE_H

#include <stdint.h>

struct tile_palette { /* the 64 bytes that LDTILECFG reads */
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};
_Static_assert(sizeof(struct tile_palette) == 64, "as LDTILECFG reads it");

#if defined(L4R_EMULATE_TILES)
#include "impl/simd/amx_emulated.h"
#define TILE_LOAD_ONCE(t, from, step) TILE_LOAD(t, from, step)

#else

#define TILE_CONFIGURE(from)          __asm__ volatile("ldtilecfg %0" ::"m"(*(from)))
#define TILE_RELEASE()                __asm__ volatile("tilerelease" ::: "memory")
#define TILE_ZERO(t)                  __asm__ volatile("tilezero %%tmm" #t ::)
#define TILE_LOAD(t, from, step)      TILE_MOVE("tileloadd (%0,%1,1), %%tmm" #t, from, step)
#define TILE_LOAD_ONCE(t, from, step) TILE_MOVE("tileloaddt1 (%0,%1,1), %%tmm" #t, from, step)
#define TILE_STORE(t, to, step)       TILE_MOVE("tilestored %%tmm" #t ", (%0,%1,1)", to, step)
#define TILE_BF16(c, a, b)            __asm__ volatile("tdpbf16ps %%tmm" #b ", %%tmm" #a ", %%tmm" #c ::)
#define TILE_INT8(c, a, b)            __asm__ volatile("tdpbusd %%tmm" #b ", %%tmm" #a ", %%tmm" #c ::)
#define TILE_MOVE(words, place, step)                                                              \
  __asm__ volatile(words ::"r"((const void *)(place)), "r"((int64_t)(step)) : "memory")
#endif

#endif
