/* SPDX-License-Identifier: BSD-3-Clause */
/* UNROLL before a loop of at most 16 rounds, known when compiling: one after the other, so that
 * arrays indexed by it can live in registers. */
#ifndef L4R_BASE_UNROLL_H
#define L4R_BASE_UNROLL_H

#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#endif
