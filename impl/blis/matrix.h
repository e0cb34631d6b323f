/* SPDX-License-Identifier: BSD-3-Clause */
/* Weight matrices as the kernels read them, and their product with activations.
 *
 * Hugging Face stores [out][in]. Here the transpose [k = in][n = out] is kept in panels of columns,
 * so that a tile of results reads one stream of memory from beginning to end:
 *
 *   panel 0: [k][panel]   panel 1: [k][panel]   ...   the last one filled up with zeros
 *
 * A panel is a tile of the kernel wide. Aligned to 64 bytes.
 *
 * In bf16 and int8 a word of 32 bits holds two or four neighbours of k, and the rows of a panel are
 * words (an incomplete last one is filled up with zeros): what AVX512-BF16, VNNI and tiles
 * multiply. In int8 a column is its largest magnitude / 127 times whole numbers. Interleaved, two
 * neighbouring words of a column stand side by side, [k / 2][panel][2], as Arm's 2 x 4 by 4 x 2
 * products take them. All this is the kernel's to say: struct l4r_layout. */
#ifndef L4R_BLIS_MATRIX_H
#define L4R_BLIS_MATRIX_H

#include "impl/blis/group.h"

#include <stdint.h>

struct l4r_matrix {
  union {
    float *value;   /* fp32 */
    uint32_t *word; /* bf16: pairs; int8: quads */
  };
  float *scale;        /* int8: [n] of a column */
  int32_t *offset;     /* int8: [n] 128 times a column's sum, for activations plus 128 */
  int64_t k, n, words; /* words: of a column in a plane, filled up to the layout's depth */
  const struct l4r_gemm_kernel *kernel; /* for which it is packed, and that multiplies by it */
};

/* n rounded up to whole cache lines, and past multiples of 1 KiB: rows that far apart fall into the
 * same few sets of the first-level cache. Pure. */
int64_t l4r_padded(int64_t n);

/* Takes memory for k x n zeros, packed for that kernel; L4R_ENVIRONMENT, and L4R_INPUT for rounded
 * rows of k values that do not fit into L4R_CONVERTED words. Free with l4r_matrix_close. */
int l4r_matrix_open(struct l4r_matrix *matrix, const struct l4r_gemm_kernel *kernel, int64_t k,
                    int64_t n, const char *what);
void l4r_matrix_close(struct l4r_matrix *matrix);
int64_t l4r_matrix_bytes(const struct l4r_matrix *matrix);
/* Returns the bytes of one value in such a layout, what fills up aside: 4 in fp32, 2 in bf16, 1 in
 * int8, 6 in bf16x3. Pure. */
double l4r_weight_bytes(const struct l4r_layout *layout);
/* Columns column .. column+n-1, which were not put before, become the transpose of source[n][k],
 * rounded to the nearest value of the precision (ties to even). */
void l4r_matrix_put(struct l4r_matrix *matrix, int64_t column, int64_t n, const float *source);
/* out[k] = column `column`: a row of the original weight, as it was rounded. */
void l4r_matrix_column(const struct l4r_matrix *matrix, int64_t column, float *out);

struct l4r_share { /* a part of a result: rows x columns */
  int64_t row, rows, column, columns;
};

struct l4r_product { /* C[m][columns] (+)= A[m][k] times columns begin .. begin+columns-1 */
  int64_t m;
  const float *a;
  int64_t lda;
  int64_t begin, columns;
  float *c; /* column `begin` of the matrix lands in column 0 */
  int64_t ldc;
  int accumulate;
  /* Called of one part of the results after the other, as soon as they are complete and while they
   * are in the cache: of columns and rows of C. NULL: nothing is. */
  void (*after)(const void *context, const struct l4r_share *part);
  const void *context;
};

/* How a group divides m x n results: by columns, which spares every worker the others' weights,
 * unless there are too few for that; then by rows. In whole tiles. Pure. */
struct l4r_share l4r_work_group_share(const struct l4r_work_group *group, int64_t m, int64_t n);

/* Computes the calling worker's share, which is returned for passes over it. No barrier inside. In
 * bf16 and int8 the worker rounds the rows of A that it needs into group->converted first. */
struct l4r_share l4r_multiply(const struct l4r_work_group *group, const struct l4r_matrix *matrix,
                              const struct l4r_product *product);

#endif
