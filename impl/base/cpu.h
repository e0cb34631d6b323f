/* SPDX-License-Identifier: BSD-3-Clause */
/* Which vector instructions the kernels may use. */
#ifndef L4R_BASE_CPU_H
#define L4R_BASE_CPU_H

enum l4r_isa { L4R_ISA_PORTABLE, L4R_ISA_AVX2, L4R_ISA_AVX512 };

/* The best set this processor and system offer, lowered (never raised) by the test-only environment
 * variable L4R_TEST_ISA=portable|avx2|avx512, read at the first call. L4R_USAGE for another value
 * of the variable or one that the processor lacks. Thread-safe. */
int l4r_cpu_isa(enum l4r_isa *isa);

const char *l4r_isa_name(enum l4r_isa isa); /* "portable", "avx2", "avx512" */

/* Whether the set that l4r_cpu_isa chose comes with dot products of pairs of bf16 into fp32
 * (AVX512-BF16), and of fours of int8 into int32 (AVX512-VNNI). Both are 0 where the variable
 * lowers the set below avx512. Thread-safe. */
int l4r_cpu_has_bf16(void);
int l4r_cpu_has_vnni(void);

#endif
