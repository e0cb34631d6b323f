/* SPDX-License-Identifier: BSD-3-Clause */
/* The tiles in plain C that kernels are tested with where no processor has them: configuration and
 * its faults, zeros, and arithmetic by examples worked out by hand from Intel's manual; and, where
 * a processor has tiles, that those give the same bits. */
#include <criterion/criterion.h>

#if defined(__x86_64__)
#define L4R_EMULATE_TILES
#include "impl/simd/amx_tile.h"

#include "impl/base/cpu.h"
#include "impl/base/memory.h"
#include "tests/blis/models.h"

#include <signal.h>

enum { A = 4, B = 6, C = 0, LINE = 64 };

/* C and A of `rows` rows, B of 16, all 64 bytes wide. */
static struct tile_palette palette_of(int rows) {
  struct tile_palette palette = {.palette = 1};
  for (int t = 0; t < 8; t++) {
    palette.rows[t] = (uint8_t)(t < 6 ? rows : 16);
    palette.row_bytes[t] = LINE;
  }
  return palette;
}

static void configure(int rows) {
  const struct tile_palette palette = palette_of(rows);
  TILE_CONFIGURE(&palette);
}

static uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* A word of two bf16 that are exact. */
static uint32_t pair(float even, float odd) {
  return bits_of(even) >> 16 | (bits_of(odd) & 0xffff0000);
}

Test(blis_tiles, loading_leaves_zeros_beyond_and_storing_writes_what_is_configured) {
  uint32_t from[16][16], to[16][16];
  memset(from, 0x77, sizeof from);
  memset(to, 0x55, sizeof to);
  configure(16);
  TILE_LOAD(C, from, LINE);
  struct tile_palette small = palette_of(3);
  small.row_bytes[C] = 8;
  TILE_CONFIGURE(&small);
  for (int i = 0; i < 16 * 16; i++) cr_assert_eq(emulated[C].word[i / 16][i % 16], 0);
  TILE_LOAD(C, from, LINE);
  TILE_STORE(C, to, LINE);
  for (int i = 0; i < 16 * 16; i++) {
    int inside = i / 16 < 3 && i % 16 < 2;
    cr_assert_eq(emulated[C].word[i / 16][i % 16], inside ? 0x77777777u : 0);
    cr_assert_eq(to[i / 16][i % 16], inside ? 0x77777777u : 0x55555555u);
  }
  TILE_ZERO(C);
  cr_assert_eq(emulated[C].word[0][0], 0);
}

/* One row of A times one column of B, added to c. */
static float one_result(const uint32_t *a, const uint32_t *b, int k, float c) {
  uint32_t ta[16] = {0}, tb[16][16] = {{0}};
  float tc[16] = {c};
  memcpy(ta, a, (size_t)k * sizeof *a);
  for (int p = 0; p < k; p++) tb[p][0] = b[p];
  configure(1);
  TILE_LOAD(A, ta, LINE);
  TILE_LOAD(B, tb, LINE);
  TILE_LOAD(C, tc, LINE);
  TILE_BF16(C, A, B);
  TILE_STORE(C, tc, LINE);
  return tc[0];
}

Test(blis_tiles, even_and_odd_k_are_summed_apart_and_c_is_added_last) {
  const float large = 0x1p24f; /* to which 1 is half a bit: ties go to the even neighbour */
  const uint32_t ones[] = {pair(1, 1), pair(1, 1), pair(1, 1)};
  const uint32_t mixed[] = {pair(large, 1), pair(1, 1), pair(1, 1)};
  /* even: 2^24 + 1 + 1 stays 2^24; odd: 3; together 2^24 + 4, to even. One chain gives 2^24. */
  cr_expect_eq(one_result(mixed, ones, 3, 0), large + 4);
  /* C is not where the sums begin: 1 + (1 + 1) and not ((2^24 + 1) + 1). */
  const uint32_t few[] = {pair(1, 1)};
  cr_expect_eq(one_result(few, ones, 1, large), large + 2);
}

Test(blis_tiles, products_are_not_rounded_before_they_are_added) {
  /* (1 + 2^-7)^2 = 1 + 2^-6 + 2^-14; minus (1 + 2^-6) leaves what rounding to bf16 would lose. */
  const uint32_t a[] = {pair(-1, 0), pair(1.0078125f, 0)};
  const uint32_t b[] = {pair(1.015625f, 0), pair(1.0078125f, 0)};
  cr_expect_eq(one_result(a, b, 2, 0), 0x1p-14f);
}

Test(blis_tiles, denormals_are_zeros) {
  const uint32_t one[] = {pair(1, 1)}, huge[] = {pair(0x1p100f, 0)}, tiny[] = {pair(0x1p-100f, 0)};
  const uint32_t denormal[] = {1}; /* 2^-133 */
  cr_expect_eq(one_result(denormal, huge, 1, 0), 0);
  cr_expect_eq(one_result(tiny, tiny, 1, 0), 0, "2^-200 has no fp32, but 2^-130 has one:");
  const uint32_t low[] = {pair(0x1p-65f, 0)};
  cr_expect_eq(bits_of(one_result(low, low, 1, 0)), 0);
  cr_expect_eq(one_result(one, (const uint32_t[]){0}, 1, 0x1p-140f), 0);
}

