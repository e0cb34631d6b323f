/* SPDX-License-Identifier: BSD-3-Clause */
/* Tile operations in plain C, for tests where no processor has tiles: see amx_tile.h. Modelled are
 * configuration and the faults of a bad one, the zeros that loading leaves behind, and the
 * arithmetic to the bit, as the "Operation" sections of Intel's manual (SDM volume 2) state it.
 * What would be a fault there ends the program here, with words. Each thread has its own tiles. */
#ifndef L4R_SIMD_AMX_EMULATED_H
#define L4R_SIMD_AMX_EMULATED_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EMULATED_TILES = 8, EMULATED_ROWS = 16, EMULATED_BYTES = 64 };

struct emulated_tile {
  int rows, bytes; /* configured; 0: the tile does not exist */
  union {
    uint8_t byte[EMULATED_ROWS][EMULATED_BYTES];
    uint32_t word[EMULATED_ROWS][EMULATED_BYTES / 4];
    float fp32[EMULATED_ROWS][EMULATED_BYTES / 4];
    int32_t int32[EMULATED_ROWS][EMULATED_BYTES / 4];
  };
};

static _Thread_local struct emulated_tile emulated[EMULATED_TILES];

static inline void emulated_require(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "emulated tiles: %s\n", what);
  abort();
}

static inline struct emulated_tile *emulated_at(int t) {
  emulated_require(t >= 0 && t < EMULATED_TILES, "there are tiles 0 to 7");
  emulated_require(emulated[t].rows > 0, "a tile is used that is not configured (#UD)");
  return &emulated[t];
}

static inline void emulated_configure(const struct tile_palette *p) {
  int zero = p->start_row;
  for (int i = 0; i < 14; i++) zero |= p->reserved[i];
  for (int i = EMULATED_TILES; i < 16; i++) zero |= p->rows[i] | p->row_bytes[i];
  emulated_require(p->palette == 1, "the palette is not 1 (#GP)");
  emulated_require(!zero, "a reserved byte, or one of tiles 8 to 15, is not 0 (#GP)");
  memset(emulated, 0, sizeof emulated);
  for (int i = 0; i < EMULATED_TILES; i++) {
    emulated_require(p->rows[i] <= EMULATED_ROWS && p->row_bytes[i] <= EMULATED_BYTES,
                     "a tile has more than 16 rows or 64 bytes a row (#GP)");
    emulated_require(!p->rows[i] == !p->row_bytes[i], "a tile has rows without bytes (#GP)");
    emulated[i].rows = p->rows[i];
    emulated[i].bytes = p->row_bytes[i];
  }
}

static inline void emulated_release(void) {
  memset(emulated, 0, sizeof emulated);
}

static inline void emulated_zero(int t) {
  memset(emulated_at(t)->byte, 0, sizeof emulated[t].byte);
}

static inline void emulated_load(int t, const void *from, int64_t stride) {
  struct emulated_tile *tile = emulated_at(t);
  memset(tile->byte, 0, sizeof tile->byte); /* rows and bytes beyond the configured ones */
  for (int i = 0; i < tile->rows; i++)
    memcpy(tile->byte[i], (const char *)from + i * stride, (size_t)tile->bytes);
}

static inline void emulated_store(int t, void *to, int64_t stride) {
  const struct emulated_tile *tile = emulated_at(t);
  for (int i = 0; i < tile->rows; i++)
    memcpy((char *)to + i * stride, tile->byte[i], (size_t)tile->bytes);
}

static inline void emulated_fit(int c, int a, int b) {
  const struct emulated_tile *tc = emulated_at(c), *ta = emulated_at(a), *tb = emulated_at(b);
  emulated_require(c != a && c != b && a != b, "two operands are one tile (#UD)");
  emulated_require(tc->rows == ta->rows, "A and C have other numbers of rows (#UD)");
  emulated_require(tc->bytes == tb->bytes, "B and C have other numbers of columns (#UD)");
  emulated_require(ta->bytes % 4 == 0 && tc->bytes % 4 == 0 && ta->bytes / 4 == tb->rows,
                   "A's columns are not B's rows (#UD)");
}

