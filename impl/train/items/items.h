/* SPDX-License-Identifier: BSD-3-Clause */
/* Training of an Item LLM: from items to vectors and back. A trainer of a model that reads item
 * vectors (impl/train/lite, baselines/beam/train) opens one of these, lists in each step the items
 * that the step names (slots.h), encodes them and returns their gradients (encode.h).
 *
 * Letters: D width, I items, S slots. A *slot* is the place of an item among the distinct items of
 * a step. An item's vector comes from its text, from its id, or from the sum of both, as the
 * configuration says (items_input).
 *
 * Behind a pretrained Item LLM (config->adapter), what is kept of an item from step to step is the
 * encoder's vector [E], whitened, and the adapter runs over all items of every step. A frozen
 * encoder encodes none of them, a tuned one the step's share. */
#ifndef L4R_TRAIN_ITEMS_ITEMS_H
#define L4R_TRAIN_ITEMS_ITEMS_H

#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/model/tensors.h"
#include "impl/train/layers/adapter.h"
#include "impl/train/layers/layers.h"
#include "impl/train/loop/ranks.h"

#include <stdint.h>
#include <string.h>

struct l4r_train_items_spec {
  const struct l4r_model_config
      *config; /* kinds lite, sasrec and lite-beam; borrowed, as tensors */
  const struct l4r_tensors *tensors;
  int workers, bf16;            /* bf16, kernels: as in struct l4r_train_spec */
  struct l4r_train_ranks ranks; /* texts are shared out among all their workers; zeros: one rank */
  const struct l4r_layer_kernels *kernels;
  double share;   /* 0..1: share of a step's distinct items that are encoded again, oldest vectors
                     first; the other vectors come from earlier steps. 0 or 1: all are encoded */
  int32_t *token; /* texts of all items from l4r_item_tokens, NULL where items are only ids */
  int64_t *token_start; /* owned by this object, like token: close frees both */
};

struct l4r_item_chunk { /* some items in the Item LLM; kept until backward */
  struct l4r_encoder_layers *layers;
  struct l4r_batch batch;
  int64_t *start;
  int32_t *token;
  int64_t place; /* of its first item in the order */
};

struct l4r_train_items_worker {
  struct l4r_item_chunk *chunk;
  size_t chunk_capacity;
  int64_t chunks, chunks_used;
  float *hidden;   /* [chunk positions][E]; in backward its gradient */
  float *scratch;  /* [E] */
  float *d_vector; /* [S][D]: this worker's gradient of the step's item vectors */
};

struct l4r_train_items {
  struct l4r_train_items_spec spec;
  int64_t items, width, chunk_positions;
  int64_t wide; /* [E] width of the encoder; D without an adapter */
  struct l4r_adapter_layers adapter;
  int64_t projection, id; /* offsets in the flat buffer; -1: none */
  /* Where ranks divide the id table: how many rows each has, and the first of this rank's, from 0;
   * 0 where every rank has all. */
  int64_t each, first;
  int64_t most_slots; /* of any step; I where the owner sets nothing else before open */
  /* for a step */
  int32_t *slot_of; /* [I + 1], -1: not in this step */
  int32_t *item_of; /* [most slots] */
  int64_t *order;   /* [most slots] slots: first those encoded in this step, then the others */
  int64_t slots, encoded;
  int64_t *order_bound; /* [all ranks' workers + 1]: each worker's part of the encoded slots */
  float *vector;        /* [most slots][D]: the input of the model */
  float *pooled, *text; /* [encoded][D], in `order`: before and after the projection; the same
                           buffer when there is none. With an adapter [S][E] its input and [S][D]
                           its output */
  float *raw;           /* with an adapter that is tuned: [encoded][E] pooled states */
  float *between[2];    /* with two layers: [S][M] before and after GELU */
  int64_t *stamp;     /* [I + 1] when an item was last encoded: 1 + (epoch << 32 | step), 0 never */
  int64_t kept_bytes; /* size of the block that holds stamp and kept */
  float *kept;        /* [I][D] vectors of that time; both are NULL where all items are encoded.
                         With an adapter [I][E], of all items from the begin */
  float *sent;        /* this rank's part of vectors on its way to the others */
  float *received;    /* rows of a divided table, of all ranks */
  size_t sent_capacity, received_capacity;
  struct l4r_train_items_worker *worker;
};

