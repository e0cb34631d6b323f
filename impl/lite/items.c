/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes item vectors (see items.h). Texts are encoded in ragged batches of at most
 * BATCH_POSITIONS tokens: enough rows for matrix products at full speed, and few enough for scratch
 * of some tens of megabytes at t5-small's width. */
#include "impl/lite/items.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/model/item_tokens.h"
#include "impl/model/tokenizer.h"
#include "impl/model/weights.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_POSITIONS = 2048, BATCH_ITEMS = 256, SILENT_NS = 1000000000 };

struct l4r_lite_items {
  const struct l4r_stack_ops *ops;
  int64_t items, width;
  enum l4r_output_kind pooling;
  struct l4r_encoder *encoder; /* NULL where items are ids */
  struct l4r_head *projection; /* NULL where the model has none */
  float *id;                   /* [items][D], NULL where items are texts */
  int32_t *token;              /* tokens of all items */
  int64_t *start;              /* [items + 1] */
  int64_t max_positions;       /* of a batch */
  int32_t *batch_token;        /* [max_positions] */
  int64_t batch_start[BATCH_ITEMS + 1];
  float *pooled; /* [BATCH_ITEMS][D] */
};

static int open_encoder(struct l4r_lite_items *items, struct l4r_stack *stack,
                        const struct l4r_model *model, const struct l4r_dataset *dataset) {
  const struct l4r_model_config *config = &model->config;
  int status = l4r_item_tokens(model->tokenizer, dataset, config->text_length, &items->token,
                               &items->start);
  if (status) return status;
  items->max_positions = config->text_length > BATCH_POSITIONS ? config->text_length
                                                               : BATCH_POSITIONS;
  items->batch_token = l4r_alloc((size_t)items->max_positions, sizeof *items->batch_token,
                                 "a batch of tokens");
  items->pooled = l4r_alloc(BATCH_ITEMS, (size_t)items->width * sizeof *items->pooled,
                            "pooled item texts");
  if (!items->batch_token || !items->pooled) return L4R_ENVIRONMENT;
  const struct l4r_encoder_spec spec = {
      .shape = &config->item_llm,
      .weights = &model->weights,
      .prefix = "item_llm.",
      .max_positions = items->max_positions,
      .max_count = BATCH_ITEMS,
      .max_length = config->text_length,
  };
  status = items->ops->encoder_open(stack, &spec, &items->encoder);
  if (status || !config->projection) return status;
  struct l4r_head_spec head = {.items = items->width, .width = items->width, .scale = 1};
  status = l4r_weights_get(&model->weights, "item_llm.", "projection.weight", items->width,
                           items->width, &head.weight);
  return status ? status : items->ops->head_open(stack, &head, &items->projection);
}

static int copy_ids(struct l4r_lite_items *items, const struct l4r_model *model) {
  const float *row;
  int status = l4r_weights_get(&model->weights, "item_llm.", "id.weight", items->items,
                               items->width, &row);
  if (status) return status;
  const size_t bytes = (size_t)items->width * sizeof *items->id;
  items->id = l4r_alloc((size_t)items->items, bytes, "the items' id vectors");
  if (!items->id) return L4R_ENVIRONMENT;
  memcpy(items->id, row, (size_t)items->items * bytes);
  return L4R_OK;
}

int l4r_lite_items_open(const struct l4r_stack_ops *ops, struct l4r_stack *stack,
                        const struct l4r_model *model, const struct l4r_dataset *dataset,
                        struct l4r_lite_items **items) {
  const struct l4r_model_config *config = &model->config;
  struct l4r_lite_items *made = l4r_alloc(1, sizeof *made, "the Item LLM");
  if (!made) return L4R_ENVIRONMENT;
  made->ops = ops;
  made->items = config->items;
  made->width = config->rec_llm.d_model;
  made->pooling = config->pooling == L4R_POOL_MEAN ? L4R_OUT_MEAN : L4R_OUT_LAST;
  int status = L4R_OK;
  if (config->items_input != L4R_ITEMS_ID) status = open_encoder(made, stack, model, dataset);
  if (!status && config->items_input != L4R_ITEMS_TEXT) status = copy_ids(made, model);
  if (status) {
    l4r_lite_items_close(made);
    return status;
  }
  *items = made;
  return L4R_OK;
}

