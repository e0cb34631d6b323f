/* SPDX-License-Identifier: BSD-3-Clause */
/* The own products and the fused softmax head of every set of instructions that this processor has,
 * against plain loops in double: shapes that are and are not whole tiles, strides, both ways of
 * storing, and catalogues on both sides of the size above which logits are made twice. */
#include "impl/train/layers/matmul.h"
#include "impl/train/layers/softmax.h"
#include "tests/support/t5.h"

#include "impl/base/memory.h"
#include "impl/train/layers/kernels/kernels.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

/* got equals want within 1e-5 + 1e-4 of the largest. */
static void close_to(const char *what, const float *got, const double *want, int64_t count) {
  double largest = 0, error = 0;
  for (int64_t i = 0; i < count; i++) {
    largest = fmax(largest, fabs(want[i]));
    error = isnan(got[i]) ? INFINITY : fmax(error, fabs(got[i] - want[i]));
  }
  cr_expect_leq(error, 1e-5 + 1e-4 * largest, "%s: off by %g of %g", what, error, largest);
}

static double element(const float *m, int transposed, int64_t stride, int64_t row, int64_t column) {
  return transposed ? m[column * stride + row] : m[row * stride + column];
}

/* `rounded`: operands are bf16 already, so that a product of bf16 loses nothing. */
static void check_product(const char *isa, l4r_matmul_function product, int rounded,
                          const int64_t shape[3], int transposes, float beta) {
  const int64_t m = shape[0], n = shape[1], k = shape[2];
  enum { MORE = 3 }; /* of strides */
  int trans_a = transposes & 1, trans_b = transposes >> 1;
  int64_t a_stride = (trans_a ? m : k) + MORE, b_stride = (trans_b ? k : n) + MORE;
  float *a = test_t5_normals(1, (trans_a ? k : m) * a_stride, 1);
  float *b = test_t5_normals(2, (trans_b ? n : k) * b_stride, 1);
  float *c = test_t5_normals(3, m * (n + MORE), 1);
  double *want = l4r_alloc((size_t)(m * (n + MORE)), sizeof *want, "a result");
  if (rounded)
    test_round_to_bf16(a, (trans_a ? k : m) * a_stride),
        test_round_to_bf16(b, (trans_b ? n : k) * b_stride);
  for (int64_t i = 0; i < m * (n + MORE); i++) want[i] = c[i];
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) {
      double sum = 0;
      for (int64_t p = 0; p < k; p++)
        sum += element(a, trans_a, a_stride, i, p) * element(b, trans_b, b_stride, p, j);
      want[i * (n + MORE) + j] = 0.5 * sum + (double)beta * c[i * (n + MORE) + j];
    }
  product(&(struct l4r_matmul){.trans_a = trans_a,
                               .trans_b = trans_b,
                               .m = m,
                               .n = n,
                               .k = k,
                               .a = a,
                               .b = b,
                               .a_stride = a_stride,
                               .b_stride = b_stride,
                               .c = c,
                               .c_stride = n + MORE,
                               .alpha = 0.5f,
                               .beta = beta});
  char what[128];
  snprintf(what, sizeof what, "%s: %lld x %lld x %lld, transposed %d, beta %g", isa, (long long)m,
           (long long)n, (long long)k, transposes, (double)beta);
  close_to(what, c, want, m * (n + MORE));
  void *const all[] = {a, b, c, want};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}

/* The table of a set with own products that runs here, or NULL. */
static const struct l4r_layer_kernels *table(int isa) {
  if (!l4r_cpu_offers((enum l4r_isa)isa)) return NULL;
  const struct l4r_layer_kernels *kernels = l4r_layer_kernels_of((enum l4r_isa)isa);
  return kernels->product ? kernels : NULL;
}

Test(layers_gemm, products_of_every_table) {
  static const int64_t shapes[][3] = {
      {1, 1, 1}, {3, 33, 7}, {64, 64, 64}, {50, 130, 401}, {9, 16, 385}};
  static const float betas[] = {0, 1, 0.25f};
  for (int isa = 0; isa < L4R_ISAS; isa++)
    for (size_t s = 0; table(isa) && s < sizeof shapes / sizeof *shapes; s++)
      for (int transposes = 0; transposes < 4; transposes++)
        check_product(l4r_isa_name(table(isa)->isa), table(isa)->product, 0, shapes[s], transposes,
                      betas[((size_t)transposes + s) % 3]);
}

Test(layers_gemm, products_of_bf16) {
  static const int64_t shapes[][3] = {{1, 1, 1},     {3, 33, 7},    {64, 64, 64},
                                      {50, 70, 513}, {300, 9, 257}, {9, 16, 385}};
  static const float betas[] = {0, 1, 0.25f};
  if (!l4r_gemm_bf16(l4r_layer_kernels_or_widest(NULL)))
    cr_skip_test("this processor has no products of bf16");
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
    for (int transposes = 0; transposes < 4; transposes++)
      check_product("bf16", l4r_gemm_bf16(l4r_layer_kernels_or_widest(NULL)), 1, shapes[s],
                    transposes, betas[((size_t)transposes + s) % 3]);
}

