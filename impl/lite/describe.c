/* SPDX-License-Identifier: BSD-3-Clause */
/* What a Lite engine is and what a request costs it, worked out from the shapes.
 *
 * FLOPs count a multiply-add as two and leave out norms, softmax and activations (under 2 % at
 * every size). Bytes are what must move if caches held nothing between sub-layers: weights once,
 * each sub-layer's input and output once. */
#include "impl/lite/lite_engine.h"

#include "impl/base/error.h"

#include <stdio.h>
#include <string.h>

/* A T5 encoder over one sequence of `length` positions. `last`: of the last block only the read-out
 * position is computed, beyond the keys and values of all (what the blis stack does). */
static void encoder_cost(const struct l4r_t5_shape *shape, double length, int last, double *flops,
                         double *bytes) {
  const double width = (double)shape->d_model, inner = (double)(shape->heads * shape->d_kv);
  const double feed = (double)shape->d_ff, gates = shape->gated ? 2 : 1;
  const double weights = 4 * width * inner + (gates + 1) * width * feed;
  const double pairs = shape->causal ? length * (length + 1) / 2 : length * length;
  const double moved = 4 * width + 8 * inner + 2 * gates * feed; /* values of one position */
  *flops = (double)shape->encoder_blocks * (2 * length * weights + 4 * pairs * inner);
  *bytes = (double)shape->encoder_blocks * sizeof(float) * (weights + length * moved);
  if (!last || length < 1) return;
  const double spared = weights - 2 * width * inner; /* of each position but the read-out */
  *flops -= 2 * (length - 1) * spared + 4 * (pairs - length) * inner;
}

static void add_stages(const struct l4r_lite *lite, int64_t n, struct l4r_description *d) {
  const struct l4r_model_config *config = &lite->config;
  const double length = (double)(n < config->history ? n : config->history);
  const double width = (double)lite->width, items = (double)config->items;
  double flops = 0, bytes = sizeof(float) * length * width; /* cached: vectors are looked up */
  if (lite->live && config->items_input != L4R_ITEMS_ID) {
    encoder_cost(&config->item_llm, lite->mean_tokens, 0, &flops, &bytes);
    flops *= length; /* texts of one request are encoded in one batch: weights move once */
    bytes *= length > 0;
    if (config->projection) flops += 2 * length * width * width;
  }
  l4r_description_timer(d, "encoding", lite->encoding_ns);
  l4r_description_stage(d, "item encoding", flops, bytes);
  const int last = config->readout == L4R_READ_LAST && lite->ops == &l4r_stack_blis;
  encoder_cost(&config->rec_llm, length, last, &flops, &bytes);
  l4r_description_stage(d, "rec encoder", flops, bytes);
  l4r_description_timer(d, "head", lite->head_ns);
  l4r_description_stage(d, "head", 2 * items * width, sizeof(float) * (items * width + 2 * items));
  l4r_description_stage(d, "top-k", items, sizeof(float) * items); /* a comparison each */
}

int l4r_lite_describe(void *handle, int64_t n, struct l4r_description *description) {
  const struct l4r_lite *lite = handle;
  const struct l4r_model_config *config = &lite->config;
  memset(description, 0, sizeof *description);
  int status = lite->ops->describe(lite->stack, description);
  if (status) return status;
  static const char *const inputs[] = {"text", "id", "text+id"};
  snprintf(description->settings, sizeof description->settings,
           "items=%s,history=%lld,attention=%s,pooling=%s,readout=%s,head=%s,input=%s",
           lite->live ? "live" : "cached", (long long)config->history,
           config->rec_llm.causal ? "causal" : "bidirectional",
           config->pooling == L4R_POOL_MEAN ? "mean" : "last",
           config->readout == L4R_READ_LAST ? "last" : "mean", config->tied_head ? "tied" : "free",
           inputs[config->items_input]);
  const int64_t row = lite->width * (int64_t)sizeof(float);
  if (lite->vectors) description->weights_bytes += config->items * row;
  description->scratch_bytes += lite->batch * (config->history + 1) * row;
  description->open_seconds = lite->open_seconds;
  description->item_vectors_seconds = lite->item_vectors_seconds;
  description->item_vectors_cached = lite->item_vectors_cached;
  add_stages(lite, n, description);
  return L4R_OK;
}
