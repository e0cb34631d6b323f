/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/hash.h"
#include "impl/model/model.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/model/weights.h"
#include "tests/support/files.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A tiny model of a kind made for a data set. */
static struct l4r_model_config made_for(enum l4r_kind kind, const struct l4r_dataset *dataset) {
  struct l4r_model_config config = test_config(kind, "tiny", dataset->items, 160);
  memcpy(config.dataset_sha256, dataset->sha256, sizeof config.dataset_sha256);
  memcpy(config.items_sha256, dataset->items_sha256, sizeof config.items_sha256);
  snprintf(config.dataset_name, sizeof config.dataset_name, "%s", dataset->name);
  return config;
}

Test(model, every_kind_opens_with_its_data_set) {
  struct l4r_dataset *dataset = test_dataset("d", 0);
  const enum l4r_kind kinds[] = {L4R_KIND_LITE, L4R_KIND_P5, L4R_KIND_P5_HEAD, L4R_KIND_LITE_BEAM};
  for (int i = 0; i < 4; i++) {
    struct l4r_model_config config = made_for(kinds[i], dataset);
    struct l4r_model *model;
    enum l4r_kind kind;
    const char *folder = test_model("m", &config, 1);
    cr_assert_eq(l4r_model_open(folder, dataset, &model), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_model_kind(folder, &kind), 0);
    cr_assert_eq(kind, kinds[i]);
    cr_assert_eq(model->config.kind, kinds[i]);
    cr_assert_not_null(model->tokenizer);
    char sha256[65];
    cr_assert_eq(l4r_sha256_file(test_path("m/model.safetensors"), sha256), 0);
    cr_assert_str_eq(model->sha256, sha256);
    const float *values;
    const struct l4r_tensor *tensor = &model->tensors.tensor[0];
    cr_assert_eq(l4r_weights_get(&model->weights, NULL, tensor->name, tensor->rows, tensor->columns,
                                 &values),
                 0);
    cr_assert_neq(values[0], 0);
    l4r_model_close(model);
  }
  l4r_dataset_close(dataset);
}

Test(model, models_over_ids_need_no_tokenizer) {
  struct l4r_dataset *dataset = test_dataset("d", 0);
  struct l4r_model_config config = made_for(L4R_KIND_LITE, dataset);
  config.items_input = L4R_ITEMS_ID;
  struct l4r_model *model;
  int status = l4r_model_open(test_model("m", &config, 1), dataset, &model);
  cr_assert_eq(status, 0, "%s", l4r_error_message());
  cr_assert_null(model->tokenizer);
  l4r_model_close(model);
  l4r_dataset_close(dataset);
}

Test(model, another_data_set_is_refused) {
  struct l4r_dataset *dataset = test_dataset("d", 0), *other = test_dataset("e", 1);
  cr_assert_str_neq(dataset->sha256, other->sha256);
  struct l4r_model_config config = made_for(L4R_KIND_LITE, dataset);
  const char *folder = test_model("m", &config, 1);
  struct l4r_model *model = NULL;
  test_fails(l4r_model_open(folder, other, &model), L4R_INPUT, "another data set: 'd'");
  cr_assert_null(model);
  memset(config.dataset_sha256, 0, sizeof config.dataset_sha256);
  memset(config.items_sha256, '0', 64);
  cr_assert_eq(l4r_config_write(folder, &config), 0);
  test_fails(l4r_model_open(folder, dataset, &model), L4R_INPUT, "another items.tsv");
  memset(config.items_sha256, 0, sizeof config.items_sha256);
  config.items = 10;
  cr_assert_eq(l4r_config_write(folder, &config), 0);
  test_fails(l4r_model_open(folder, dataset, &model), L4R_INPUT, "another number of items");
  l4r_dataset_close(dataset);
  l4r_dataset_close(other);
}

