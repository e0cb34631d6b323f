/* SPDX-License-Identifier: BSD-3-Clause */
/* The Item LLM's part of a training step. An item's text costs as much as all user positions of a
 * window, and a batch names most of its items many times. So each distinct item is encoded once, by
 * one worker, and its gradient is the sum over all its uses. With a share below 1, only that share
 * of the items is encoded, oldest vectors first. The others keep the vector of an earlier step,
 * where their gradient ends. This gives many more steps in the same time, each with a slightly old
 * catalogue. Items are processed in chunks of about a thousand tokens, so that activations stay in
 * the caches. A chunk keeps its activations until the backward pass, so a worker has as many chunks
 * as a step needs. */
#include "impl/train/items/encode.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/train/items/pool.h"
#include "impl/train/items/slots.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/layers/matmul.h"
#include "impl/train/loop/step_random.h"

/* Returns the end of the chunk that begins at `place` of the order. */
static int64_t chunk_end(const struct l4r_train_items *items, int64_t place, int64_t end) {
  int64_t positions = 0;
  for (; place < end; place++) {
    positions += l4r_slots_tokens(items, place, place + 1);
    if (positions > items->chunk_positions) break;
  }
  return place;
}

static int64_t chunks_needed(const struct l4r_train_items *items, int worker) {
  int64_t chunks = 0, end = items->order_bound[worker + 1];
  for (int64_t place = items->order_bound[worker]; place < end; chunks++)
    place = chunk_end(items, place, end);
  return chunks;
}

static int reserve_chunks(struct l4r_train_items *items, int worker, int64_t chunks) {
  struct l4r_train_items_worker *own = &items->worker[worker];
  size_t positions = (size_t)items->chunk_positions;
  int status = l4r_grow(&own->chunk, &own->chunk_capacity, (size_t)chunks, sizeof *own->chunk,
                        "chunks of items");
  struct l4r_train_spec spec = l4r_train_items_layers(items);
  for (; own->chunks < chunks && !status; own->chunks++) {
    struct l4r_item_chunk *chunk = &own->chunk[own->chunks];
    chunk->start = l4r_alloc(positions + 1, sizeof(int64_t), "item places");
    chunk->token = l4r_alloc(positions, sizeof(int32_t), "item tokens");
    if (!chunk->start || !chunk->token) return L4R_ENVIRONMENT;
    status = l4r_encoder_layers_open(&spec, &chunk->layers);
    if (status) return status;
  }
  return status;
}

int l4r_train_items_ready(struct l4r_train_items *items, const struct l4r_train_step *step) {
  for (int w = 0; w < items->spec.workers; w++) {
    int64_t chunks = chunks_needed(items, w);
    int status = reserve_chunks(items, w, step || chunks == 0 ? chunks : 1);
    if (status) return status;
  }
  for (int64_t e = 0; step && items->stamp && e < items->encoded; e++)
    items->stamp[items->item_of[items->order[e]]] = 1 + (step->epoch << 32 | step->step);
  return L4R_OK;
}

static void fill_chunk(const struct l4r_train_items *items, struct l4r_item_chunk *chunk,
                       int64_t place, int64_t end) {
  int64_t positions = 0;
  chunk->place = place;
  chunk->batch = (struct l4r_batch){
      .count = end - place, .start = chunk->start, .token = chunk->token};
  chunk->start[0] = 0;
  for (int64_t e = place; e < end; e++) {
    int64_t from = items->spec.token_start[items->item_of[items->order[e]] - 1];
    int64_t length = l4r_slots_tokens(items, e, e + 1);
    memcpy(chunk->token + positions, items->spec.token + from, (size_t)length * sizeof(int32_t));
    positions += length;
    chunk->start[e - place + 1] = positions;
  }
}

static int pools_last(const struct l4r_train_items *items) {
  return items->spec.config->pooling == L4R_POOL_LAST;
}

/* Computes pooled[] for the worker's places. */
static int text_forward(struct l4r_train_items *items, int worker, const float *values,
                        const struct l4r_train_step *step) {
  struct l4r_train_items_worker *own = &items->worker[worker];
  int64_t place = items->order_bound[worker], end = items->order_bound[worker + 1];
  own->chunks_used = 0;
  for (int64_t next; place < end; place = next) {
    next = chunk_end(items, place, end);
    struct l4r_item_chunk *chunk = &own->chunk[step ? own->chunks_used : 0];
    fill_chunk(items, chunk, place, next);
    struct l4r_random random;
    if (step) l4r_step_random(&random, step, L4R_DRAW_ITEMS, worker, own->chunks_used);
    int status = l4r_encoder_forward(chunk->layers, values, &chunk->batch, step ? &random : NULL,
                                     own->hidden);
    if (status) return status;
    for (int64_t e = place; e < next; e++) {
      int64_t at = chunk->start[e - place];
      l4r_pool(own->hidden + at * items->width, chunk->start[e - place + 1] - at, items->width,
               pools_last(items), items->pooled + e * items->width);
    }
    own->chunks_used++;
  }
  return L4R_OK;
}

/* Sets vector[slot] from the text's vector (NULL: none) and the item's own. */
static void set_vector(struct l4r_train_items *items, int64_t slot, const float *values,
                       const float *text) {
  int64_t width = items->width;
  float *vector = items->vector + slot * width;
  if (text)
    memcpy(vector, text, (size_t)width * sizeof(float));
  else
    memset(vector, 0, (size_t)width * sizeof(float));
  if (items->id < 0) return;
  const float *row = values + items->id + (items->item_of[slot] - 1) * width;
  for (int64_t j = 0; j < width; j++) vector[j] += row[j];
}

