/* SPDX-License-Identifier: BSD-3-Clause */
/* Packing and multiplying. The kernels of impl/blis/kernels/body.h do all products, at every number
 * of rows and with every instruction set: a result element is one chain of multiply-adds whatever
 * the shape, so its bits depend neither on how a product is divided nor on who is served beside a
 * user. On weights in this layout they are level with or ahead of BLIS 0.9 (Zen 5, one core, k =
 * 512, n = 1536, AVX-512: 1 row 51 against 9 GFLOP/s, 50 rows 236 against 170, 256 rows 249 against
 * 236; k = 512, n = 2048, the portable set against BLIS's "penryn", both SSE: 29 against 5, 43
 * against 42, 44 against 48). */
#include "impl/blis/matrix.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <string.h>

int64_t l4r_padded(int64_t n) {
  int64_t padded = (n + 15) / 16 * 16;
  return padded % 256 ? padded : padded + 16;
}

static int64_t words_of(enum l4r_precision precision, int64_t k) {
  static const int values[] = {1, 2, 4};
  return (k + values[precision] - 1) / values[precision];
}

int l4r_matrix_open(struct l4r_matrix *matrix, struct l4r_layout layout, int64_t k, int64_t n,
                    const char *what) {
  int64_t panel = layout.panel, rows = words_of(layout.precision, k);
  *matrix = (struct l4r_matrix){.k = k, .n = n, .rows = rows, .ld = panel, .layout = layout};
  if (layout.precision != L4R_FP32 && l4r_padded(rows) > L4R_CONVERTED)
    return l4r_fail(L4R_INPUT, "%s: rows of %lld values are too long; use precision=fp32", what,
                    (long long)k);
  matrix->value = l4r_alloc((size_t)((n + panel - 1) / panel),
                            (size_t)(rows * matrix->ld) * sizeof(float), what);
  if (!matrix->value) return L4R_ENVIRONMENT;
  if (layout.precision != L4R_INT8) return L4R_OK;
  matrix->scale = l4r_alloc((size_t)n, sizeof *matrix->scale, what);
  matrix->offset = l4r_alloc((size_t)n, sizeof *matrix->offset, what);
  return matrix->scale && matrix->offset ? L4R_OK : L4R_ENVIRONMENT;
}

void l4r_matrix_close(struct l4r_matrix *matrix) {
  l4r_free(matrix->value);
  l4r_free(matrix->scale);
  l4r_free(matrix->offset);
  *matrix = (struct l4r_matrix){0};
}

int64_t l4r_matrix_bytes(const struct l4r_matrix *matrix) {
  if (!matrix->value) return 0;
  int64_t panels = (matrix->n + matrix->layout.panel - 1) / matrix->layout.panel;
  int64_t columns = matrix->scale ? matrix->n * (int64_t)(sizeof(float) + sizeof(int32_t)) : 0;
  return panels * matrix->rows * matrix->ld * (int64_t)sizeof(float) + columns;
}

static int64_t column_at(const struct l4r_matrix *matrix, int64_t column) {
  int64_t panel = matrix->layout.panel;
  return column / panel * matrix->rows * matrix->ld + column % panel;
}

