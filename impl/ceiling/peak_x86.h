/* SPDX-License-Identifier: BSD-3-Clause */
/* Multiply-adds of x86 processors. Internal to peak.c, and for tests. */
#ifndef L4R_CEILING_PEAK_X86_H
#define L4R_CEILING_PEAK_X86_H

#include "impl/ceiling/peak.h"

#if defined(__x86_64__)
/* SSE2, AVX2 with FMA, AVX-512, AVX-VNNI, AVX512-BF16, AVX512-VNNI and the tiles of AMX. */
const struct l4r_peak_unit *l4r_peak_units_x86(int *count);
#endif

#endif
