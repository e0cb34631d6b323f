/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens the training of an Item LLM: sizes, buffers and memory. */
#include "impl/train/items/items.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/loop/tensors_divided.h"

/* Positions that pass through the Item LLM together; their activations should fit a core's
 * caches. */
enum { ITEM_CHUNK = 1024 };

/* With more than they were made with, pretrained encoders forget what they know. */
static const double PRETRAINED_DROPOUT = 0.1;

void l4r_train_items_init(const struct l4r_train_items_spec *spec, struct l4r_train_items *items) {
  const struct l4r_model_config *config = spec->config;
  *items = (struct l4r_train_items){
      .spec = *spec,
      .items = config->items,
      .width = config->rec_llm.d_model,
      .wide = config->adapter ? config->item_llm.d_model : config->rec_llm.d_model,
      .chunk_positions = config->text_length > ITEM_CHUNK ? config->text_length : ITEM_CHUNK};
  if (!spec->ranks.workers)
    items->spec.ranks = (struct l4r_train_ranks){.size = 1, .workers = spec->workers};
  items->most_slots = items->items;
  items->projection = l4r_tensors_offset(spec->tensors, "item_llm.projection.weight");
  items->id = l4r_tensors_offset(spec->tensors, "item_llm.id.weight");
  const struct l4r_tensor *divided = l4r_tensors_divided(spec->tensors);
  if (!divided) return;
  items->each = divided->rows;
  items->first = divided->first;
}

static int keeps_vectors(const struct l4r_train_items *items) {
  if (items->spec.config->adapter) return 1;
  return items->spec.token && items->spec.share > 0 && items->spec.share < 1;
}

/* Allocates stamps and kept vectors as one block, which the checkpoint contains (unless a frozen
 * encoder's vectors can be had again). */
static int open_kept(struct l4r_train_items *items) {
  if (!keeps_vectors(items)) return L4R_OK;
  size_t stamps = ((size_t)items->items + 8) / 8 * 8,
         vectors = (size_t)(items->items * items->wide);
  const size_t bytes = stamps * sizeof(int64_t) + vectors * sizeof(float);
  items->kept_bytes = l4r_train_items_frozen(items) ? 0 : (int64_t)bytes;
  items->stamp = l4r_alloc(bytes, 1, "kept vectors of items");
  if (!items->stamp) return L4R_ENVIRONMENT;
  items->kept = (float *)(void *)(items->stamp + stamps);
  return L4R_OK;
}

int l4r_train_items_open(struct l4r_train_items *items) {
  size_t slots = (size_t)items->most_slots, workers = (size_t)items->spec.workers;
  const size_t all = (size_t)items->spec.ranks.workers;
  const size_t all_items = (size_t)items->items + 1;
  items->slot_of = l4r_alloc(all_items, sizeof(int32_t), "item slots");
  items->item_of = l4r_alloc(slots, sizeof(int32_t), "items of a step");
  items->order = l4r_alloc(slots, sizeof(int64_t), "items of a step");
  items->order_bound = l4r_alloc(all + 1, sizeof(int64_t), "shares of items");
  items->worker = l4r_alloc(workers, sizeof *items->worker, "workers");
  if (!items->slot_of || !items->item_of || !items->order || !items->order_bound || !items->worker)
    return L4R_ENVIRONMENT;
  memset(items->slot_of, -1, all_items * sizeof(int32_t));
  const struct l4r_train_items_spec *spec = &items->spec;
  int status = L4R_OK;
  if (spec->config->adapter)
    status = l4r_adapter_open(spec->config, spec->tensors, spec->bf16, spec->kernels,
                              &items->adapter);
  return status ? status : open_kept(items);
}

/* Allocates what an adapter reads, keeps and writes, for all items of a step. */
static int open_adapter(struct l4r_train_items *items) {
  const size_t count = (size_t)items->items, wide = (size_t)items->wide;
  const size_t middle = (size_t)items->adapter.middle;
  items->pooled = l4r_alloc(count, wide * sizeof(float), "vectors of texts");
  items->raw = l4r_alloc(l4r_train_items_frozen(items) ? 0 : count, wide * sizeof(float),
                         "pooled texts");
  for (int i = 0; i < 2; i++) {
    items->between[i] = l4r_alloc(count, middle * sizeof(float), "an adapter's states");
    if (!items->between[i]) return L4R_ENVIRONMENT;
  }
  return items->pooled && items->raw ? L4R_OK : L4R_ENVIRONMENT;
}

