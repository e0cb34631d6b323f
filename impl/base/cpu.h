/* SPDX-License-Identifier: BSD-3-Clause */
/* What this processor can do: the one place that asks it. */
#ifndef L4R_BASE_CPU_H
#define L4R_BASE_CPU_H

struct l4r_cpu {
  char vendor[16];             /* "GenuineIntel", "AuthenticAMD", ...; "" where there is no cpuid */
  int family, model, stepping; /* as cpuid displays them; 0 where there is none */
  /* 1 where the processor has the instructions and the system saves their registers */
  int avx2;    /* with FMA */
  int avx512;  /* F, DQ, BW and VL, and avx2 */
  int avx512f; /* F alone, which other programs may call AVX-512 */
  int avx512_bf16, avx512_vnni;
  int neon, sve;
  /* 64-bit Arm's extensions of neon: dot products of int8 (SDOT, UDOT), and of mixed signs with
   * products of 2 x 8 by 8 x 2 (USDOT, USMMLA); dot products of bf16 with products of 2 x 4 by
   * 4 x 2 (BFDOT, BFMMLA) */
  int neon_dotprod, neon_i8mm, neon_bf16;
};

/* Returns the processor's own answer, which is asked once and never lowered. Thread-safe. */
const struct l4r_cpu *l4r_cpu(void);

/* The sets that there are kernels for: those of a family in the order of their width. */
enum l4r_isa { L4R_ISA_PORTABLE, L4R_ISA_AVX2, L4R_ISA_AVX512, L4R_ISA_NEON, L4R_ISAS };

/* Whether this processor and system offer a set, whatever the variable below says. Thread-safe. */
int l4r_cpu_offers(enum l4r_isa isa);

/* Sets *isa to the set that kernels of serving and of training are taken from: the best that this
 * processor and system offer. The environment variable L4R_TEST_ISA=portable|avx2|avx512|neon,
 * which is for tests and read at the first call, can lower it but not raise it. L4R_USAGE for
 * another value of the variable or one that the processor lacks; *isa is then the best.
 * Thread-safe. */
int l4r_cpu_isa(enum l4r_isa *isa);

const char *l4r_isa_name(enum l4r_isa isa); /* "portable", "avx2", "avx512", "neon" */

/* Whether the set that l4r_cpu_isa chose comes with dot products of pairs of bf16 into fp32
 * (AVX512-BF16), and of fours of int8 into int32 (AVX512-VNNI). Both are 0 where the variable
 * lowers the set below avx512. Thread-safe. */
int l4r_cpu_has_bf16(void);
int l4r_cpu_has_vnni(void);

#endif