void l4r_lite_items_close(struct l4r_lite_items *items) {
  if (!items) return;
  if (items->encoder) items->ops->encoder_close(items->encoder);
  if (items->projection) items->ops->head_close(items->projection);
  l4r_free(items->id);
  l4r_free(items->token);
  l4r_free(items->start);
  l4r_free(items->batch_token);
  l4r_free(items->pooled);
  l4r_free(items);
}

/* Copies the tokens of the first items of `item` that fit into a batch; returns how many items. */
static int64_t fill_batch(struct l4r_lite_items *items, const l4r_item *item, int64_t n) {
  int64_t count = 0, positions = 0;
  assert(items->start); /* only models with texts open an encoder */
  items->batch_start[0] = 0;
  while (count < n && count < BATCH_ITEMS) {
    const int64_t from = items->start[item[count] - 1];
    const int64_t length = items->start[item[count]] - from;
    if (positions + length > items->max_positions) break;
    memcpy(items->batch_token + positions, items->token + from,
           (size_t)length * sizeof *items->token);
    positions += length;
    items->batch_start[++count] = positions;
  }
  return count;
}

static int encode_texts(struct l4r_lite_items *items, const l4r_item *item, int64_t n, float *out) {
  int64_t count;
  for (int64_t done = 0; done < n; done += count) {
    count = fill_batch(items, item + done, n - done);
    const struct l4r_ragged batch = {
        .count = count, .start = items->batch_start, .token = items->batch_token};
    float *to = out + done * items->width;
    int status = items->ops->encode(items->encoder, &batch, items->pooling,
                                    items->projection ? items->pooled : to);
    if (!status && items->projection)
      status = items->ops->project(items->projection, items->pooled, count, to);
    if (status) return status;
  }
  return L4R_OK;
}

int l4r_lite_items_encode(struct l4r_lite_items *items, const l4r_item *item, int64_t n,
                          float *out) {
  if (items->encoder) {
    int status = encode_texts(items, item, n, out);
    if (status) return status;
  }
  if (!items->id) return L4R_OK;
  for (int64_t i = 0; i < n; i++) {
    const float *id = items->id + (item[i] - 1) * items->width;
    float *to = out + i * items->width;
    for (int64_t c = 0; c < items->width; c++) to[c] = items->encoder ? to[c] + id[c] : id[c];
  }
  return L4R_OK;
}

struct by_length {
  int64_t length;
  l4r_item item;
};

static int compare_length(const void *left, const void *right) {
  const struct by_length *a = left, *b = right;
  if (a->length != b->length) return a->length < b->length ? -1 : 1;
  return a->item < b->item ? -1 : 1;
}

static int encode_sorted(struct l4r_lite_items *items, struct by_length *order, float *part,
                         float *out) {
  const size_t bytes = (size_t)items->width * sizeof *out;
  l4r_item batch[BATCH_ITEMS];
  for (int64_t i = 0; i < items->items; i++)
    order[i] = (struct by_length){items->start ? items->start[i + 1] - items->start[i] : 0,
                                  (l4r_item)(i + 1)};
  qsort(order, (size_t)items->items, sizeof *order, compare_length);
  const int64_t began = l4r_now_ns();
  int slow = 0; /* 1: long enough to show progress */
  for (int64_t done = 0; done < items->items;) {
    if (!slow && l4r_now_ns() - began > SILENT_NS) {
      slow = 1;
      l4r_progress("item vectors", 0, items->items, "");
    }
    if (slow) l4r_progress("item vectors", done, items->items, "");
    int64_t count = 0;
    while (count < BATCH_ITEMS && done + count < items->items) {
      batch[count] = order[done + count].item;
      count++;
    }
    int status = l4r_lite_items_encode(items, batch, count, part);
    if (status) return status;
    for (int64_t i = 0; i < count; i++)
      memcpy(out + (batch[i] - 1) * items->width, part + i * items->width, bytes);
    done += count;
  }
  if (slow) l4r_progress("item vectors", items->items, items->items, "");
  return L4R_OK;
}

int l4r_lite_items_encode_all(struct l4r_lite_items *items, float *out) {
  struct by_length *order = l4r_alloc((size_t)items->items, sizeof *order, "an order of items");
  float *part = l4r_alloc(BATCH_ITEMS, (size_t)items->width * sizeof *part, "item vectors");
  int status = order && part ? encode_sorted(items, order, part, out) : L4R_ENVIRONMENT;
  l4r_free(order);
  l4r_free(part);
  return status;
}

double l4r_lite_items_mean_tokens(const struct l4r_lite_items *items) {
  if (!items->start) return 0;
  return (double)items->start[items->items] / (double)items->items;
}
