/* SPDX-License-Identifier: BSD-3-Clause */
/* T5 folders as transformers 5 and safetensors' own save_model write them: what is tied, what is
 * scaled, names in the metadata, heads of classifiers, several files. tests/support/t5.c writes the
 * folders; the fields are those of T5Config.save_pretrained of transformers 5.24. */
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/model/config_sizes.h"
#include "impl/model/pretrained.h"
#include "impl/model/pretrained_copy.h"
#include "impl/model/safetensors.h"
#include "impl/model/safetensors_write.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct l4r_t5_shape SHAPE = {.d_model = 32,
                                          .d_kv = 8,
                                          .heads = 4,
                                          .d_ff = 64,
                                          .vocabulary = 60,
                                          .encoder_blocks = 2,
                                          .decoder_blocks = 2,
                                          .buckets = 32,
                                          .max_distance = 128,
                                          .tied = 1,
                                          .epsilon = 1e-6};

/* A file of tensors under chosen names. */
struct list {
  struct test_t5 t5;
  struct l4r_tensors tensors;
};

static void make_list(struct list *list, int untied) {
  struct l4r_t5_shape shape = SHAPE;
  shape.tied = !untied;
  test_t5_make(&shape, 7, &list->t5);
  list->tensors = (struct l4r_tensors){.count = list->t5.tensors.count};
  list->tensors.tensor = l4r_alloc((size_t)list->tensors.count + 8, sizeof *list->tensors.tensor,
                                   "tensors");
  memcpy(list->tensors.tensor, list->t5.tensors.tensor,
         (size_t)list->tensors.count * sizeof *list->tensors.tensor);
}

static struct l4r_tensor *named(struct list *list, const char *name) {
  for (int64_t i = 0; i < list->tensors.count; i++)
    if (!strcmp(list->tensors.tensor[i].name, name)) return &list->tensors.tensor[i];
  cr_assert_fail("%s", name);
  return NULL;
}

static void again(struct list *list, const char *name, const char *copy) {
  struct l4r_tensor tensor = *named(list, name);
  snprintf(tensor.name, sizeof tensor.name, "%s", copy);
  list->tensors.tensor[list->tensors.count++] = tensor;
}

static void rename_tensor(struct list *list, const char *name, const char *other) {
  struct l4r_tensor *tensor = named(list, name);
  snprintf(tensor->name, sizeof tensor->name, "%s", other);
}

static void drop(struct list *list, const char *prefix) {
  int64_t kept = 0;
  for (int64_t i = 0; i < list->tensors.count; i++)
    if (strncmp(list->tensors.tensor[i].name, prefix, strlen(prefix)) != 0)
      list->tensors.tensor[kept++] = list->tensors.tensor[i];
  list->tensors.count = kept;
}

static void write_list(const struct list *list, const char *file, const char *metadata) {
  test_ok(l4r_safetensors_write(test_path(file), &list->tensors, list->t5.values));
  if (!metadata) return;
  char *content, *text;
  size_t bytes, size;
  test_ok(l4r_read_file(test_path(file), 0, &content, &bytes));
  uint64_t length;
  memcpy(&length, content, 8);
  json_t *header = json_loadb(content + 8, length, 0, NULL);
  json_object_set_new(header, "__metadata__", json_loads(metadata, 0, NULL));
  char *dump = json_dumps(header, JSON_COMPACT);
  FILE *stream = open_memstream(&text, &size);
  const uint64_t padded = (strlen(dump) + 7) / 8 * 8;
  fwrite(&padded, 8, 1, stream);
  fprintf(stream, "%-*s", (int)padded, dump);
  fwrite(content + 8 + length, 1, bytes - 8 - length, stream);
  fclose(stream);
  test_bytes(file, text, size);
}

static struct l4r_pretrained *opened(void) {
  struct l4r_pretrained *pretrained = NULL;
  test_ok(l4r_pretrained_open(test_path("hf"), &pretrained));
  return pretrained;
}

