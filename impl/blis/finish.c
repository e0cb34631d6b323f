/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/blis/finish.h"

#include <string.h>

/* Columns begin .. of the biases into, or onto, the worker's share of n results. */
static void lay_biases(const struct l4r_work_group *group, const float *bias, int64_t begin,
                       int64_t n, int add, struct l4r_blis_rows out) {
  const struct l4r_share share = l4r_work_group_share(group, out.count, n);
  if (!bias) return;
  for (int64_t i = share.row; i < share.row + share.rows; i++) {
    float *row = out.at + i * out.ld + begin + share.column;
    if (add)
      group->kernels->axpy(share.columns, 1, bias + begin + share.column, row);
    else
      memcpy(row, bias + begin + share.column, (size_t)share.columns * sizeof *row);
  }
}

struct results { /* and the function of them that is wanted */
  const struct l4r_kernels *kernels;
  enum l4r_finish finish;
  struct l4r_blis_rows out;
  int64_t width;
};

static void activate(const void *context, const struct l4r_share *part) {
  const struct results *results = context;
  for (int64_t i = part->row; i < part->row + part->rows; i++) {
    float *row = results->out.at + i * results->out.ld + part->column;
    if (results->finish == L4R_SWIGLU)
      results->kernels->silu_gate(part->columns, row, row + results->width);
    else if (results->finish == L4R_GEGLU)
      results->kernels->gelu_gate(part->columns, row, row + results->width);
    else if (results->finish == L4R_GELU)
      results->kernels->gelu(part->columns, row);
    else
      results->kernels->relu(part->columns, row);
  }
}

void l4r_multiply_finished(const struct l4r_work_group *group, const struct l4r_matrix *matrix,
                           const float *bias, struct l4r_blis_rows in, enum l4r_finish finish,
                           struct l4r_blis_rows out) {
  const int gated = finish == L4R_SWIGLU || finish == L4R_GEGLU;
  const int whole = finish == L4R_RELU || finish == L4R_GELU;
  const int64_t n = gated ? matrix->n / 2 : matrix->n;
  const struct results results = {group->kernels, finish, out, n};
  struct l4r_product product = {.m = in.count,
                                .a = in.at,
                                .lda = in.ld,
                                .columns = n,
                                .c = out.at,
                                .ldc = out.ld,
                                .accumulate = bias || finish == L4R_ADD,
                                .context = &results,
                                .after = whole ? activate : NULL};
  lay_biases(group, bias, 0, n, finish == L4R_ADD, out);
  l4r_multiply(group, matrix, &product);
  if (!gated) return;
  product.begin = n;
  product.c = out.at + n;
  product.after = activate;
  lay_biases(group, bias, n, n, 0, out);
  l4r_multiply(group, matrix, &product);
}

/* What is added and its gate have the same shape, so a worker's share of both is the same. */
void l4r_add_skip(const struct l4r_work_group *group, const struct l4r_skip *skip) {
  const int64_t d = skip->matrix->n, rows = skip->in.count;
  const struct l4r_blis_rows x = {rows, skip->x, d}, added = {rows, skip->added, d};
  if (!skip->gate_bias) {
    l4r_multiply_finished(group, skip->matrix, skip->bias, skip->in, L4R_ADD, x);
    return;
  }
  l4r_multiply_finished(group, skip->gate, skip->gate_bias, x, L4R_SET,
                        (struct l4r_blis_rows){rows, skip->gates, d});
  l4r_multiply_finished(group, skip->matrix, skip->bias, skip->in, L4R_SET, added);
  l4r_work_group_meet(group); /* x was read whole, and is written from here on */
  const struct l4r_share share = l4r_work_group_share(group, rows, d);
  for (int64_t i = share.row; i < share.row + share.rows; i++) {
    const int64_t at = i * d + share.column;
    group->kernels->sigmoid_gate(share.columns, skip->gates + at, skip->added + at);
    group->kernels->axpy(share.columns, 1, skip->gates + at, skip->x + at);
  }
}
