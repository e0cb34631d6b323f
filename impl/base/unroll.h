/* SPDX-License-Identifier: BSD-3-Clause */
/* UNROLL stands before a loop of at most 16 rounds whose number is known when compiling. The
 * compiler writes the rounds out one after the other, so that arrays indexed by the loop can live
 * in registers. */
#ifndef L4R_BASE_UNROLL_H
#define L4R_BASE_UNROLL_H

#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#endif
