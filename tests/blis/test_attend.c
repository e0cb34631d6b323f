/* SPDX-License-Identifier: BSD-3-Clause */
/* Attention of one head by kernels that round its operands to bf16, beside the same in double; that
 * a query's bits are its own, and that nothing is read that was left in the scratch. */
#include "tests/blis/models.h"

#include "impl/base/bf16.h"
#include "impl/base/memory.h"
#include "impl/blis/kernels/attend.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { LONGEST = 300, WIDEST = 80, DISTANCES = 2 * LONGEST + L4R_LANES, BESIDE = 3 };

struct shape {
  int64_t queries, keys, width;
  int causal, biased;
};
static const struct shape shapes[] = {
    {50, 50, 64, 0, 1},   {50, 50, 64, 1, 1},   {1, 1, 8, 0, 0},    {1, 1, 64, 1, 1},
    {16, 16, 16, 1, 0},   {17, 17, 32, 0, 0},   {31, 31, 24, 1, 1}, {32, 32, 64, 0, 1},
    {33, 33, 33, 1, 0},   {65, 65, 80, 0, 0},   {12, 12, 32, 0, 0}, {7, 40, 64, 1, 1},
    {100, 100, 48, 1, 1}, {300, 300, 64, 0, 1}, {1, 300, 64, 1, 1}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

struct problem {
  struct shape shape;
  struct l4r_attention a; /* over the arrays below */
  float *qkv, *bias, *out, *scratch;
  int64_t floats; /* of scratch */
};

static const struct l4r_gemm_kernel *next_that_attends(int *at) {
  const struct l4r_gemm_kernel *row;
  while ((row = l4r_gemm_kernel_at((*at)++)))
    if (row->attend && row->available()) return row;
  return NULL;
}

static const struct l4r_kernels *set_of(const struct l4r_gemm_kernel *row) {
  return l4r_kernels_of(row->set);
}

static void problem_open(struct problem *p, const struct l4r_gemm_kernel *row,
                         const struct shape *shape) {
  const int64_t ld = 3 * shape->width + BESIDE, first = shape->keys - shape->queries;
  *p = (struct problem){.shape = *shape};
  p->qkv = test_normals(shape->keys * ld, 11);
  p->bias = test_normals(DISTANCES, 12);
  p->out = l4r_alloc((size_t)(shape->queries * (shape->width + BESIDE)), sizeof(float), "test");
  p->floats = row->attend_scratch(shape->keys, shape->width);
  p->scratch = l4r_alloc((size_t)p->floats, sizeof(float), "test");
  p->a = (struct l4r_attention){.queries = shape->queries,
                                .keys = shape->keys,
                                .width = shape->width,
                                .q = p->qkv + first * ld,
                                .k = p->qkv + shape->width,
                                .v = p->qkv + 2 * shape->width,
                                .ldq = ld,
                                .ldkv = ld,
                                .bias = shape->biased ? p->bias + LONGEST : NULL,
                                .first = first,
                                .causal = shape->causal,
                                .out = p->out,
                                .ldo = shape->width + BESIDE,
                                .scratch = p->scratch};
}

static void problem_close(struct problem *p) {
  l4r_free(p->qkv);
  l4r_free(p->bias);
  l4r_free(p->out);
  l4r_free(p->scratch);
}

/* What is left in the scratch, and what lies beside the result, is no number. */
static void spoil(const struct problem *p) {
  memset(p->scratch, 0xff, (size_t)p->floats * sizeof *p->scratch);
  memset(p->out, 0xff, (size_t)(p->a.queries * p->a.ldo) * sizeof *p->out);
}

static double rounded(float x) {
  return (double)l4r_bf16_value(l4r_bf16(x));
}

/* Weights of one query, in double, from rounded queries and keys. */
static int64_t weights_of(const struct l4r_attention *a, int64_t query, double *weight) {
  const int64_t position = a->first + query;
  const int64_t seen = a->causal && position + 1 < a->keys ? position + 1 : a->keys;
  double largest = -INFINITY, sum = 0;
  for (int64_t j = 0; j < seen; j++) {
    weight[j] = a->bias ? (double)a->bias[j - position] : 0;
    for (int64_t d = 0; d < a->width; d++)
      weight[j] += rounded(a->q[query * a->ldq + d]) * rounded(a->k[j * a->ldkv + d]);
    largest = fmax(largest, weight[j]);
  }
  for (int64_t j = 0; j < seen; j++) sum += weight[j] = exp(weight[j] - largest);
  for (int64_t j = 0; j < seen; j++) weight[j] /= sum;
  return seen;
}

/* A weight is off by half a bit of bf16, 2^-8 of it, at most, and by what fp32 loses in scores of
 * some tens. */
static void check_query(const struct problem *p, int64_t query, const char *name) {
  const struct l4r_attention *a = &p->a;
  double weight[LONGEST];
  const int64_t seen = weights_of(a, query, weight);
  for (int64_t d = 0; d < a->width; d++) {
    double wanted = 0, size = 0;
    for (int64_t j = 0; j < seen; j++) {
      const double value = weight[j] * rounded(a->v[j * a->ldkv + d]);
      wanted += value;
      size += fabs(value);
    }
    const double got = (double)a->out[query * a->ldo + d];
    cr_assert(fabs(got - wanted) <= size * (0x1p-8 + 1e-4),
              "%s, %lld queries, %lld keys, width %lld: query %lld, column %lld is %g, not %g",
              name, (long long)a->queries, (long long)a->keys, (long long)a->width,
              (long long)query, (long long)d, got, wanted);
  }
  for (int64_t d = a->width; d < a->ldo; d++)
    cr_assert(isnan(a->out[query * a->ldo + d]), "%s wrote beside its columns", name);
}

Test(blis_attend, weighs_values_as_double_does_from_rounded_operands) {
  int at = 0, ran = 0;
  for (const struct l4r_gemm_kernel *row; (row = next_that_attends(&at)); ran++)
    for (int s = 0; s < SHAPES; s++) {
      struct problem p;
      problem_open(&p, row, &shapes[s]);
      spoil(&p);
      row->attend(set_of(row), &p.a);
      for (int64_t i = 0; i < p.a.queries; i++) check_query(&p, i, row->name);
      problem_close(&p);
    }
  if (!ran) cr_skip_test("no kernel here has an attention of its own: that wants AMX");
}

Test(blis_attend, a_query_alone_has_the_bits_that_it_has_among_others) {
  int at = 0, ran = 0;
  for (const struct l4r_gemm_kernel *row; (row = next_that_attends(&at)); ran++)
    for (int s = 0; s < SHAPES; s++) {
      struct problem p;
      problem_open(&p, row, &shapes[s]);
      row->attend(set_of(row), &p.a);
      for (int64_t i = 0; i < p.a.queries; i++) {
        float alone[WIDEST];
        struct l4r_attention one = p.a;
        one.queries = 1;
        one.first += i;
        one.q += i * p.a.ldq;
        one.out = alone;
        row->attend(set_of(row), &one);
        cr_assert_arr_eq(alone, p.a.out + i * p.a.ldo, (size_t)p.a.width * sizeof *alone,
                         "%s, shape %d, query %lld", row->name, s, (long long)i);
      }
      problem_close(&p);
    }
  if (!ran) cr_skip_test("no kernel here has an attention of its own: that wants AMX");
}
