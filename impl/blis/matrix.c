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

int64_t l4r_padded(int64_t n) {
  int64_t padded = (n + 15) / 16 * 16;
  return padded % 256 ? padded : padded + 16;
}

int l4r_matrix_open(struct l4r_matrix *matrix, int64_t k, int64_t n, const char *what) {
  *matrix = (struct l4r_matrix){.k = k, .n = n, .ld = l4r_padded(n)};
  matrix->value = l4r_alloc((size_t)k, (size_t)matrix->ld * sizeof(float), what);
  return matrix->value ? L4R_OK : L4R_ENVIRONMENT;
}

void l4r_matrix_close(struct l4r_matrix *matrix) {
  l4r_free(matrix->value);
  *matrix = (struct l4r_matrix){0};
}

int64_t l4r_matrix_bytes(const struct l4r_matrix *matrix) {
  return matrix->k * matrix->ld * (int64_t)sizeof(float);
}

void l4r_matrix_put(struct l4r_matrix *matrix, int64_t column, int64_t n, const float *source) {
  enum { BLOCK = 16 }; /* floats of a cache line: every line of both sides is touched once */
  for (int64_t j0 = 0; j0 < n; j0 += BLOCK)
    for (int64_t p = 0; p < matrix->k; p++) {
      float *row = matrix->value + p * matrix->ld + column;
      for (int64_t j = j0; j < n && j < j0 + BLOCK; j++) row[j] = source[j * matrix->k + p];
    }
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

void l4r_crew_gemm(const struct l4r_crew *crew, const struct l4r_gemm *gemm) {
  if (gemm->m <= 0 || gemm->n <= 0) return;
  if (crew->blas)
    blas_gemm(gemm);
  else
    crew->kernels->gemm(gemm);
}

struct l4r_share l4r_multiply(const struct l4r_crew *crew, const struct l4r_matrix *matrix,
                              const struct l4r_product *product) {
  struct l4r_share share = l4r_crew_share(crew, product->m, product->columns);
  l4r_crew_gemm(crew, &(struct l4r_gemm){
                          .m = share.rows,
                          .n = share.columns,
                          .k = matrix->k,
                          .a = product->a + share.row * product->lda,
                          .lda = product->lda,
                          .b = matrix->value + product->begin + share.column,
                          .ldb = matrix->ld,
                          .c = product->c + share.row * product->ldc + share.column,
                          .ldc = product->ldc,
                          .accumulate = product->accumulate,
                      });
  return share;
}
