/* Weight matrices as the kernels read them, and their product with activations.
 *
 * Hugging Face stores [out][in]; here the transpose [k = in][n = out] is kept, so that a row of the
 * result is a combination of contiguous rows. 64-byte aligned; the leading dimension is padded to a
 * whole cache line and never a multiple of 1 KiB, since rows that far apart fall into the same few
 * sets of the first-level cache (with BLIS 0.9 that costs up to half the speed). */
#ifndef L4R_BLIS_MATRIX_H
#define L4R_BLIS_MATRIX_H

#include "impl/blis/crew.h"

#include <stdint.h>

struct l4r_matrix {
  float *value; /* [k][ld] */
  int64_t k, n, ld;
};

/* The padded leading dimension for rows of n floats. Pure. */
int64_t l4r_padded(int64_t n);

/* Takes memory for k x n zeros; L4R_ENVIRONMENT. Free with l4r_matrix_close. */
int l4r_matrix_open(struct l4r_matrix *matrix, int64_t k, int64_t n, const char *what);
void l4r_matrix_close(struct l4r_matrix *matrix);
int64_t l4r_matrix_bytes(const struct l4r_matrix *matrix);
/* Columns column .. column+n-1 become the transpose of source[n][k]. */
void l4r_matrix_put(struct l4r_matrix *matrix, int64_t column, int64_t n, const float *source);

struct l4r_product { /* C[m][columns] (+)= A[m][k] times columns begin .. begin+columns-1 */
  int64_t m;
  const float *a;
  int64_t lda;
  int64_t begin, columns;
  float *c; /* column `begin` of the matrix lands in column 0 */
  int64_t ldc;
  int accumulate;
};

struct l4r_share { /* a worker's part of a result: rows x columns */
  int64_t row, rows, column, columns;
};
/* How a crew divides m x n results: by columns, which spares every worker the others' weights,
 * unless there are too few for that; then by rows. In whole tiles. Pure. */
struct l4r_share l4r_crew_share(const struct l4r_crew *crew, int64_t m, int64_t n);

/* Computes the calling worker's share, which is returned for passes over it. No barrier inside. */
struct l4r_share l4r_multiply(const struct l4r_crew *crew, const struct l4r_matrix *matrix,
                              const struct l4r_product *product);

/* One worker's plain product through the kernels or BLIS, as the crew says. */
void l4r_crew_gemm(const struct l4r_crew *crew, const struct l4r_gemm *gemm);

#endif
