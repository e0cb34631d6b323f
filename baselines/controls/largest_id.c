/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/controls/largest_id.h"

#include "baselines/beam/ids/ids.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/model/config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_ITEMS = 1 << 24 }; /* larger whole numbers are not exact as floats */

struct handle {
  const struct l4r_dataset *dataset;
  int64_t *number; /* [items + 1]: 1..items */
  float *score;    /* [items] */
  int mapped;      /* 1: numbers are a model's item ids */
};

static void close_handle(void *opaque) {
  struct handle *handle = opaque;
  if (!handle) return;
  l4r_free(handle->number);
  l4r_free(handle->score);
  l4r_free(handle);
}

static int number_by_model(const char *model, struct handle *handle) {
  const struct l4r_dataset *dataset = handle->dataset;
  struct l4r_model_config config;
  struct l4r_id_map map;
  int status = l4r_config_read(model, &config);
  if (!status && strcmp(config.dataset_sha256, dataset->sha256))
    status = l4r_fail(L4R_INPUT, "model %s was trained on another data set ('%s') than %s", model,
                      config.dataset_name, dataset->path);
  if (!status && !*config.id_map_sha256)
    status = l4r_fail(L4R_USAGE, "model %s has no item ids of its own; give the data set's folder",
                      model);
  if (!status) status = l4r_id_map_read(model, dataset->items, config.id_map_sha256, &map);
  if (status) return status;
  for (int64_t i = 1; i <= dataset->items; i++)
    handle->number[i] = map.number[i] - L4R_FIRST_ID + 1;
  l4r_id_map_free(&map);
  handle->mapped = 1;
  return L4R_OK;
}

static int open_handle(const struct l4r_open_options *options, void **opaque) {
  static const char *const known[] = {NULL};
  const int64_t items = options->dataset->items;
  char path[L4R_PATH_MAX];
  int status = l4r_options_check(options, l4r_engine_largest_id.name, known);
  if (!status) status = l4r_path_join(path, options->model, "config.json");
  if (!status && items > MOST_ITEMS)
    status = l4r_fail(L4R_USAGE, "largest-id takes at most %d items", MOST_ITEMS);
  if (status) return status;
  struct handle *handle = l4r_alloc(1, sizeof *handle, "the largest-id control");
  if (!handle) return L4R_ENVIRONMENT;
  handle->dataset = options->dataset;
  handle->number = l4r_alloc((size_t)items + 1, sizeof *handle->number, "item numbers");
  handle->score = l4r_alloc((size_t)items, sizeof *handle->score, "scores");
  status = handle->number && handle->score ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t i = 1; i <= items && !status; i++) handle->number[i] = i;
  if (!status && !access(path, F_OK)) status = number_by_model(options->model, handle);
  if (status) {
    close_handle(handle);
    return status;
  }
  *opaque = handle;
  return L4R_OK;
}

static void score_one(const struct handle *handle, const struct l4r_request *request, float *out) {
  const int64_t items = handle->dataset->items;
  int64_t largest = 0;
  for (int64_t h = 0; h < request->length; h++)
    if (handle->number[request->history[h]] > largest)
      largest = handle->number[request->history[h]];
  for (int64_t i = 1; i <= items; i++)
    out[i - 1] = -(float)((handle->number[i] - largest - 1 + items) % items);
}

static int score(void *opaque, const struct l4r_request *request, int64_t n, float *scores) {
  const struct handle *handle = opaque;
  for (int64_t r = 0; r < n; r++)
    score_one(handle, &request[r], scores + r * handle->dataset->items);
  return L4R_OK;
}

static int recommend(void *opaque, const struct l4r_request *request, int64_t n, int64_t k,
                     struct l4r_ranking *ranking) {
  struct handle *handle = opaque;
  const struct l4r_dataset *dataset = handle->dataset;
  for (int64_t r = 0; r < n; r++) {
    score_one(handle, &request[r], handle->score);
    l4r_top_k(handle->score, dataset->items, dataset->train_count, k, &ranking[r]);
  }
  return L4R_OK;
}

static int tell_about(void *opaque, struct l4r_about *about) {
  const struct handle *handle = opaque;
  snprintf(about->kernels, sizeof about->kernels, "plain loops");
  snprintf(about->isa, sizeof about->isa, "scalar");
  snprintf(about->precision, sizeof about->precision, "fp32");
  snprintf(about->settings, sizeof about->settings, "ids=%s",
           handle->mapped ? "model" : "data set");
  about->weights_bytes = (int64_t)sizeof(int64_t) * (handle->dataset->items + 1);
  about->scratch_bytes = (int64_t)sizeof(float) * handle->dataset->items;
  return L4R_OK;
}

static int cost_of(void *opaque, int64_t length, struct l4r_cost *cost) {
  const double items = (double)((const struct handle *)opaque)->dataset->items;
  const struct l4r_stage number = {.name = "number", .bytes = 12 * items + 8 * (double)length};
  return l4r_cost_add(cost, &number);
}

const struct l4r_engine l4r_engine_largest_id = {
    .abi = L4R_ENGINE_ABI,
    .name = "largest-id",
    .open = open_handle,
    .recommend = recommend,
    .score = score,
    .about = tell_about,
    .cost = cost_of,
    .close = close_handle,
};
