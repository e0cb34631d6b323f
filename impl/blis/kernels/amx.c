/* SPDX-License-Identifier: BSD-3-Clause */
/* bf16, bf16x3 and int8 by AMX. Four tiles of sums stand for two tiles of A's rows by the two
 * halves of a panel, while k runs: two loads of A and two of B for four products, so that the loads
 * keep up with tiles from the second-level cache. A panel's words of pairs or quads are what a tile
 * of B is, 16 columns of it 64 bytes of every row, so packing and vector kernels need nothing else.
 * Where a panel meets more rows than that, it stays in the first-level cache, and A, of which each
 * line is read once a panel, comes from the second past it (one core of a Xeon with a 48 KB cache,
 * 256 x 512 x 512, bf16: 1,570 to 1,750 GFLOP/s, and 1,360 where A pushes the panel out).
 *
 * Heights of tiles divide the rows evenly (50 = 4 x 13, not 3 x 16 + 2): a product takes a cycle a
 * row, and configuring tiles anew costs 119 ns, so it is done once a product and not once a panel.
 * Sums of even and of odd k are apart within 32 values of k: other bits than AVX512-BF16's, the
 * same at every number of rows and columns, since each result sees the same operations in the same
 * order in whichever tile it stands. Few rows take tiles, too, for that. int8 is exact, and one row
 * of it is faster by VNNI. */
#include "impl/blis/kernels/attend.h"
#include "impl/blis/kernels/rows.h"

#if defined(__x86_64__)
#include "impl/simd/amx_tile.h"

#if defined(L4R_EMULATE_TILES)
#define SIMD_MORE ",avx512bf16,avx512vnni"
#else
#define SIMD_MORE ",avx512bf16,avx512vnni,amx-tile,amx-bf16,amx-int8"
#endif
#include "impl/simd/avx512.h"

#include "impl/blis/kernels/avx512_pairs.h"
#include "impl/blis/kernels/avx512_quads.h"

enum {
  HEIGHT = 16,  /* most rows of a tile */
  DEPTH = 16,   /* words of k in a tile of A, rows of one of B */
  COLUMNS = 16, /* of a tile of B or C */
  PANEL = 2 * COLUMNS,
  LINE = 64,      /* bytes */
  NEAR = 4096,    /* bytes */
  VECTOR_ROWS = 1 /* up to which VNNI is faster */
};

/* --- what a call does ------------------------------------------------------------------------ */

static int64_t tiles_of(int64_t m) {
  return (m + HEIGHT - 1) / HEIGHT;
}

static int64_t height_of(int64_t m) {
  return (m + tiles_of(m) - 1) / tiles_of(m);
}

/* Tiles 0 to 3 are C, 4 and 5 A, 6 and 7 B. */
static SIMD_TARGET void begin(int64_t m) {
  struct tile_palette palette = {.palette = 1};
  for (int t = 0; t < 8; t++) {
    palette.rows[t] = t < 6 ? (uint8_t)height_of(m) : DEPTH;
    palette.row_bytes[t] = LINE;
  }
  TILE_CONFIGURE(&palette);
}

static SIMD_TARGET void end(void) {
  TILE_RELEASE();
}

/* Two tiles of rows by a panel, or the last one alone. */
struct block {
  const struct l4r_gemm_rounded *g;
  int64_t row, height;
  int stays;         /* 1: other rows meet the panel, too */
  const char *ahead; /* what is asked for from memory meanwhile, */
  int64_t lines;     /* so much of it at each step of k */
};

/* Where the part of a tile of C that there is begins, and its size. */
struct corner {
  float *c;
  int64_t rows, first, columns; /* columns first .. first+columns-1 of the tile */
  int whole;
};

INLINE struct corner corner_of(const struct block *block, int down, int right) {
  const struct l4r_gemm_rounded *g = block->g;
  int64_t row = block->row + down * block->height, column = right * COLUMNS;
  int64_t begin_at = g->before > column ? g->before : column;
  int64_t end_at = g->before + g->n < column + COLUMNS ? g->before + g->n : column + COLUMNS;
  struct corner corner = {.rows = g->m - row < block->height ? g->m - row : block->height,
                          .first = begin_at - column,
                          .columns = end_at - begin_at};
  corner.c = g->c + row * g->ldc + begin_at - g->before;
  corner.whole = corner.rows == block->height && corner.columns == COLUMNS;
  return corner;
}

