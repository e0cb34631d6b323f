/* SPDX-License-Identifier: BSD-3-Clause */
/* Vectors of texts: the encoder of an Item LLM, and what pools its states, on a stack. Serving uses
 * it within items.h; training computes with it what a frozen encoder says of the catalogue. */
#ifndef L4R_LITE_TEXTS_H
#define L4R_LITE_TEXTS_H

#include "impl/data/item.h"
#include "impl/stack.h"

#include <stdint.h>

enum { L4R_TEXT_BATCH = 256 }; /* most items that are encoded at once */

struct l4r_lite_texts_spec {
  const struct l4r_stack_ops *ops;
  struct l4r_stack *stack;
  const struct l4r_model_config *config; /* item_llm, pooling, normalize, text_length; read during
                                            open only, as weights */
  const struct l4r_weights *weights;
  const char *prefix;   /* of the encoder's tensors */
  const int32_t *token; /* from l4r_item_tokens; borrowed until close, as start */
  const int64_t *start;
};
struct l4r_lite_texts;
int l4r_lite_texts_open(const struct l4r_lite_texts_spec *spec, struct l4r_lite_texts **texts);
void l4r_lite_texts_close(struct l4r_lite_texts *texts);

/* Computes out[*count][E], the vectors of the first items of item[n] that fit into one batch, at
 * most L4R_TEXT_BATCH: pooled, and divided by their length where the configuration says so.
 * Allocates nothing. */
int l4r_lite_texts_encode(struct l4r_lite_texts *texts, const l4r_item *item, int64_t n, float *out,
                          int64_t *count);
/* Computes out[items][E] of all items. */
int l4r_lite_texts_encode_all(struct l4r_lite_texts *texts, int64_t items, float *out);

/* Calls `encode` for items begin+1..end, L4R_TEXT_BATCH at a time, in the order of their texts'
 * lengths (start NULL: of their numbers), and puts the vectors [width] into out[end-begin][width];
 * row 0 is item begin+1. Shows progress where it takes more than a second. */
int l4r_lite_in_order(const int64_t *start, int64_t begin, int64_t end, int64_t width,
                      int (*encode)(void *context, const l4r_item *item, int64_t n, float *out),
                      void *context, float *out);

#endif
