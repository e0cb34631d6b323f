/* SPDX-License-Identifier: BSD-3-Clause */
/* Products with made-up numbers, which cost what real ones do: no kernel looks at values. The clock
 * is the thread's own, so that what others do to the machine meanwhile counts as little as it can;
 * the least of a few turns leaves out what remains of it. */
#include "impl/blis/calibrate.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/blis/matrix.h"

#include <string.h>

enum {
  ROWS_MOST = 64,     /* of a product: more rows only repeat the same tiles */
  COLUMNS_MOST = 512, /* likewise, and a matrix stays in the caches as a layer's part does */
  TURNS = 6,
  TURN_NS = 200000,    /* a turn lasts that long at least */
  ENOUGH_NS = 15000000 /* no new round after that */
};
static const double far_behind = 1.5;       /* times the best: two turns do not differ that much */
static const uint32_t pattern = 0x3c003c00; /* .0078 in fp32 and in both halves as bf16; int8: 60 */

struct subject { /* one kernel with the matrices of all products */
  const struct l4r_gemm_kernel *kernel;
  struct l4r_matrix matrix[L4R_PRODUCTS_MAX];
};

struct bench {
  const struct l4r_products *products;
  float *a, *c;
  uint32_t *converted;
};

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

static int64_t rows_of(const struct l4r_product_shape *shape) {
  return least(shape->rows, ROWS_MOST);
}

static int64_t columns_of(const struct l4r_product_shape *shape) {
  return least(shape->n, COLUMNS_MOST);
}

static int open_subject(struct subject *subject, const struct l4r_products *products) {
  for (int i = 0; i < products->count; i++) {
    const struct l4r_product_shape *shape = &products->product[i];
    struct l4r_matrix *matrix = &subject->matrix[i];
    const int status = l4r_matrix_open(matrix, subject->kernel, shape->k, columns_of(shape),
                                       "a matrix to measure kernels by");
    if (status) return status;
    const int64_t words = (l4r_matrix_bytes(matrix) - (matrix->scale ? matrix->n * 8 : 0)) /
                          (int64_t)sizeof *matrix->word;
    for (int64_t w = 0; w < words; w++) matrix->word[w] = pattern;
    for (int64_t j = 0; matrix->scale && j < matrix->n; j++) matrix->scale[j] = 1;
  }
  return L4R_OK;
}

static void close_subject(struct subject *subject) {
  for (int i = 0; i < L4R_PRODUCTS_MAX; i++) l4r_matrix_close(&subject->matrix[i]);
}

static int open_bench(struct bench *bench, const struct l4r_products *products) {
  int64_t longest = 1;
  for (int i = 0; i < products->count; i++)
    if (products->product[i].k > longest) longest = products->product[i].k;
  bench->products = products;
  bench->a = l4r_alloc((size_t)(ROWS_MOST * longest), sizeof(float), "activations to measure by");
  bench->c = l4r_alloc(ROWS_MOST * COLUMNS_MOST, sizeof(float), "results to measure by");
  bench->converted = l4r_alloc(L4R_CONVERTED + L4R_CONVERTED_ROWS, sizeof(uint32_t),
                               "rounded activations to measure by");
  if (!bench->a || !bench->c || !bench->converted) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i < ROWS_MOST * longest; i++) bench->a[i] = .01f * (float)(i % 17 - 8);
  return L4R_OK;
}

static void close_bench(struct bench *bench) {
  l4r_free(bench->a);
  l4r_free(bench->c);
  l4r_free(bench->converted);
}

static void multiply(const struct bench *bench, const struct subject *subject, int i) {
  const struct l4r_product_shape *shape = &bench->products->product[i];
  const struct l4r_work_group group = {.workers = 1, .converted = bench->converted};
  l4r_multiply(&group, &subject->matrix[i],
               &(struct l4r_product){.m = rows_of(shape),
                                     .a = bench->a,
                                     .lda = shape->k,
                                     .columns = columns_of(shape),
                                     .c = bench->c,
                                     .ldc = columns_of(shape)});
}

/* Lowers least_ns[i] to what product i took in this turn, where it took less. */
static void take_turn(const struct bench *bench, const struct subject *subject, double *least_ns) {
  const int64_t each = TURN_NS / (bench->products->count ? bench->products->count : 1);
  for (int i = 0; i < bench->products->count; i++) {
    int64_t times = 0, began = l4r_thread_ns(), taken;
    do {
      multiply(bench, subject, i);
      times++;
      taken = l4r_thread_ns() - began;
    } while (taken < each);
    const double one = (double)taken / (double)times;
    if (least_ns[i] == 0 || one < least_ns[i]) least_ns[i] = one;
  }
}

/* The whole request, from what was measured of each product. */
static double sum_of(const struct l4r_products *products, const double *least_ns) {
  double sum = 0;
  for (int i = 0; i < products->count; i++) {
    const struct l4r_product_shape *shape = &products->product[i];
    sum += shape->times * least_ns[i] * (double)shape->n / (double)columns_of(shape) *
           (double)shape->rows / (double)rows_of(shape);
  }
  return sum;
}

static void measure(const struct bench *bench, const struct subject *subject,
                    struct l4r_kernel_times *times) {
  double *ns = times->ns;
  const int count = times->count;
  double least_ns[L4R_KERNELS_MAX][L4R_PRODUCTS_MAX] = {{0}};
  const int64_t began = l4r_thread_ns();
  for (int turn = 0; turn < TURNS && (turn < 3 || l4r_thread_ns() - began < ENOUGH_NS); turn++) {
    double best = 0;
    for (int i = 0; i < count && turn; i++)
      if (!best || ns[i] < best) best = ns[i];
    for (int i = 0; i < count; i++) {
      if (turn && ns[i] > far_behind * best) continue;
      if (!turn) /* the first reading of a matrix pays for its pages */
        for (int p = 0; p < bench->products->count; p++) multiply(bench, &subject[i], p);
      take_turn(bench, &subject[i], least_ns[i]);
      ns[i] = sum_of(bench->products, least_ns[i]);
    }
  }
}

int l4r_calibrate(const struct l4r_products *products, struct l4r_kernel_times *times) {
  const int count = times->count;
  struct bench bench = {0};
  struct subject *subject = l4r_alloc((size_t)count, sizeof *subject, "kernels to measure");
  int status = subject ? open_bench(&bench, products) : L4R_ENVIRONMENT;
  for (int i = 0; i < count && !status; i++) {
    subject[i].kernel = times->kernel[i];
    status = open_subject(&subject[i], products);
  }
  if (!status) measure(&bench, subject, times);
  for (int i = 0; subject && i < count; i++) close_subject(&subject[i]);
  l4r_free(subject);
  close_bench(&bench);
  return status;
}