/* A tile of which a part is C: rows of 16 values. */
INLINE void to_scratch(const struct corner *corner, int64_t ldc, float *scratch) {
  for (int64_t i = 0; i < corner->rows && corner->columns > 0; i++)
    memcpy(scratch + i * COLUMNS + corner->first, corner->c + i * ldc,
           (size_t)corner->columns * sizeof *scratch);
}

INLINE void from_scratch(const struct corner *corner, int64_t ldc, const float *scratch) {
  for (int64_t i = 0; i < corner->rows && corner->columns > 0; i++)
    memcpy(corner->c + i * ldc, scratch + i * COLUMNS + corner->first,
           (size_t)corner->columns * sizeof *scratch);
}

/* --- sums while k runs ----------------------------------------------------------------------- */

#define ASK_AHEAD                                                                                  \
  for (int64_t i = 0; i < lines; i++, ahead += LINE) __builtin_prefetch(ahead, 0, 2);

#define STEPS(LOAD_A, PRODUCT, TALL)                                                               \
  for (int64_t p = 0; p < g->k; p += DEPTH, a += DEPTH, below += DEPTH, b += DEPTH * g->ldb) {     \
    TILE_LOAD(6, b, ldb);                                                                          \
    LOAD_A(4, a, lda);                                                                             \
    TILE_LOAD(7, b + COLUMNS, ldb);                                                                \
    PRODUCT(0, 4, 6);                                                                              \
    if (TALL) LOAD_A(5, below, lda);                                                               \
    PRODUCT(1, 4, 7);                                                                              \
    ASK_AHEAD                                                                                      \
    if (!(TALL)) continue;                                                                         \
    PRODUCT(2, 5, 6);                                                                              \
    PRODUCT(3, 5, 7);                                                                              \
  }

/* Adds to tiles 0 to 3, or with one tile of rows to 0 and 1. Each kind has a loop of its own,
 * which asks nothing at each step. */
#define TILE_SUMS(PRODUCT)                                                                         \
  const struct l4r_gemm_rounded *g = block->g;                                                     \
  const int64_t lda = g->lda * (int64_t)sizeof *g->a, ldb = g->ldb * (int64_t)sizeof *g->b;        \
  const int64_t lines = block->lines;                                                              \
  const char *ahead = block->ahead;                                                                \
  const uint32_t *a = g->a + g->term[0].a + block->row * g->lda;                                   \
  const uint32_t *below = a + block->height * g->lda;                                              \
  const uint32_t *b = g->b - g->before + g->term[0].b;                                             \
  if (!tall)                                                                                       \
    STEPS(TILE_LOAD, PRODUCT, 0)                                                                   \
  else if (block->stays)                                                                           \
    STEPS(TILE_LOAD_ONCE, PRODUCT, 1)                                                              \
  else                                                                                             \
    STEPS(TILE_LOAD, PRODUCT, 1)                                                                   \
  block->ahead = ahead;

INLINE void sum_pairs(struct block *block, int tall){TILE_SUMS(TILE_BF16)}

INLINE void sum_quads(struct block *block, int tall){TILE_SUMS(TILE_INT8)}

#define A_OF(plane)                                                                                \
  do {                                                                                             \
    TILE_LOAD(4, a + plane * plane_a, lda);                                                        \
    if (tall) TILE_LOAD(5, below + plane * plane_a, lda);                                          \
  } while (0)

#define B_OF(plane)                                                                                \
  do {                                                                                             \
    TILE_LOAD(6, b + plane * plane_b, ldb);                                                        \
    TILE_LOAD(7, b + plane * plane_b + COLUMNS, ldb);                                              \
  } while (0)

#define PRODUCTS                                                                                   \
  do {                                                                                             \
    TILE_BF16(0, 4, 6);                                                                            \
    TILE_BF16(1, 4, 7);                                                                            \
    if (tall) {                                                                                    \
      TILE_BF16(2, 5, 6);                                                                          \
      TILE_BF16(3, 5, 7);                                                                          \
    }                                                                                              \
    ASK_AHEAD                                                                                      \
  } while (0)

/* The six terms of bf16x3, of a step of k at once and in an order in which each but the first needs
 * one operand anew: 14 loads for 24 products, 24 where each term runs through all of k. The largest
 * comes last in a step; that the sums are those of many steps already is as exact as fp32's own,
 * which rounds as often at their size. */
