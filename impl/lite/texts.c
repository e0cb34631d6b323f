/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts are encoded in ragged batches of at most BATCH_POSITIONS tokens: enough rows for matrix
 * products at full speed, and few enough for scratch of some tens of megabytes at t5-small's
 * width. */
#include "impl/lite/texts.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/model/whiten.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH_POSITIONS = 2048, SILENT_NS = 1000000000 };

struct l4r_lite_texts {
  const struct l4r_stack_ops *ops;
  struct l4r_encoder *encoder;
  int64_t width; /* [E] */
  enum l4r_pooling pooling;
  int normalize;
  const int32_t *token;
  const int64_t *start;
  int64_t max_positions; /* of a batch */
  int32_t *batch_token;  /* [max_positions] */
  int64_t batch_start[L4R_TEXT_BATCH + 1];
  float *hidden; /* [max_positions][E] where the first position is the vector, else NULL */
};

int l4r_lite_texts_open(const struct l4r_lite_texts_spec *spec, struct l4r_lite_texts **texts) {
  const struct l4r_model_config *config = spec->config;
  struct l4r_lite_texts *made = l4r_alloc(1, sizeof *made, "the Item LLM");
  if (!made) return L4R_ENVIRONMENT;
  made->ops = spec->ops;
  made->width = config->item_llm.d_model;
  made->pooling = config->pooling;
  made->normalize = config->normalize;
  made->token = spec->token;
  made->start = spec->start;
  const int64_t length = config->text_length;
  made->max_positions = length > BATCH_POSITIONS ? length : BATCH_POSITIONS;
  made->batch_token = l4r_alloc((size_t)made->max_positions, sizeof *made->batch_token,
                                "a batch of tokens");
  if (config->pooling == L4R_POOL_FIRST)
    made->hidden = l4r_alloc((size_t)(made->max_positions * made->width), sizeof *made->hidden,
                             "states of item texts");
  const struct l4r_encoder_spec encoder = {
      .shape = &config->item_llm,
      .weights = spec->weights,
      .prefix = spec->prefix,
      .max_positions = made->max_positions,
      .max_count = L4R_TEXT_BATCH,
      .max_length = length,
  };
  int status = made->batch_token && (made->hidden || config->pooling != L4R_POOL_FIRST)
                   ? spec->ops->encoder_open(spec->stack, &encoder, &made->encoder)
                   : L4R_ENVIRONMENT;
  if (status) {
    l4r_lite_texts_close(made);
    return status;
  }
  *texts = made;
  return L4R_OK;
}

void l4r_lite_texts_close(struct l4r_lite_texts *texts) {
  if (!texts) return;
  if (texts->encoder) texts->ops->encoder_close(texts->encoder);
  l4r_free(texts->batch_token);
  l4r_free(texts->hidden);
  l4r_free(texts);
}

/* Copies the tokens of the first items of `item` that fit into a batch; returns how many items. */
static int64_t fill_batch(struct l4r_lite_texts *texts, const l4r_item *item, int64_t n) {
  int64_t count = 0, positions = 0;
  texts->batch_start[0] = 0;
  while (count < n && count < L4R_TEXT_BATCH) {
    const int64_t from = texts->start[item[count] - 1];
    const int64_t length = texts->start[item[count]] - from;
    if (positions + length > texts->max_positions) break;
    memcpy(texts->batch_token + positions, texts->token + from,
           (size_t)length * sizeof *texts->token);
    positions += length;
    texts->batch_start[++count] = positions;
  }
  return count;
}

