/* SPDX-License-Identifier: BSD-3-Clause */
/* The Lite-LLM4Rec engines: an encoder (T5's or SASRec's blocks) over item vectors, and a
 * projection to scores of items. In SASRec, item vectors are rows of a table.
 *
 *   history --> item vectors (looked up, or encoded: items=live) --> encoder --> state --> head
 *
 * The composition is written once over a table of stack operations; the two engines below differ
 * only in that table. Requests are computed in sub-batches, so that scratch stays bounded for any
 * number of requests in a call. */
#include "impl/lite/lite.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/lite/describe.h"
#include "impl/lite/lite_engine.h"
#include "impl/lite/parts.h"
#include "impl/lite/shard.h"
#include "impl/model/config_sizes.h"
#include "impl/model/model.h"
#include "impl/model/weights.h"
#include "impl/stack_options.h"

#include <stdio.h>
#include <string.h>

/* 32 histories of 50 give products of 1,600 rows; more rows do not make them faster. */
enum { SUB_BATCH = 32 };

static void lite_close(void *handle) {
  struct l4r_lite *lite = handle;
  if (!lite) return;
  if (lite->encoder) lite->ops->encoder_close(lite->encoder);
  if (lite->head) lite->ops->head_close(lite->head);
  l4r_lite_shard_free(lite);
  l4r_lite_items_close(lite->items);
  if (lite->stack) lite->ops->close(lite->stack);
  l4r_lite_table_close(lite);
  l4r_free(lite->start);
  l4r_free(lite->history);
  l4r_free(lite->input);
  l4r_free(lite->user);
  l4r_free(lite->spent);
  l4r_free(lite);
}

static int parse_options(struct l4r_lite *lite, const struct l4r_open_options *options,
                         struct l4r_stack_options *compute, int *shards) {
  static const char *const known[] = {
      L4R_STACK_OPTION_KEYS, "items", "cache", "table", "shards", NULL};
  int off;
  int status = l4r_options_check(options, lite->ops->name, known);
  if (!status) status = l4r_option_choice(options, "items", "cached", "live", &lite->live);
  if (!status) status = l4r_option_choice(options, "cache", "on", "off", &off);
  if (!status) status = l4r_lite_table_read(lite, options);
  if (!status) status = l4r_lite_shards_read(options, lite->live, shards);
  if (status) return status;
  lite->cache = !off;
  return l4r_stack_options_read(options, compute);
}

static int open_items(struct l4r_lite *lite, const struct l4r_model *model,
                      const struct l4r_dataset *dataset, const float **weight) {
  if (lite->live) {
    int status = l4r_lite_items_open(lite->ops, lite->stack, model, dataset, &lite->items);
    if (status) return status;
    lite->mean_tokens = l4r_lite_items_mean_tokens(lite->items);
    if (!lite->config.tied_head) return L4R_OK;
  }
  const int64_t began = l4r_now_ns();
  const int status = l4r_lite_table_open(lite, model, dataset, weight);
  lite->item_vectors_seconds = (double)(l4r_now_ns() - began) * 1e-9;
  return status;
}

static int open_head(struct l4r_lite *lite, const struct l4r_model *model, const float *vectors) {
  struct l4r_head_spec spec = {.items = lite->end - lite->begin, .width = lite->width, .scale = 1};
  const int64_t items = lite->config.items;
  int status = L4R_OK;
  if (lite->config.tied_head) {
    spec.weight = vectors;
    spec.scale = (float)l4r_tied_scale(&lite->config);
    spec.cosine = lite->config.scores == L4R_SCORES_COSINE;
  } else {
    status = l4r_weights_get(&model->weights, "item_head.", "weight", items, spec.width,
                             &spec.weight);
    if (!status)
      status = l4r_weights_get(&model->weights, "item_head.", "bias", items, 0, &spec.bias);
    if (!status) spec.weight += lite->begin * spec.width, spec.bias += lite->begin;
  }
  return status ? status : lite->ops->head_open(lite->stack, &spec, &lite->head);
}

static int open_rest(struct l4r_lite *lite, const struct l4r_model *model, const float *vectors) {
  const int64_t history = lite->config.history, positions = lite->batch * history;
  const struct l4r_encoder_spec spec = {
      .shape = &lite->config.rec_llm,
      .weights = &model->weights,
      .prefix = "rec_llm.",
      .max_positions = positions,
      .max_count = lite->batch,
      .max_length = history,
  };
  int status = lite->ops->encoder_open(lite->stack, &spec, &lite->encoder);
  if (!status) status = open_head(lite, model, vectors);
  if (status) return status;
  const size_t row = (size_t)lite->width * sizeof(float);
  lite->start = l4r_alloc((size_t)lite->batch + 1, sizeof *lite->start, "a batch's bounds");
  lite->history = l4r_alloc((size_t)positions, sizeof *lite->history, "a batch's histories");
  lite->input = l4r_alloc((size_t)positions, row, "a batch's item vectors");
  lite->user = l4r_alloc((size_t)lite->batch, row, "a batch's user states");
  return lite->start && lite->history && lite->input && lite->user ? L4R_OK : L4R_ENVIRONMENT;
}

static int open_stack(struct l4r_lite *lite, const struct l4r_open_options *options,
                      struct l4r_stack_options compute) {
  struct l4r_products products = {0};
  l4r_lite_products(&lite->config, &products);
  compute.products = &products;
  if (lite->on_stage.begins) {
    lite->spent = l4r_alloc(1, sizeof *lite->spent, "a budget of time");
    if (!lite->spent) return L4R_ENVIRONMENT;
    compute.spent = lite->spent;
  }
  return lite->ops->open(options->team, &compute, &lite->stack);
}

