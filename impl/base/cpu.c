/* SPDX-License-Identifier: BSD-3-Clause */
/* Detection by cpuid (the compiler's __builtin_cpu_supports, which also asks XGETBV whether the
 * system saves the wide registers) and on Arm by what the kernel tells every process. One binary
 * holds all kernels; nothing is compiled with -march=native. */
#include "impl/base/cpu.h"

#include "impl/base/error.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

static const char *const names[] = {"portable", "avx2", "avx512"};

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
static void ask(void) {
  cpu.neon = 1;
  cpu.sve = (getauxval(AT_HWCAP) & HWCAP_SVE) != 0;
}
#else
static void ask(void) {
}
#endif

static enum l4r_isa chosen, available;
static char refused[32]; /* the variable's value where it cannot be followed */

static void choose(void) {
  ask();
  available = cpu.avx512 ? L4R_ISA_AVX512 : cpu.avx2 ? L4R_ISA_AVX2 : L4R_ISA_PORTABLE;
  chosen = available;
  const char *wish = getenv("L4R_TEST_ISA");
  if (!wish || !*wish) return;
  for (int i = 0; i <= (int)available; i++)
    if (!strcmp(wish, names[i])) {
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

int l4r_cpu_isa(enum l4r_isa *isa) {
  pthread_once(&once, choose);
  *isa = chosen;
  if (!refused[0]) return L4R_OK;
  return l4r_fail(L4R_USAGE,
                  "L4R_TEST_ISA=%s: this processor offers portable up to %s; unset the variable "
                  "or name one of them",
                  refused, names[available]);
}

int l4r_cpu_has_bf16(void) {
  return l4r_cpu()->avx512_bf16 && chosen == L4R_ISA_AVX512;
}

int l4r_cpu_has_vnni(void) {
  return l4r_cpu()->avx512_vnni && chosen == L4R_ISA_AVX512;
}
