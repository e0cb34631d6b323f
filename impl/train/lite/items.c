/* SPDX-License-Identifier: BSD-3-Clause */
/* The Item LLM's part of a step. An item's text costs as much as a whole window's worth of user
 * positions, and a batch names most of its items many times; so each distinct item is encoded once,
 * by one worker, and its gradient is the sum over all its uses. With an item_share below 1 only
 * that share of them is encoded, oldest first; the rest keep the vector of a step or a few ago, and
 * their gradient ends there: many more steps in the same time, each with a slightly old catalogue.
 * Items travel in chunks of about a thousand tokens, small enough for activations to stay in the
 * caches; a chunk keeps its activations until the way back, so a worker has as many chunks as a
 * step needs. */
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/train/layers/matmul.h"
#include "impl/train/lite/internal.h"

#include <math.h>
#include <string.h>

int64_t l4r_lite_tokens(const struct l4r_lite *lite, int64_t begin, int64_t end) {
  int64_t sum = 0;
  for (int64_t place = begin; place < end; place++) {
    int32_t item = lite->item_of[lite->order[place]];
    sum += lite->token_start[item] - lite->token_start[item - 1];
  }
  return sum;
}

int64_t l4r_lite_text_tokens(const struct l4r_lite *lite) {
  return lite->token ? l4r_lite_tokens(lite, 0, lite->encoded) : 0;
}

/* Places of the order from `place` on that one chunk takes. */
static int64_t chunk_end(const struct l4r_lite *lite, int64_t place, int64_t end) {
  int64_t positions = 0;
  for (; place < end; place++) {
    positions += l4r_lite_tokens(lite, place, place + 1);
    if (positions > lite->chunk_positions) break;
  }
  return place;
}

static int64_t chunks_needed(const struct l4r_lite *lite, int64_t worker) {
  int64_t chunks = 0, end = lite->order_bound[worker + 1];
  for (int64_t place = lite->order_bound[worker]; place < end; chunks++)
    place = chunk_end(lite, place, end);
  return chunks;
}

static int reserve_chunks(struct l4r_lite *lite, int64_t worker, int64_t chunks) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  int status = l4r_grow(&own->chunk, &own->chunk_capacity, (size_t)chunks, sizeof *own->chunk,
                        "chunks of items");
  struct l4r_train_spec spec = l4r_lite_item_spec(lite);
  for (; own->chunks < chunks && !status; own->chunks++) {
    struct l4r_lite_chunk *chunk = &own->chunk[own->chunks];
    chunk->start = l4r_alloc((size_t)lite->chunk_positions + 1, sizeof(int64_t), "item places");
    chunk->token = l4r_alloc((size_t)lite->chunk_positions, sizeof(int32_t), "item tokens");
    if (!chunk->start || !chunk->token) return L4R_ENVIRONMENT;
    status = l4r_encoder_layers_open(&spec, &chunk->layers);
    if (status) return status;
  }
  return status;
}

int l4r_lite_slots_ready(struct l4r_lite *lite, int training) {
  for (int w = 0; w < lite->workers; w++) {
    int64_t chunks = chunks_needed(lite, w);
    int status = reserve_chunks(lite, w, training || chunks == 0 ? chunks : 1);
    if (status) return status;
  }
  for (int64_t e = 0; training && lite->stamp && e < lite->encoded; e++)
    lite->stamp[lite->item_of[lite->order[e]]] = 1 + (lite->step->epoch << 32 | lite->step->step);
  return L4R_OK;
}

static void fill_chunk(const struct l4r_lite *lite, struct l4r_lite_chunk *chunk, int64_t place,
                       int64_t end) {
  int64_t positions = 0;
  chunk->place = place;
  chunk->batch = (struct l4r_batch){
      .count = end - place, .start = chunk->start, .token = chunk->token};
  chunk->start[0] = 0;
  for (int64_t e = place; e < end; e++) {
    int64_t from = lite->token_start[lite->item_of[lite->order[e]] - 1];
    int64_t length = l4r_lite_tokens(lite, e, e + 1);
    memcpy(chunk->token + positions, lite->token + from, (size_t)length * sizeof(int32_t));
    positions += length;
    chunk->start[e - place + 1] = positions;
  }
}

