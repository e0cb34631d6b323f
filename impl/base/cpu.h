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
  int avx_vnni;           /* the same dot products on 32 bytes, without AVX-512 */
  int amx_bf16, amx_int8; /* of tiles; whether a process may use those, l4r_cpu_tiles says */
  int neon, sve;
  /* 64-bit Arm's extensions of neon: dot products of int8 (SDOT, UDOT), and of mixed signs with
   * products of 2 x 8 by 8 x 2 (USDOT, USMMLA); dot products of bf16 with products of 2 x 4 by
   * 4 x 2 (BFDOT, BFMMLA) */
  int neon_dotprod, neon_i8mm, neon_bf16;
};

/* Returns the processor's own answer, which is asked once and never lowered. Thread-safe. */
const struct l4r_cpu *l4r_cpu(void);

/* AMX's tiles: the processor or its system lacks them, or the kernel refused this process their 8
 * KiB of state, or granted it. */
enum l4r_tiles { L4R_TILES_ABSENT, L4R_TILES_REFUSED, L4R_TILES_GRANTED };

/* Asks the kernel for the tiles of this process, once (arch_prctl, ARCH_REQ_XCOMP_PERM), and
 * returns its answer. To be called before threads that use them start: l4r_cpu does. Thread-safe.
 */
enum l4r_tiles l4r_cpu_tiles(void);

/* The sets that there are kernels for, as `isa=` names them. L4R_ISA_AMX is tiles for what they
 * multiply (bf16, int8) and L4R_ISA_AVX512 for the rest. */
enum l4r_isa {
  L4R_ISA_PORTABLE,
  L4R_ISA_AVX2,
  L4R_ISA_AVX512,
  L4R_ISA_AMX,
  L4R_ISA_NEON,
  L4R_ISAS /* how many there are */
};

/* Whether a processor that has `isa` has all of `part`, too. Pure. */
int l4r_isa_contains(enum l4r_isa isa, enum l4r_isa part);

const char *l4r_isa_name(enum l4r_isa isa); /* "portable", "avx2", "avx512", "amx", "neon" */

/* Whether this processor and system have the set. Thread-safe. */
int l4r_cpu_offers(enum l4r_isa isa);

/* The widest set of vectors that this processor and system have: never L4R_ISA_AMX, which adds
 * tiles to one. What is fastest is another question, which impl/blis/choice.h measures.
 * Thread-safe. */
enum l4r_isa l4r_isa_widest(void);

/* Sets *isa to the set that `name` asks for; NULL and "auto" ask for the widest. L4R_USAGE for a
 * name that is none, L4R_ENVIRONMENT for a set that is not here: the message says why, and which
 * ones are. Thread-safe. */
int l4r_isa_find(const char *name, enum l4r_isa *isa);

/* Why a set is not here: of x86-64's on Arm and the other way round, of what the processor lacks,
 * and of tiles that the kernel refuses. Pure. */
const char *l4r_isa_lacks(enum l4r_isa isa, enum l4r_tiles tiles);

/* For tests alone, before anything else asks: from here on the processor is one that has no more
 * than the set `most`. Not thread-safe. */
void l4r_cpu_lower(enum l4r_isa most);

#endif