static int open_model(struct l4r_lite *lite, const struct l4r_open_options *options,
                      const struct l4r_stack_options *compute, int shards) {
  struct l4r_model *model;
  int status = l4r_model_open(options->model, options->dataset, &model);
  if (status) return status;
  lite->config = model->config;
  snprintf(lite->weights_sha256, sizeof lite->weights_sha256, "%s", model->sha256);
  lite->width = model->config.rec_llm.d_model;
  if (model->config.kind != L4R_KIND_LITE && model->config.kind != L4R_KIND_SASREC)
    status = l4r_fail(L4R_USAGE, "%s: a model of kind %s, engine %s serves lite and sasrec here",
                      options->model, l4r_kind_name(model->config.kind), lite->ops->name);
  lite->end = lite->config.items;
  if (!status) status = open_stack(lite, options, *compute);
  if (!status && shards) status = l4r_lite_shard_make(lite, l4r_link_here());
  if (!status && shards) status = l4r_lite_shard_begin(lite, options, model);
  const float *vectors = NULL;
  if (!status) status = open_items(lite, model, options->dataset, &vectors);
  if (!status) status = open_rest(lite, model, vectors);
  l4r_model_close(model);
  if (!status && shards) status = l4r_lite_shard_ready(lite);
  return status;
}

static int lite_open(const struct l4r_stack_ops *ops, const struct l4r_open_options *options,
                     void **handle) {
  const int64_t began = l4r_now_ns();
  struct l4r_lite *lite = l4r_alloc(1, sizeof *lite, "an engine");
  if (!lite) return L4R_ENVIRONMENT;
  lite->ops = ops;
  lite->max_k = options->max_k;
  lite->batch = options->max_batch < SUB_BATCH ? options->max_batch : SUB_BATCH;
  lite->popularity = options->dataset->train_count;
  lite->on_stage = options->on_stage;
  struct l4r_stack_options compute = {0};
  int shards;
  int status = parse_options(lite, options, &compute, &shards);
  if (!status) status = open_model(lite, options, &compute, shards);
  if (status) {
    lite_close(lite);
    return status;
  }
  lite->open_seconds = (double)(l4r_now_ns() - began) * 1e-9;
  *handle = lite;
  return L4R_OK;
}

/* The best k of the users whose states are there. */
static int best(struct l4r_lite *lite, int64_t count, int64_t k, struct l4r_ranking *ranking) {
  if (lite->shard) return l4r_lite_shard_top_k(lite, ranking);
  return lite->ops->project_top_k(lite->head, lite->user, count, k, lite->popularity, ranking);
}

static int lite_recommend(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                          struct l4r_ranking *ranking) {
  struct l4r_lite *lite = handle;
  if (k > lite->max_k)
    return l4r_fail(L4R_USAGE, "recommend: %lld items wanted, opened for at most %lld",
                    (long long)k, (long long)lite->max_k);
  for (int64_t done = 0; done < n; done += lite->batch) {
    const int64_t count = n - done < lite->batch ? n - done : lite->batch;
    l4r_spent_begin(lite->spent);
    l4r_stage_begins(&lite->on_stage, L4R_LITE_ENCODING);
    const int64_t began = l4r_now_ns();
    int status = l4r_lite_encode_users(lite, request + done, count, L4R_ASKED_BEST, k);
    const int64_t encoded = l4r_now_ns();
    l4r_stage_begins(&lite->on_stage, L4R_LITE_HEAD);
    if (!status) status = best(lite, count, k, ranking + done);
    if (status) return status;
    lite->encoding_ns += encoded - began;
    lite->head_ns += l4r_now_ns() - encoded;
    l4r_stage_begins(&lite->on_stage, -1);
  }
  return L4R_OK;
}

static int lite_score(void *handle, const struct l4r_request *request, int64_t n, float *scores) {
  struct l4r_lite *lite = handle;
  for (int64_t done = 0; done < n; done += lite->batch) {
    const int64_t count = n - done < lite->batch ? n - done : lite->batch;
    float *to = scores + done * lite->config.items;
    int status = l4r_lite_encode_users(lite, request + done, count, L4R_ASKED_SCORES, 0);
    if (!status)
      status = lite->shard ? l4r_lite_shard_scores(lite, to)
                           : lite->ops->project(lite->head, lite->user, count, to);
    if (status) return status;
  }
  return L4R_OK;
}

static int open_reference(const struct l4r_open_options *options, void **handle) {
  return lite_open(&l4r_stack_reference, options, handle);
}

static int open_blis(const struct l4r_open_options *options, void **handle) {
  return lite_open(&l4r_stack_blis, options, handle);
}

const struct l4r_engine l4r_engine_lite_reference = {
    .abi = L4R_ENGINE_ABI,
    .name = "reference",
    .open = open_reference,
    .recommend = lite_recommend,
    .score = lite_score,
    .about = l4r_lite_about,
    .cost = l4r_lite_cost,
    .timers = l4r_lite_timers,
    .budget = l4r_lite_budget,
    .close = lite_close,
};

const struct l4r_engine l4r_engine_lite_blis = {
    .abi = L4R_ENGINE_ABI,
    .name = "blis",
    .open = open_blis,
    .recommend = lite_recommend,
    .score = lite_score,
    .about = l4r_lite_about,
    .cost = l4r_lite_cost,
    .timers = l4r_lite_timers,
    .budget = l4r_lite_budget,
    .close = lite_close,
};