INLINE void sum_planes(struct block *block, int tall) {
  const struct l4r_gemm_rounded *g = block->g;
  const int64_t lda = g->lda * (int64_t)sizeof *g->a, ldb = g->ldb * (int64_t)sizeof *g->b;
  const int64_t plane_a = g->term[0].a, plane_b = g->term[0].b, lines = block->lines;
  const char *ahead = block->ahead;
  const uint32_t *a = g->a + block->row * g->lda, *b = g->b - g->before;
  const uint32_t *below = a + block->height * g->lda;
  for (int64_t p = 0; p < g->k; p += DEPTH, a += DEPTH, below += DEPTH, b += DEPTH * g->ldb) {
    A_OF(2);
    B_OF(0);
    PRODUCTS;
    A_OF(1);
    PRODUCTS;
    B_OF(1);
    PRODUCTS;
    A_OF(0);
    PRODUCTS;
    B_OF(2);
    PRODUCTS;
    B_OF(0);
    PRODUCTS;
  }
  block->ahead = ahead;
}

/* --- fp32 out of bf16 ------------------------------------------------------------------------ */

#define C_IN(t, down, right)                                                                       \
  {                                                                                                \
    const struct corner corner = corner_of(block, down, right);                                    \
    if (!block->g->accumulate) {                                                                   \
      TILE_ZERO(t);                                                                                \
    } else if (corner.whole) {                                                                     \
      TILE_LOAD(t, corner.c, ldc *(int64_t)sizeof(float));                                         \
    } else {                                                                                       \
      to_scratch(&corner, ldc, scratch);                                                           \
      TILE_LOAD(t, scratch, LINE);                                                                 \
    }                                                                                              \
  }

#define C_OUT(t, down, right)                                                                      \
  {                                                                                                \
    const struct corner corner = corner_of(block, down, right);                                    \
    if (corner.whole) {                                                                            \
      TILE_STORE(t, corner.c, ldc *(int64_t)sizeof(float));                                        \
    } else {                                                                                       \
      TILE_STORE(t, scratch, LINE);                                                                \
      from_scratch(&corner, ldc, scratch);                                                         \
    }                                                                                              \
  }

INLINE void block_of(struct block *block, void (*sum)(struct block *block, int tall)) {
  _Alignas(64) float scratch[HEIGHT * COLUMNS] = {0};
  const int64_t ldc = block->g->ldc;
  if (block->g->m - block->row > block->height) {
    C_IN(0, 0, 0) C_IN(1, 0, 1) C_IN(2, 1, 0) C_IN(3, 1, 1) sum(block, 1);
    C_OUT(0, 0, 0) C_OUT(1, 0, 1) C_OUT(2, 1, 0) C_OUT(3, 1, 1)
  } else {
    C_IN(0, 0, 0) C_IN(1, 0, 1) sum(block, 0);
    C_OUT(0, 0, 0) C_OUT(1, 0, 1)
  }
}

static SIMD_TARGET void block_of_pairs(struct block *block) {
  block_of(block, sum_pairs);
}

static SIMD_TARGET void block_of_planes(struct block *block) {
  block_of(block, sum_planes);
}

/* --- fp32 out of int8 ------------------------------------------------------------------------ */

/* The same arithmetic as impl/blis/kernels/quads_body.h, to the bit. */
static SIMD_TARGET void scale_out(const struct block *block, int down, int right,
                                  const int32_t *sum) {
  const struct l4r_gemm_rounded *g = block->g;
  const struct corner corner = corner_of(block, down, right);
  if (corner.columns <= 0) return;
  int64_t j = corner.first + right * COLUMNS - g->before;
  __mmask16 there = mask_of(corner.columns);
  __m512i offset = _mm512_maskz_loadu_epi32(there, g->offset + j);
  vec column = _mm512_maskz_loadu_ps(there, g->column + j);
  const float *row = g->row + block->row + down * block->height;
  for (int64_t i = 0; i < corner.rows; i++) {
    __m512i whole = _mm512_maskz_loadu_epi32(there, sum + i * COLUMNS + corner.first);
    vec value = (vec)_mm512_cvtepi32_ps(_mm512_sub_epi32(whole, offset)) * (column * row[i]);
    float *c = corner.c + i * g->ldc;
    if (g->accumulate) value += (vec)_mm512_maskz_loadu_ps(there, c);
    _mm512_mask_storeu_ps(c, there, value);
  }
}

#define SCALE_OUT(t, down, right)                                                                  \
  TILE_STORE(t, sum, LINE);                                                                        \
  scale_out(block, down, right, sum);

static SIMD_TARGET void block_of_quads(struct block *block) {
  _Alignas(64) int32_t sum[HEIGHT * COLUMNS];
  TILE_ZERO(0);
  TILE_ZERO(1);
  if (block->g->m - block->row > block->height) {
    TILE_ZERO(2);
    TILE_ZERO(3);
    sum_quads(block, 1);
    SCALE_OUT(0, 0, 0) SCALE_OUT(1, 0, 1) SCALE_OUT(2, 1, 0) SCALE_OUT(3, 1, 1)
  } else {
    sum_quads(block, 0);
    SCALE_OUT(0, 0, 0) SCALE_OUT(1, 0, 1)
  }
}