static float value_of(uint32_t bf16) {
  uint32_t bits = bf16 << 16;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static void put_pairs(struct l4r_matrix *matrix, int64_t column, int64_t n, const float *source) {
  int64_t k = matrix->k;
  for (int64_t j = 0; j < n; j++, source += k) {
    uint32_t *to = matrix->word + column_at(matrix, column + j);
    for (int64_t p = 0; p < k; p += 2, to += matrix->ld)
      *to = l4r_bf16(source[p]) | (p + 1 < k ? l4r_bf16(source[p + 1]) << 16 : 0);
  }
}

static void put_quads(struct l4r_matrix *matrix, int64_t column, int64_t n, const float *source) {
  int64_t k = matrix->k;
  for (int64_t j = column; j < column + n; j++, source += k) {
    uint32_t *to = matrix->word + column_at(matrix, j);
    float most = 0;
    int32_t sum = 0;
    for (int64_t p = 0; p < k; p++) most = fabsf(source[p]) > most ? fabsf(source[p]) : most;
    matrix->scale[j] = most / 127;
    for (int64_t p = 0; p < k; p++) {
      int whole = most > 0 ? (int)rintf(source[p] / most * 127) : 0;
      sum += whole;
      to[p / 4 * matrix->ld] |= (uint32_t)(whole & 255) << 8 * (p % 4);
    }
    matrix->offset[j] = 128 * sum;
  }
}

void l4r_matrix_put(struct l4r_matrix *matrix, int64_t column, int64_t n, const float *source) {
  if (matrix->layout.precision == L4R_BF16) {
    put_pairs(matrix, column, n, source);
    return;
  }
  if (matrix->layout.precision == L4R_INT8) {
    put_quads(matrix, column, n, source);
    return;
  }
  enum { BLOCK = 8 }; /* rows of the source read side by side; divides every panel's width */
  for (int64_t j = 0, step; j < n; j += step) {
    float *to = matrix->value + column_at(matrix, column + j);
    step = BLOCK - (column + j) % BLOCK;
    if (step > n - j) step = n - j;
    for (int64_t p = 0; p < matrix->k; p++, to += matrix->ld)
      for (int64_t i = 0; i < step; i++) to[i] = source[(j + i) * matrix->k + p];
  }
}

void l4r_matrix_column(const struct l4r_matrix *matrix, int64_t column, float *out) {
  int64_t at = column_at(matrix, column);
  if (matrix->layout.precision == L4R_BF16) {
    for (int64_t p = 0; p < matrix->k; p++)
      out[p] = value_of(matrix->word[at + p / 2 * matrix->ld] >> 16 * (p % 2) & 0xffff);
    return;
  }
  if (matrix->layout.precision == L4R_INT8) {
    for (int64_t p = 0; p < matrix->k; p++) {
      uint32_t byte = matrix->word[at + p / 4 * matrix->ld] >> 8 * (p % 4) & 255;
      out[p] = matrix->scale[column] * (float)(int8_t)byte;
    }
    return;
  }
  const float *from = matrix->value + at;
  for (int64_t p = 0; p < matrix->k; p++) out[p] = from[p * matrix->ld];
}

/* A whole number of every kernel set's tiles: 12 rows (of 12, 6 and 4) by 32 columns. */
enum { TILE_ROWS = 12, TILE_COLUMNS = 32 };

struct l4r_share l4r_work_group_share(const struct l4r_work_group *group, int64_t m, int64_t n) {
  struct l4r_share share = {.rows = m, .columns = n};
  if (group->workers == 1) return share;
  int64_t end;
  if (n >= 2 * (int64_t)TILE_COLUMNS * group->workers || m < TILE_ROWS * (int64_t)group->workers) {
    l4r_split(n, TILE_COLUMNS, group->worker, group->workers, &share.column, &end);
    share.columns = end - share.column;
  } else {
    l4r_split(m, TILE_ROWS, group->worker, group->workers, &share.row, &end);
    share.rows = end - share.row;
  }
  return share;
}

/* The share's columns begin .. begin+columns-1 of the product, panel by panel. */
static void multiply_fp32(const struct l4r_work_group *group, const struct l4r_matrix *matrix,
                          const struct l4r_product *product, const struct l4r_share *share) {
  struct l4r_gemm g = {.m = share->rows,
                       .k = matrix->k,
                       .a = product->a + share->row * product->lda,
                       .lda = product->lda,
                       .ldb = matrix->ld,
                       .ldc = product->ldc,
                       .accumulate = product->accumulate};
  int64_t panel = matrix->layout.panel, end = share->column + share->columns;
  for (int64_t j = share->column; j < end; j += g.n) {
    int64_t at = product->begin + j;
    g.n = panel - at % panel;
    if (g.n > end - j) g.n = end - j;
    g.b = matrix->value + column_at(matrix, at);
    g.c = product->c + share->row * product->ldc + j;
    g.next = j + g.n < end ? matrix->value + column_at(matrix, at + g.n) : NULL;
    group->kernels->gemm(&g);
  }
}

/* Rows of A, rounded into the worker's memory, and the columns they meet. */
struct rounded {
  const struct l4r_work_group *group;
  const struct l4r_matrix *matrix;
  const struct l4r_product *product;
  int64_t row, rows, lda; /* lda: in words, off the multiples of 1 KiB */
  float *scale;           /* int8: of the rows */
};

static void round_rows(const struct rounded *part) {
  const struct l4r_kernels *kernels = part->group->kernels;
  const struct l4r_matrix *matrix = part->matrix;
  for (int64_t r = 0; r < part->rows; r++) {
    const float *from = part->product->a + (part->row + r) * part->product->lda;
    uint32_t *to = part->group->converted + r * part->lda;
    if (matrix->layout.precision == L4R_BF16)
      kernels->to_pairs(matrix->k, from, to);
    else
      part->scale[r] = kernels->to_quads(matrix->k, from, to);
  }
}

/* Columns `at` .. at+n-1 of the matrix, in one panel, to columns `j` on of the product. */
static void multiply_panel(const struct rounded *part, int64_t at, int64_t j, int64_t n,
                           const void *next) {
  const struct l4r_matrix *matrix = part->matrix;
  const struct l4r_product *product = part->product;
  const uint32_t *b = matrix->word + column_at(matrix, at);
  float *c = product->c + part->row * product->ldc + j;
  if (matrix->layout.precision == L4R_BF16)
    part->group->kernels->gemm_pairs(&(struct l4r_gemm_pairs){.m = part->rows,
                                                              .n = n,
                                                              .k = matrix->rows,
                                                              .a = part->group->converted,
                                                              .lda = part->lda,
                                                              .b = b,
                                                              .ldb = matrix->ld,
                                                              .c = c,
                                                              .ldc = product->ldc,
                                                              .accumulate = product->accumulate,
                                                              .next = next});
  else
    part->group->kernels->gemm_quads(&(struct l4r_gemm_quads){.m = part->rows,
                                                              .n = n,
                                                              .k = matrix->rows,
                                                              .a = part->group->converted,
                                                              .lda = part->lda,
                                                              .row = part->scale,
                                                              .b = b,
                                                              .ldb = matrix->ld,
                                                              .column = matrix->scale + at,
                                                              .offset = matrix->offset + at,
                                                              .c = c,
                                                              .ldc = product->ldc,
                                                              .accumulate = product->accumulate,
                                                              .next = next});
}

/* As many rows at a time as the worker can hold rounded. */
static void multiply_rounded(const struct l4r_work_group *group, const struct l4r_matrix *matrix,
                             const struct l4r_product *product, const struct l4r_share *share) {
  int64_t panel = matrix->layout.panel, end = share->column + share->columns;
  int64_t lda = l4r_padded(matrix->rows), last = share->row + share->rows;
  int64_t most = L4R_CONVERTED / lda;
  if (most > L4R_CONVERTED_ROWS) most = L4R_CONVERTED_ROWS;
  struct rounded part = {.group = group, .matrix = matrix, .product = product, .lda = lda};
  part.scale = (float *)(void *)(group->converted + L4R_CONVERTED);
  for (part.row = share->row; part.row < last; part.row += part.rows) {
    part.rows = last - part.row < most ? last - part.row : most;
    round_rows(&part);
    for (int64_t j = share->column, n; j < end; j += n) {
      int64_t at = product->begin + j;
      n = panel - at % panel;
      if (n > end - j) n = end - j;
      multiply_panel(&part, at, j, n,
                     j + n < end ? matrix->word + column_at(matrix, at + n) : NULL);
    }
  }
}

struct l4r_share l4r_multiply(const struct l4r_work_group *group, const struct l4r_matrix *matrix,
                              const struct l4r_product *product) {
  struct l4r_share share = l4r_work_group_share(group, product->m, product->columns);
  if (share.rows < 1) return share;
  if (matrix->layout.precision == L4R_FP32)
    multiply_fp32(group, matrix, product, &share);
  else
    multiply_rounded(group, matrix, product, &share);
  return share;
}
