/* SPDX-License-Identifier: BSD-3-Clause */
/* Twelve independent chains: two units with a latency of four cycles need eight, and a few more
 * hide the loop's own instructions; twelve and two operands fit into sixteen registers. Arm's large
 * cores have four units, and all of them 32 registers: 24 chains. The empty asm keeps the compiler
 * from folding a round into the next. */
#include "bench/ceiling/fma.h"

#include "impl/base/ceiling.h"
#include "impl/base/error.h"
#include "impl/base/unroll.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__aarch64__)
enum { CHAINS = 24 };
#else
enum { CHAINS = 12 };
#endif

/* A loop over accumulators `type` held in registers of constraint `letter`; the operands begin as
 * `first` and `second`. */
#define FMA_LOOP(name, type, letter, target, first, second, multiply_add)                          \
  static target void name(int64_t rounds) {                                                        \
    type chain[CHAINS];                                                                            \
    __typeof__(first) a = first;                                                                   \
    __typeof__(second) b = second;                                                                 \
    UNROLL for (int i = 0; i < CHAINS; i++) chain[i] = (type){0};                                  \
    for (int64_t r = 0; r < rounds; r++) {                                                         \
      UNROLL for (int i = 0; i < CHAINS; i++) chain[i] = multiply_add(chain[i], a, b);             \
      UNROLL for (int i = 0; i < CHAINS; i++) __asm__ volatile("" : "+" letter(chain[i]));         \
    }                                                                                              \
  }

typedef float four __attribute__((vector_size(16)));
#define CHAINED(sum, a, b) ((sum) * (a) + (b))
#define FOURS(value)       ((four){0} + (value))

#if defined(__x86_64__)
#define AVX2              __attribute__((target("avx2,fma")))
#define AVX512            __attribute__((target("avx512f,avx2,fma")))
#define AVX512_BF16       __attribute__((target("avx512f,avx512bf16")))
#define AVX512_VNNI       __attribute__((target("avx512f,avx512vnni")))
#define BITS(type, value) ((type)_mm512_set1_epi32(value))

FMA_LOOP(loop_portable, four, "x", , FOURS(0.999f), FOURS(0.001f), CHAINED)
FMA_LOOP(loop_avx2, __m256, "x", AVX2, _mm256_set1_ps(0.999f), _mm256_set1_ps(0.001f),
         _mm256_fmadd_ps)
FMA_LOOP(loop_avx512, __m512, "v", AVX512, _mm512_set1_ps(0.999f), _mm512_set1_ps(0.001f),
         _mm512_fmadd_ps)
/* 0x3f80 is 1 and 0x3f81 a little more: sums stay finite for longer than a loop takes */
FMA_LOOP(loop_bf16, __m512, "v", AVX512_BF16, BITS(__m512bh, 0x3f803f80),
         BITS(__m512bh, 0x3f813f81), _mm512_dpbf16_ps)
FMA_LOOP(loop_int8, __m512i, "v", AVX512_VNNI, _mm512_set1_epi8(3), _mm512_set1_epi8(5),
         _mm512_dpbusd_epi32)
#elif defined(__aarch64__)
FMA_LOOP(loop_portable, float32x4_t, "w", , vdupq_n_f32(0.999f), vdupq_n_f32(0.001f), vfmaq_f32)
#else /* in memory, whatever the processor's vector registers are called */
FMA_LOOP(loop_portable, four, "m", , FOURS(0.999f), FOURS(0.001f), CHAINED)
#endif

void l4r_fma_loop(enum l4r_fma_kind kind, enum l4r_isa isa, int64_t rounds) {
#if defined(__x86_64__)
  if (kind == L4R_FMA_BF16)
    loop_bf16(rounds);
  else if (kind == L4R_FMA_INT8)
    loop_int8(rounds);
  else if (isa == L4R_ISA_AVX512)
    loop_avx512(rounds);
  else if (isa == L4R_ISA_AVX2)
    loop_avx2(rounds);
  else
#endif
    loop_portable(rounds);
}

double l4r_fma_flops(enum l4r_fma_kind kind, enum l4r_isa isa) {
  static const int lanes[L4R_ISAS] = {4, 8, 16, 16, 4};
  static const int products[] = {1, 2, 4}; /* of a lane */
  return 2.0 * CHAINS * lanes[isa] * products[kind];
}

const char *l4r_fma_lacks(enum l4r_fma_kind kind) {
  if (kind == L4R_FMA_BF16 && !l4r_cpu()->avx512_bf16) return "no AVX512-BF16";
  if (kind == L4R_FMA_INT8 && !l4r_cpu()->avx512_vnni) return "no AVX512-VNNI";
  return NULL;
}

struct work {
  enum l4r_fma_kind kind;
  enum l4r_isa isa;
  int64_t rounds; /* of the inner loop a run */
};

static void fma_once(void *argument, int worker) {
  const struct work *work = argument;
  l4r_fma_loop(work->kind, work->isa, work->rounds);
}

int l4r_ceiling_fma(struct l4r_team *team, enum l4r_fma_kind kind, double seconds, double *gops) {
  struct work work = {.kind = kind, .isa = l4r_isa_widest(), .rounds = 1000000};
  const char *lacks = l4r_fma_lacks(kind);
  if (lacks) return l4r_fail(L4R_ENVIRONMENT, "this processor has %s", lacks);
  const struct l4r_ceiling_loop loop = {.seconds = seconds > 0 ? seconds : 0.3,
                                        .flops = (double)work.rounds *
                                                 l4r_fma_flops(kind, work.isa),
                                        .once = fma_once,
                                        .argument = &work};
  return l4r_ceiling_measure(team, &loop, gops);
}
