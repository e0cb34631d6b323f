/* SPDX-License-Identifier: BSD-3-Clause */
/* --init-item: folders of sentence encoders made of the golden BERT, in every number type, and
 * every refusal. */
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/model/config_sizes.h"
#include "impl/model/pretrained.h"
#include "impl/model/pretrained_copy.h"
#include "impl/model/safetensors.h"
#include "impl/model/tensors.h"
#include "impl/model/whiten.h"
#include "tests/support/bert.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void open_fails(const char *folder, const char *part) {
  struct l4r_pretrained *pretrained = NULL;
  test_fails(l4r_pretrained_open_item(folder, &pretrained), L4R_INPUT, part);
}

/* A file in a folder of the scratch folder. */
static void put(const char *folder, const char *name, const char *text) {
  char inside[128];
  snprintf(inside, sizeof inside, "%s/%s", folder, name);
  test_file(inside, text);
}

Test(pretrained_bert, reads_every_number_type) {
  static const char *const types[] = {"F32", "F16", "BF16"};
  static const double errors[] = {0, 1e-3, 8e-3};
  struct test_golden golden;
  test_golden_open("bert", &golden);
  for (int t = 0; t < 3; t++) {
    struct l4r_pretrained *pretrained;
    struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", 9, 61);
    struct l4r_tensors tensors;
    test_ok(l4r_pretrained_open_item(test_bert_folder(types[t], types[t], NULL), &pretrained));
    pretrained->item_llm_only = 1;
    config.adapter = L4R_ADAPTER_TWO_LAYER;
    config.frozen = config.whiten = 1;
    test_ok(l4r_pretrained_item(pretrained, 0, &config));
    cr_expect_eq(config.pooling, L4R_POOL_MEAN);
    cr_expect_eq(config.normalize, 1);
    cr_expect_eq(config.item_llm.block, L4R_BLOCK_BERT);
    cr_expect_eq(config.item_llm.d_kv, 8);
    cr_expect_not_null(strstr(config.init_files, "model.safetensors "), "%s", config.init_files);
    cr_expect_not_null(strstr(config.init_files, "tokenizer.json"), "%s", config.init_files);
    cr_expect_str_eq(config.init_licence, "apache-2.0");
    test_ok(l4r_tensors_of(&config, &tensors));
    float *values = l4r_alloc((size_t)tensors.floats, sizeof *values, "values");
    l4r_tensors_init(&tensors, 3, values);
    test_ok(l4r_pretrained_copy(pretrained, &config, &tensors, values));
    const char *name = "item_llm.encoder.layer.1.output.dense.weight";
    const struct l4r_tensor *tensor = l4r_tensors_find(&tensors, name);
    cr_assert_geq(tensor->offset, tensors.trained, "a frozen encoder is not trained");
    cr_expect_geq(l4r_tensors_offset(&tensors, "item_llm.whiten.mean"), tensors.trained);
    cr_expect_lt(l4r_tensors_offset(&tensors, "item_llm.adapter.1.bias"), tensors.trained);
    const float *want;
    test_ok(l4r_safetensors_view(golden.model, name, tensor->rows, tensor->columns, &want));
    for (int64_t i = 0; i < tensor->count; i++)
      cr_assert_leq(fabsf(values[tensor->offset + i] - want[i]),
                    errors[t] * fabsf(want[i]) + 1e-7 * (t > 0), "%s %d", types[t], (int)i);
    l4r_free(values);
    l4r_tensors_free(&tensors);
    l4r_pretrained_close(pretrained);
  }
  test_golden_close(&golden);
}

Test(pretrained_bert, refuses_what_it_cannot_compute) {
  const char *folder = test_bert_folder("b", "F32", NULL);
  struct l4r_pretrained *pretrained = NULL;
  test_fails(l4r_pretrained_open(folder, &pretrained), L4R_INPUT, "--init-item takes it");
  open_fails(test_bert_folder("nan", "F16 NaN", NULL), "is NaN or infinite");
  static const char *const families[] = {"mpnet", "xlm-roberta", "distilbert"};
  for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
    char config[64], named[64];
    snprintf(config, sizeof config, "{\"model_type\": \"%s\"}", families[f]);
    snprintf(named, sizeof named, "'model_type' is '%s'; t5 and mt5 can be read, and bert",
             families[f]);
    put("b", "config.json", config);
    open_fails(folder, named);
  }
  static const char *const settings[][2] = {
      {"\"hidden_act\": \"gelu_new\"", "'hidden_act' is 'gelu_new'"},
      {"\"hidden_act\": \"relu\"", "'hidden_act' is 'relu'"},
      {"\"position_embedding_type\": \"relative_key\"", "'position_embedding_type'"},
      {"\"is_decoder\": true", "'is_decoder' is true"},
      {"\"num_attention_heads\": 5", "no multiple of 'num_attention_heads'"},
      {"\"layer_norm_eps\": 2", "'layer_norm_eps'"},
      {"\"num_hidden_layers\": 1", "encoder.layer.1."},
      {"\"vocab_size\": 60", "60 x 24 is needed"},
  };
  for (size_t s = 0; s < sizeof settings / sizeof *settings; s++)
    open_fails(test_bert_folder("s", "F32", settings[s][0]), settings[s][1]);
}