/* out[D] from an item's hidden states. */
static void pool(const struct l4r_lite *lite, const float *hidden, int64_t length, float *out) {
  int64_t width = lite->width;
  if (lite->config->pooling == L4R_POOL_LAST) {
    memcpy(out, hidden + (length - 1) * width, (size_t)width * sizeof(float));
    return;
  }
  memset(out, 0, (size_t)width * sizeof(float));
  for (int64_t p = 0; p < length; p++)
    for (int64_t j = 0; j < width; j++) out[j] += hidden[p * width + j];
  for (int64_t j = 0; j < width; j++) out[j] /= (float)length;
}

static void pool_backward(const struct l4r_lite *lite, const float *d_out, int64_t length,
                          float *d_hidden) {
  int64_t width = lite->width;
  memset(d_hidden, 0, (size_t)(length * width) * sizeof(float));
  int last = lite->config->pooling == L4R_POOL_LAST;
  float share = last ? 1.0f : 1.0f / (float)length;
  for (int64_t p = last ? length - 1 : 0; p < length; p++)
    for (int64_t j = 0; j < width; j++) d_hidden[p * width + j] = share * d_out[j];
}

/* pooled[] of the worker's places. */
static int text_forward(struct l4r_lite *lite, int worker, int training) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  int64_t place = lite->order_bound[worker], end = lite->order_bound[worker + 1];
  own->chunks_used = 0;
  for (int64_t next; place < end; place = next) {
    next = chunk_end(lite, place, end);
    struct l4r_lite_chunk *chunk = &own->chunk[training ? own->chunks_used : 0];
    fill_chunk(lite, chunk, place, next);
    struct l4r_random random;
    if (training)
      l4r_lite_random(&random, lite->step, L4R_LITE_RANDOM_ITEMS, worker, own->chunks_used);
    int status = l4r_encoder_forward(chunk->layers, lite->values, &chunk->batch,
                                     training ? &random : NULL, own->item_hidden);
    if (status) return status;
    for (int64_t e = place; e < next; e++) {
      int64_t at = chunk->start[e - place];
      pool(lite, own->item_hidden + at * lite->width, chunk->start[e - place + 1] - at,
           lite->pooled + e * lite->width);
    }
    own->chunks_used++;
  }
  return L4R_OK;
}

/* vector[slot] from the text's vector (NULL: none) and the item's own. */
static void set_vector(struct l4r_lite *lite, int64_t slot, const float *text) {
  int64_t width = lite->width;
  float *vector = lite->vector + slot * width;
  if (text)
    memcpy(vector, text, (size_t)width * sizeof(float));
  else
    memset(vector, 0, (size_t)width * sizeof(float));
  if (lite->id < 0) return;
  const float *row = lite->values + lite->id + (lite->item_of[slot] - 1) * width;
  for (int64_t j = 0; j < width; j++) vector[j] += row[j];
}

static void set_vectors(struct l4r_lite *lite, int worker, int training) {
  int64_t width = lite->width, begin, end;
  for (int64_t e = lite->order_bound[worker]; e < lite->order_bound[worker + 1]; e++) {
    int64_t slot = lite->order[e];
    const float *text = lite->text + e * width;
    set_vector(lite, slot, text);
    if (training && lite->kept)
      memcpy(lite->kept + (lite->item_of[slot] - 1) * width, text, (size_t)width * sizeof(float));
  }
  l4r_split(lite->slots - lite->encoded, 1, worker, lite->workers, &begin, &end);
  for (int64_t e = lite->encoded + begin; e < lite->encoded + end; e++) {
    int64_t slot = lite->order[e];
    set_vector(lite, slot, lite->kept ? lite->kept + (lite->item_of[slot] - 1) * width : NULL);
  }
}

