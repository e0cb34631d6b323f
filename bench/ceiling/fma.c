/* Twelve independent chains: two units with a latency of four cycles need eight, and a few more
 * hide the loop's own instructions; twelve and two operands fit into sixteen registers. The empty
 * asm keeps the compiler from folding a round into the next. */
#include "bench/ceiling/fma.h"

#include "impl/base/ceiling.h"

enum { CHAINS = 12 };

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* A loop over vectors `type` held in registers of constraint `letter`. */
#define FMA_LOOP(name, type, letter, target, multiply_add)                                         \
  static target void name(int64_t rounds) {                                                        \
    type chain[CHAINS], factor = (type){0} + 0.999f, term = (type){0} + 0.001f;                    \
    UNROLL for (int i = 0; i < CHAINS; i++) chain[i] = (type){0} + (float)i;                       \
    for (int64_t r = 0; r < rounds; r++) {                                                         \
      UNROLL for (int i = 0; i < CHAINS; i++) chain[i] = multiply_add(chain[i], factor, term);     \
      UNROLL for (int i = 0; i < CHAINS; i++) __asm__ volatile("" : "+" letter(chain[i]));         \
    }                                                                                              \
  }

typedef float four __attribute__((vector_size(16)));
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))

#if defined(__x86_64__)
FMA_LOOP(loop_portable, four, "x", , MULTIPLY_ADD)
FMA_LOOP(loop_avx2, __m256, "x", __attribute__((target("avx2,fma"))), _mm256_fmadd_ps)
FMA_LOOP(loop_avx512, __m512, "v", __attribute__((target("avx512f,avx2,fma"))), _mm512_fmadd_ps)
#else
FMA_LOOP(loop_portable, four, "w", , MULTIPLY_ADD)
#endif

void l4r_fma_loop(enum l4r_isa isa, int64_t rounds) {
#if defined(__x86_64__)
  if (isa == L4R_ISA_AVX512)
    loop_avx512(rounds);
  else if (isa == L4R_ISA_AVX2)
    loop_avx2(rounds);
  else
#endif
    loop_portable(rounds);
}

double l4r_fma_flops(enum l4r_isa isa) {
  static const int lanes[] = {4, 8, 16};
  return 2.0 * CHAINS * lanes[isa];
}

struct work {
  enum l4r_isa isa;
  int64_t rounds; /* of the inner loop a run */
};

static void fma_once(void *argument, int worker) {
  const struct work *work = argument;
  l4r_fma_loop(work->isa, work->rounds);
}

int l4r_ceiling_fma(struct l4r_team *team, double seconds, double *gflops) {
  struct work work = {.rounds = 1000000};
  int status = l4r_cpu_isa(&work.isa);
  if (status) return status;
  const struct l4r_ceiling_loop loop = {.seconds = seconds > 0 ? seconds : 0.3,
                                        .flops = (double)work.rounds * l4r_fma_flops(work.isa),
                                        .once = fma_once,
                                        .argument = &work};
  return l4r_ceiling_measure(team, &loop, gflops);
}
