/* SPDX-License-Identifier: BSD-3-Clause */
/* Describes a Lite engine and the cost of a request, computed from the shapes.
 *
 * FLOPs count a multiply-add as two and leave out norms, softmax and activations (under 2 % at
 * every size). Bytes are the least traffic when caches keep nothing between sub-layers: weights
 * once, and each sub-layer's input and output once. */
#include "impl/lite/describe.h"

#include "impl/base/text.h"
#include "impl/lite/lite_engine.h"
#include "impl/lite/shard.h"
#include "impl/model/config_sizes.h"

#include <stdio.h>
#include <string.h>

/* The cost of a T5 encoder over one sequence of `length` positions. With `last`, the last block
 * computes only the read-out position, and keys and values of all, as the blis stack does. */
static void encoder_cost(const struct l4r_t5_shape *shape, double weight, double length, int last,
                         double *flops, double *bytes) {
  const double width = (double)shape->d_model, inner = (double)(shape->heads * shape->d_kv);
  const double feed = (double)shape->d_ff, gates = shape->gated ? 2 : 1;
  const double skips = shape->gates ? 2 * width * width : 0; /* LiGR's */
  const double weights = 4 * width * inner + (gates + 1) * width * feed + skips;
  const double pairs = shape->causal ? length * (length + 1) / 2 : length * length;
  const double moved = 4 * width + 8 * inner + 2 * gates * feed; /* values of one position */
  *flops = (double)shape->encoder_blocks * (2 * length * weights + 4 * pairs * inner);
  *bytes = (double)shape->encoder_blocks * (weight * weights + sizeof(float) * length * moved);
  if (!last || length < 1) return;
  const double spared = weights - 2 * width * inner; /* for each position except the read-out */
  *flops -= 2 * (length - 1) * spared + 4 * (pairs - length) * inner;
}

int l4r_lite_cost(void *handle, int64_t n, struct l4r_cost *cost) {
  const struct l4r_lite *lite = handle;
  const struct l4r_model_config *config = &lite->config;
  const double length = (double)(n < config->history ? n : config->history);
  const double width = (double)lite->width,
               items = (double)(lite->end - lite->begin);   /* that this rank scores */
  double flops = 0, bytes = sizeof(float) * length * width; /* cached: vectors are looked up */
  const double weight = lite->ops->weight_bytes(lite->stack);
  if (lite->live && config->items_input != L4R_ITEMS_ID) {
    encoder_cost(&config->item_llm, weight, lite->mean_tokens, 0, &flops, &bytes);
    flops *= length; /* texts of a request are one batch: weights move once */
    bytes *= length > 0;
    if (config->projection) flops += 2 * length * width * width;
    const double wide = (double)config->item_llm.d_model;
    const double middle = (double)l4r_adapter_middle(config);
    if (config->whiten) flops += length * wide * wide;
    if (config->adapter)
      flops += 2 * length * (middle > 0 ? middle * (wide + width) : wide * width);
  }
  struct l4r_stage stage[] = {
      {"item encoding", flops, bytes, L4R_LITE_ENCODING},
      {"rec encoder", 0, 0, L4R_LITE_ENCODING},
      {"head", 2 * items * width, weight * items * width + sizeof(float) * 2 * items,
       L4R_LITE_HEAD},
      {"top-k", items, sizeof(float) * items, L4R_LITE_HEAD}, /* one comparison per item */
  };
  const int last = config->readout == L4R_READ_LAST && lite->ops == &l4r_stack_blis;
  encoder_cost(&config->rec_llm, weight, length, last, &stage[1].flops, &stage[1].bytes);
  int status = L4R_OK;
  for (size_t s = 0; s < sizeof stage / sizeof *stage && !status; s++)
    status = l4r_cost_add(cost, &stage[s]);
  return status;
}

int l4r_lite_timers(void *handle, struct l4r_timers *timers) {
  const struct l4r_lite *lite = handle;
  const int status = l4r_timers_add(timers, "encoding", lite->encoding_ns);
  return status ? status : l4r_timers_add(timers, "head", lite->head_ns);
}

int l4r_lite_budget(void *handle, struct l4r_budget *budget) {
  const struct l4r_lite *lite = handle;
  if (lite->spent) l4r_spent_budget(lite->spent, budget);
  return L4R_OK;
}

int l4r_lite_about(void *handle, struct l4r_about *about) {
  const struct l4r_lite *lite = handle;
  const struct l4r_model_config *config = &lite->config;
  static const char *const inputs[] = {"text", "id", "text+id"};
  static const char *const pooling[] = {"mean", "last", "first"};
  lite->ops->about(lite->stack, about);
  snprintf(about->settings, sizeof about->settings,
           "items=%s,history=%lld,attention=%s,pooling=%s,readout=%s,head=%s,input=%s",
           lite->live ? "live" : "cached", (long long)config->history,
           config->rec_llm.causal ? "causal" : "bidirectional", pooling[config->pooling],
           config->readout == L4R_READ_LAST ? "last" : "mean", config->tied_head ? "tied" : "free",
           inputs[config->items_input]);
  size_t used = strlen(about->settings);
  if (config->adapter)
    l4r_text_add(about->settings, sizeof about->settings, &used, ",item-llm=%s",
                 config->frozen ? "frozen" : "tuned");
  if (lite->shard)
    l4r_text_add(about->settings, sizeof about->settings, &used, ",shards=%d", lite->shard->ranks);
  if (lite->in_file) l4r_text_add(about->settings, sizeof about->settings, &used, ",table=file");
  const int64_t row = lite->width * (int64_t)sizeof(float);
  about->weights_bytes += l4r_lite_table_bytes(lite);
  about->scratch_bytes += lite->batch * (config->history + 1) * row;
  about->open_seconds = lite->open_seconds;
  about->item_vectors_seconds = lite->item_vectors_seconds;
  about->item_vectors_cached = lite->item_vectors_cached;
  return L4R_OK;
}
