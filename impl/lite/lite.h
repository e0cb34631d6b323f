/* SPDX-License-Identifier: BSD-3-Clause */
/* Lite-LLM4Rec over a stack (Section 3 of the paper; settings that the paper leaves open are in
 * impl/model/config.h). Both stacks serve the same composition. */
#ifndef L4R_LITE_LITE_H
#define L4R_LITE_LITE_H

#include "impl/engine.h"
#include "impl/products.h"

/* Details that the paper leaves open, the same in serving and training: an item's vector is
 * projection . pool(Item LLM(its tokens)); behind a pretrained Item LLM it is the adapter of the
 * whitened vector instead (impl/model/config.h). With items_input text+id, its row of
 * item_llm.id.weight is added; with id, it is only that row. An empty history has a zero user
 * state, so its ranking is the head's bias.
 *
 * Options: precision=fp32|bf16|int8|bf16x3, fallback=off|on, isa=auto|NAME, kernel=NAME
 * (impl/stack.h), items=cached|live, cache=on|off (item vectors kept in the model folder, keyed by
 * weights, texts, precision and engine). */
extern const struct l4r_engine l4r_engine_lite_reference; /* name "reference" */
extern const struct l4r_engine l4r_engine_lite_blis;      /* name "blis" */

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
/* Fills out[n][D] with the states of n requests, which the head's scores are made from: zeroes for
 * an empty history. L4R_USAGE for an item that the model does not have. */
int l4r_lite_states(void *handle, const struct l4r_request *request, int64_t n, float *out);

#endif