/* config.json with these fields in place of its own. */
static void config_with(const char *fields) {
  char text[512];
  test_t5_config("hf", &SHAPE, "");
  json_t *config = json_load_file(test_path("hf/config.json"), 0, NULL);
  snprintf(text, sizeof text, "{%s}", fields);
  json_t *more = json_loads(text, 0, NULL);
  cr_assert(config && more, "%s", text);
  json_object_update(config, more);
  test_file("hf/config.json", json_dumps(config, 0));
}

/* What a folder of this configuration and file says of its output. */
static void output_is(struct list *list, const char *more, int tied, int scaled) {
  config_with(more);
  write_list(list, "hf/model.safetensors", NULL);
  struct l4r_pretrained *pretrained = opened();
  cr_assert_eq(pretrained->shape.tied, tied, "%s: tied", more);
  const float scale = l4r_output_scale_of(&pretrained->shape);
  cr_assert_float_eq(scale, scaled ? 1 / sqrt(32.) : 1, 1e-7, "%s: scale %g", more, scale);
  struct l4r_model_config config = test_config(L4R_KIND_P5, "mini", 9, 60);
  test_ok(l4r_pretrained_shape(pretrained, 0, &config));
  cr_assert_float_eq(l4r_output_scale_of(&config.p5), scale, 0, "the model's scale");
  l4r_pretrained_close(pretrained);
}

#define V5       "\"tie_word_embeddings\": true, \"transformers_version\": \"5.24.0\", "
#define SCALED   V5 "\"scale_decoder_outputs\": true"
#define UNSCALED V5 "\"scale_decoder_outputs\": false"

Test(pretrained_5, scaling_is_what_the_folder_says_not_what_is_tied) {
  struct list tied, own;
  make_list(&tied, 0);
  make_list(&own, 1);
  output_is(&tied, "\"tie_word_embeddings\": true", 1, 1);
  output_is(&own, "\"tie_word_embeddings\": false", 0, 0);
  output_is(&tied, SCALED, 1, 1);
  output_is(&tied, UNSCALED, 1, 0);
  output_is(&own, UNSCALED, 0, 0); /* flan-t5: its own lm_head, though "tied" */
  output_is(&own, SCALED, 0, 1);
  output_is(&tied, V5 "\"model_type\": \"mt5\"", 1, 0); /* 5 never scales mT5 */
  again(&tied, "shared.weight", "lm_head.weight");
  output_is(&tied, UNSCALED, 1, 0); /* a copy is no layer of its own */
}

Test(pretrained_5, an_output_layer_of_its_own_is_still_refused_where_four_ties_it) {
  struct list own;
  make_list(&own, 1);
  config_with("\"tie_word_embeddings\": true");
  write_list(&own, "hf/model.safetensors", NULL);
  struct l4r_pretrained *pretrained = NULL;
  test_fails(l4r_pretrained_open(test_path("hf"), &pretrained), L4R_INPUT,
             "lm_head.weight differs from shared.weight");
}

/* Values of a tensor as a model of kind p5 begins with them. */
static void begins_alike(const struct list *list) {
  struct l4r_pretrained *pretrained = opened();
  for (int64_t i = 0; i < pretrained->tensors.count; i++) {
    const struct l4r_tensor *tensor = &pretrained->tensors.tensor[i];
    const struct l4r_tensor *want = l4r_tensors_find(&list->t5.tensors, tensor->name);
    const int64_t floats = tensor->rows * (tensor->columns ? tensor->columns : 1);
    float *values = l4r_alloc((size_t)floats, sizeof *values, "values");
    cr_assert_not_null(want, "%s", tensor->name);
    test_ok(l4r_safetensors_copy(pretrained->safetensors, tensor->name, tensor->rows,
                                 tensor->columns, values));
    cr_assert_arr_eq(values, list->t5.values + want->offset, (size_t)floats * sizeof *values, "%s",
                     tensor->name);
    l4r_free(values);
  }
  l4r_pretrained_close(pretrained);
}

