/* SPDX-License-Identifier: BSD-3-Clause */
/* Which matrix products a request will need, worked out from a model's shape before it is opened:
 * what a stack measures its kernels by (struct l4r_stack_options). */
#ifndef L4R_PRODUCTS_H
#define L4R_PRODUCTS_H

#include "impl/model/config.h"

#include <stdint.h>

struct l4r_product_shape { /* C[rows][n] = A[rows][k] B[k][n] */
  int64_t rows, k, n;
  double times; /* that a request has it */
};

enum { L4R_PRODUCTS_MAX = 16 };
struct l4r_products {
  struct l4r_product_shape product[L4R_PRODUCTS_MAX];
  int count;
};

/* Append the products of an encoder over `positions`, of which the last block computes one alone
 * beyond keys and values; of `steps` steps of a decoder with `rows` rows each, its
 * cross-attention's keys and values left out; and of a projection of one state to `items`. What has
 * no room is left out. Pure. */
void l4r_products_encoder(struct l4r_products *products, const struct l4r_t5_shape *shape,
                          int64_t positions);
void l4r_products_decoder(struct l4r_products *products, const struct l4r_t5_shape *shape,
                          int64_t rows, int64_t steps);
void l4r_products_head(struct l4r_products *products, int64_t width, int64_t items);

#endif
