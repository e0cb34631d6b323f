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
#include "impl/train/items/share.h"
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
  const int64_t *bound = items->order_bound + l4r_train_items_number(items, worker);
  int64_t chunks = 0, end = bound[1];
  for (int64_t place = bound[0]; place < end; chunks++) place = chunk_end(items, place, end);
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

/* Positions of a text of that length that its vector is made of. */
static int64_t pooled_length(const struct l4r_train_items *items, int64_t length) {
  return items->spec.config->pooling == L4R_POOL_FIRST ? 1 : length;
}

/* Computes pooled[], or raw[] before an adapter, for the worker's places. */
static int text_forward(struct l4r_train_items *items, int worker, const float *values,
                        const struct l4r_train_step *step) {
  struct l4r_train_items_worker *own = &items->worker[worker];
  const int number = l4r_train_items_number(items, worker);
  int64_t place = items->order_bound[number], end = items->order_bound[number + 1];
  own->chunks_used = 0;
  for (int64_t next; place < end; place = next) {
    next = chunk_end(items, place, end);
    struct l4r_item_chunk *chunk = &own->chunk[step ? own->chunks_used : 0];
    fill_chunk(items, chunk, place, next);
    struct l4r_random random;
    if (step) l4r_step_random(&random, step, L4R_DRAW_ITEMS, number, own->chunks_used);
    int status = l4r_encoder_forward(chunk->layers, values, &chunk->batch, step ? &random : NULL,
                                     own->hidden);
    if (status) return status;
    for (int64_t e = place; e < next; e++) {
      int64_t at = chunk->start[e - place], length = chunk->start[e - place + 1] - at;
      l4r_pool(own->hidden + at * items->wide, pooled_length(items, length), items->wide,
               pools_last(items), (items->raw ? items->raw : items->pooled) + e * items->wide);
    }
    own->chunks_used++;
  }
  return L4R_OK;
}

/* Runs the adapter over the worker's encoded places and its part of the others. */
static void adapt(struct l4r_train_items *items, int worker, const float *values, int training) {
  const int64_t wide = items->wide;
  int64_t begin[2], end[2];
  l4r_train_items_places(items, l4r_train_items_number(items, worker), begin, end);
  for (int64_t e = begin[0]; e < end[0]; e++) {
    float *x = items->pooled + e * wide;
    l4r_adapter_whiten(&items->adapter, values, items->raw + e * wide,
                       items->worker[worker].scratch, x);
    if (training)
      memcpy(items->kept + (items->item_of[items->order[e]] - 1) * wide, x,
             (size_t)wide * sizeof *x);
  }
  for (int64_t e = begin[1]; e < end[1]; e++)
    memcpy(items->pooled + e * wide, items->kept + (items->item_of[items->order[e]] - 1) * wide,
           (size_t)wide * sizeof(float));
  for (int part = 0; part < 2; part++) {
    const int64_t from = begin[part], middle = items->adapter.middle;
    l4r_adapter_forward(&items->adapter, values, end[part] - from, items->pooled + from * wide,
                        items->between[0] + from * middle, items->between[1] + from * middle,
                        items->text + from * items->width);
  }
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

/* Of place e, once its text is there: keeps what later steps need, and sets the slot's vector. */
static void set_place(struct l4r_train_items *items, int64_t e, const float *values, int training) {
  const int64_t width = items->width, slot = items->order[e];
  const int adapter = items->spec.config->adapter != 0, encoded = e < items->encoded;
  float *kept = items->kept && !adapter ? items->kept + (items->item_of[slot] - 1) * width : NULL;
  const float *text = encoded || adapter ? items->text + e * width : kept;
  set_vector(items, slot, values, text);
  if (training && kept && encoded) memcpy(kept, text, (size_t)width * sizeof *kept);
}

/* The places that the worker has made; of several ranks, which all have come to know all places, an
 * even share of them. */
static void set_vectors(struct l4r_train_items *items, int worker, const float *values,
                        int training) {
  int64_t begin[2] = {0}, end[2] = {0};
  if (items->spec.ranks.comm)
    l4r_split(items->slots, 1, worker, items->spec.workers, &begin[0], &end[0]);
  else
    l4r_train_items_places(items, worker, begin, end);
  for (int part = 0; part < 2; part++)
    for (int64_t e = begin[part]; e < end[part]; e++) set_place(items, e, values, training);
}

/* Computes the texts' vectors at the worker's places. */
static int texts(struct l4r_train_items *items, int worker, const float *values,
                 const struct l4r_train_step *step) {
  const int number = l4r_train_items_number(items, worker);
  int64_t place = items->order_bound[number], count = items->order_bound[number + 1] - place;
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
  if (items->spec.config->adapter) adapt(items, worker, values, step != NULL);
  return L4R_OK;
}

int l4r_train_items_forward(struct l4r_train_items *items, struct l4r_team *team, int worker,
                            const float *values, const struct l4r_train_step *step) {
  if (items->each) return worker == 0 ? l4r_train_items_share_rows(items, values) : L4R_OK;
  int status = texts(items, worker, values, step);
  if (l4r_train_items_shares(items)) {
    l4r_team_barrier(team);
    if (!status && worker == 0) status = l4r_train_items_share_texts(items, step != NULL);
    l4r_team_barrier(team);
  }
  if (!status) set_vectors(items, worker, values, step != NULL);
  return status;
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
  const int number = l4r_train_items_number(items, worker);
  int64_t place = items->order_bound[number], count = items->order_bound[number + 1] - place;
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
    const int64_t at = l4r_train_items_row(items, items->item_of[slot]);
    float *row = gradients + items->id + at * width;
    if (at < 0) continue;
    const float *d_vector = items->worker[0].d_vector + slot * width;
    for (int64_t j = 0; j < width; j++) row[j] += d_vector[j];
  }
}

