/* SPDX-License-Identifier: BSD-3-Clause */
/* Detection by cpuid (the compiler's __builtin_cpu_supports, which also asks XGETBV whether the
 * system saves the wide registers). One binary holds all kernels; nothing is compiled with
 * -march=native. */
#include "impl/base/cpu.h"

#include "impl/base/error.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"portable", "avx2", "avx512"};

const char *l4r_isa_name(enum l4r_isa isa) {
  return names[isa];
}

static int bf16, vnni;

static enum l4r_isa detect(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    return L4R_ISA_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return L4R_ISA_AVX2;
#endif
  return L4R_ISA_PORTABLE;
}

static void detect_dots(void) {
#if defined(__x86_64__)
  bf16 = __builtin_cpu_supports("avx512bf16") != 0;
  vnni = __builtin_cpu_supports("avx512vnni") != 0;
#endif
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static enum l4r_isa chosen, available;
static char refused[32]; /* the variable's value where it cannot be followed */

static void choose(void) {
  available = chosen = detect();
  if (available == L4R_ISA_AVX512) detect_dots();
  const char *wish = getenv("L4R_TEST_ISA");
  if (!wish || !*wish) return;
  for (int i = 0; i <= (int)available; i++)
    if (!strcmp(wish, names[i])) {
      chosen = (enum l4r_isa)i;
      return;
    }
  strncpy(refused, wish, sizeof refused - 1);
}

int l4r_cpu_isa(enum l4r_isa *isa) {
  pthread_once(&once, choose);
  if (refused[0])
    return l4r_fail(L4R_USAGE,
                    "L4R_TEST_ISA=%s: this processor offers portable up to %s; unset the variable "
                    "or name one of them",
                    refused, names[available]);
  *isa = chosen;
  return L4R_OK;
}

int l4r_cpu_has_bf16(void) {
  pthread_once(&once, choose);
  return bf16 && chosen == L4R_ISA_AVX512;
}

int l4r_cpu_has_vnni(void) {
  pthread_once(&once, choose);
  return vnni && chosen == L4R_ISA_AVX512;
}
