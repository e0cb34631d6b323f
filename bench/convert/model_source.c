/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/convert/model_source.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/lite/catalogue.h"

int l4r_model_source_open(const char *folder, const char *data, struct l4r_model_source *source) {
  enum l4r_kind kind;
  *source = (struct l4r_model_source){0};
  int status = l4r_model_kind(folder, &kind);
  if (!status && !l4r_kind_has_weights(kind))
    status = l4r_fail(L4R_USAGE, "%s: a model of kind %s consists of counts and has no weights",
                      folder, l4r_kind_name(kind));
  if (!status && data) status = l4r_dataset_open(data, L4R_PART_TEXT, &source->dataset);
  if (!status) status = l4r_model_open(folder, source->dataset, &source->model);
  if (status) l4r_model_source_close(source);
  return status;
}

void l4r_model_source_close(struct l4r_model_source *source) {
  l4r_model_close(source->model);
  if (source->dataset) l4r_dataset_close(source->dataset);
  l4r_free(source->table);
  *source = (struct l4r_model_source){0};
}

int l4r_model_source_vectors(struct l4r_model_source *source) {
  const struct l4r_model_config *config = &source->model->config;
  const int texts = config->items_input != L4R_ITEMS_ID; /* rows are not worth a cache */
  const int64_t width = config->rec_llm.d_model;
  source->table = l4r_alloc((size_t)config->items + 1, (size_t)width * sizeof *source->table,
                            "item vectors");
  if (!source->table) return L4R_ENVIRONMENT;
  return l4r_catalogue_compute(source->model, source->dataset, NULL, texts, source->table + width);
}