Test(pretrained_5, a_name_in_the_metadata_stands_for_the_tensor_that_was_kept) {
  struct list list;
  make_list(&list, 0);
  test_t5_config("hf", &SHAPE, "");
  rename_tensor(&list, "shared.weight", "decoder.embed_tokens.weight");
  write_list(&list, "hf/model.safetensors",
             "{\"format\": \"pt\", \"shared.weight\": \"decoder.embed_tokens.weight\","
             " \"lm_head.weight\": \"decoder.embed_tokens.weight\"}");
  begins_alike(&list);
  rename_tensor(&list, "decoder.embed_tokens.weight", "lm_head.weight");
  write_list(&list, "hf/model.safetensors", "{\"shared.weight\": \"lm_head.weight\"}");
  begins_alike(&list);
  rename_tensor(&list, "encoder.final_layer_norm.weight", "elsewhere");
  write_list(&list, "hf/model.safetensors",
             "{\"shared.weight\": \"lm_head.weight\","
             " \"encoder.final_layer_norm.weight\": \"nowhere\"}");
  struct l4r_pretrained *pretrained = NULL;
  test_fails(l4r_pretrained_open(test_path("hf"), &pretrained), L4R_INPUT,
             "encoder.final_layer_norm.weight is missing");
}

Test(pretrained_5, an_encoder_may_hold_its_embedding_alone) {
  struct list list;
  make_list(&list, 0);
  test_t5_config("hf", &SHAPE, "");
  rename_tensor(&list, "shared.weight", "encoder.embed_tokens.weight");
  drop(&list, "decoder.");
  write_list(&list, "hf/model.safetensors", NULL);
  begins_alike(&list);
}

Test(pretrained_5, heads_of_classifiers_are_passed_over) {
  struct list list;
  make_list(&list, 0);
  test_t5_config("hf", &SHAPE, "");
  again(&list, "encoder.final_layer_norm.weight", "classification_head.dense.weight");
  write_list(&list, "hf/model.safetensors", NULL);
  begins_alike(&list);
  for (int64_t i = 0; i < list.tensors.count; i++) { /* as T5ForSequenceClassification */
    char *name = list.tensors.tensor[i].name, bare[100];
    if (!strncmp(name, "classification", 14)) continue;
    snprintf(bare, sizeof bare, "%.99s", name);
    snprintf(name, sizeof list.tensors.tensor[i].name, "transformer.%s", bare);
  }
  write_list(&list, "hf/model.safetensors", NULL);
  begins_alike(&list);
}

Test(pretrained_5, weights_in_several_files_are_one_model) {
  struct list list, second;
  make_list(&list, 0);
  make_list(&second, 0);
  test_t5_config("hf", &SHAPE, "");
  drop(&list, "encoder.");
  drop(&second, "decoder.");
  drop(&second, "shared.");
  json_t *map = json_object(), *index = json_object();
  for (int64_t i = 0; i < list.tensors.count; i++)
    json_object_set_new(map, list.tensors.tensor[i].name, json_string("a-1.safetensors"));
  for (int64_t i = 0; i < second.tensors.count; i++)
    json_object_set_new(map, second.tensors.tensor[i].name, json_string("a-2.safetensors"));
  json_object_set_new(index, "weight_map", map);
  write_list(&list, "hf/a-1.safetensors", NULL);
  write_list(&second, "hf/a-2.safetensors", NULL);
  test_file("hf/model.safetensors.index.json", json_dumps(index, 0));
  begins_alike(&list);
  struct l4r_pretrained *pretrained = NULL;
  again(&second, "encoder.final_layer_norm.weight", "shared.weight");
  write_list(&second, "hf/a-2.safetensors", NULL);
  test_fails(l4r_pretrained_open(test_path("hf"), &pretrained), L4R_INPUT, "another of the files");
  json_object_set_new(map, "shared.weight", json_string("../secret.safetensors"));
  test_file("hf/model.safetensors.index.json", json_dumps(index, 0));
  test_fails(l4r_pretrained_open(test_path("hf"), &pretrained), L4R_INPUT, "no name of a file");
  json_object_set_new(map, "shared.weight", json_string("a-3.safetensors"));
  test_file("hf/model.safetensors.index.json", json_dumps(index, 0));
  test_fails(l4r_pretrained_open(test_path("hf"), &pretrained), L4R_INPUT, "a-3.safetensors");
}