Test(pretrained_bert, refuses_other_ways_of_pooling) {
  const char *folder = test_bert_folder("p", "F32", NULL);
  struct l4r_pretrained *pretrained = NULL;
  put("p", "1_Pooling/config.json", "{\"pooling_mode_max_tokens\": true}");
  open_fails(folder, "'pooling_mode_max_tokens'");
  put("p", "1_Pooling/config.json",
      "{\"pooling_mode_mean_tokens\": true, \"pooling_mode_cls_token\": true}");
  open_fails(folder, "says how states become a vector");
  put("p", "1_Pooling/config.json", "{\"pooling_mode\": \"lasttoken\"}");
  open_fails(folder, "'pooling_mode'");
  put("p", "1_Pooling/config.json", "{\"pooling_mode\": \"cls\"}");
  test_ok(l4r_pretrained_open_item(folder, &pretrained));
  cr_expect_eq(pretrained->pooling, L4R_POOL_FIRST);
  l4r_pretrained_close(pretrained);
  put("p", "modules.json", "[{\"type\": \"sentence_transformers.models.Dense\", \"path\": \"2\"}]");
  open_fails(folder, "models.Dense");
}

Test(pretrained_bert, needs_its_tokenizer) {
  char path[L4R_PATH_MAX];
  struct l4r_pretrained *pretrained;
  test_ok(l4r_pretrained_open_item(test_bert_folder("t", "F32", NULL), &pretrained));
  test_ok(l4r_pretrained_tokenizer(pretrained, path));
  remove(path);
  test_fails(l4r_pretrained_tokenizer(pretrained, path), L4R_INPUT,
             "neither tokenizer.json nor vocab.txt");
  int64_t rows;
  test_ok(l4r_pretrained_rows(pretrained, 61, &rows));
  test_fails(l4r_pretrained_rows(pretrained, 62, &rows), L4R_INPUT,
             "62 pieces, the embedding only 61 rows");
  l4r_pretrained_close(pretrained);
}

/* Whitened vectors have mean 0 and, but for the ridge, the identity as covariance. */
Test(whiten, makes_the_covariance_the_identity) {
  enum { COUNT = 400, WIDTH = 12 };
  float *vector = test_t5_normals(5, COUNT * WIDTH, 1), weight[WIDTH * WIDTH], mean[WIDTH];
  for (int n = 0; n < COUNT; n++) /* scales from .1 to 1.2, correlated, far from zero */
    for (int i = 0; i < WIDTH; i++)
      vector[n * WIDTH + i] = 3 + .1f * (float)(i + 1) * vector[n * WIDTH + i] +
                              (i ? .5f * vector[n * WIDTH + i - 1] : 0);
  test_ok(l4r_whiten_make(vector, COUNT, WIDTH, weight, mean));
  double sum[WIDTH] = {0}, products[WIDTH][WIDTH] = {{0}};
  for (int n = 0; n < COUNT; n++) {
    float out[WIDTH];
    l4r_whiten_apply(weight, mean, WIDTH, vector + n * WIDTH, out);
    for (int i = 0; i < WIDTH; i++) {
      sum[i] += out[i] / (double)COUNT;
      for (int j = 0; j < WIDTH; j++) products[i][j] += out[i] * out[j] / (double)COUNT;
    }
  }
  for (int i = 0; i < WIDTH; i++) {
    cr_expect_float_eq(sum[i], 0, 1e-4);
    for (int j = 0; j < WIDTH; j++) cr_expect_float_eq(products[i][j], i == j, 0.11, "%d %d", i, j);
  }
  for (int n = 1; n < COUNT; n++) memcpy(vector + n * WIDTH, vector, WIDTH * sizeof *vector);
  test_fails(l4r_whiten_make(vector, COUNT, WIDTH, weight, mean), L4R_INPUT,
             "vectors of all items are equal");
  l4r_free(vector);
}
