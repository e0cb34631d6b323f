/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/counters/pmu_load.h"

#include "impl/base/cpu.h"
#include "impl/base/error.h"

#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>

enum { PAGES = 512, PAGE = 4096, YIELDS = 20, VECTORS_SHARE = 16 };

static volatile unsigned sink; /* keeps the work from being optimised away */
static volatile float float_sink;

/* In a register, without memory: each width counts apart on some processors. */
#define VECTOR_WORK(name, bytes, target)                                                           \
  target static void name(unsigned spins) {                                                        \
    typedef float vec __attribute__((vector_size(bytes)));                                         \
    vec product = {1}, factor = {.999f};                                                           \
    for (unsigned i = 0; i < spins; ++i) product = product * factor + factor;                      \
    float_sink = product[0];                                                                       \
  }

VECTOR_WORK(vectors_of_128, 16, )
#if defined(__x86_64__)
VECTOR_WORK(vectors_of_256, 32, __attribute__((target("avx2"))))
VECTOR_WORK(vectors_of_512, 64, __attribute__((target("avx512f"))))
#endif

static void vectors(unsigned spins) {
  vectors_of_128(spins);
#if defined(__x86_64__)
  if (l4r_cpu()->avx2) vectors_of_256(spins);
  if (l4r_cpu()->avx512) vectors_of_512(spins);
#endif
#if defined(__aarch64__)
  /* as text, for compilers that are not told of SVE */
  if (l4r_cpu()->sve)
    for (unsigned i = 0; i < spins; ++i)
      __asm__ volatile(".arch_extension sve\n ptrue p0.s\n fadd z0.s, p0/m, z0.s, z0.s" ::: "v0");
#endif
}

int l4r_pmu_work(unsigned spins) {
  /* from the kernel itself: what an allocator has kept does not fault */
  unsigned char *touched = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (touched == MAP_FAILED)
    return l4r_fail_errno(L4R_ENVIRONMENT, "no memory for calibration pages");
  unsigned sum = 0;
  float product = 1;
  for (unsigned i = 0; i < spins; ++i) {
    if ((i * 2654435761u) & 0x10000) sum += touched[(i * 4099u) % (PAGES * PAGE)];
    product = product * .999f + .5f;
  }
  vectors(spins / VECTORS_SHARE + 1);
  for (int i = 0; i < YIELDS; ++i) sched_yield();
  sink = sum;
  float_sink = product;
  munmap(touched, PAGES * PAGE);
  return L4R_OK;
}
