/* SPDX-License-Identifier: BSD-3-Clause */
/* Random models and batches for the tests of the blis stack: everything a test needs between a
 * shape and an open stack. All functions assert. */
#ifndef L4R_TESTS_BLIS_MODELS_H
#define L4R_TESTS_BLIS_MODELS_H

#include "impl/base/random.h"
#include "impl/blis/matrix.h"
#include "impl/model/config.h"
#include "impl/model/weights.h"
#include "impl/stack.h"

struct test_model {
  struct l4r_model_config config;
  struct l4r_tensors tensors;
  struct l4r_weights weights;
  float *values;
};
/* A p5 model (prefix "") of a size, with `vocabulary` rows, changed by `change` if not NULL before
 * the tensors are made; biases and weights of norms random too. */
void test_model_open(struct test_model *model, const char *size, int64_t vocabulary,
                     void (*change)(struct l4r_t5_shape *));
void test_model_close(struct test_model *model);

struct test_batch {
  struct l4r_ragged ragged;
  int64_t start[65];
  int32_t *token;
  float *vector;
  int64_t rows;
};
/* Sequences of the given lengths (at most 64); vectors of `width` when not 0, else tokens. */
void test_batch_open(struct test_batch *batch, int64_t count, const int64_t *length, int64_t width,
                     int64_t vocabulary, uint64_t seed);
void test_batch_close(struct test_batch *batch);

/* Fails unless |got - wanted| <= 1e-5 + 1e-4 * the largest |wanted|, naming the worst place. */
void test_close(const float *got, const float *wanted, int64_t n, const char *what);
enum { TEST_K = 37, TEST_N = 1100, TEST_M = 29 };

/* Two tensors of TEST_K columns side by side, TEST_N rows in all, the seam inside a panel. */
void test_pack(struct l4r_matrix *matrix, const struct l4r_gemm_kernel *kernel,
               const float *weight);

/* The rows of a precision that run here, one after another from *at = 0 on; NULL behind the last,
 * and a failure when there was none. */
const struct l4r_gemm_kernel *test_next_kernel(enum l4r_precision precision, int *at);

struct test_gemm { /* C[m][n] (+)= A[m][k] W[n][k], in arrays of any leading dimension */
  int64_t m, n, k;
  const float *a, *weight; /* [m][k + 3], [n][k] */
  int64_t begin;           /* columns begin .. n-1 of W alone */
  int accumulate;
};
/* Packs W for the row, multiplies, and holds each result against `expected`, the double product of
 * a row of A and one of W, within `room` * (|before| + *size), which `expected` fills; fails, too,
 * where anything beside C was touched. */
void test_check_gemm(const struct l4r_gemm_kernel *kernel, const struct test_gemm *gemm,
                     double (*expected)(const float *a, const float *w, int64_t k, double *size),
                     double room);
/* That by every row of the precision that runs here, at sizes around every edge of a tile: m 1 ..
 * 40 and 3,200, n and k odd, 0, 1, more than a panel; and with A that is no number. */
void test_gemm_edges(enum l4r_precision precision,
                     double (*expected)(const float *a, const float *w, int64_t k, double *size),
                     double room_each);

struct test_products {
  const struct l4r_matrix *matrix; /* packed from `weight` */
  const float *weight;
  double (*expected)(const float *a, const float *weight); /* product of two rows of TEST_K */
  double room;                                             /* for the difference */
  const char *what;
};
/* Products over whole matrices, parts that begin inside a panel, few rows and none, shared by
 * groups of one, four and seven: results within `room` of `expected`, nothing beside the range
 * touched. */
void test_products(const struct test_products *products);

/* n normals from a seed, to be freed with l4r_free. */
float *test_normals(int64_t n, uint64_t seed);

#endif
