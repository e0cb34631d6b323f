/* The Item LLM's part of a step. An item's text costs as much as a whole window's worth of user
 * positions, and a batch names most of its items many times; so each distinct item is encoded once,
 * by one worker, and its gradient is the sum over all its uses. Items travel in chunks of about a
 * thousand tokens, small enough for activations to stay in the caches; a chunk keeps its
 * activations until the way back, so a worker has as many chunks as a step needs. */
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/train/lite_internal.h"

#include <math.h>
#include <string.h>

static int64_t item_length(const struct l4r_lite *lite, int64_t slot) {
  int32_t item = lite->item_of[slot];
  return lite->token_start[item] - lite->token_start[item - 1];
}

/* Slots from `slot` on that one chunk takes. */
static int64_t chunk_end(const struct l4r_lite *lite, int64_t slot, int64_t end) {
  int64_t positions = 0;
  while (slot < end && positions + item_length(lite, slot) <= lite->chunk_positions)
    positions += item_length(lite, slot++);
  return slot;
}

int64_t l4r_lite_chunks_needed(const struct l4r_lite *lite, int64_t worker) {
  if (!lite->token) return 0;
  int64_t chunks = 0, end = lite->slot_bound[worker + 1];
  for (int64_t slot = lite->slot_bound[worker]; slot < end; chunks++)
    slot = chunk_end(lite, slot, end);
  return chunks;
}

int l4r_lite_reserve_chunks(struct l4r_lite *lite, int64_t worker, int64_t chunks) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  int status = l4r_grow(&own->chunk, &own->chunk_capacity, (size_t)chunks, sizeof *own->chunk,
                        "chunks of items");
  struct l4r_train_spec spec = {.shape = &lite->config->item_llm,
                                .tensors = lite->tensors,
                                .prefix = "item_llm.",
                                .dropout = lite->config->dropout,
                                .max_positions = lite->chunk_positions,
                                .max_count = lite->chunk_positions,
                                .max_length = lite->config->text_length};
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