int l4r_train_items_open_vectors(struct l4r_train_items *items, int64_t step_slots) {
  size_t vectors = (size_t)(items->most_slots * items->width);
  items->vector = l4r_alloc(vectors, sizeof(float), "item vectors");
  items->text = l4r_alloc(items->spec.token ? vectors : 0, sizeof(float), "vectors of texts");
  items->pooled = items->text;
  if (items->projection >= 0) items->pooled = l4r_alloc(vectors, sizeof(float), "pooled texts");
  if (!items->vector || !items->text || !items->pooled) return L4R_ENVIRONMENT;
  if (items->spec.config->adapter && open_adapter(items)) return L4R_ENVIRONMENT;
  for (int w = 0; w < items->spec.workers; w++) {
    struct l4r_train_items_worker *own = &items->worker[w];
    const int64_t hidden = l4r_train_items_frozen(items) ? 0 : items->chunk_positions;
    own->hidden = l4r_alloc((size_t)(hidden * items->wide), sizeof(float),
                            "hidden states of items");
    own->scratch = l4r_alloc((size_t)items->wide, sizeof(float), "a text's vector");
    own->d_vector = l4r_alloc((size_t)(step_slots * items->width), sizeof(float),
                              "gradients of item vectors");
    if (!own->hidden || !own->scratch || !own->d_vector) return L4R_ENVIRONMENT;
  }
  return L4R_OK;
}

void l4r_train_items_close(struct l4r_train_items *items) {
  for (int w = 0; items->worker && w < items->spec.workers; w++) {
    struct l4r_train_items_worker *own = &items->worker[w];
    for (size_t c = 0; c < own->chunk_capacity; c++) {
      l4r_encoder_layers_close(own->chunk[c].layers);
      l4r_free(own->chunk[c].start);
      l4r_free(own->chunk[c].token);
    }
    l4r_free(own->chunk);
    l4r_free(own->hidden);
    l4r_free(own->scratch);
    l4r_free(own->d_vector);
  }
  if (items->pooled != items->text) l4r_free(items->pooled);
  void *const all[] = {items->spec.token, items->spec.token_start,
                       items->slot_of,    items->item_of,
                       items->order,      items->order_bound,
                       items->vector,     items->text,
                       items->stamp,      items->worker,
                       items->raw,        items->between[0],
                       items->between[1], items->sent,
                       items->received};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
  *items = (struct l4r_train_items){0};
}

double l4r_train_items_shared_bytes(const struct l4r_train_items *items) {
  const double count = (double)items->items, slots = (double)items->most_slots;
  const double vectors = slots * (double)items->width * sizeof(float);
  double bytes = count * sizeof(int32_t) + slots * (sizeof(int32_t) + sizeof(int64_t)) + vectors;
  if (items->each) bytes += 2 * vectors; /* sent and received */
  const double wide = count * (double)items->wide * sizeof(float);
  if (items->spec.token) bytes += items->projection >= 0 ? 2 * vectors : vectors;
  if (keeps_vectors(items)) bytes += wide + count * sizeof(int64_t);
  if (items->spec.config->adapter)
    bytes += (l4r_train_items_frozen(items) ? 1 : 2) * wide +
             2 * count * (double)items->adapter.middle * sizeof(float);
  return bytes;
}

double l4r_train_items_worker_bytes(const struct l4r_train_items *items, int64_t step_slots) {
  const int64_t hidden = l4r_train_items_frozen(items) ? 0 : items->chunk_positions;
  return (double)(step_slots * items->width + (hidden + 1) * items->wide) * sizeof(float);
}

struct l4r_train_spec l4r_train_items_layers(const struct l4r_train_items *items) {
  const struct l4r_model_config *config = items->spec.config;
  return (struct l4r_train_spec){.shape = &config->item_llm,
                                 .tensors = items->spec.tensors,
                                 .prefix = "item_llm.",
                                 .dropout = config->adapter && config->dropout > PRETRAINED_DROPOUT
                                                ? PRETRAINED_DROPOUT
                                                : config->dropout,
                                 .bf16 = items->spec.bf16,
                                 .kernels = items->spec.kernels,
                                 .max_positions = items->chunk_positions,
                                 .max_count = items->chunk_positions,
                                 .max_length = config->text_length};
}

int l4r_train_items_chunk_bytes(const struct l4r_train_items *items, int64_t tokens,
                                double *bytes) {
  *bytes = 0;
  if (!items->spec.token || tokens <= 0) return L4R_OK;
  struct l4r_train_spec spec = l4r_train_items_layers(items);
  int64_t chunk = l4r_encoder_layers_bytes(&spec);
  if (chunk < 0) return (int)chunk;
  /* A chunk ends before the item that would not fit, so half a text stays empty on average. */
  double positions = (double)items->chunk_positions;
  double filled = positions - 0.5 * (double)items->spec.config->text_length;
  double chunks = (double)tokens / items->spec.ranks.size / filled + items->spec.workers;
  *bytes = chunks * ((double)chunk + 12 * positions);
  return L4R_OK;
}