enum { EMULATED_WORDS = EMULATED_BYTES / 4 };

/* What is denormal is taken for zero, and left as zero: rows at a time, which compilers turn into
 * vectors, as they do the sums below. */
static inline void emulated_flush(float row[EMULATED_WORDS]) {
  uint32_t bits[EMULATED_WORDS];
  memcpy(bits, row, sizeof bits);
  for (int n = 0; n < EMULATED_WORDS; n++)
    bits[n] &= bits[n] & 0x7f800000 ? 0xffffffff : 0x80000000;
  memcpy(row, bits, sizeof bits);
}

/* The even or the odd bf16 of each word. */
static inline void emulated_halves(const uint32_t word[EMULATED_WORDS], int odd,
                                   float half[EMULATED_WORDS]) {
  uint32_t bits[EMULATED_WORDS];
  for (int n = 0; n < EMULATED_WORDS; n++) bits[n] = odd ? word[n] & 0xffff0000 : word[n] << 16;
  memcpy(half, bits, sizeof bits);
  emulated_flush(half);
}

/* Two sums a result from zero, of even and of odd k, of fused multiply-adds rounded to the nearest;
 * then their sum is added to C. Neither asks MXCSR. Columns beyond C's are zeros times zeros. */
__attribute__((target("avx2,fma"))) static inline void emulated_bf16(int c, int a, int b) {
  emulated_fit(c, a, b);
  struct emulated_tile *tc = &emulated[c];
  float right[2][EMULATED_ROWS][EMULATED_WORDS], left[2][EMULATED_WORDS];
  for (int k = 0; k < emulated[b].rows; k++)
    for (int odd = 0; odd < 2; odd++) emulated_halves(emulated[b].word[k], odd, right[odd][k]);
  for (int m = 0; m < tc->rows; m++) {
    float sum[2][EMULATED_WORDS] = {{0}}, result[EMULATED_WORDS];
    for (int odd = 0; odd < 2; odd++) {
      emulated_halves(emulated[a].word[m], odd, left[odd]);
      for (int k = 0; k < emulated[b].rows; k++) {
        for (int n = 0; n < EMULATED_WORDS; n++)
          sum[odd][n] = fmaf(left[odd][k], right[odd][k][n], sum[odd][n]);
        emulated_flush(sum[odd]);
      }
    }
    for (int n = 0; n < EMULATED_WORDS; n++) sum[0][n] += sum[1][n];
    emulated_flush(sum[0]);
    memcpy(result, tc->fp32[m], sizeof result);
    emulated_flush(result);
    for (int n = 0; n < EMULATED_WORDS; n++) result[n] += sum[0][n];
    emulated_flush(result);
    memcpy(tc->fp32[m], result, (size_t)tc->bytes);
  }
}

/* A's bytes are unsigned, B's signed; nothing saturates. */
static inline void emulated_int8(int c, int a, int b) {
  emulated_fit(c, a, b);
  struct emulated_tile *tc = &emulated[c];
  for (int m = 0; m < tc->rows; m++)
    for (int k = 0; k < emulated[b].rows; k++)
      for (int n = 0; n < tc->bytes / 4; n++)
        for (int i = 0; i < 4; i++)
          tc->int32[m][n] += emulated[a].byte[m][4 * k + i] *
                             (int8_t)emulated[b].byte[k][4 * n + i];
}

#define TILE_CONFIGURE(from)     emulated_configure(from)
#define TILE_RELEASE()           emulated_release()
#define TILE_ZERO(t)             emulated_zero(t)
#define TILE_LOAD(t, from, step) emulated_load(t, from, step)
#define TILE_STORE(t, to, step)  emulated_store(t, to, step)
#define TILE_BF16(c, a, b)       emulated_bf16(c, a, b)
#define TILE_INT8(c, a, b)       emulated_int8(c, a, b)

#endif
