/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/layers/faster.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

/* Rows as of a worker's piece of a step, of which more only repeat the same blocks; the clock is
 * the thread's own, so that what others do to the machine meanwhile counts as little as it can. */
enum { ROWS = 256, TURNS = 5, TURN_NS = 1000000 };

struct bench {
  const struct l4r_layer_kernels *kernels;
  int64_t in, out;
  l4r_real *x, *weight, *y; /* [ROWS][in], [out][in], [ROWS][out] */
};

/* y = x w', then both gradients, each in the place of what it is the gradient of. */
static void pass(const struct bench *b, int bf16) {
  struct l4r_matmul product = {.kernels = b->kernels, .bf16 = bf16, .alpha = 1};
  product.m = ROWS, product.n = b->out, product.k = b->in;
  product.a = b->x, product.b = b->weight, product.trans_b = 1, product.c = b->y;
  l4r_matmul(&product);
  product.n = b->in, product.k = b->out;
  product.a = b->y, product.trans_b = 0, product.c = b->x;
  l4r_matmul(&product);
  product.m = b->out, product.n = b->in, product.k = ROWS;
  product.trans_a = 1, product.b = b->x, product.c = b->weight;
  product.beta = 1;
  l4r_matmul(&product);
}

static double turn(const struct bench *b, int bf16) {
  int64_t times = 0, taken;
  const int64_t began = l4r_thread_ns();
  do {
    pass(b, bf16);
    times++;
    taken = l4r_thread_ns() - began;
  } while (taken < TURN_NS);
  return (double)taken / (double)times;
}

static int open_bench(struct bench *b) {
  b->x = l4r_alloc((size_t)(ROWS * b->in), sizeof *b->x, "activations to measure by");
  b->weight = l4r_alloc((size_t)(b->out * b->in), sizeof *b->weight, "weights to measure by");
  b->y = l4r_alloc((size_t)(ROWS * b->out), sizeof *b->y, "results to measure by");
  if (!b->x || !b->weight || !b->y) return L4R_ENVIRONMENT;
  return L4R_OK; /* zeros, which cost what other numbers do */
}

static void close_bench(struct bench *b) {
  l4r_free(b->x);
  l4r_free(b->weight);
  l4r_free(b->y);
}

/* Adds to ns[] what a layer of that size takes, `times` times. */
static int add_layer(const struct l4r_layer_kernels *kernels, int64_t in, int64_t out, double times,
                     double ns[2]) {
  struct bench bench = {.kernels = kernels, .in = in, .out = out};
  double least[2] = {0};
  int status = open_bench(&bench);
  for (int t = -1; t < TURNS && !status; t++) /* the first turn pays for the pages */
    for (int bf16 = 0; bf16 < 2; bf16++) {
      const double taken = turn(&bench, bf16);
      if (t == 0 || (t > 0 && taken < least[bf16])) least[bf16] = taken;
    }
  for (int bf16 = 0; bf16 < 2; bf16++) ns[bf16] += times * least[bf16];
  close_bench(&bench);
  return status;
}

int l4r_layers_measure(const struct l4r_layer_kernels *kernels, const struct l4r_t5_shape *shape,
                       double ns[2]) {
  const int64_t inner = shape->heads * shape->d_kv, gates = shape->gated ? 2 : 1;
  ns[0] = ns[1] = 0;
  int status = add_layer(kernels, shape->d_model, inner, 4, ns); /* q, k, v; o is its mirror */
  if (!status) status = add_layer(kernels, shape->d_model, gates * shape->d_ff, 1, ns);
  if (!status) status = add_layer(kernels, shape->d_ff, shape->d_model, 1, ns);
  return status;
}
