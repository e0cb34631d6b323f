/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes item vectors (see items.h): texts.c makes vectors of texts, and here is what stands
 * behind them. */
#include "impl/lite/items.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/lite/texts.h"
#include "impl/model/config_sizes.h"
#include "impl/model/item_tokens.h"
#include "impl/model/tokenizer.h"
#include "impl/model/weights.h"
#include "impl/model/whiten.h"

#include <math.h>
#include <string.h>

struct l4r_lite_items {
  const struct l4r_stack_ops *ops;
  int64_t items, width, wide;      /* [D]; [E] */
  struct l4r_lite_texts *texts;    /* NULL where items are ids */
  struct l4r_head *projection;     /* NULL where the model has none */
  struct l4r_head *adapter[2];     /* NULL likewise */
  int64_t middle;                  /* [M] between two layers */
  float *whiten, *mean;            /* [E][E] and [E]; NULL likewise */
  float *id;                       /* [items][D], NULL where items are texts */
  int32_t *token;                  /* tokens of all items */
  int64_t *start;                  /* [items + 1] */
  float *pooled, *white, *between; /* [L4R_TEXT_BATCH][E], [..][E], [..][M] */
};

static int open_layer(struct l4r_lite_items *items, struct l4r_stack *stack,
                      const struct l4r_model *model, int which) {
  const int64_t in = which ? items->middle : items->wide;
  const int64_t out = which || !items->middle ? items->width : items->middle;
  struct l4r_head_spec head = {.items = out, .width = in, .scale = 1};
  const char *const names[2][2] = {{"adapter.0.weight", "adapter.0.bias"},
                                   {"adapter.1.weight", "adapter.1.bias"}};
  int status = l4r_weights_get(&model->weights, "item_llm.", names[which][0], out, in,
                               &head.weight);
  if (!status)
    status = l4r_weights_get(&model->weights, "item_llm.", names[which][1], out, 0, &head.bias);
  return status ? status : items->ops->head_open(stack, &head, &items->adapter[which]);
}

static int copy_whitening(struct l4r_lite_items *items, const struct l4r_model *model) {
  const int64_t wide = items->wide;
  const float *weight, *mean;
  int status = l4r_weights_get(&model->weights, "item_llm.", "whiten.weight", wide, wide, &weight);
  if (status) return status;
  items->whiten = l4r_alloc((size_t)(wide * wide), sizeof(float), "the whitening of vectors");
  items->mean = l4r_alloc((size_t)wide, sizeof(float), "the whitening of vectors");
  if (!items->whiten || !items->mean) return L4R_ENVIRONMENT;
  memcpy(items->whiten, weight, (size_t)(wide * wide) * sizeof(float));
  status = l4r_weights_get(&model->weights, "item_llm.", "whiten.mean", wide, 0, &mean);
  if (!status) memcpy(items->mean, mean, (size_t)wide * sizeof(float));
  return status;
}

static int open_adapter(struct l4r_lite_items *items, struct l4r_stack *stack,
                        const struct l4r_model *model) {
  items->middle = l4r_adapter_middle(&model->config);
  items->white = l4r_alloc(L4R_TEXT_BATCH, (size_t)items->wide * sizeof(float), "whitened texts");
  items->between = l4r_alloc(L4R_TEXT_BATCH, (size_t)items->middle * sizeof(float),
                             "an adapter's states");
  if (!items->white || !items->between) return L4R_ENVIRONMENT;
  int status = model->config.whiten ? copy_whitening(items, model) : L4R_OK;
  if (!status) status = open_layer(items, stack, model, 0);
  return status || !items->middle ? status : open_layer(items, stack, model, 1);
}

