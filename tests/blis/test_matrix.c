/* Packed matrices: what was put in comes out, and products by any crew, through the kernels and
 * through BLIS, over any range of columns equal double arithmetic. */
#include "tests/blis/models.h"

#include "impl/base/blas.h"
#include "impl/base/memory.h"
#include "impl/blis/matrix.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { K = 37, N = 1100, M = 29 };

static const int64_t panels[] = {8, 16, 32, L4R_PANEL_BLAS};

/* Two tensors side by side, the seam inside a panel. */
static void pack(struct l4r_matrix *matrix, int64_t panel, const float *weight) {
  cr_assert_eq(l4r_matrix_open(matrix, (struct l4r_layout){panel, L4R_FP32}, K, N, "test"), 0);
  l4r_matrix_put(matrix, 0, 523, weight);
  l4r_matrix_put(matrix, 523, N - 523, weight + 523 * K);
}

Test(blis_matrix, columns_come_out_as_they_went_in) {
  float *weight = test_normals(N * K, 1), column[K];
  for (size_t p = 0; p < sizeof panels / sizeof *panels; p++) {
    struct l4r_matrix matrix;
    pack(&matrix, panels[p], weight);
    cr_assert_geq(l4r_matrix_bytes(&matrix), N * K * 4);
    cr_assert_leq(l4r_matrix_bytes(&matrix), (N + L4R_PANEL_BLAS + 64) * K * 4);
    for (int64_t j = 0; j < N; j++) {
      l4r_matrix_column(&matrix, j, column);
      cr_assert_arr_eq(column, weight + j * K, sizeof column, "panel %lld, column %lld",
                       (long long)panels[p], (long long)j);
    }
    l4r_matrix_close(&matrix);
    cr_assert_eq(l4r_matrix_bytes(&matrix), 0);
  }
  l4r_free(weight);
}

/* All shares of a crew, computed one after another. */
static void multiply(int workers, int blas, const struct l4r_matrix *matrix,
                     const struct l4r_product *product) {
  for (int w = 0; w < workers; w++) {
    struct l4r_crew crew = {
        .kernels = l4r_kernels_of(L4R_ISA_PORTABLE), .worker = w, .workers = workers, .blas = blas};
    l4r_multiply(&crew, matrix, product);
  }
}

static void check(const float *a, const float *weight, const struct l4r_product *product,
                  int workers, int64_t panel) {
  for (int64_t i = 0; i < product->m; i++)
    for (int64_t j = 0; j < product->columns; j++) {
      double sum = product->accumulate ? 2 : 0;
      for (int64_t k = 0; k < K; k++)
        sum += (double)a[i * K + k] * weight[(product->begin + j) * K + k];
      cr_assert_float_eq(product->c[i * product->ldc + j], sum, 2e-5,
                         "panel %lld, %d workers, rows %lld, columns %lld+%lld at %lld, %lld",
                         (long long)panel, workers, (long long)product->m,
                         (long long)product->begin, (long long)product->columns, (long long)i,
                         (long long)j);
    }
}

Test(blis_matrix, products_over_any_range_and_crew) {
  static const struct {
    int64_t m, begin, columns;
  } range[] = {{M, 0, N}, {1, 0, N}, {M, 500, 300}, {M, 13, 5}, {3, 1090, 10}, {0, 0, N}};
  float *weight = test_normals(N * K, 1), *a = test_normals(M * K, 2);
  float *c = l4r_alloc(M, N * sizeof(float), "test");
  l4r_blas_open();
  for (size_t p = 0; p < sizeof panels / sizeof *panels; p++)
    for (size_t r = 0; r < sizeof range / sizeof *range; r++)
      for (int workers = 1; workers <= 7; workers += 3) {
        struct l4r_matrix matrix;
        struct l4r_product product = {.m = range[r].m,
                                      .a = a,
                                      .lda = K,
                                      .begin = range[r].begin,
                                      .columns = range[r].columns,
                                      .c = c,
                                      .ldc = N,
                                      .accumulate = workers > 1};
        for (int64_t i = 0; i < M * N; i++) c[i] = 2;
        pack(&matrix, panels[p], weight);
        multiply(workers, panels[p] == L4R_PANEL_BLAS, &matrix, &product);
        check(a, weight, &product, workers, panels[p]);
        for (int64_t i = 0; i < M; i++) /* nothing beside the range was touched */
          if (i >= product.m || product.columns < N)
            cr_assert_eq(c[i * N + (i < product.m ? product.columns : 0)], 2);
        l4r_matrix_close(&matrix);
      }
  l4r_free(weight);
  l4r_free(a);
  l4r_free(c);
}
