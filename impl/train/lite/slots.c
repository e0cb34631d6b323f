/* SPDX-License-Identifier: BSD-3-Clause */
/* Which items a step knows, which of them it encodes, and who does it; and the buffers of all that.
 * An item is listed once, in a slot, however often a step names it. */
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/train/lite/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Positions that pass the Item LLM at once: its activations should stay in a core's caches. */
enum { ITEM_CHUNK = 1024 };

void l4r_lite_slots_clear(struct l4r_lite *lite) {
  for (int64_t slot = 0; slot < lite->slots; slot++) lite->slot_of[lite->item_of[slot]] = -1;
  lite->slots = 0;
}

void l4r_lite_slots_add(struct l4r_lite *lite, l4r_item item) {
  if (lite->slot_of[item] >= 0) return;
  lite->slot_of[item] = (int32_t)lite->slots;
  lite->item_of[lite->slots++] = item;
}

/* The encoded part of the order: contiguous, even by tokens. */
static void share_encoded(struct l4r_lite *lite) {
  int64_t total = l4r_lite_tokens(lite, 0, lite->encoded), place = 0, sum = 0;
  for (int w = 0; w < lite->workers; w++) {
    lite->order_bound[w] = place;
    for (; place < lite->encoded && sum < total * (w + 1) / lite->workers; place++)
      sum += l4r_lite_tokens(lite, place, place + 1);
  }
  lite->order_bound[lite->workers] = lite->encoded;
}

/* Oldest stamp first. */
static int older_first(const void *a, const void *b, void *context) {
  const struct l4r_lite *lite = context;
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  int64_t at_x = lite->stamp[lite->item_of[x]], at_y = lite->stamp[lite->item_of[y]];
  if (at_x != at_y) return at_x < at_y ? -1 : 1;
  return (x > y) - (x < y);
}

void l4r_lite_slots_choose(struct l4r_lite *lite, int all) {
  for (int64_t slot = 0; slot < lite->slots; slot++) lite->order[slot] = slot;
  lite->encoded = lite->token ? lite->slots : 0;
  if (lite->stamp && !all) {
    qsort_r(lite->order, (size_t)lite->slots, sizeof *lite->order, older_first, lite);
    lite->encoded = (int64_t)ceil(lite->item_share * (double)lite->slots);
    while (lite->encoded < lite->slots &&
           lite->stamp[lite->item_of[lite->order[lite->encoded]]] == 0)
      lite->encoded++;
  }
  share_encoded(lite);
}

static int64_t offset_of(const struct l4r_tensors *tensors, const char *name) {
  const struct l4r_tensor *tensor = l4r_tensors_find(tensors, name);
  return tensor ? tensor->offset : -1;
}

/* Stamps and kept vectors, one block, which a checkpoint takes along. */
static int open_kept(struct l4r_lite *lite) {
  if (!lite->token || lite->item_share <= 0 || lite->item_share >= 1) return L4R_OK;
  size_t stamps = ((size_t)lite->items + 8) / 8 * 8, vectors = (size_t)(lite->items * lite->width);
  lite->kept_bytes = (int64_t)(stamps * sizeof(int64_t) + vectors * sizeof(float));
  lite->stamp = l4r_alloc((size_t)lite->kept_bytes, 1, "kept vectors of items");
  if (!lite->stamp) return L4R_ENVIRONMENT;
  lite->kept = (float *)(void *)(lite->stamp + stamps);
  return L4R_OK;
}

int l4r_lite_slots_open(struct l4r_lite *lite) {
  int64_t text_length = lite->config->text_length;
  lite->max_slots = lite->items; /* validation and a tied head need them all */
  lite->chunk_positions = text_length > ITEM_CHUNK ? text_length : ITEM_CHUNK;
  lite->projection = offset_of(lite->tensors, "item_llm.projection.weight");
  lite->id = offset_of(lite->tensors, "item_llm.id.weight");
  size_t slots = (size_t)lite->max_slots;
  lite->slot_of = l4r_alloc(slots + 1, sizeof(int32_t), "item slots");
  lite->item_of = l4r_alloc(slots, sizeof(int32_t), "items of a step");
  lite->order = l4r_alloc(slots, sizeof(int64_t), "items of a step");
  lite->order_bound = l4r_alloc((size_t)lite->workers + 1, sizeof(int64_t), "shares of items");
  lite->worker = l4r_alloc((size_t)lite->workers, sizeof *lite->worker, "workers");
  if (!lite->slot_of || !lite->item_of || !lite->order || !lite->order_bound || !lite->worker)
    return L4R_ENVIRONMENT;
  memset(lite->slot_of, -1, (slots + 1) * sizeof(int32_t));
  return open_kept(lite);
}

int l4r_lite_vectors_open(struct l4r_lite *lite) {
  size_t vectors = (size_t)(lite->max_slots * lite->width);
  lite->vector = l4r_alloc(vectors, sizeof(float), "item vectors");
  lite->text = l4r_alloc(lite->token ? vectors : 0, sizeof(float), "vectors of texts");
  lite->pooled = lite->text;
  if (lite->projection >= 0) lite->pooled = l4r_alloc(vectors, sizeof(float), "pooled texts");
  if (!lite->vector || !lite->text || !lite->pooled) return L4R_ENVIRONMENT;
  for (int w = 0; w < lite->workers; w++) {
    struct l4r_lite_worker *own = &lite->worker[w];
    own->item_hidden = l4r_alloc((size_t)(lite->chunk_positions * lite->width), sizeof(float),
                                 "hidden states of items");
    size_t step_slots = (size_t)(lite->step_slots ? lite->step_slots : lite->max_slots);
    own->d_vector = l4r_alloc(step_slots * (size_t)lite->width, sizeof(float),
                              "gradients of item vectors");
    if (!own->item_hidden || !own->d_vector) return L4R_ENVIRONMENT;
  }
  return L4R_OK;
}

void l4r_lite_slots_close(struct l4r_lite *lite) {
  for (int w = 0; lite->worker && w < lite->workers; w++) {
    struct l4r_lite_worker *own = &lite->worker[w];
    for (size_t c = 0; c < own->chunk_capacity; c++) {
      l4r_encoder_layers_close(own->chunk[c].layers);
      l4r_free(own->chunk[c].start);
      l4r_free(own->chunk[c].token);
    }
    l4r_free(own->chunk);
    l4r_free(own->item_hidden);
    l4r_free(own->d_vector);
  }
  if (lite->pooled != lite->text) l4r_free(lite->pooled);
  void *const all[] = {lite->token, lite->token_start, lite->slot_of, lite->item_of,
                       lite->order, lite->order_bound, lite->vector,  lite->text,
                       lite->stamp, lite->worker};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}