static int open_texts(struct l4r_lite_items *items, struct l4r_stack *stack,
                      const struct l4r_model *model, const struct l4r_dataset *dataset) {
  const struct l4r_model_config *config = &model->config;
  int status = l4r_item_tokens(model->tokenizer, dataset, config->text_length, &items->token,
                               &items->start);
  if (status) return status;
  items->pooled = l4r_alloc(L4R_TEXT_BATCH, (size_t)items->wide * sizeof *items->pooled,
                            "pooled item texts");
  if (!items->pooled) return L4R_ENVIRONMENT;
  const struct l4r_lite_texts_spec spec = {.ops = items->ops,
                                           .stack = stack,
                                           .config = config,
                                           .weights = &model->weights,
                                           .prefix = "item_llm.",
                                           .token = items->token,
                                           .start = items->start};
  status = l4r_lite_texts_open(&spec, &items->texts);
  if (!status && config->adapter) status = open_adapter(items, stack, model);
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
  made->wide = config->adapter ? config->item_llm.d_model : made->width;
  int status = L4R_OK;
  if (config->items_input != L4R_ITEMS_ID) status = open_texts(made, stack, model, dataset);
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
  l4r_lite_texts_close(items->texts);
  if (items->projection) items->ops->head_close(items->projection);
  for (int i = 0; i < 2; i++)
    if (items->adapter[i]) items->ops->head_close(items->adapter[i]);
  void *const all[] = {items->id,    items->token,   items->start,  items->pooled,
                       items->white, items->between, items->whiten, items->mean};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
  l4r_free(items);
}

/* GELU by the error function; rows of [M] are few, so that plain code serves both stacks. */
static void gelu(float *x, int64_t count) {
  for (int64_t i = 0; i < count; i++) x[i] = 0.5f * x[i] * erfcf(-x[i] * 0.70710678f);
}

/* to[count][D] from pooled[count][E]. */
static int adapt(struct l4r_lite_items *items, int64_t count, float *to) {
  const float *x = items->pooled;
  for (int64_t i = 0; i < count && items->whiten; i++)
    l4r_whiten_apply(items->whiten, items->mean, items->wide, items->pooled + i * items->wide,
                     items->white + i * items->wide);
  if (items->whiten) x = items->white;
  if (!items->middle) return items->ops->project(items->adapter[0], x, count, to);
  int status = items->ops->project(items->adapter[0], x, count, items->between);
  if (status) return status;
  gelu(items->between, count * items->middle);
  return items->ops->project(items->adapter[1], items->between, count, to);
}

static int encode_texts(struct l4r_lite_items *items, const l4r_item *item, int64_t n, float *out) {
  int64_t count;
  for (int64_t done = 0; done < n; done += count) {
    float *to = out + done * items->width;
    const int behind = items->adapter[0] || items->projection;
    int status = l4r_lite_texts_encode(items->texts, item + done, n - done,
                                       behind ? items->pooled : to, &count);
    if (!status && items->adapter[0]) status = adapt(items, count, to);
    if (!status && items->projection)
      status = items->ops->project(items->projection, items->pooled, count, to);
    if (status) return status;
  }
  return L4R_OK;
}

int l4r_lite_items_encode(struct l4r_lite_items *items, const l4r_item *item, int64_t n,
                          float *out) {
  if (items->texts) {
    int status = encode_texts(items, item, n, out);
    if (status) return status;
  }
  if (!items->id) return L4R_OK;
  for (int64_t i = 0; i < n; i++) {
    const float *id = items->id + (item[i] - 1) * items->width;
    float *to = out + i * items->width;
    for (int64_t c = 0; c < items->width; c++) to[c] = items->texts ? to[c] + id[c] : id[c];
  }
  return L4R_OK;
}

static int encode_batch(void *context, const l4r_item *item, int64_t n, float *out) {
  return l4r_lite_items_encode(context, item, n, out);
}

int l4r_lite_items_encode_range(struct l4r_lite_items *items, int64_t begin, int64_t end,
                                float *out) {
  return l4r_lite_in_order(items->start, begin, end, items->width, encode_batch, items, out);
}

double l4r_lite_items_mean_tokens(const struct l4r_lite_items *items) {
  if (!items->start) return 0;
  return (double)items->start[items->items] / (double)items->items;
}