/* From d_vector to the adapter's gradients and, in pooled, those of the worker's encoded texts. */
static void adapter_backward(struct l4r_train_items *items, int worker, const float *values,
                             float *gradients) {
  const int64_t wide = items->wide, width = items->width, middle = items->adapter.middle;
  int64_t begin[2], end[2];
  l4r_train_items_places(items, l4r_train_items_number(items, worker), begin, end);
  for (int part = 0; part < 2; part++) {
    const int64_t from = begin[part];
    for (int64_t e = from; e < end[part]; e++)
      memcpy(items->text + e * width, items->worker[0].d_vector + items->order[e] * width,
             (size_t)width * sizeof(float));
    float *x = items->pooled + from * wide;
    l4r_adapter_backward(&items->adapter, values, end[part] - from, x,
                         items->between[0] + from * middle, items->between[1] + from * middle,
                         items->text + from * width, gradients, part ? NULL : x);
  }
  for (int64_t e = begin[0]; e < end[0]; e++)
    l4r_adapter_whiten_back(&items->adapter, values, items->raw + e * wide,
                            items->worker[worker].scratch, items->pooled + e * wide);
}

/* Gives the pooled gradient of a text to the positions that its vector was made of. */
static void unpool(const struct l4r_train_items *items, const float *d, int64_t length,
                   float *d_hidden) {
  const int64_t pooled = pooled_length(items, length);
  l4r_pool_backward(d, pooled, items->wide, pools_last(items), d_hidden);
  memset(d_hidden + pooled * items->wide, 0,
         (size_t)((length - pooled) * items->wide) * sizeof *d_hidden);
}

int l4r_train_items_backward(struct l4r_train_items *items, int worker, const float *values,
                             float *gradients, float *id_gradients) {
  struct l4r_train_items_worker *own = &items->worker[worker];
  int64_t width = items->width, wide = items->wide;
  if (items->id >= 0) ids_backward(items, worker, id_gradients);
  if (items->spec.config->adapter) adapter_backward(items, worker, values, gradients);
  const int64_t *bound = items->order_bound + l4r_train_items_number(items, worker);
  if (bound[0] == bound[1]) return L4R_OK;
  for (int64_t e = bound[0]; e < bound[1] && !items->spec.config->adapter; e++)
    memcpy(items->text + e * width, items->worker[0].d_vector + items->order[e] * width,
           (size_t)width * sizeof(float));
  if (items->projection >= 0) projection_backward(items, worker, values, gradients);
  for (int64_t c = 0; c < own->chunks_used; c++) {
    struct l4r_item_chunk *chunk = &own->chunk[c];
    for (int64_t i = 0; i < chunk->batch.count; i++) {
      int64_t at = chunk->start[i];
      unpool(items, items->pooled + (chunk->place + i) * wide, chunk->start[i + 1] - at,
             own->hidden + at * wide);
    }
    int status = l4r_encoder_backward(chunk->layers, values, own->hidden, gradients, NULL);
    if (!status && worker == 0) status = l4r_ranks_advance(&items->spec.ranks);
    if (status) return status;
  }
  return L4R_OK;
}
