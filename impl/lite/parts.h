/* SPDX-License-Identifier: BSD-3-Clause */
/* What the harness reads of the engines of impl/lite/lite.h beyond the contract: the products that
 * a request needs, the items' vectors, the users' states. Not installed. */
#ifndef L4R_LITE_PARTS_H
#define L4R_LITE_PARTS_H

#include "impl/engine.h"
#include "impl/products.h"

/* Appends the products of one user's request, by which kernels are compared when a model of kind
 * lite or sasrec is opened. Pure. */
void l4r_lite_products(const struct l4r_model_config *config, struct l4r_products *products);

/* What a handle of these engines computes with: D; the vectors of items, [items][D], row i - 1 is
 * item i, NULL where items=live needs none; whether the head reads these vectors (times `scale`) or
 * has weights of its own. Borrowed from the handle. */
struct l4r_lite_parts {
  int64_t width, items;
  const float *vectors;
  int tied_head;
  float scale;
};
void l4r_lite_parts(void *handle, struct l4r_lite_parts *parts);
/* Computes lite->user[count][D] for `count` <= lite->batch requests, from their newest T_max items.
 * L4R_USAGE for an item that the model does not have. One thread at a time. */
struct l4r_lite;
int l4r_lite_encode_users(struct l4r_lite *lite, const struct l4r_request *request, int64_t count);

/* Fills out[n][D] with the states of n requests, which the head's scores are made from: zeroes for
 * an empty history. L4R_USAGE for an item that the model does not have. */
int l4r_lite_states(void *handle, const struct l4r_request *request, int64_t n, float *out);

#endif
