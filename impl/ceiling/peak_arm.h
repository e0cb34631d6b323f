/* SPDX-License-Identifier: BSD-3-Clause */
/* Multiply-adds of 64-bit Arm processors. Internal to peak.c, and for tests. */
#ifndef L4R_CEILING_PEAK_ARM_H
#define L4R_CEILING_PEAK_ARM_H

#include "impl/ceiling/peak.h"

#if defined(__aarch64__)
/* NEON, SVE, BFDOT and BFMMLA, SDOT, UDOT, USDOT, SMMLA, UMMLA and USMMLA. */
const struct l4r_peak_unit *l4r_peak_units_arm(int *count);
#endif

#endif