int l4r_lite_texts_encode(struct l4r_lite_texts *texts, const l4r_item *item, int64_t n, float *out,
                          int64_t *count) {
  const int first = texts->pooling == L4R_POOL_FIRST;
  const enum l4r_output_kind last = texts->pooling == L4R_POOL_LAST ? L4R_OUT_LAST : L4R_OUT_MEAN;
  *count = fill_batch(texts, item, n);
  const struct l4r_ragged batch = {
      .count = *count, .start = texts->batch_start, .token = texts->batch_token};
  int status = texts->ops->encode(texts->encoder, &batch, first ? L4R_OUT_ALL : last,
                                  first ? texts->hidden : out);
  for (int64_t i = 0; i < *count && !status; i++) {
    float *to = out + i * texts->width;
    if (first)
      memcpy(to, texts->hidden + texts->batch_start[i] * texts->width,
             (size_t)texts->width * sizeof *to);
    if (texts->normalize) l4r_normalize(to, texts->width);
  }
  return status;
}

static int encode_batch(void *context, const l4r_item *item, int64_t n, float *out) {
  struct l4r_lite_texts *texts = context;
  int64_t count;
  for (int64_t done = 0; done < n; done += count) {
    int status = l4r_lite_texts_encode(texts, item + done, n - done, out + done * texts->width,
                                       &count);
    if (status) return status;
  }
  return L4R_OK;
}

int l4r_lite_texts_encode_all(struct l4r_lite_texts *texts, int64_t items, float *out) {
  return l4r_lite_in_order(texts->start, 0, items, texts->width, encode_batch, texts, out);
}

/* --- all items --- */

struct by_length {
  int64_t length;
  l4r_item item;
};

static int compare_length(const void *left, const void *right) {
  const struct by_length *a = left, *b = right;
  if (a->length != b->length) return a->length < b->length ? -1 : 1;
  return a->item < b->item ? -1 : 1;
}

struct pass { /* over `items` items behind number `begin` */
  int64_t begin, items, width;
  int (*encode)(void *context, const l4r_item *item, int64_t n, float *out);
  void *context;
  float *part, *out;
};

static int encode_part(const struct pass *pass, const struct by_length *order, int64_t count) {
  l4r_item batch[L4R_TEXT_BATCH];
  for (int64_t i = 0; i < count; i++) batch[i] = order[i].item;
  int status = pass->encode(pass->context, batch, count, pass->part);
  for (int64_t i = 0; i < count && !status; i++)
    memcpy(pass->out + (batch[i] - 1 - pass->begin) * pass->width, pass->part + i * pass->width,
           (size_t)pass->width * sizeof *pass->out);
  return status;
}

static int encode_sorted(const struct pass *pass, const struct by_length *order) {
  const int64_t began = l4r_now_ns();
  int slow = 0; /* 1: long enough to show progress */
  for (int64_t done = 0; done < pass->items;) {
    const int64_t left = pass->items - done;
    const int64_t count = left < L4R_TEXT_BATCH ? left : L4R_TEXT_BATCH;
    if (!slow && l4r_now_ns() - began > SILENT_NS) {
      slow = 1;
      l4r_progress("item vectors", 0, pass->items, "");
    }
    if (slow) l4r_progress("item vectors", done, pass->items, "");
    int status = encode_part(pass, order + done, count);
    if (status) return status;
    done += count;
  }
  if (slow) l4r_progress("item vectors", pass->items, pass->items, "");
  return L4R_OK;
}

int l4r_lite_in_order(const int64_t *start, int64_t begin, int64_t end, int64_t width,
                      int (*encode)(void *context, const l4r_item *item, int64_t n, float *out),
                      void *context, float *out) {
  const int64_t items = end - begin;
  struct by_length *order = l4r_alloc((size_t)items, sizeof *order, "an order of items");
  float *part = l4r_alloc(L4R_TEXT_BATCH, (size_t)width * sizeof *part, "item vectors");
  int status = order && part ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t i = 0; i < items && !status; i++)
    order[i] = (struct by_length){start ? start[begin + i + 1] - start[begin + i] : 0,
                                  (l4r_item)(begin + i + 1)};
  if (!status) {
    qsort(order, (size_t)items, sizeof *order, compare_length);
    status = encode_sorted(&(struct pass){begin, items, width, encode, context, part, out}, order);
  }
  l4r_free(order);
  l4r_free(part);
  return status;
}
