/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/lite/catalogue.h"

#include "impl/base/error.h"
#include "impl/lite/vector_cache.h"
#include "impl/model/weights.h"

#include <stdio.h>
#include <string.h>

/* Named by the kernel that multiplies and its set, which decide the last bits; not by
 * about.kernels, which also says which set of BLIS is up, and that differs between processes where
 * two are equally fast. */
static int name_cache(const struct l4r_catalogue *catalogue, struct l4r_vector_cache *cache) {
  const struct l4r_model *model = catalogue->model;
  const char *texts = catalogue->dataset ? catalogue->dataset->items_sha256
                                         : model->config.items_sha256;
  struct l4r_about about = {0};
  char kernels[sizeof about.isa + sizeof about.kernel + 1];
  catalogue->ops->about(catalogue->stack, &about);
  snprintf(kernels, sizeof kernels, "%s %s", about.isa, about.kernel);
  return l4r_vector_cache_name(model, texts, about.precision, catalogue->ops->name, kernels, cache);
}

/* An item that is an id has its row of a table for a vector. */
static int copy_ids(const struct l4r_model *model, int64_t begin, int64_t end, float *vectors) {
  const int64_t width = model->config.rec_llm.d_model;
  const float *row;
  const int status = l4r_weights_get(&model->weights, "item_llm.", "id.weight", model->config.items,
                                     width, &row);
  if (status) return status;
  memcpy(vectors, row + begin * width, (size_t)((end - begin) * width) * sizeof *vectors);
  return L4R_OK;
}

static int encode(const struct l4r_catalogue *catalogue, float *vectors) {
  const struct l4r_model *model = catalogue->model;
  const int64_t begin = catalogue->begin;
  const int64_t end = catalogue->end ? catalogue->end : model->config.items;
  if (catalogue->items) return l4r_lite_items_encode_range(catalogue->items, begin, end, vectors);
  if (model->config.items_input == L4R_ITEMS_ID) return copy_ids(model, begin, end, vectors);
  if (!catalogue->dataset)
    return l4r_fail(L4R_USAGE,
                    "%s: its item vectors are computed from item texts, and its folder has none "
                    "that this machine's kernels computed; give its data set with --data",
                    model->path);
  struct l4r_lite_items *items;
  int status = l4r_lite_items_open(catalogue->ops, catalogue->stack, model, catalogue->dataset,
                                   &items);
  if (status) return status;
  status = l4r_lite_items_encode_range(items, begin, end, vectors);
  l4r_lite_items_close(items);
  return status;
}

/* A part of a catalogue is in the file of the whole, or has one of its own. Ids have none: their
 * rows are in the weights already. */
int l4r_catalogue_vectors(const struct l4r_catalogue *catalogue, float *vectors, int *cached) {
  const struct l4r_model_config *config = &catalogue->model->config;
  const int64_t items = config->items, width = config->rec_llm.d_model;
  const int64_t begin = catalogue->begin, end = catalogue->end ? catalogue->end : items;
  const int64_t rows = end - begin;
  const int is_part = rows < items;
  struct l4r_vector_cache cache, whole;
  *cached = 0;
  if (!catalogue->cache || config->items_input == L4R_ITEMS_ID) return encode(catalogue, vectors);
  int status = name_cache(catalogue, &whole);
  if (status) return status;
  *cached = l4r_vector_cache_read(&whole, items, width, begin, end, vectors);
  cache = whole;
  if (!*cached && is_part) {
    l4r_vector_cache_part(&whole, begin, end, &cache);
    *cached = l4r_vector_cache_read(&cache, rows, width, 0, rows, vectors);
  }
  if (*cached) return L4R_OK;
  status = encode(catalogue, vectors);
  if (!status) l4r_vector_cache_write(&cache, rows, width, vectors);
  return status;
}

int l4r_catalogue_compute(const struct l4r_model *model, const struct l4r_dataset *dataset,
                          struct l4r_team *team, int cache, float *vectors) {
  struct l4r_catalogue catalogue = {
      .ops = &l4r_stack_blis, .model = model, .dataset = dataset, .cache = cache};
  int cached, status = catalogue.ops->open(team, &(struct l4r_stack_options){.precision = "fp32"},
                                           &catalogue.stack);
  if (status) return status;
  status = l4r_catalogue_vectors(&catalogue, vectors, &cached);
  catalogue.ops->close(catalogue.stack);
  return status;
}
