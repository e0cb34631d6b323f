/* SPDX-License-Identifier: BSD-3-Clause */
/* Large cores have four units with a latency of four cycles: 24 chains keep them busy and leave
 * registers for operands. Written as instructions: one loop serves them all, whatever the compiler
 * makes of an intrinsic, and the assembler is told of the extensions by the text itself. */
#include "impl/ceiling/peak_arm.h"

#if defined(__aarch64__)
#include "impl/base/cpu.h"

#include <stddef.h>

enum { CHAINS = 24 };

#define FOUR(form, a, b, c, d) form(a) form(b) form(c) form(d)
#define ALL(form)                                                                                  \
  FOUR(form, 0, 1, 2, 3)                                                                           \
  FOUR(form, 4, 5, 6, 7)                                                                           \
  FOUR(form, 8, 9, 10, 11)                                                                         \
  FOUR(form, 12, 13, 14, 15) FOUR(form, 16, 17, 18, 19) FOUR(form, 20, 21, 22, 23)
#define ZERO(n) "movi v" #n ".16b, #0\n\t"
#define SUMS                                                                                       \
  "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14",   \
      "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25"

/* `extension`: what the assembler needs; `once`: a form of the instruction on sum number n with the
 * operands v24 and v25, both full of the 32-bit word `value`; `products` of an instruction. */
#define PEAK_LOOP(name, extension, value, once, products)                                          \
  static double name(int64_t rounds) {                                                             \
    int64_t left = rounds;                                                                         \
    if (rounds < 1) return 0;                                                                      \
    __asm__ volatile(extension "dup v24.4s, %w1\n\tdup v25.4s, %w1\n\t" ALL(ZERO) "1:\n\t" ALL(    \
                         once) "subs %0, %0, #1\n\tb.ne 1b"                                        \
                     : "+r"(left)                                                                  \
                     : "r"(value)                                                                  \
                     : "cc", SUMS);                                                                \
    return 2.0 * CHAINS * (products) * (double)rounds;                                             \
  }

#define FMLA_2D(n) "fmla v" #n ".2d, v24.2d, v25.2d\n\t"
#define FMLA_4S(n) "fmla v" #n ".4s, v24.4s, v25.4s\n\t"
#define BFDOT(n)   "bfdot v" #n ".4s, v24.8h, v25.8h\n\t"
#define BFMMLA(n)  "bfmmla v" #n ".4s, v24.8h, v25.8h\n\t"
#define SDOT(n)    "sdot v" #n ".4s, v24.16b, v25.16b\n\t"
#define UDOT(n)    "udot v" #n ".4s, v24.16b, v25.16b\n\t"
#define USDOT(n)   "usdot v" #n ".4s, v24.16b, v25.16b\n\t"
#define SMMLA(n)   "smmla v" #n ".4s, v24.16b, v25.16b\n\t"
#define UMMLA(n)   "ummla v" #n ".4s, v24.16b, v25.16b\n\t"
#define USMMLA(n)  "usmmla v" #n ".4s, v24.16b, v25.16b\n\t"
#define DOTPROD    ".arch_extension dotprod\n\t"
#define I8MM       ".arch armv8.2-a+i8mm\n\t"
#define BF16       ".arch armv8.2-a+bf16\n\t"

PEAK_LOOP(fp64_neon, "", 0, FMLA_2D, 2)
PEAK_LOOP(fp32_neon, "", 0x3f800000, FMLA_4S, 4)
PEAK_LOOP(bf16_bfdot, BF16, 0x3f803f80, BFDOT, 8)
PEAK_LOOP(bf16_bfmmla, BF16, 0x3f803f80, BFMMLA, 16) /* 2 x 4 by 4 x 2 */
PEAK_LOOP(int8_sdot, DOTPROD, 0x01010101, SDOT, 16)
PEAK_LOOP(int8_udot, DOTPROD, 0x01010101, UDOT, 16)
PEAK_LOOP(int8_usdot, I8MM, 0x01010101, USDOT, 16)
PEAK_LOOP(int8_smmla, I8MM, 0x01010101, SMMLA, 32) /* 2 x 8 by 8 x 2 */
PEAK_LOOP(int8_ummla, I8MM, 0x01010101, UMMLA, 32)
PEAK_LOOP(int8_usmmla, I8MM, 0x01010101, USMMLA, 32)

/* SVE's registers are as long as the processor made them. */
#define FMLA_Z(n) "fmla z" #n ".s, p0/m, z24.s, z25.s\n\t"
#define SVE       ".arch armv8.2-a+sve\n\tptrue p0.s\n\t"
PEAK_LOOP(fp32_sve_of_16_bytes, SVE, 0x3f800000, FMLA_Z, 4)

static double fp32_sve(int64_t rounds) {
  int64_t bytes;
  __asm__(".arch armv8.2-a+sve\n\tcntb %0" : "=r"(bytes));
  return fp32_sve_of_16_bytes(rounds) * (double)bytes / 16;
}

#define LACKS(name, flag, what)                                                                    \
  static const char *name(void) {                                                                  \
    return l4r_cpu()->flag ? NULL : "this processor has no " what;                                 \
  }
LACKS(lacks_sve, sve, "SVE")
LACKS(lacks_dotprod, neon_dotprod, "DOTPROD")
LACKS(lacks_i8mm, neon_i8mm, "I8MM")
LACKS(lacks_bf16, neon_bf16, "BF16")
static const char *lacks_nothing(void) {
  return NULL;
}

static const struct l4r_peak_unit units[] = {
    {"NEON fp64", L4R_PEAK_FP64, lacks_nothing, fp64_neon},
    {"NEON", L4R_PEAK_FP32, lacks_nothing, fp32_neon},
    {"SVE", L4R_PEAK_FP32, lacks_sve, fp32_sve},
    {"BFDOT", L4R_PEAK_BF16, lacks_bf16, bf16_bfdot},
    {"BFMMLA", L4R_PEAK_BF16, lacks_bf16, bf16_bfmmla},
    {"SDOT", L4R_PEAK_INT8, lacks_dotprod, int8_sdot},
    {"UDOT", L4R_PEAK_INT8, lacks_dotprod, int8_udot},
    {"USDOT", L4R_PEAK_INT8, lacks_i8mm, int8_usdot},
    {"SMMLA", L4R_PEAK_INT8, lacks_i8mm, int8_smmla},
    {"UMMLA", L4R_PEAK_INT8, lacks_i8mm, int8_ummla},
    {"USMMLA", L4R_PEAK_INT8, lacks_i8mm, int8_usmmla},
};

const struct l4r_peak_unit *l4r_peak_units_arm(int *count) {
  *count = sizeof units / sizeof *units;
  return units;
}
#endif
