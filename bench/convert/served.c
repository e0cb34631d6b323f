/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/convert/served.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/lite/catalogue.h"

int l4r_export_model_open(const char *folder, const char *data, struct l4r_export_model *opened) {
  enum l4r_kind kind;
  *opened = (struct l4r_export_model){0};
  int status = l4r_model_kind(folder, &kind);
  if (!status && !l4r_kind_has_weights(kind))
    status = l4r_fail(L4R_USAGE, "%s: a model of kind %s is made of counts; it has no weights",
                      folder, l4r_kind_name(kind));
  if (!status && data) status = l4r_dataset_open(data, L4R_PART_TEXT, &opened->dataset);
  if (!status) status = l4r_model_open(folder, opened->dataset, &opened->model);
  if (status) l4r_export_model_close(opened);
  return status;
}

void l4r_export_model_close(struct l4r_export_model *opened) {
  l4r_model_close(opened->model);
  if (opened->dataset) l4r_dataset_close(opened->dataset);
  l4r_free(opened->table);
  *opened = (struct l4r_export_model){0};
}

int l4r_export_model_vectors(struct l4r_export_model *opened) {
  const struct l4r_model_config *config = &opened->model->config;
  const int texts = config->items_input != L4R_ITEMS_ID; /* rows are not worth a cache */
  const int64_t width = config->rec_llm.d_model;
  opened->table = l4r_alloc((size_t)config->items + 1, (size_t)width * sizeof *opened->table,
                            "item vectors");
  if (!opened->table) return L4R_ENVIRONMENT;
  return l4r_catalogue_compute(opened->model, opened->dataset, NULL, texts, opened->table + width);
}