/* A worker's number among those of all ranks. Pure. */
static inline int l4r_train_items_number(const struct l4r_train_items *items, int worker) {
  return items->spec.ranks.first + worker;
}

/* Rows of the id table that this rank has room for. Pure. */
static inline int64_t l4r_train_items_rows(const struct l4r_train_items *items) {
  return items->each ? items->each : items->items;
}

/* Where an item's row stands in this rank's part of the id table; -1 where another rank has it.
 * Pure. */
static inline int64_t l4r_train_items_row(const struct l4r_train_items *items, int32_t item) {
  const int64_t row = item - 1 - items->first;
  return !items->each || (row >= 0 && row < items->each) ? row : -1;
}

/* The places that worker `number` of all ranks works on: [0] those that are encoded, and [1] of the
 * others those whose vectors an adapter makes. Pure. */
static inline void l4r_train_items_places(const struct l4r_train_items *items, int number,
                                          int64_t begin[2], int64_t end[2]) {
  begin[0] = items->order_bound[number];
  end[0] = items->order_bound[number + 1];
  l4r_split(items->slots - items->encoded, 1, number, items->spec.ranks.workers, &begin[1],
            &end[1]);
  begin[1] += items->encoded;
  end[1] += items->encoded;
}

/* 1: no step runs the encoder; its vectors are what kept holds. Pure. */
static inline int l4r_train_items_frozen(const struct l4r_train_items *items) {
  return items->spec.config->adapter && items->spec.config->frozen;
}

/* Stores the configuration and takes over the texts; allocates nothing. Must be closed even if a
 * later call fails. */
void l4r_train_items_init(const struct l4r_train_items_spec *spec, struct l4r_train_items *items);
/* Allocates the lists of a step's items. L4R_ENVIRONMENT. */
int l4r_train_items_open(struct l4r_train_items *items);
/* Then allocates the vectors; `step_slots` is the most slots that a training step has (validation
 * may have all). L4R_ENVIRONMENT. */
int l4r_train_items_open_vectors(struct l4r_train_items *items, int64_t step_slots);
/* Accepts a zeroed object. */
void l4r_train_items_close(struct l4r_train_items *items);

/* Return the bytes that the calls above allocate for all workers together and for each worker.
 * Pure. */
double l4r_train_items_shared_bytes(const struct l4r_train_items *items);
double l4r_train_items_worker_bytes(const struct l4r_train_items *items, int64_t step_slots);
/* Computes the bytes of the Item LLM's chunks in a step with that many tokens; returns an error for
 * a bad shape. Pure. */
int l4r_train_items_chunk_bytes(const struct l4r_train_items *items, int64_t tokens, double *bytes);
/* Returns the specification with which a chunk's layers are opened. */
struct l4r_train_spec l4r_train_items_layers(const struct l4r_train_items *items);

/* to[n][D]: copies the vectors of n items of the step, one after another. */
static inline void l4r_train_items_gather(const struct l4r_train_items *items, const l4r_item *item,
                                          int64_t n, float *to) {
  for (int64_t i = 0; i < n; i++)
    memcpy(to + i * items->width, items->vector + items->slot_of[item[i]] * items->width,
           (size_t)items->width * sizeof *to);
}

/* Adds from[n][D], the gradients of the vectors that gather gave, to the worker's d_vector. */
static inline void l4r_train_items_scatter(const struct l4r_train_items *items, int worker,
                                           const l4r_item *item, int64_t n, const float *from) {
  const int64_t width = items->width;
  for (int64_t i = 0; i < n; i++, from += width) {
    float *to = items->worker[worker].d_vector + items->slot_of[item[i]] * width;
    for (int64_t j = 0; j < width; j++) to[j] += from[j];
  }
}

#endif