/* Operands that are no bf16 are rounded to the nearest, not cut: the error has no direction. */
Test(layers_gemm, bf16_rounds_to_the_nearest) {
  enum { DEPTH = 200 };
  float a[DEPTH], b[DEPTH], c = 0;
  double want = 0;
  if (!l4r_gemm_bf16(l4r_layer_kernels_or_widest(NULL)))
    cr_skip_test("this processor has no products of bf16");
  for (int k = 0; k < DEPTH; k++) {
    a[k] = 1 + (float)(k % 97) / 97;
    b[k] = 1 + (float)(k % 89) / 89;
    want += (double)(test_bf16(a[k]) * test_bf16(b[k]));
  }
  l4r_gemm_bf16(l4r_layer_kernels_or_widest(NULL))(&(struct l4r_matmul){.m = 1,
                                                                        .n = 1,
                                                                        .k = DEPTH,
                                                                        .a = a,
                                                                        .b = b,
                                                                        .a_stride = DEPTH,
                                                                        .b_stride = 1,
                                                                        .c = &c,
                                                                        .c_stride = 1,
                                                                        .alpha = 1});
  cr_expect_float_eq(c, want, 1e-5 * want, "%g, wanted %g", (double)c, want);
}

struct head {
  int64_t rows, width, classes;
  int biased;
};

/* The same in double, row by row. */
static double plain_head(const struct l4r_softmax_spec *spec, double *d_hidden, double *d_weight,
                         double *d_bias) {
  double loss = 0, *logit = l4r_alloc((size_t)spec->classes, sizeof *logit, "logits");
  for (int64_t r = 0; r < spec->rows; r++) {
    const float *hidden = spec->hidden + r * spec->width;
    double top = -INFINITY, sum = 0;
    if (spec->target[r] < 0) continue;
    for (int64_t c = 0; c < spec->classes; c++) {
      logit[c] = spec->bias ? spec->bias[c] : 0;
      for (int64_t d = 0; d < spec->width; d++)
        logit[c] += (double)spec->scale * hidden[d] * spec->weight[c * spec->width + d];
      top = fmax(top, logit[c]);
    }
    for (int64_t c = 0; c < spec->classes; c++) sum += exp(logit[c] - top);
    loss += top + log(sum) - logit[spec->target[r]];
    for (int64_t c = 0; c < spec->classes; c++) {
      double g = spec->loss_scale * (exp(logit[c] - top) / sum - (c == spec->target[r]));
      if (spec->bias) d_bias[c] += g;
      for (int64_t d = 0; d < spec->width; d++) {
        d_hidden[r * spec->width + d] += (double)spec->scale * g *
                                         spec->weight[c * spec->width + d];
        d_weight[c * spec->width + d] += (double)spec->scale * g * hidden[d];
      }
    }
  }
  l4r_free(logit);
  return loss;
}

static void check_head(const struct l4r_layer_kernels *kernels, const struct head *head) {
  int64_t hidden_cells = head->rows * head->width, weight_cells = head->classes * head->width;
  float *hidden = test_t5_normals(1, hidden_cells, 1), *bias = test_t5_normals(3, head->classes, 1);
  float *weight = test_t5_normals(2, weight_cells, 0.3),
        *d_hidden = test_t5_normals(4, hidden_cells, 1);
  float *d_weight = test_t5_normals(5, weight_cells, 0),
        *d_bias = test_t5_normals(6, head->classes, 0);
  int32_t *target = test_t5_tokens(7, head->rows, head->classes);
  target[head->rows / 2] = -1;
  target[0] = (int32_t)head->classes - 1;
  struct l4r_softmax_spec spec = {.rows = head->rows,
                                  .width = head->width,
                                  .classes = head->classes,
                                  .hidden = hidden,
                                  .weight = weight,
                                  .bias = head->biased ? bias : NULL,
                                  .target = target,
                                  .scale = 0.7f,
                                  .loss_scale = 0.125f,
                                  .d_hidden = d_hidden,
                                  .d_weight = d_weight,
                                  .d_bias = head->biased ? d_bias : NULL};
  spec.scratch = l4r_alloc((size_t)kernels->softmax_scratch(head->width, head->classes),
                           sizeof(float), "scratch");
  double *w_hidden = l4r_alloc((size_t)hidden_cells, sizeof *w_hidden, "d hidden");
  double *w_weight = l4r_alloc((size_t)weight_cells, sizeof *w_weight, "d weight");
  double *w_bias = l4r_alloc((size_t)head->classes, sizeof *w_bias, "d bias");
  double got = kernels->softmax(&spec), want = plain_head(&spec, w_hidden, w_weight, w_bias);
  char what[128];
  snprintf(what, sizeof what, "%s: %lld rows, %lld classes of width %lld",
           l4r_isa_name(kernels->isa), (long long)head->rows, (long long)head->classes,
           (long long)head->width);
  cr_expect_leq(fabs(got - want), 1e-5 * want, "%s: loss %.9g, not %.9g", what, got, want);
  close_to(what, d_hidden, w_hidden, hidden_cells);
  close_to(what, d_weight, w_weight, weight_cells);
  if (head->biased) close_to(what, d_bias, w_bias, head->classes);
  void *const all[] = {hidden, bias,     weight,   d_hidden, d_weight,    d_bias,
                       target, w_hidden, w_weight, w_bias,   spec.scratch};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}

Test(layers_gemm, softmax_heads_of_every_table) {
  /* beyond 32,768 classes (AVX-512) and 65,536 (AVX2) a panel's logits are made twice */
  static const struct head heads[] = {{5, 20, 3, 1},     {33, 64, 37, 0},    {300, 24, 700, 1},
                                      {70, 64, 3416, 1}, {40, 16, 40001, 0}, {35, 8, 70000, 1}};
  for (int isa = 0; isa < L4R_ISAS; isa++)
    for (size_t i = 0; table(isa) && i < sizeof heads / sizeof *heads; i++)
      check_head(table(isa), &heads[i]);
}
