/* SPDX-License-Identifier: BSD-3-Clause */
/* Detection by cpuid (the compiler's __builtin_cpu_supports, which also asks XGETBV whether the
 * system saves the wide registers) and on Arm by what the kernel tells every process. One binary
 * holds all kernels; nothing is compiled with -march=native. */
#include "impl/base/cpu.h"

#include "impl/base/error.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

static const char *const names[] = {"portable", "avx2", "avx512", "neon"};

const char *l4r_isa_name(enum l4r_isa isa) {
  return names[isa];
}

static struct l4r_cpu cpu;

#if defined(__x86_64__)
static void ask_name(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(0, &a, &b, &c, &d)) return;
  memcpy(cpu.vendor, &b, 4);
  memcpy(cpu.vendor + 4, &d, 4);
  memcpy(cpu.vendor + 8, &c, 4);
  if (!__get_cpuid(1, &a, &b, &c, &d)) return;
  /* The extended parts count from family 6 (model) and 15 (family) on. */
  cpu.stepping = (int)(a & 15);
  cpu.family = (int)(a >> 8 & 15);
  cpu.model = (int)(a >> 4 & 15);
  if (cpu.family == 6 || cpu.family == 15) cpu.model |= (int)(a >> 12 & 0xf0);
  if (cpu.family == 15) cpu.family += (int)(a >> 20 & 255);
}

static void ask(void) {
  ask_name();
  __builtin_cpu_init();
  cpu.avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  cpu.avx512f = __builtin_cpu_supports("avx512f") != 0;
  cpu.avx512 = cpu.avx2 && cpu.avx512f && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  cpu.avx512_bf16 = __builtin_cpu_supports("avx512bf16") != 0;
  cpu.avx512_vnni = __builtin_cpu_supports("avx512vnni") != 0;
}
#elif defined(__aarch64__)
/* Bits of the kernel's own list (Documentation/arch/arm64/elf_hwcaps.rst), for libraries whose
 * headers are older than the bits. */
enum { DOTPROD = 20, SVE = 22 }; /* of AT_HWCAP */
enum { I8MM = 13, BF16 = 14 };   /* of AT_HWCAP2 */

static int bit_of(unsigned long type, int bit) {
  return (int)(getauxval(type) >> bit & 1);
}

static void ask(void) {
  cpu.neon = 1; /* every 64-bit Arm processor that Linux runs on */
  cpu.sve = bit_of(AT_HWCAP, SVE);
  cpu.neon_dotprod = bit_of(AT_HWCAP, DOTPROD);
  cpu.neon_i8mm = bit_of(AT_HWCAP2, I8MM);
  cpu.neon_bf16 = bit_of(AT_HWCAP2, BF16);
}
#else
static void ask(void) {
}
#endif

static enum l4r_isa chosen;
static char refused[32]; /* the variable's value where it cannot be followed */

static int offers(enum l4r_isa isa) {
  const int offered[] = {1, cpu.avx2, cpu.avx512, cpu.neon};
  return offered[isa];
}

static void choose(void) {
  ask();
  for (int i = 0; i < L4R_ISAS; i++)
    if (offers((enum l4r_isa)i)) chosen = (enum l4r_isa)i;
  const char *wish = getenv("L4R_TEST_ISA");
  if (!wish || !*wish) return;
  for (int i = 0; i < L4R_ISAS; i++)
    if (!strcmp(wish, names[i]) && offers((enum l4r_isa)i)) {
      chosen = (enum l4r_isa)i;
      return;
    }
  strncpy(refused, wish, sizeof refused - 1);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

const struct l4r_cpu *l4r_cpu(void) {
  pthread_once(&once, choose);
  return &cpu;
}

int l4r_cpu_offers(enum l4r_isa isa) {
  pthread_once(&once, choose);
  return offers(isa);
}

int l4r_cpu_isa(enum l4r_isa *isa) {
  pthread_once(&once, choose);
  *isa = chosen;
  if (!refused[0]) return L4R_OK;
  char list[64] = "";
  for (int i = 0; i < L4R_ISAS; i++)
    if (offers((enum l4r_isa)i))
      snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "", names[i]);
  return l4r_fail(L4R_USAGE,
                  "L4R_TEST_ISA=%s: this processor offers %s; unset the variable or name one of "
                  "them",
                  refused, list);
}

int l4r_cpu_has_bf16(void) {
  return l4r_cpu()->avx512_bf16 && chosen == L4R_ISA_AVX512;
}

int l4r_cpu_has_vnni(void) {
  return l4r_cpu()->avx512_vnni && chosen == L4R_ISA_AVX512;
}