Test(model, a_configuration_of_other_tensors_is_refused) {
  struct l4r_dataset *dataset = test_dataset("d", 0);
  struct l4r_model_config config = made_for(L4R_KIND_LITE, dataset), other = config;
  const char *folder = test_model("m", &config, 1);
  struct l4r_model *model;
  other.rec_llm.d_ff = 128;
  cr_assert_eq(l4r_config_write(folder, &other), 0);
  test_fails(l4r_model_open(folder, dataset, &model), L4R_INPUT,
             "rec_llm.encoder.block.0.layer.1.DenseReluDense.wi.weight is 256 x 64, 128 x 64");
  other = config;
  other.rec_llm.encoder_blocks = 3;
  cr_assert_eq(l4r_config_write(folder, &other), 0);
  test_fails(l4r_model_open(folder, dataset, &model), L4R_INPUT,
             "rec_llm.encoder.block.2.layer.0.SelfAttention.q.weight is missing");
  other = config;
  other.rec_llm.encoder_blocks = 1;
  cr_assert_eq(l4r_config_write(folder, &other), 0);
  test_fails(l4r_model_open(folder, dataset, &model), L4R_INPUT, "not part of this configuration");
  test_fails(l4r_model_open(folder, dataset, &model), L4R_INPUT, "model.safetensors");
  l4r_dataset_close(dataset);
}

Test(model, weights_that_are_no_numbers_are_refused) {
  struct l4r_dataset *dataset = test_dataset("d", 0);
  struct l4r_model_config config = made_for(L4R_KIND_LITE, dataset);
  const char *folder = test_model("m", &config, 1);
  struct l4r_tensors tensors;
  cr_assert_eq(l4r_tensors_of(&config, &tensors), 0);
  float *values = l4r_alloc((size_t)tensors.floats, sizeof *values, "weights");
  l4r_tensors_init(&tensors, 1, values);
  values[l4r_tensors_find(&tensors, "item_head.weight")->offset + 17] = NAN;
  cr_assert_eq(l4r_model_write(folder, &config, &tensors, values), 0);
  struct l4r_model *model;
  test_fails(l4r_model_open(folder, dataset, &model), L4R_INPUT,
             "tensor item_head.weight: value 17 is NaN");
  l4r_free(values);
  l4r_tensors_free(&tensors);
  l4r_dataset_close(dataset);
}

Test(model, missing_parts_are_named) {
  struct l4r_dataset *dataset = test_dataset("d", 0);
  struct l4r_model_config config = made_for(L4R_KIND_LITE, dataset);
  struct l4r_model *model;
  test_fails(l4r_model_open(test_path("none"), dataset, &model), L4R_INPUT, "none/config.json");
  const char *folder = test_model("m", &config, 1);
  unlink(test_path("m/tokenizer.model"));
  test_fails(l4r_model_open(folder, dataset, &model), L4R_INPUT, "m/tokenizer.model");
  unlink(test_path("m/model.safetensors"));
  test_fails(l4r_model_open(folder, dataset, &model), L4R_INPUT, "m/model.safetensors");
  config = made_for(L4R_KIND_LITE, dataset);
  config.item_llm.vocabulary = 50;
  test_fails(l4r_model_open(test_model("n", &config, 1), dataset, &model), L4R_INPUT,
             "embedding only 50 rows");
  config = test_config(L4R_KIND_POP, "", dataset->items, 0);
  cr_assert_eq(l4r_config_write(test_path("pop"), &config), 0);
  test_fails(l4r_model_open(test_path("pop"), dataset, &model), L4R_INPUT, "'pop'");
  l4r_dataset_close(dataset);
}

static void replace(const char *name, const char *by) {
  char *content;
  size_t bytes;
  cr_assert_eq(l4r_read_file(test_path(by), 0, &content, &bytes), 0, "%s", l4r_error_message());
  test_bytes(name, content, bytes);
  l4r_free(content);
}

/* Files of two models that fit each other in every shape: what a kill between weights and
 * configuration, or a hand, makes of two folders. */
