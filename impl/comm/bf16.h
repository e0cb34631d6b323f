/* SPDX-License-Identifier: BSD-3-Clause */
/* Floats as they stand on the wire when two bytes are enough: the upper half of an fp32, rounded to
 * the nearest, ties to even; what is no number stays none. `packed` need not be aligned. Pure. */
#ifndef L4R_COMM_BF16_H
#define L4R_COMM_BF16_H

#include <stdint.h>

void l4r_bf16_pack(void *packed, const float *values, int64_t count);
void l4r_bf16_unpack(float *values, const void *packed, int64_t count);
/* Rounds in place: as if packed and unpacked. */
void l4r_bf16_round(float *values, int64_t count);

#endif
