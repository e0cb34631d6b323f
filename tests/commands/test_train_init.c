/* SPDX-License-Identifier: BSD-3-Clause */
/* `lite4rec train` that begins with pretrained weights. */
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/lite/catalogue.h"
#include "tests/support/bert.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"
#include "tests/support/train.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(train_command, init_begins_with_a_hugging_face_folder) {
  static const char *const kind[] = {"lite", "lite --items id", "p5", "p5-head", "lite-beam"};
  const struct l4r_t5_shape shape = {.d_model = 64,
                                     .d_kv = 16,
                                     .heads = 4,
                                     .d_ff = 256,
                                     .vocabulary = 200,
                                     .encoder_blocks = 2,
                                     .decoder_blocks = 2,
                                     .buckets = 32,
                                     .max_distance = 128,
                                     .epsilon = 1e-6};
  struct l4r_dataset *dataset = test_dataset("data", 0);
  const char *folder = test_t5_folder("flan", &shape, 0);
  test_tokenizer(test_path("flan/spiece.model"));
  for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
    char line[512];
    snprintf(line, sizeof line, "%s --data @D --out @O --init %s --epochs %d --threads 1 --force",
             kind[i], folder, i == 0);
    cr_assert_eq(test_train(line), 0, "%s: %s", line, l4r_error_message());
    struct l4r_model *model;
    cr_assert_eq(l4r_model_open(test_path("model"), dataset, &model), 0, "%s: %s", line,
                 l4r_error_message());
    const struct l4r_model_config *c = &model->config;
    cr_assert_str_eq(c->init, "flan");
    if (i == 0) cr_assert_eq(c->item_llm.vocabulary, 200);
    if (i == 2) cr_assert_eq(c->p5.vocabulary, 200);
    if (i == 2) cr_assert_eq(c->p5.tied, 0);
    cr_assert_eq(i == 2 || i == 3 ? c->p5.d_model : c->rec_llm.d_model, 64);
    l4r_model_close(model);
  }
  l4r_dataset_close(dataset);
}

/* The item vectors of a model folder, by a stack: both compute the same, and a row an item. */
static float *vectors_of(const struct l4r_model *model, const struct l4r_dataset *dataset,
                         const struct l4r_stack_ops *ops) {
  const int64_t count = model->config.items * model->config.rec_llm.d_model;
  struct l4r_stack *stack;
  float *vectors = l4r_alloc((size_t)count, sizeof *vectors, "item vectors");
  cr_assert_eq(ops->open(NULL, &(struct l4r_stack_options){.precision = "fp32"}, &stack), 0);
  const struct l4r_catalogue catalogue = {
      .ops = ops, .stack = stack, .model = model, .dataset = dataset};
  int cached;
  cr_assert_eq(l4r_catalogue_vectors(&catalogue, vectors, &cached), 0, "%s", l4r_error_message());
  ops->close(stack);
  return vectors;
}

static const float *values_of(const struct l4r_model *model, const char *name) {
  const struct l4r_tensor *tensor = l4r_tensors_find(&model->tensors, name);
  const float *values;
  cr_assert_not_null(tensor, "%s", name);
  cr_assert_eq(l4r_weights_get(&model->weights, "", name, tensor->rows, tensor->columns, &values),
               0);
  return values;
}

Test(train_command, init_item_takes_a_sentence_encoder) {
  static const char *const lines[] = {"--item-llm frozen",
                                      ("--item-llm frozen --whiten off --adapter "
                                       "linear --items text+id --pooling first"),
                                      "--item-llm tuned --item-rate .5",
                                      "--item-llm tuned --item-rate .5 --item-share .4"};
  struct l4r_dataset *dataset = test_dataset("data", 0);
  const char *folder = test_bert_folder("sentences", "F16", NULL);
  static const char word[] = "item_llm.encoder.layer.0.intermediate.dense.weight";
  setenv("XDG_CACHE_HOME", test_path("cache"), 1);
  struct l4r_safetensors *weights;
  float kept[40 * 24];
  cr_assert_eq(l4r_safetensors_open(test_path("sentences/model.safetensors"), &weights), 0);
  cr_assert_eq(l4r_safetensors_copy(weights, word + 9, 40, 24, kept), 0, "%s", l4r_error_message());
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    char line[512];
    struct l4r_model *model;
    snprintf(line, sizeof line,
             "lite --data @D --out @O --init-item %s --size tiny --text-length 20 --epochs 2 "
             "--minutes 5 --threads 2 --force %s",
             folder, lines[i]);
    cr_assert_eq(test_train(line), 0, "%s: %s", line, l4r_error_message());
    cr_assert_eq(l4r_model_open(test_path("model"), dataset, &model), 0, "%s: %s", line,
                 l4r_error_message());
    const struct l4r_model_config *c = &model->config;
    cr_expect_str_eq(c->init, "sentences");
    cr_expect_eq(c->pooling, i == 1 ? L4R_POOL_FIRST : L4R_POOL_MEAN);
    cr_expect_not_null(strstr(c->init_files, "model.safetensors "), "%s", c->init_files);
    cr_expect_eq(memcmp(values_of(model, word), kept, sizeof kept) == 0, i < 2, "%s", line);
    float *blis = vectors_of(model, dataset, &l4r_stack_blis);
    float *exact = vectors_of(model, dataset, &l4r_stack_reference);
    test_t5_close(line, blis, exact, c->items, c->rec_llm.d_model);
    l4r_free(blis);
    l4r_free(exact);
    l4r_model_close(model);
  }
  l4r_safetensors_close(weights);
  cr_expect_geq(test_entries("cache/lite4rec"), 1, "what the encoder says is kept");
  l4r_dataset_close(dataset);
}