static void fill_chunk(const struct l4r_lite *lite, struct l4r_lite_chunk *chunk, int64_t slot,
                       int64_t end) {
  int64_t positions = 0;
  chunk->slot = slot;
  chunk->batch = (struct l4r_batch){end - slot, chunk->start, chunk->token, NULL};
  chunk->start[0] = 0;
  for (int64_t s = slot; s < end; s++) {
    int64_t length = item_length(lite, s);
    memcpy(chunk->token + positions, lite->token + lite->token_start[lite->item_of[s] - 1],
           (size_t)length * sizeof(int32_t));
    positions += length;
    chunk->start[s - slot + 1] = positions;
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

static int text_forward(struct l4r_lite *lite, int worker, int training, float *out) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  int64_t slot = lite->slot_bound[worker], end = lite->slot_bound[worker + 1];
  own->chunks_used = 0;
  for (int64_t next; slot < end; slot = next) {
    next = chunk_end(lite, slot, end);
    struct l4r_lite_chunk *chunk = &own->chunk[training ? own->chunks_used : 0];
    fill_chunk(lite, chunk, slot, next);
    struct l4r_random random;
    if (training)
      l4r_lite_random(&random, lite->step, L4R_LITE_RANDOM_ITEMS, worker, own->chunks_used);
    int status = l4r_encoder_forward(chunk->layers, lite->values, &chunk->batch,
                                     training ? &random : NULL, own->item_hidden);
    if (status) return status;
    for (int64_t s = slot; s < next; s++) {
      int64_t at = chunk->start[s - slot];
      pool(lite, own->item_hidden + at * lite->width, chunk->start[s - slot + 1] - at,
           out + s * lite->width);
    }
    own->chunks_used++;
  }
  return L4R_OK;
}

static void add_ids(struct l4r_lite *lite, int worker) {
  for (int64_t s = lite->slot_bound[worker]; s < lite->slot_bound[worker + 1]; s++) {
    const float *row = lite->values + lite->id + (lite->item_of[s] - 1) * lite->width;
    for (int64_t j = 0; j < lite->width; j++) lite->vector[s * lite->width + j] += row[j];
  }
}

int l4r_lite_items_forward(struct l4r_lite *lite, int worker, int training) {
  int64_t slot = lite->slot_bound[worker], count = lite->slot_bound[worker + 1] - slot;
  int64_t width = lite->width, at = slot * width;
  if (count == 0) return L4R_OK;
  if (!lite->token) memset(lite->vector + at, 0, (size_t)(count * width) * sizeof(float));
  if (lite->token) {
    int status = text_forward(lite, worker, training, lite->pooled ? lite->pooled : lite->vector);
    if (status) return status;
  }
  if (lite->pooled)
    l4r_lite_multiply(&(struct l4r_lite_product){.m = count,
                                                 .n = width,
                                                 .k = width,
                                                 .a = lite->pooled + at,
                                                 .b = lite->values + lite->projection,
                                                 .b_turned = 1,
                                                 .alpha = 1,
                                                 .c = lite->vector + at});
  if (lite->id >= 0) add_ids(lite, worker);
  return L4R_OK;
}

/* The sum over workers of d_vector for this worker's slots, left in its own. */
static void gather_d_vector(struct l4r_lite *lite, int worker) {
  int64_t at = lite->slot_bound[worker] * lite->width;
  int64_t count = lite->slot_bound[worker + 1] * lite->width - at;
  float *own = lite->worker[worker].d_vector + at;
  for (int w = 0; w < lite->workers; w++) {
    if (w == worker) continue;
    const float *other = lite->worker[w].d_vector + at;
    for (int64_t i = 0; i < count; i++) own[i] += other[i];
  }
}

static void projection_backward(struct l4r_lite *lite, int worker, float *gradients) {
  int64_t slot = lite->slot_bound[worker], count = lite->slot_bound[worker + 1] - slot;
  int64_t width = lite->width;
  float *d_vector = lite->worker[worker].d_vector + slot * width;
  float *pooled = lite->pooled + slot * width;
  l4r_lite_multiply(&(struct l4r_lite_product){.m = width,
                                               .n = width,
                                               .k = count,
                                               .a = d_vector,
                                               .a_turned = 1,
                                               .b = pooled,
                                               .alpha = 1,
                                               .beta = 1,
                                               .c = gradients + lite->projection});
  /* The pooled vectors are not needed any more: their gradient takes their place. */
  l4r_lite_multiply(&(struct l4r_lite_product){.m = count,
                                               .n = width,
                                               .k = width,
                                               .a = d_vector,
                                               .b = lite->values + lite->projection,
                                               .alpha = 1,
                                               .c = pooled});
  memcpy(d_vector, pooled, (size_t)(count * width) * sizeof(float));
}

int l4r_lite_items_backward(struct l4r_lite *lite, int worker, float *gradients) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  int64_t width = lite->width;
  if (lite->slot_bound[worker] == lite->slot_bound[worker + 1]) return L4R_OK;
  gather_d_vector(lite, worker);
  if (lite->id >= 0)
    for (int64_t s = lite->slot_bound[worker]; s < lite->slot_bound[worker + 1]; s++) {
      float *row = gradients + lite->id + (lite->item_of[s] - 1) * width;
      for (int64_t j = 0; j < width; j++) row[j] += own->d_vector[s * width + j];
    }
  if (lite->pooled) projection_backward(lite, worker, gradients);
  for (int64_t c = 0; lite->token && c < own->chunks_used; c++) {
    struct l4r_lite_chunk *chunk = &own->chunk[c];
    for (int64_t i = 0; i < chunk->batch.count; i++) {
      int64_t at = chunk->start[i];
      pool_backward(lite, own->d_vector + (chunk->slot + i) * width, chunk->start[i + 1] - at,
                    own->item_hidden + at * width);
    }
    int status = l4r_encoder_backward(chunk->layers, lite->values, own->item_hidden, gradients,
                                      NULL);
    if (status) return status;
  }
  return L4R_OK;
}
