/* SPDX-License-Identifier: BSD-3-Clause */
/* Twelve independent chains: two units with a latency of four or five cycles need ten at most, and
 * a few more hide the loop's own instructions; twelve and two operands fit into sixteen registers.
 * The empty asm keeps the compiler from folding a round into the next. */
#include "impl/ceiling/peak_x86.h"

#if defined(__x86_64__)
#include "impl/base/cpu.h"
#include "impl/base/unroll.h"
#include "impl/ceiling/peak_tiles.h"

#include <immintrin.h>
#include <stddef.h>

enum { CHAINS = 12 };

/* A loop over accumulators `type`, held in registers of constraint `letter`, that adds `products`
 * an instruction to each; the operands begin as `first` and `second`. */
#define PEAK_LOOP(name, type, letter, target, products, first, second, multiply_add)               \
  static target double name(int64_t rounds) {                                                      \
    type chain[CHAINS];                                                                            \
    __typeof__(first) a = first;                                                                   \
    __typeof__(second) b = second;                                                                 \
    UNROLL for (int i = 0; i < CHAINS; i++) chain[i] = (type){0};                                  \
    for (int64_t r = 0; r < rounds; r++) {                                                         \
      UNROLL for (int i = 0; i < CHAINS; i++) chain[i] = multiply_add(chain[i], a, b);             \
      UNROLL for (int i = 0; i < CHAINS; i++) __asm__ volatile("" : "+" letter(chain[i]));         \
    }                                                                                              \
    return 2.0 * CHAINS * (products) * (double)rounds;                                             \
  }

#define AVX2                       __attribute__((target("avx2,fma")))
#define AVX_VNNI                   __attribute__((target("avx2,avxvnni")))
#define AVX512                     __attribute__((target("avx512f,avx512bw,avx2,fma")))
#define AVX512_BF16                __attribute__((target("avx512f,avx512bf16")))
#define AVX512_VNNI                __attribute__((target("avx512f,avx512vnni")))
#define SSE2                       /* every processor of this architecture has it */
#define BITS(type, value)          ((type)_mm512_set1_epi32(value))
#define MULTIPLY_ADD_PS(sum, a, b) _mm_add_ps(_mm_mul_ps(sum, a), b)
#define MULTIPLY_ADD_PD(sum, a, b) _mm_add_pd(_mm_mul_pd(sum, a), b)

PEAK_LOOP(fp64_sse2, __m128d, "x", SSE2, 2, _mm_set1_pd(.999), _mm_set1_pd(.001), MULTIPLY_ADD_PD)
PEAK_LOOP(fp64_avx2, __m256d, "x", AVX2, 4, _mm256_set1_pd(.999), _mm256_set1_pd(.001),
          _mm256_fmadd_pd)
PEAK_LOOP(fp64_avx512, __m512d, "v", AVX512, 8, _mm512_set1_pd(.999), _mm512_set1_pd(.001),
          _mm512_fmadd_pd)
PEAK_LOOP(fp32_sse2, __m128, "x", SSE2, 4, _mm_set1_ps(.999f), _mm_set1_ps(.001f), MULTIPLY_ADD_PS)
PEAK_LOOP(fp32_avx2, __m256, "x", AVX2, 8, _mm256_set1_ps(.999f), _mm256_set1_ps(.001f),
          _mm256_fmadd_ps)
PEAK_LOOP(fp32_avx512, __m512, "v", AVX512, 16, _mm512_set1_ps(.999f), _mm512_set1_ps(.001f),
          _mm512_fmadd_ps)
/* 0x3f80 is 1 and 0x3f81 a little more: sums stay finite for longer than a loop takes */
PEAK_LOOP(bf16_avx512, __m512, "v", AVX512_BF16, 32, BITS(__m512bh, 0x3f803f80),
          BITS(__m512bh, 0x3f813f81), _mm512_dpbf16_ps)
PEAK_LOOP(int8_avx_vnni, __m256i, "x", AVX_VNNI, 32, _mm256_set1_epi8(3), _mm256_set1_epi8(5),
          _mm256_dpbusd_avx_epi32)
PEAK_LOOP(int8_avx512_vnni, __m512i, "v", AVX512_VNNI, 64, _mm512_set1_epi8(3), _mm512_set1_epi8(5),
          _mm512_dpbusd_epi32)

/* Without VNNI a product of fours takes three instructions: into pairs of int16, into int32, and
 * to the sum. The empty asm makes an operand unknown, or the products would be made once. */
#define INT8_LOOP(name, type, letter, target, products, width, bits)                               \
  static target inline type name##_once(type sum, type a, type b) {                                \
    __asm__ volatile("" : "+" letter(a));                                                          \
    const type pairs = width##_maddubs_epi16(a, b);                                                \
    return width##_add_epi32(sum, width##_madd_epi16(pairs, b));                                   \
  }                                                                                                \
  PEAK_LOOP(name, type, letter, target, products, width##_set1_epi8(1), width##_set1_epi8(1),      \
            name##_once)
INT8_LOOP(int8_avx2, __m256i, "x", AVX2, 32, _mm256, 256)
INT8_LOOP(int8_avx512, __m512i, "v", AVX512, 64, _mm512, 512)

#define LACKS(name, flag, what)                                                                    \
  static const char *name(void) {                                                                  \
    return l4r_cpu()->flag ? NULL : "this processor has no " what;                                 \
  }
LACKS(lacks_avx2, avx2, "AVX2 with FMA")
LACKS(lacks_avx512, avx512, "AVX-512")
LACKS(lacks_avx_vnni, avx_vnni, "AVX-VNNI")
LACKS(lacks_avx512_bf16, avx512_bf16, "AVX512-BF16")
LACKS(lacks_avx512_vnni, avx512_vnni, "AVX512-VNNI")
static const char *lacks_nothing(void) {
  return NULL;
}

static const struct l4r_peak_unit units[] = {
    {"SSE2 fp64", L4R_PEAK_FP64, lacks_nothing, fp64_sse2},
    {"AVX2 fp64", L4R_PEAK_FP64, lacks_avx2, fp64_avx2},
    {"AVX-512 fp64", L4R_PEAK_FP64, lacks_avx512, fp64_avx512},
    {"SSE2", L4R_PEAK_FP32, lacks_nothing, fp32_sse2},
    {"AVX2 FMA", L4R_PEAK_FP32, lacks_avx2, fp32_avx2},
    {"AVX-512", L4R_PEAK_FP32, lacks_avx512, fp32_avx512},
    {"AVX512-BF16", L4R_PEAK_BF16, lacks_avx512_bf16, bf16_avx512},
    {"AMX-BF16", L4R_PEAK_BF16, l4r_peak_lacks_amx_bf16, l4r_peak_amx_bf16},
    {"AVX2 vpmaddubsw", L4R_PEAK_INT8, lacks_avx2, int8_avx2},
    {"AVX-512 vpmaddubsw", L4R_PEAK_INT8, lacks_avx512, int8_avx512},
    {"AVX-VNNI", L4R_PEAK_INT8, lacks_avx_vnni, int8_avx_vnni},
    {"AVX512-VNNI", L4R_PEAK_INT8, lacks_avx512_vnni, int8_avx512_vnni},
    {"AMX-INT8", L4R_PEAK_INT8, l4r_peak_lacks_amx_int8, l4r_peak_amx_int8},
};

const struct l4r_peak_unit *l4r_peak_units_x86(int *count) {
  *count = sizeof units / sizeof *units;
  return units;
}
#endif
