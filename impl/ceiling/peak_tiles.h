/* SPDX-License-Identifier: BSD-3-Clause */
/* Multiply-adds of AMX's tiles. Internal to peak_x86.c, and for tests. */
#ifndef L4R_CEILING_PEAK_TILES_H
#define L4R_CEILING_PEAK_TILES_H

#include <stdint.h>

#if defined(__x86_64__)
/* As the loops of peak.h: products of 16 x 16 by 32 (bf16) or 64 (int8), in four sums. */
double l4r_peak_amx_bf16(int64_t rounds);
double l4r_peak_amx_int8(int64_t rounds);
const char *l4r_peak_lacks_amx_bf16(void);
const char *l4r_peak_lacks_amx_int8(void);
#endif

#endif
