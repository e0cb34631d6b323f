/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens a model folder as a whole. Its files are checked against each other: the configuration says
 * which tensors must exist, the tokenizer must fit the embedding, and the hashes say to which data
 * set the item numbers belong. A model served with the numbering of another data set would give
 * wrong answers with confidence, so it is refused. */
#include "impl/model/model.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/model/config_files.h"
#include "impl/model/safetensors.h"
#include "impl/model/safetensors_match.h"
#include "impl/model/safetensors_write.h"
#include "impl/model/weights.h"

#include <stdio.h>
#include <string.h>

static int check_dataset(const struct l4r_model *model, const struct l4r_dataset *dataset) {
  const struct l4r_model_config *config = &model->config;
  const char *what = NULL;
  if (config->items != dataset->items) what = "another number of items";
  if (config->items_sha256[0] && strcmp(config->items_sha256, dataset->items_sha256)) {
    what = "another items.tsv";
  }
  if (config->dataset_sha256[0] && strcmp(config->dataset_sha256, dataset->sha256)) {
    what = "another data set";
  }
  if (!what) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "model %s was made for %s: '%s' (%.12s, %lld items), not '%s' at %s (%.12s, %lld "
                  "items); give the data set it was trained on, or train it again",
                  model->path, what, config->dataset_name, config->dataset_sha256,
                  (long long)config->items, dataset->name, dataset->path, dataset->sha256,
                  (long long)dataset->items);
}

void l4r_model_take_dataset(struct l4r_model_config *config, const struct l4r_dataset *dataset) {
  config->items = dataset->items;
  snprintf(config->dataset_sha256, sizeof config->dataset_sha256, "%s", dataset->sha256);
  snprintf(config->dataset_name, sizeof config->dataset_name, "%s", dataset->name);
  snprintf(config->items_sha256, sizeof config->items_sha256, "%s", dataset->items_sha256);
}

int l4r_model_needs_tokenizer(const struct l4r_model_config *config) {
  switch (config->kind) {
  case L4R_KIND_LITE:
    return config->items_input != L4R_ITEMS_ID;
  case L4R_KIND_LITE_BEAM:
    return config->items_input != L4R_ITEMS_ID || config->id_form == L4R_IDS_DIGITS;
  case L4R_KIND_P5:
  case L4R_KIND_P5_HEAD:
    return 1;
  default:
    return 0;
  }
}

int l4r_model_needs_texts(const struct l4r_model_config *config) {
  const int has_vectors = config->kind == L4R_KIND_LITE || config->kind == L4R_KIND_LITE_BEAM;
  return has_vectors && config->items_input != L4R_ITEMS_ID;
}

static int open_tokenizer(struct l4r_model *model) {
  const struct l4r_model_config *config = &model->config;
  if (!l4r_model_needs_tokenizer(config)) return L4R_OK;
  char path[L4R_PATH_MAX];
  int status = l4r_path_join(path, model->path, "tokenizer.model");
  if (!status) status = l4r_tokenizer_open(path, &model->tokenizer);
  if (status) return status;
  int p5 = l4r_kind_is_prompted(config->kind);
  int64_t rows = p5 ? config->p5.vocabulary : config->item_llm.vocabulary;
  if (config->items_input == L4R_ITEMS_ID && !p5) rows = config->rec_llm.vocabulary;
  int64_t pieces = l4r_tokenizer_size(model->tokenizer);
  if (pieces > rows) {
    return l4r_fail(L4R_INPUT,
                    "%s has %lld pieces, but the model's embedding only %lld rows; it is another "
                    "model's tokenizer",
                    path, (long long)pieces, (long long)rows);
  }
  return L4R_OK;
}

static int open_weights(struct l4r_model *model) {
  char path[L4R_PATH_MAX];
  int status = l4r_tensors_of(&model->config, &model->tensors);
  if (status) return l4r_fail_context(L4R_INPUT, "%s", model->path);
  status = l4r_path_join(path, model->path, "model.safetensors");
  if (!status) status = l4r_safetensors_open(path, &model->safetensors);
  if (!status) status = l4r_safetensors_match(model->safetensors, &model->tensors, L4R_MATCH_ALL);
  if (!status) status = l4r_safetensors_check_finite(model->safetensors);
  if (!status) status = l4r_sha256_file(path, model->sha256);
  if (!status)
    status = l4r_config_check_files(model->path, &model->config, "model.safetensors",
                                    model->sha256);
  model->weights = (struct l4r_weights){&model->tensors, NULL, model->safetensors};
  for (int64_t i = 0; i < model->tensors.count && !status; i++) {
    const struct l4r_tensor *tensor = &model->tensors.tensor[i];
    const float *values; /* read now, so that a wrong dtype fails here, not in an engine */
    status = l4r_weights_get(&model->weights, "", tensor->name, tensor->rows, tensor->columns,
                             &values);
  }
  return status;
}

int l4r_model_open(const char *folder, const struct l4r_dataset *dataset,
                   struct l4r_model **model) {
  struct l4r_model *made = l4r_alloc(1, sizeof *made, "a model");
  if (!made) return L4R_ENVIRONMENT;
  snprintf(made->path, sizeof made->path, "%s", folder);
  int status = l4r_config_read(folder, &made->config);
  if (!status && dataset) status = check_dataset(made, dataset);
  if (!status) status = open_weights(made);
  if (!status) status = open_tokenizer(made);
  if (status) {
    l4r_model_close(made);
    return status;
  }
  *model = made;
  return L4R_OK;
}

void l4r_model_close(struct l4r_model *model) {
  if (!model) return;
  l4r_tokenizer_close(model->tokenizer);
  l4r_safetensors_close(model->safetensors);
  l4r_tensors_free(&model->tensors);
  l4r_free(model);
}

int l4r_model_write(const char *folder, const struct l4r_model_config *config,
                    const struct l4r_tensors *tensors, const float *values) {
  return l4r_model_write_divided(folder, config, tensors, values, NULL);
}

int l4r_model_write_divided(const char *folder, const struct l4r_model_config *config,
                            const struct l4r_tensors *tensors, const float *values,
                            const struct l4r_safetensors_rows *divided) {
  char path[L4R_PATH_MAX];
  int status = l4r_make_folders(folder);
  if (!status) status = l4r_path_join(path, folder, "model.safetensors");
  if (!status) status = l4r_safetensors_write_divided(path, tensors, values, divided);
  return status ? status : l4r_config_write(folder, config);
}

int l4r_model_kind(const char *folder, enum l4r_kind *kind) {
  struct l4r_model_config config;
  int status = l4r_config_read(folder, &config);
  if (!status) *kind = config.kind;
  return status;
}