/* The ids are in the folder; what made them is named, and not asked for again. */
Test(train_command, ids_are_made_of_a_sentence_encoder) {
  static const char *const kinds[] = {"p5", "p5-head", "lite-beam"};
  struct l4r_dataset *dataset = test_dataset("data", 0);
  const char *folder = test_bert_folder("sentences", "F16", NULL);
  setenv("XDG_CACHE_HOME", test_path("cache"), 1);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    char line[512];
    struct l4r_model *model;
    snprintf(line, sizeof line,
             "%s --data @D --out @O --ids semantic --init-item %s --size tiny --text-length 20 "
             "--semantic-levels 2 --semantic-codes 8 --epochs 0 --force",
             kinds[i], folder);
    cr_assert_eq(test_train(line), 0, "%s: %s", line, l4r_error_message());
    cr_assert_eq(l4r_model_open(test_path("model"), dataset, &model), 0, "%s: %s", line,
                 l4r_error_message());
    cr_expect_eq(model->config.id_scheme, L4R_IDS_SEMANTIC);
    cr_expect_eq(model->config.id_form, L4R_IDS_TOKENS);
    cr_expect_eq(model->config.max_id_tokens, 4);
    cr_expect_eq(model->config.adapter, L4R_ADAPTER_NONE);
    cr_expect_str_eq(model->config.ids_from, "sentences");
    cr_expect_str_eq(model->config.init, "random");
    cr_expect_eq(strncmp(test_read("model/id_map.tsv"), "item\tcodes\n", 11), 0);
    l4r_model_close(model);
  }
  l4r_dataset_close(dataset);
}

/* Stopped and resumed, a run ends as if it had not been; another folder is other settings. */
Test(train_command, init_item_resumes) {
  struct l4r_dataset *dataset = test_dataset("data", 0);
  char line[512], whole[65], again[65];
  setenv("XDG_CACHE_HOME", test_path("cache"), 1);
  for (int tuned = 0; tuned < 2; tuned++) {
    const char *format = "lite --data @D --out @O --init-item %s --size tiny --text-length 20 "
                         "--minutes 0 --schedule constant --threads 1 --item-llm %s %s --epochs %d";
    const char *how = tuned ? "tuned --item-share .4" : "frozen";
    const char *folder = test_bert_folder("sentences", "F32", NULL);
    snprintf(line, sizeof line, format, folder, how, "--force", 3);
    cr_assert_eq(test_train(line), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_sha256_file(test_path("model/model.safetensors"), whole), 0);
    snprintf(line, sizeof line, format, folder, how, "--force", 1);
    cr_assert_eq(test_train(line), 0, "%s", l4r_error_message());
    snprintf(line, sizeof line, format, folder, how, "--resume", 3);
    cr_assert_eq(test_train(line), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_sha256_file(test_path("model/model.safetensors"), again), 0);
    cr_expect_str_eq(again, whole, "%s", how);
    snprintf(line, sizeof line, format, test_bert_folder("sentences", "BF16", NULL), how,
             "--resume", 4);
    cr_assert_eq(test_train(line), L4R_INPUT);
    cr_expect_not_null(strstr(l4r_error_message(), "other settings"), "%s", l4r_error_message());
  }
  l4r_dataset_close(dataset);
}

/* What the folder holds of no use is told before anything is trained. */
Test(train_command, init_item_refuses) {
  l4r_dataset_close(test_dataset("data", 0));
  char line[512];
  const char *folder = test_bert_folder("sentences", "F32", NULL);
  snprintf(line, sizeof line, "lite --data @D --out @O --init-item %s --size tiny", folder);
  cr_assert_eq(test_train(line), L4R_INPUT); /* texts of 64 tokens */
  cr_expect_not_null(strstr(l4r_error_message(), "23 positions"), "%s", l4r_error_message());
  cr_expect_eq(test_entries("model"), -1, "nothing is half written");
  snprintf(line, sizeof line,
           "lite --data @D --out @O --size tiny --text-length 20 --item-share .5 --init-item %s",
           folder);
  cr_assert_eq(test_train(line), L4R_USAGE);
  cr_expect_not_null(strstr(l4r_error_message(), "--item-llm tuned"), "%s", l4r_error_message());
  snprintf(line, sizeof line, "lite --data @D --out @O --size tiny --text-length 20 --init-item %s",
           test_bert_folder("nan", "F16 NaN", NULL));
  cr_assert_eq(test_train(line), L4R_INPUT);
  cr_expect_not_null(strstr(l4r_error_message(), "NaN or infinite"), "%s", l4r_error_message());
}

/* Each kind trains in bf16 and says so; a checkpoint is not continued in another precision. */