Test(model, files_of_two_models_are_no_model) {
  static const char *const files[] = {"model.safetensors", "tokenizer.model", "training.jsonl"};
  struct l4r_dataset *dataset = test_dataset("d", 0);
  struct l4r_model_config config = made_for(L4R_KIND_LITE, dataset);
  struct l4r_model *model;
  char mine[64], other[64];
  const char *const names[] = {"m", "n"};
  for (int f = 0; f < 2; f++) {
    const char *folder = test_model(names[f], &config, 1 + (uint64_t)f);
    snprintf(mine, sizeof mine, "%s/training.jsonl", names[f]);
    test_file(mine, f ? "{\"epoch\": 1}\n" : "{\"epoch\": 2}\n");
    if (f) { /* a piece's score less: still a tokenizer */
      FILE *file = fopen(test_path("n/tokenizer.model"), "ab");
      cr_assert_neq(fputs("\x3a\x00", file), EOF); /* an unknown field of no bytes */
      cr_assert_eq(fputc(0, file), 0);
      cr_assert_eq(fclose(file), 0);
    }
    cr_assert_eq(l4r_config_write(folder, &config), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_model_open(folder, dataset, &model), 0, "%s", l4r_error_message());
    l4r_model_close(model);
  }
  for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
    snprintf(mine, sizeof mine, "m/%s", files[f]);
    snprintf(other, sizeof other, "n/%s", files[f]);
    replace("kept", mine);
    replace(mine, other);
    test_fails(l4r_model_open(test_path("m"), dataset, &model), L4R_INPUT, mine);
    test_fails(l4r_model_open(test_path("m"), dataset, &model), L4R_INPUT, "states");
    replace(mine, "kept");
    cr_assert_eq(l4r_model_open(test_path("m"), dataset, &model), 0, "%s", l4r_error_message());
    l4r_model_close(model);
  }
  replace("kept", "m/tokenizer.model"); /* one that was not there when the hashes were taken */
  cr_assert_eq(unlink(test_path("m/tokenizer.model")), 0);
  cr_assert_eq(l4r_config_write(test_path("m"), &config), 0, "%s", l4r_error_message());
  replace("m/tokenizer.model", "kept");
  test_fails(l4r_model_open(test_path("m"), dataset, &model), L4R_INPUT,
             "m/tokenizer.model: config.json beside it states hashes, but none of this file");
  cr_assert_eq(l4r_config_write(test_path("m"), &config), 0, "%s", l4r_error_message());
  cr_assert_eq(unlink(test_path("m/training.jsonl")), 0); /* the log may stay at home */
  cr_assert_eq(l4r_model_open(test_path("m"), dataset, &model), 0, "%s", l4r_error_message());
  l4r_model_close(model);
  l4r_dataset_close(dataset);
}

Test(model, a_configuration_of_before_there_were_hashes_still_opens) {
  struct l4r_dataset *dataset = test_dataset("d", 0);
  struct l4r_model_config config = made_for(L4R_KIND_LITE, dataset);
  const char *folder = test_model("m", &config, 1);
  json_t *root = json_load_file(test_path("m/config.json"), 0, NULL);
  cr_assert_not_null(json_object_get(json_object_get(root, "files"), "model.safetensors"));
  cr_assert_eq(json_object_del(root, "files"), 0);
  cr_assert_eq(json_object_del(root, "sha256"), 0);
  cr_assert_eq(json_dump_file(root, test_path("m/config.json"), 0), 0);
  struct l4r_model *model;
  cr_assert_eq(l4r_model_open(folder, dataset, &model), 0, "%s", l4r_error_message());
  l4r_model_close(model);
  static const char *const bad[] = {"[]", "{\"model.safetensors\": \"short\"}", "{\"../x\": \"\"}",
                                    "7"};
  for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
    json_object_set_new(root, "files", json_loads(bad[b], JSON_DECODE_ANY, NULL));
    cr_assert_eq(json_dump_file(root, test_path("m/config.json"), 0), 0);
    test_fails(l4r_model_open(folder, dataset, &model), L4R_INPUT, "'files'");
  }
  json_decref(root);
  l4r_dataset_close(dataset);
}
