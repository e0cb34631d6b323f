/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes item vectors: D numbers from an item's tokens or its id. The Lite engines use it at open
 * (for the whole catalogue) and, with items=live, within requests. */
#ifndef L4R_LITE_ITEMS_H
#define L4R_LITE_ITEMS_H

#include "impl/data/dataset.h"
#include "impl/model/model.h"
#include "impl/stack.h"

#include <stdint.h>

struct l4r_lite_items;

/* Opens the Item LLM of `model` (encoder, projection, id rows, as its configuration says) on a
 * stack and tokenises the catalogue. Everything is copied, so the model may be closed. */
int l4r_lite_items_open(const struct l4r_stack_ops *ops, struct l4r_stack *stack,
                        const struct l4r_model *model, const struct l4r_dataset *dataset,
                        struct l4r_lite_items **items);
void l4r_lite_items_close(struct l4r_lite_items *items);

/* Computes out[n][D], the vectors of n items, in ragged batches of bounded size. Allocates
 * nothing. */
int l4r_lite_items_encode(struct l4r_lite_items *items, const l4r_item *item, int64_t n,
                          float *out);
/* Computes out[end - begin][D], the vectors of items begin+1..end, in batches of items of similar
 * length; row 0 is item begin+1. */
int l4r_lite_items_encode_range(struct l4r_lite_items *items, int64_t begin, int64_t end,
                                float *out);

/* Returns the mean number of tokens of an item; 0 where items are ids. Pure. */
double l4r_lite_items_mean_tokens(const struct l4r_lite_items *items);

#endif
