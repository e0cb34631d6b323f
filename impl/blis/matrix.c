/* Packing and multiplying. The kernels of impl/blis/kernels_body.h do the products where they are
 * written for the processor (AVX2, AVX-512): on weights in this layout they are level with or ahead
 * of BLIS 0.9 at every row count of these models (Zen 5, one core, k = 512, n = 1536: 1 row 51
 * against 9 GFLOP/s, 50 rows 236 against 170, 256 rows 249 against 236), and their bits do not
 * depend on how a product is divided. Elsewhere BLIS does all but products of few rows. Its own
 * small-matrix path is switched off, because that picks its order of sums by shape, and the share
 * of a worker would show in the bits. */
#include "impl/blis/matrix.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <blis.h>
#include <string.h>

int64_t l4r_padded(int64_t n) {
  int64_t padded = (n + 15) / 16 * 16;
  return padded % 256 ? padded : padded + 16;
}

int l4r_matrix_open(struct l4r_matrix *matrix, struct l4r_layout layout, int64_t k, int64_t n,
                    const char *what) {
  int64_t panel = layout.panel, rows = layout.precision == L4R_BF16 ? (k + 1) / 2 : k;
  *matrix = (struct l4r_matrix){.k = k, .n = n, .rows = rows, .ld = panel, .layout = layout};
  if (layout.precision == L4R_BF16 && rows > L4R_CONVERTED)
    return l4r_fail(L4R_INPUT, "%s: bf16 multiplies up to %d values, not %lld; use precision=fp32",
                    what, 2 * L4R_CONVERTED, (long long)k);
  if (panel == L4R_PANEL_BLAS) matrix->ld = l4r_padded(n < panel ? n : panel);
  matrix->value = l4r_alloc((size_t)((n + panel - 1) / panel),
                            (size_t)(rows * matrix->ld) * sizeof(float), what);
  return matrix->value ? L4R_OK : L4R_ENVIRONMENT;
}

void l4r_matrix_close(struct l4r_matrix *matrix) {
  l4r_free(matrix->value);
  *matrix = (struct l4r_matrix){0};
}

int64_t l4r_matrix_bytes(const struct l4r_matrix *matrix) {
  if (!matrix->value) return 0;
  int64_t panels = (matrix->n + matrix->layout.panel - 1) / matrix->layout.panel;
  return panels * matrix->rows * matrix->ld * (int64_t)sizeof(float);
}

static int64_t column_at(const struct l4r_matrix *matrix, int64_t column) {
  int64_t panel = matrix->layout.panel;
  return column / panel * matrix->rows * matrix->ld + column % panel;
}

/* Nearest bf16, ties to even; NaN stays one. */
static uint32_t bf16_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if ((bits & 0x7fffffff) > 0x7f800000) return bits >> 16 | 0x40;
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
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
    uint32_t *to = matrix->pair + column_at(matrix, column + j);
    for (int64_t p = 0; p < k; p += 2, to += matrix->ld)
      *to = bf16_of(source[p]) | (p + 1 < k ? bf16_of(source[p + 1]) << 16 : 0);
  }
}

void l4r_matrix_put(struct l4r_matrix *matrix, int64_t column, int64_t n, const float *source) {
  if (matrix->layout.precision == L4R_BF16) {
    put_pairs(matrix, column, n, source);
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
      out[p] = value_of(matrix->pair[at + p / 2 * matrix->ld] >> 16 * (p % 2) & 0xffff);
    return;
  }
  const float *from = matrix->value + at;
  for (int64_t p = 0; p < matrix->k; p++) out[p] = from[p * matrix->ld];
}

/* A whole number of every kernel set's tiles: 12 rows (of 12, 6 and 4) by 32 columns. */
enum { TILE_ROWS = 12, TILE_COLUMNS = 32 };

struct l4r_share l4r_crew_share(const struct l4r_crew *crew, int64_t m, int64_t n) {
  struct l4r_share share = {.rows = m, .columns = n};
  if (crew->workers == 1) return share;
  int64_t end;
  if (n >= 2 * (int64_t)TILE_COLUMNS * crew->workers || m < TILE_ROWS * (int64_t)crew->workers) {
    l4r_split(n, TILE_COLUMNS, crew->worker, crew->workers, &share.column, &end);
    share.columns = end - share.column;
  } else {
    l4r_split(m, TILE_ROWS, crew->worker, crew->workers, &share.row, &end);
    share.rows = end - share.row;
  }
  return share;
}

static void blas_gemm(const struct l4r_gemm *g) {
  rntm_t one;
  bli_rntm_init(&one);
  bli_rntm_set_num_threads(1, &one);
  bli_rntm_disable_l3_sup(&one);
  float alpha = 1, beta = g->accumulate ? 1 : 0;
  bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, g->m, g->n, g->k, &alpha, (float *)g->a,
               g->lda, 1, (float *)g->b, g->ldb, 1, &beta, g->c, g->ldc, 1, NULL, &one);
}

/* The share's columns begin .. begin+columns-1 of the product, panel by panel. */
static void multiply_fp32(const struct l4r_crew *crew, const struct l4r_matrix *matrix,
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
    if (crew->blas)
      blas_gemm(&g);
    else
      crew->kernels->gemm(&g);
  }
}

/* As many rows at a time as the worker can hold rounded. */
static void multiply_bf16(const struct l4r_crew *crew, const struct l4r_matrix *matrix,
                          const struct l4r_product *product, const struct l4r_share *share) {
  int64_t panel = matrix->layout.panel, end = share->column + share->columns;
  int64_t most = L4R_CONVERTED / matrix->rows;
  struct l4r_gemm_pairs g = {.k = matrix->rows,
                             .a = crew->converted,
                             .ldb = matrix->ld,
                             .ldc = product->ldc,
                             .accumulate = product->accumulate};
  for (int64_t i = share->row; i < share->row + share->rows; i += g.m) {
    g.m = share->row + share->rows - i;
    if (g.m > most) g.m = most;
    for (int64_t r = 0; r < g.m; r++)
      crew->kernels->to_pairs(matrix->k, product->a + (i + r) * product->lda,
                              crew->converted + r * matrix->rows);
    for (int64_t j = share->column; j < end; j += g.n) {
      int64_t at = product->begin + j;
      g.n = panel - at % panel;
      if (g.n > end - j) g.n = end - j;
      g.b = matrix->pair + column_at(matrix, at);
      g.c = product->c + i * product->ldc + j;
      crew->kernels->gemm_pairs(&g);
    }
  }
}

struct l4r_share l4r_multiply(const struct l4r_crew *crew, const struct l4r_matrix *matrix,
                              const struct l4r_product *product) {
  struct l4r_share share = l4r_crew_share(crew, product->m, product->columns);
  if (share.rows < 1) return share;
  if (matrix->layout.precision == L4R_BF16)
    multiply_bf16(crew, matrix, product, &share);
  else
    multiply_fp32(crew, matrix, product, &share);
  return share;
}