/* --- a panel --------------------------------------------------------------------------------- */

/* The next panel is asked for evenly over this one's steps: as impl/blis/kernels/tile.h's ahead_of,
 * and there is why a panel that is read once asks for what lies a little ahead instead. */
static SIMD_TARGET void multiply(const struct l4r_gemm_rounded *g,
                                 void (*one)(struct block *block)) {
  int64_t height = height_of(g->m), blocks = (tiles_of(g->m) + 1) / 2;
  int64_t steps = g->terms * (g->k / DEPTH), planes = g->terms > 1 ? 3 : 1;
  int64_t lines = planes * g->k * PANEL * (int64_t)sizeof *g->b / LINE;
  struct block block = {.g = g, .height = height, .stays = blocks > 1, .ahead = g->next};
  if (g->next && steps) block.lines = (lines + blocks * steps - 1) / (blocks * steps);
  if (g->next && blocks == 1 && lines * LINE > NEAR) block.ahead = (const char *)g->b + NEAR;
  for (; block.row < g->m; block.row += 2 * height) one(&block);
}

static SIMD_TARGET void gemm_pairs(const struct l4r_gemm_rounded *g) {
  multiply(g, block_of_pairs);
}

static SIMD_TARGET void gemm_planes(const struct l4r_gemm_rounded *g) {
  multiply(g, block_of_planes);
}

static void gemm_quads(const struct l4r_gemm_rounded *g) {
  if (g->m <= VECTOR_ROWS)
    l4r_gemm_int8_avx512_vnni.multiply(g);
  else
    multiply(g, block_of_quads);
}

static void begin_quads(int64_t m) {
  if (m > VECTOR_ROWS) begin(m);
}

#if defined(L4R_EMULATE_TILES)
#define EMULATED " (emulated)"
static int there_bf16(void) {
  return l4r_cpu()->avx512 && l4r_cpu()->avx512_bf16 && l4r_cpu()->avx512_vnni;
}

static int there_int8(void) {
  return there_bf16();
}
#else
#define EMULATED
static int there_bf16(void) {
  return l4r_cpu()->avx512 && l4r_cpu()->avx512_bf16 && l4r_cpu()->amx_bf16 &&
         l4r_cpu_tiles() == L4R_TILES_GRANTED;
}

static int there_int8(void) {
  return l4r_cpu()->avx512 && l4r_cpu()->avx512_vnni && l4r_cpu()->amx_int8 &&
         l4r_cpu_tiles() == L4R_TILES_GRANTED;
}
#endif

const struct l4r_gemm_kernel l4r_gemm_bf16_amx = {
    .name = "AMX-BF16" EMULATED,
    .set = L4R_ISA_AMX,
    .available = there_bf16,
    .layout = {.precision = L4R_BF16,
               .panel = PANEL,
               .interleave = 1,
               .depth = DEPTH,
               .planes = 1,
               .a_words = 1,
               .a_rows = HEIGHT},
    .round = to_pairs,
    .multiply = gemm_pairs,
    .begin = begin,
    .end = end,
    .attend = l4r_amx_attend,
    .attend_scratch = l4r_amx_attend_scratch,
};

const struct l4r_gemm_kernel l4r_gemm_bf16x3_amx = {
    .name = "AMX-BF16" EMULATED,
    .set = L4R_ISA_AMX,
    .available = there_bf16,
    .layout = {.precision = L4R_BF16X3,
               .panel = PANEL,
               .interleave = 1,
               .depth = DEPTH,
               .planes = 3,
               .a_words = 1,
               .a_rows = HEIGHT},
    .round = to_three_pairs,
    .multiply = gemm_planes,
    .begin = begin,
    .end = end,
};

const struct l4r_gemm_kernel l4r_gemm_int8_amx = {
    .name = "AMX-INT8" EMULATED,
    .set = L4R_ISA_AMX,
    .available = there_int8,
    .layout = {.precision = L4R_INT8,
               .panel = PANEL,
               .interleave = 1,
               .depth = DEPTH,
               .planes = 1,
               .a_words = 1,
               .a_rows = HEIGHT},
    .round = to_quads,
    .multiply = gemm_quads,
    .begin = begin_quads,
    .end = end,
    .attend = l4r_amx_attend,
    .attend_scratch = l4r_amx_attend_scratch,
};
#endif