static void set_vectors(struct l4r_train_items *items, int worker, const float *values,
                        int training) {
  int64_t width = items->width, begin, end;
  for (int64_t e = items->order_bound[worker]; e < items->order_bound[worker + 1]; e++) {
    int64_t slot = items->order[e];
    const float *text = items->text + e * width;
    set_vector(items, slot, values, text);
    if (training && items->kept)
      memcpy(items->kept + (items->item_of[slot] - 1) * width, text, (size_t)width * sizeof(float));
  }
  l4r_split(items->slots - items->encoded, 1, worker, items->spec.workers, &begin, &end);
  for (int64_t e = items->encoded + begin; e < items->encoded + end; e++) {
    int64_t slot = items->order[e];
    set_vector(items, slot, values,
               items->kept ? items->kept + (items->item_of[slot] - 1) * width : NULL);
  }
}

int l4r_train_items_forward(struct l4r_train_items *items, int worker, const float *values,
                            const struct l4r_train_step *step) {
  int64_t place = items->order_bound[worker], count = items->order_bound[worker + 1] - place;
  int64_t width = items->width, at = place * width;
  if (count > 0) {
    int status = text_forward(items, worker, values, step);
    if (status) return status;
  }
  if (count > 0 && items->projection >= 0)
    l4r_matmul(&(struct l4r_matmul){.kernels = items->spec.kernels,
                                    .m = count,
                                    .n = width,
                                    .k = width,
                                    .a = items->pooled + at,
                                    .b = values + items->projection,
                                    .trans_b = 1,
                                    .alpha = 1,
                                    .c = items->text + at});
  set_vectors(items, worker, values, step != NULL);
  return L4R_OK;
}

void l4r_train_items_clear(struct l4r_train_items *items, int worker) {
  memset(items->worker[worker].d_vector, 0, (size_t)(items->slots * items->width) * sizeof(float));
}

void l4r_train_items_sum(struct l4r_train_items *items, int worker) {
  int64_t begin, end;
  l4r_split(items->slots * items->width, 16, worker, items->spec.workers, &begin, &end);
  float *sum = items->worker[0].d_vector;
  for (int w = 1; w < items->spec.workers; w++) {
    const float *other = items->worker[w].d_vector;
    for (int64_t i = begin; i < end; i++) sum[i] += other[i];
  }
}

static void projection_backward(struct l4r_train_items *items, int worker, const float *values,
                                float *gradients) {
  int64_t place = items->order_bound[worker], count = items->order_bound[worker + 1] - place;
  int64_t width = items->width;
  float *d_text = items->text + place * width, *pooled = items->pooled + place * width;
  l4r_matmul(&(struct l4r_matmul){.kernels = items->spec.kernels,
                                  .m = width,
                                  .n = width,
                                  .k = count,
                                  .a = d_text,
                                  .trans_a = 1,
                                  .b = pooled,
                                  .alpha = 1,
                                  .beta = 1,
                                  .c = gradients + items->projection});
  /* The pooled vectors are no longer needed; their gradient overwrites them. */
  l4r_matmul(&(struct l4r_matmul){.kernels = items->spec.kernels,
                                  .m = count,
                                  .n = width,
                                  .k = width,
                                  .a = d_text,
                                  .b = values + items->projection,
                                  .alpha = 1,
                                  .c = pooled});
}

static void ids_backward(struct l4r_train_items *items, int worker, float *gradients) {
  int64_t begin, end, width = items->width;
  l4r_split(items->slots, 1, worker, items->spec.workers, &begin, &end);
  for (int64_t slot = begin; slot < end; slot++) {
    float *row = gradients + items->id + (items->item_of[slot] - 1) * width;
    const float *d_vector = items->worker[0].d_vector + slot * width;
    for (int64_t j = 0; j < width; j++) row[j] += d_vector[j];
  }
}

int l4r_train_items_backward(struct l4r_train_items *items, int worker, const float *values,
                             float *gradients, float *id_gradients) {
  struct l4r_train_items_worker *own = &items->worker[worker];
  int64_t width = items->width;
  if (items->id >= 0) ids_backward(items, worker, id_gradients);
  if (items->order_bound[worker] == items->order_bound[worker + 1]) return L4R_OK;
  for (int64_t e = items->order_bound[worker]; e < items->order_bound[worker + 1]; e++)
    memcpy(items->text + e * width, items->worker[0].d_vector + items->order[e] * width,
           (size_t)width * sizeof(float));
  if (items->projection >= 0) projection_backward(items, worker, values, gradients);
  for (int64_t c = 0; c < own->chunks_used; c++) {
    struct l4r_item_chunk *chunk = &own->chunk[c];
    for (int64_t i = 0; i < chunk->batch.count; i++) {
      int64_t at = chunk->start[i];
      l4r_pool_backward(items->pooled + (chunk->place + i) * width, chunk->start[i + 1] - at, width,
                        pools_last(items), own->hidden + at * width);
    }
    int status = l4r_encoder_backward(chunk->layers, values, own->hidden, gradients, NULL);
    if (status) return status;
  }
  return L4R_OK;
}