int l4r_lite_items_forward(struct l4r_lite *lite, int worker, int training) {
  int64_t place = lite->order_bound[worker], count = lite->order_bound[worker + 1] - place;
  int64_t width = lite->width, at = place * width;
  if (count > 0) {
    int status = text_forward(lite, worker, training);
    if (status) return status;
  }
  if (count > 0 && lite->projection >= 0)
    l4r_matmul(&(struct l4r_matmul){.m = count,
                                    .n = width,
                                    .k = width,
                                    .a = lite->pooled + at,
                                    .b = lite->values + lite->projection,
                                    .trans_b = 1,
                                    .alpha = 1,
                                    .c = lite->text + at});
  set_vectors(lite, worker, training);
  return L4R_OK;
}

void l4r_lite_sum_d_vector(struct l4r_lite *lite, int worker) {
  int64_t begin, end;
  l4r_split(lite->slots * lite->width, 16, worker, lite->workers, &begin, &end);
  float *sum = lite->worker[0].d_vector;
  for (int w = 1; w < lite->workers; w++) {
    const float *other = lite->worker[w].d_vector;
    for (int64_t i = begin; i < end; i++) sum[i] += other[i];
  }
}

static void projection_backward(struct l4r_lite *lite, int worker, float *gradients) {
  int64_t place = lite->order_bound[worker], count = lite->order_bound[worker + 1] - place;
  int64_t width = lite->width;
  float *d_text = lite->text + place * width, *pooled = lite->pooled + place * width;
  l4r_matmul(&(struct l4r_matmul){.m = width,
                                  .n = width,
                                  .k = count,
                                  .a = d_text,
                                  .trans_a = 1,
                                  .b = pooled,
                                  .alpha = 1,
                                  .beta = 1,
                                  .c = gradients + lite->projection});
  /* The pooled vectors are not needed any more: their gradient takes their place. */
  l4r_matmul(&(struct l4r_matmul){.m = count,
                                  .n = width,
                                  .k = width,
                                  .a = d_text,
                                  .b = lite->values + lite->projection,
                                  .alpha = 1,
                                  .c = pooled});
}

static void ids_backward(struct l4r_lite *lite, int worker, float *gradients) {
  int64_t begin, end, width = lite->width;
  l4r_split(lite->slots, 1, worker, lite->workers, &begin, &end);
  for (int64_t slot = begin; slot < end; slot++) {
    float *row = gradients + lite->id + (lite->item_of[slot] - 1) * width;
    const float *d_vector = lite->worker[0].d_vector + slot * width;
    for (int64_t j = 0; j < width; j++) row[j] += d_vector[j];
  }
}

int l4r_lite_items_backward(struct l4r_lite *lite, int worker, float *gradients) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  int64_t width = lite->width;
  /* A slot has one worker: where only rows are summed up, they go straight to the step's. */
  if (lite->id >= 0)
    ids_backward(lite, worker, lite->sampled.rows.count ? lite->step->gradients : gradients);
  if (lite->order_bound[worker] == lite->order_bound[worker + 1]) return L4R_OK;
  for (int64_t e = lite->order_bound[worker]; e < lite->order_bound[worker + 1]; e++)
    memcpy(lite->text + e * width, lite->worker[0].d_vector + lite->order[e] * width,
           (size_t)width * sizeof(float));
  if (lite->projection >= 0) projection_backward(lite, worker, gradients);
  for (int64_t c = 0; c < own->chunks_used; c++) {
    struct l4r_lite_chunk *chunk = &own->chunk[c];
    for (int64_t i = 0; i < chunk->batch.count; i++) {
      int64_t at = chunk->start[i];
      pool_backward(lite, lite->pooled + (chunk->place + i) * width, chunk->start[i + 1] - at,
                    own->item_hidden + at * width);
    }
    int status = l4r_encoder_backward(chunk->layers, lite->values, own->item_hidden, gradients,
                                      NULL);
    if (status) return status;
  }
  return L4R_OK;
}
