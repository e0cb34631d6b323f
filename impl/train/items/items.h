/* SPDX-License-Identifier: BSD-3-Clause */
/* Training an Item LLM: from items to vectors and back. Whoever trains a model that reads item
 * vectors (impl/train/lite, baselines/beam/train) opens one of these, says in each step which items
 * it names (slots.h), has them encoded and gives their gradients back (encode.h).
 *
 * Letters: D width, I items, S slots. A *slot* is the place of an item among the distinct items of
 * a step. An item's vector is that of its text, of its id, or the sum of both, as the configuration
 * says (items_input). */
#ifndef L4R_TRAIN_ITEMS_ITEMS_H
#define L4R_TRAIN_ITEMS_ITEMS_H

#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/model/tensors.h"
#include "impl/train/layers/layers.h"

#include <stdint.h>
#include <string.h>

struct l4r_train_items_spec {
  const struct l4r_model_config
      *config; /* kinds lite, sasrec and lite-beam; borrowed, as tensors */
  const struct l4r_tensors *tensors;
  int workers, bf16; /* bf16, kernels: as in struct l4r_train_spec */
  const struct l4r_layer_kernels *kernels;
  double share;   /* 0..1, of a step's distinct items that are encoded anew, oldest vectors
                     first; the others' come from earlier steps. 0 or 1: all of them */
  int32_t *token; /* of all items' texts, from l4r_item_tokens; NULL where items come as ids */
  int64_t *token_start; /* alone. Both are taken over: close frees them */
};

struct l4r_item_chunk { /* some items on their way through the Item LLM; kept until backward */
  struct l4r_encoder_layers *layers;
  struct l4r_batch batch;
  int64_t *start;
  int32_t *token;
  int64_t place; /* in the order, of its first item */
};

struct l4r_train_items_worker {
  struct l4r_item_chunk *chunk;
  size_t chunk_capacity;
  int64_t chunks, chunks_used;
  float *hidden;   /* [chunk positions][D]; also its gradient on the way back */
  float *d_vector; /* [S][D]: gradient of the step's item vectors, this worker's */
};

struct l4r_train_items {
  /* configuration */
  struct l4r_train_items_spec spec;
  int64_t items, width, chunk_positions;
  int64_t projection, id; /* offsets in the flat buffer; -1: none */
  /* a step's items */
  int32_t *slot_of; /* [I + 1], -1: not in this step */
  int32_t *item_of; /* [I] */
  int64_t *order;   /* [I] slots: first those encoded now, then those taken from before */
  int64_t slots, encoded;
  int64_t *order_bound; /* [workers + 1]: whose the encoded part of the order is */
  /* buffers */
  float *vector;        /* [S][D]: what the model reads */
  float *pooled, *text; /* [encoded][D], in `order`: before and after the projection; the same
                           buffer when there is none */
  int64_t *stamp;     /* [I + 1] when an item was last encoded: 1 + (epoch << 32 | step), 0 never */
  int64_t kept_bytes; /* of the block that begins at stamp and holds both */
  float *kept;        /* [I][D] what came out then; both NULL where all items are encoded */
  struct l4r_train_items_worker *worker;
};

/* Takes the configuration, and ownership of the texts; allocates nothing. Close it, whatever fails
 * later. */
void l4r_train_items_init(const struct l4r_train_items_spec *spec, struct l4r_train_items *items);
/* Allocates what a step's items are listed in. L4R_ENVIRONMENT. */
int l4r_train_items_open(struct l4r_train_items *items);
/* Allocates the vectors, after that: `step_slots` is the most that a training step has (validation
 * may have all). L4R_ENVIRONMENT. */
int l4r_train_items_open_vectors(struct l4r_train_items *items, int64_t step_slots);
/* Also of one that is all zeros. */
void l4r_train_items_close(struct l4r_train_items *items);

/* Bytes that the calls above take for all workers together and for each of them. Pure. */
double l4r_train_items_shared_bytes(const struct l4r_train_items *items);
double l4r_train_items_worker_bytes(const struct l4r_train_items *items, int64_t step_slots);
/* Bytes of the Item LLM's chunks in a step of that many tokens; a bad shape's status. Pure. */
int l4r_train_items_chunk_bytes(const struct l4r_train_items *items, int64_t tokens, double *bytes);
/* What a chunk's layers are opened with. */
struct l4r_train_spec l4r_train_items_layers(const struct l4r_train_items *items);

/* to[n][D]: the vectors of n items of the step, one after another. */
static inline void l4r_train_items_gather(const struct l4r_train_items *items, const l4r_item *item,
                                          int64_t n, float *to) {
  for (int64_t i = 0; i < n; i++)
    memcpy(to + i * items->width, items->vector + items->slot_of[item[i]] * items->width,
           (size_t)items->width * sizeof *to);
}

/* Adds from[n][D], the gradients of what gather gave, to the worker's d_vector. */
static inline void l4r_train_items_scatter(const struct l4r_train_items *items, int worker,
                                           const l4r_item *item, int64_t n, const float *from) {
  const int64_t width = items->width;
  for (int64_t i = 0; i < n; i++, from += width) {
    float *to = items->worker[worker].d_vector + items->slot_of[item[i]] * width;
    for (int64_t j = 0; j < width; j++) to[j] += from[j];
  }
}

#endif