Test(blis_tiles, bytes_of_a_are_unsigned_those_of_b_signed_and_nothing_saturates) {
  uint32_t a[16], b[16][16];
  int32_t c[16] = {7};
  memset(a, 0xff, sizeof a);
  memset(b, 0x80, sizeof b);
  configure(1);
  TILE_LOAD(A, a, LINE);
  TILE_LOAD(B, b, LINE);
  TILE_LOAD(C, c, LINE);
  TILE_INT8(C, A, B);
  TILE_STORE(C, c, LINE);
  cr_expect_eq(c[0], 7 + 64 * 255 * -128);
  cr_expect_eq(c[1], 64 * 255 * -128);
}

Test(blis_tiles, bytes_of_a_word_meet_in_order) {
  uint32_t a[16] = {0x04030201}, b[16][16] = {{0x281e140a}}; /* 1 2 3 4, 10 20 30 40 */
  int32_t c[16] = {0};
  configure(1);
  TILE_LOAD(A, a, LINE);
  TILE_LOAD(B, b, LINE);
  TILE_ZERO(C);
  TILE_INT8(C, A, B);
  TILE_STORE(C, c, LINE);
  cr_expect_eq(c[0], 10 + 40 + 90 + 160);
}

Test(blis_tiles, a_tile_that_is_not_configured, .signal = SIGABRT) {
  TILE_RELEASE();
  TILE_ZERO(C);
}

Test(blis_tiles, another_palette, .signal = SIGABRT) {
  struct tile_palette palette = palette_of(4);
  palette.palette = 2;
  TILE_CONFIGURE(&palette);
}

Test(blis_tiles, more_rows_than_there_are, .signal = SIGABRT) {
  configure(17);
}

Test(blis_tiles, rows_without_bytes, .signal = SIGABRT) {
  struct tile_palette palette = palette_of(4);
  palette.row_bytes[B] = 0;
  TILE_CONFIGURE(&palette);
}

Test(blis_tiles, a_ninth_tile, .signal = SIGABRT) {
  struct tile_palette palette = palette_of(4);
  palette.rows[8] = 1;
  palette.row_bytes[8] = 4;
  TILE_CONFIGURE(&palette);
}

Test(blis_tiles, operands_that_do_not_fit, .signal = SIGABRT) {
  struct tile_palette palette = palette_of(4);
  palette.rows[A] = 5;
  TILE_CONFIGURE(&palette);
  TILE_BF16(C, A, B);
}

Test(blis_tiles, one_tile_twice, .signal = SIGABRT) {
  configure(16);
  TILE_INT8(C, A, A);
}

#if defined(__x86_64__)
/* What the processor makes of 13 rows; c is read and written. */
__attribute__((target("amx-tile,amx-bf16,amx-int8"))) static void
by_processor(const void *a, const void *b, void *c, int whole) {
  const struct tile_palette palette = palette_of(13);
  const int64_t line = LINE;
  __asm__ volatile("ldtilecfg %0" ::"m"(palette));
  __asm__ volatile("tileloadd (%0,%1,1), %%tmm4" ::"r"(a), "r"(line) : "memory");
  __asm__ volatile("tileloadd (%0,%1,1), %%tmm6" ::"r"(b), "r"(line) : "memory");
  __asm__ volatile("tileloadd (%0,%1,1), %%tmm0" ::"r"(c), "r"(line) : "memory");
  if (whole)
    __asm__ volatile("tdpbusd %%tmm6, %%tmm4, %%tmm0" ::);
  else
    __asm__ volatile("tdpbf16ps %%tmm6, %%tmm4, %%tmm0" ::);
  __asm__ volatile("tilestored %%tmm0, (%0,%1,1)" ::"r"(c), "r"(line) : "memory");
  __asm__ volatile("tilerelease" ::: "memory");
}

Test(blis_tiles, the_processors_give_the_same_bits) {
  enum { WORDS = 16 * 16 };
  if (l4r_cpu_tiles() == L4R_TILES_ABSENT) cr_skip_test("this processor has no tiles");
  if (l4r_cpu_tiles() == L4R_TILES_REFUSED) cr_skip_test("the kernel refuses tiles");
  for (int round = 0; round < 200; round++)
    for (int whole = 0; whole < 2; whole++) {
      float *x = test_normals(3 * WORDS, (uint64_t)round);
      uint32_t a[WORDS], b[WORDS], c[2][WORDS];
      for (int i = 0; i < WORDS; i++) { /* in bf16 every exponent, denormals among them */
        float scale = ldexpf(1, round % 2 ? i * 17 % 250 - 140 : i % 24 - 12);
        a[i] = whole ? bits_of(x[i]) * 2654435761u : pair(x[i] * scale, x[i + WORDS]);
        b[i] = whole ? bits_of(x[i + 1]) * 2654435761u : pair(x[i + 2 * WORDS], x[i + 1]);
        c[0][i] = c[1][i] = whole ? (uint32_t)i : bits_of(x[i] * scale);
      }
      by_processor(a, b, c[0], whole);
      configure(13);
      TILE_LOAD(A, a, LINE);
      TILE_LOAD(B, b, LINE);
      TILE_LOAD(C, c[1], LINE);
      if (whole)
        TILE_INT8(C, A, B);
      else
        TILE_BF16(C, A, B);
      TILE_STORE(C, c[1], LINE);
      cr_assert_arr_eq(c[0], c[1], sizeof c[0], "round %d, %s", round, whole ? "int8" : "bf16");
      l4r_free(x);
    }
}
#endif
#else
Test(blis_tiles, of_x86_64) {
  cr_skip_test("tiles are x86-64's");
}
#endif
