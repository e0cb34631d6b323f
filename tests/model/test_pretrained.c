/* SPDX-License-Identifier: BSD-3-Clause */
/* --init: small Hugging Face folders written here, or made of the oracle's golden models, and what
 * becomes of them; every refusal. */
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/model/bucket.h"
#include "impl/model/pretrained.h"
#include "impl/model/pretrained_copy.h"
#include "impl/model/safetensors.h"
#include "impl/model/safetensors_write.h"
#include "impl/stack.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/layers/layers.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* tiny's width with two blocks each, so that it is nobody's named size for Lite, and tiny for p5 */
static const struct l4r_t5_shape TINY = {.d_model = 64,
                                         .d_kv = 16,
                                         .heads = 4,
                                         .d_ff = 256,
                                         .vocabulary = 200,
                                         .encoder_blocks = 2,
                                         .decoder_blocks = 2,
                                         .buckets = 32,
                                         .max_distance = 128,
                                         .tied = 1,
                                         .epsilon = 1e-6};

static struct l4r_pretrained *opened(const char *folder) {
  struct l4r_pretrained *pretrained = NULL;
  test_ok(l4r_pretrained_open(folder, &pretrained));
  return pretrained;
}

static void open_fails(const char *folder, const char *part) {
  struct l4r_pretrained *pretrained = NULL;
  test_fails(l4r_pretrained_open(folder, &pretrained), L4R_INPUT, part);
}

/* A model of this configuration with the folder's values over random ones. */
static float *initial(const struct l4r_pretrained *pretrained, struct l4r_model_config *config,
                      struct l4r_tensors *tensors) {
  test_ok(l4r_tensors_of(config, tensors));
  float *values = l4r_alloc((size_t)tensors->floats, sizeof *values, "values");
  l4r_tensors_init(tensors, 3, values);
  test_ok(l4r_pretrained_copy(pretrained, config, tensors, values));
  return values;
}

static const float *value_of(const struct l4r_tensors *tensors, const float *values,
                             const char *name) {
  const struct l4r_tensor *tensor = l4r_tensors_find(tensors, name);
  cr_assert_not_null(tensor, "%s", name);
  return values + tensor->offset;
}

/* --- against transformers --- */

/* The golden folder's config.json is what make_golden.py's T5Config says, in transformers' words.
 */
static struct l4r_pretrained *open_golden(const struct test_golden *golden, const char *name) {
  char from[128], *content;
  size_t bytes;
  test_t5_config("hf", &golden->shape, "");
  snprintf(from, sizeof from, "tests/golden/%s.safetensors", name);
  test_ok(l4r_read_file(from, 0, &content, &bytes));
  test_bytes("hf/model.safetensors", content, bytes);
  l4r_free(content);
  return opened(test_path("hf"));
}

/* Both of Lite's LLMs, bidirectional, answer as transformers' encoder of the same folder does. */
static void check_encoder(const struct test_golden *golden, const struct l4r_tensors *tensors,
                          const float *values, const char *prefix,
                          const struct l4r_t5_shape *shape) {
  const json_t *cases = json_object_get(golden->document, "encoder");
  const float *embedding = value_of(tensors, values, "item_llm.shared.weight");
  int own_embedding = shape->vocabulary > 0;
  for (size_t i = 0; i < json_array_size(cases); i++) {
    int64_t length, width = shape->d_model;
    int32_t *token = test_integers(json_object_get(json_array_get(cases, i), "tokens"), &length);
    float *vector = l4r_alloc((size_t)(length * width), sizeof *vector, "vectors");
    float *hidden = l4r_alloc((size_t)(length * width), sizeof *hidden, "states");
    for (int64_t p = 0; p < length; p++)
      memcpy(vector + p * width, embedding + token[p] * width, (size_t)width * sizeof *vector);
    const struct l4r_train_spec spec = {.shape = shape,
                                        .tensors = tensors,
                                        .prefix = prefix,
                                        .max_positions = length,
                                        .max_count = 1,
                                        .max_length = length};
    const int64_t start[] = {0, length};
    const struct l4r_batch batch = {.count = 1,
                                    .start = start,
                                    .token = own_embedding ? token : NULL,
                                    .vector = own_embedding ? NULL : vector};
    struct l4r_encoder_layers *layers;
    test_ok(l4r_encoder_layers_open(&spec, &layers));
    test_ok(l4r_encoder_forward(layers, values, &batch, NULL, hidden));
    char name[32];
    snprintf(name, sizeof name, "encoder.%zu", i);
    test_t5_close(prefix, hidden, test_golden_tensor(golden, name, length, width), length, width);
    l4r_encoder_layers_close(layers);
    l4r_free(hidden);
    l4r_free(vector);
    l4r_free(token);
  }
}

static void lite_begins_as(const char *name) {
  struct test_golden golden;
  test_golden_open(name, &golden);
  struct l4r_pretrained *pretrained = open_golden(&golden, name);
  struct l4r_model_config config = test_config(L4R_KIND_LITE, "mini", 9, 20);
  config.rec_llm.causal = 0;
  test_ok(l4r_pretrained_shape(pretrained, 0, &config));
  test_ok(l4r_pretrained_rows(pretrained, 20, &config.item_llm.vocabulary));
  cr_assert_str_eq(config.size, "custom");
  cr_assert_eq(config.item_llm.gated, golden.shape.gated);
  struct l4r_tensors tensors;
  float *values = initial(pretrained, &config, &tensors);
  check_encoder(&golden, &tensors, values, "item_llm.", &config.item_llm);
  check_encoder(&golden, &tensors, values, "rec_llm.", &config.rec_llm);
  l4r_free(values);
  l4r_tensors_free(&tensors);
  l4r_pretrained_close(pretrained);
  test_golden_close(&golden);
}

Test(pretrained, lite_begins_as_transformers_encoder) {
  lite_begins_as("t5-v10");
}

Test(pretrained, lite_begins_as_transformers_gated_encoder) {
  lite_begins_as("t5-v11");
}

/* Hence its logits, loss and answers are the folder's: tests/train and tests/stack hold those
 * weights against transformers. */
static void p5_begins_as(const char *name) {
  struct test_golden golden;
  test_golden_open(name, &golden);
  struct l4r_pretrained *pretrained = open_golden(&golden, name);
  struct l4r_model_config config = test_config(L4R_KIND_P5, "mini", 9, 20);
  test_ok(l4r_pretrained_shape(pretrained, 0, &config));
  test_ok(l4r_pretrained_rows(pretrained, 20, &config.p5.vocabulary));
  cr_assert_eq(config.p5.tied, golden.shape.tied);
  config.p5.vocabulary += 3; /* item tokens of our own */
  struct l4r_tensors tensors;
  float *values = initial(pretrained, &config, &tensors);
  float *random = l4r_alloc((size_t)tensors.floats, sizeof *random, "values");
  l4r_tensors_init(&tensors, 3, random);
  for (int64_t i = 0; i < tensors.count; i++) {
    const struct l4r_tensor *tensor = &tensors.tensor[i];
    int grown = tensor->rows == config.p5.vocabulary;
    int64_t rows = tensor->rows - (grown ? 3 : 0), columns = tensor->columns;
    const float *want;
    test_ok(l4r_safetensors_view(golden.model, tensor->name, rows, columns, &want));
    test_t5_same_bits(tensor->name, values + tensor->offset, want, rows, columns ? columns : 1);
    int64_t after = tensor->offset + rows * columns;
    if (grown) test_t5_same_bits("own tokens", values + after, random + after, 3, columns);
  }
  l4r_free(random);
  l4r_free(values);
  l4r_tensors_free(&tensors);
  l4r_pretrained_close(pretrained);
  test_golden_close(&golden);
}

Test(pretrained, p5_begins_as_the_folder_tied) {
  p5_begins_as("t5-v10");
}

Test(pretrained, p5_begins_as_the_folder_untied) {
  p5_begins_as("t5-v11");
}

/* --- what begins where --- */

/* A causal Recommendation LLM sees, for every distance to the past up to which causal buckets are
 * exact, the very bias of the folder's encoder. */
Test(pretrained, causal_bias_keeps_its_distances) {
  struct l4r_pretrained *pretrained = opened(test_t5_folder("hf", &TINY, 0));
  struct l4r_model_config config = test_config(L4R_KIND_LITE, "mini", 9, 200);
  test_ok(l4r_pretrained_shape(pretrained, 0, &config));
  cr_assert_eq(config.rec_llm.causal, 1);
  struct l4r_tensors tensors;
  float *values = initial(pretrained, &config, &tensors);
  const char *name = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";
  char full[160];
  snprintf(full, sizeof full, "rec_llm.%s", name);
  const float *turned = value_of(&tensors, values, full), *folder;
  test_ok(l4r_safetensors_view(pretrained->safetensors, name, 32, 4, &folder));
  for (int64_t distance = 0; distance < 16; distance++)
    test_t5_same_bits("bias", turned + l4r_t5_bucket(-distance, 0, 32, 128) * 4,
                      folder + l4r_t5_bucket(-distance, 1, 32, 128) * 4, 1, 4);
  test_t5_same_bits("farthest", turned + 31 * 4, folder + l4r_t5_bucket(-113, 1, 32, 128) * 4, 1,
                    4);
  snprintf(full, sizeof full, "item_llm.%s", name);
  test_t5_same_bits("item_llm", value_of(&tensors, values, full), folder, 32, 4);
  l4r_free(values);
  l4r_tensors_free(&tensors);
  l4r_pretrained_close(pretrained);
}

Test(pretrained, the_item_llm_alone) {
  struct l4r_pretrained *pretrained = opened(test_t5_folder("hf", &TINY, 1));
  cr_assert_eq(pretrained->shape.decoder_blocks, 0);
  cr_assert_str_eq(pretrained->name, "hf");
  pretrained->item_llm_only = 1;
  struct l4r_model_config config = test_config(L4R_KIND_LITE_BEAM, "mini", 9, 200);
  config.projection = 1;
  test_ok(l4r_pretrained_shape(pretrained, 0, &config));
  cr_assert_eq(config.rec_llm.d_model, 64);
  struct l4r_tensors tensors;
  float *values = initial(pretrained, &config, &tensors);
  float *random = l4r_alloc((size_t)tensors.floats, sizeof *random, "values");
  l4r_tensors_init(&tensors, 3, random);
  for (int64_t i = 0; i < tensors.count; i++) {
    const struct l4r_tensor *tensor = &tensors.tensor[i];
    int is_items = strncmp(tensor->name, "item_llm.", 9) == 0 &&
                   strcmp(tensor->name, "item_llm.projection.weight") != 0;
    const float *want = random + tensor->offset;
    if (is_items)
      test_ok(l4r_safetensors_view(pretrained->safetensors, tensor->name + 9, tensor->rows,
                                   tensor->columns, &want));
    test_t5_same_bits(tensor->name, values + tensor->offset, want, 1, tensor->count);
  }
  l4r_free(random);
  l4r_free(values);
  l4r_tensors_free(&tensors);
  l4r_pretrained_close(pretrained);
}

Test(pretrained, sizes_are_named) {
  struct l4r_pretrained *pretrained = opened(test_t5_folder("hf", &TINY, 0));
  struct l4r_model_config lite = test_config(L4R_KIND_LITE, "mini", 9, 200);
  struct l4r_model_config p5 = test_config(L4R_KIND_P5, "mini", 9, 200);
  test_ok(l4r_pretrained_shape(pretrained, 0, &lite));
  test_ok(l4r_pretrained_shape(pretrained, 0, &p5));
  cr_assert_str_eq(lite.size, "custom"); /* tiny's Item LLM has one block */
  cr_assert_str_eq(p5.size, "tiny");
  p5 = test_config(L4R_KIND_P5, "tiny", 9, 200);
  test_ok(l4r_pretrained_shape(pretrained, 1, &p5));
  l4r_pretrained_close(pretrained);
}

Test(pretrained, half_precision_is_converted) {
  static const uint16_t one = 0x3f80; /* BF16 1.0 */
  struct l4r_t5_shape shape = TINY;
  shape.decoder_blocks = 0;
  const struct l4r_model_config config = {.kind = L4R_KIND_P5, .p5 = shape};
  struct l4r_tensors tensors;
  test_ok(l4r_tensors_of(&config, &tensors));
  test_t5_config("hf", &TINY, "");
  FILE *file = fopen(test_path("hf/model.safetensors"), "wb");
  cr_assert_not_null(file);
  char *header = l4r_alloc(1 << 16, 1, "header");
  size_t used = 1, at = 0;
  header[0] = '{';
  for (int64_t i = 0; i < tensors.count; i++) {
    const struct l4r_tensor *t = &tensors.tensor[i];
    char second[32] = "";
    if (t->columns) snprintf(second, sizeof second, ", %d", (int)t->columns);
    size_t end = at + 2 * (size_t)t->count;
    used += (size_t)snprintf(header + used, (1 << 16) - used,
                             "%s\"%s\": {\"dtype\": \"BF16\", \"shape\": [%d%s], "
                             "\"data_offsets\": [%zu, %zu]}",
                             i ? ", " : "", t->name, (int)t->rows, second, at, end);
    at = end;
  }
  header[used++] = '}';
  for (int i = 0; i < 8; i++) fputc((int)(used >> (8 * i) & 255), file);
  fwrite(header, 1, used, file);
  for (size_t i = 0; i < at; i += 2) fwrite(&one, 1, 2, file);
  fclose(file);
  l4r_free(header);
  struct l4r_pretrained *pretrained = opened(test_path("hf"));
  struct l4r_model_config lite = test_config(L4R_KIND_LITE, "mini", 9, 200);
  test_ok(l4r_pretrained_shape(pretrained, 0, &lite));
  struct l4r_tensors model;
  float *values = initial(pretrained, &lite, &model);
  const float *got = value_of(&model, values, "item_llm.shared.weight");
  for (int i = 0; i < 200 * 64; i++) cr_assert_eq(got[i], 1.0f);
  l4r_free(values);
  l4r_tensors_free(&model);
  l4r_tensors_free(&tensors);
  l4r_pretrained_close(pretrained);
}

/* --- refusals --- */

Test(pretrained, refuses_folders_without_weights_it_reads) {
  open_fails(test_path("nowhere"), "nowhere");
  cr_assert_eq(l4r_make_folders(test_path("hf")), 0);
  open_fails(test_path("hf"), "config.json");
  test_t5_config("hf", &TINY, "");
  open_fails(test_path("hf"), "no model.safetensors");
  test_file("hf/pytorch_model.bin", "pickle");
  open_fails(test_path("hf"), "safe_serialization=True");
  test_file("hf/model.safetensors.index.json", "{}");
  open_fails(test_path("hf"), "weight_map");
  test_file("hf/model.safetensors", "pickle");
  open_fails(test_path("hf"), "safetensors file");
}

Test(pretrained, refuses_configurations_it_does_not_have) {
  static const struct {
    const char *more, *part;
  } row[] = {
      {"\"x\": ", "not valid JSON"},
      {"\"d_model\": \"wide\", \"y\": {", "not valid JSON"},
  };
  static const struct {
    const char *text, *part;
  } whole[] = {
      {"{\"schema\": 1, \"kind\": \"lite\"}", "'model_type' is missing"},
      {"{\"model_type\": \"bert\"}", "'bert'"},
      {"{\"model_type\": \"t5\"}", "'d_model' is missing"},
      {"{\"model_type\": \"t5\", \"d_model\": \"wide\"}", "'d_model' is not an integer"},
      {"{\"model_type\": \"t5\", \"d_model\": 0}", "'d_model' is 0"},
  };
  test_t5_folder("hf", &TINY, 0);
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    test_t5_config("hf", &TINY, row[i].more);
    open_fails(test_path("hf"), row[i].part);
  }
  for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
    test_file("hf/config.json", whole[i].text);
    open_fails(test_path("hf"), whole[i].part);
  }
}

/* The test's own config.json with one field replaced. */
static void with_field(const char *field, const char *value) {
  char *text = test_read("hf/config.json"), name[64], changed[1024];
  snprintf(name, sizeof name, "\"%s\": ", field);
  char *at = strstr(text, name);
  cr_assert_not_null(at, "%s", field);
  at += strlen(name);
  char *rest = at + strcspn(at, ",}");
  snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, value, rest);
  test_file("hf/config.json", changed);
}

Test(pretrained, refuses_fields_by_name) {
  static const struct {
    const char *field, *value, *part;
  } row[] = {
      {"feed_forward_proj", "\"gated-silu\"", "gated-silu"},
      {"feed_forward_proj", "3", "feed_forward_proj"},
      {"tie_word_embeddings", "1", "tie_word_embeddings"},
      {"layer_norm_epsilon", "\"small\"", "layer_norm_epsilon"},
      {"num_decoder_layers", "0", "num_decoder_layers"},
      {"relative_attention_num_buckets", "6", "relative_attention"},
      /* what the file's tensors do not confirm */
      {"d_model", "32", "tensor shared.weight is 200 x 64, 200 x 32"},
      {"num_heads", "2", "SelfAttention.q.weight is 64 x 64, 32 x 64"},
      {"num_layers", "3", "encoder.block.2"},
      {"num_layers", "1", "encoder.block.1"},
      {"feed_forward_proj", "\"gated-gelu\"", "wi_0.weight is missing"},
      {"tie_word_embeddings", "false", "lm_head.weight is missing"},
      {"vocab_size", "201", "disagree"},
  };
  test_t5_folder("hf", &TINY, 0);
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    test_t5_config("hf", &TINY, "");
    with_field(row[i].field, row[i].value);
    open_fails(test_path("hf"), row[i].part);
  }
}

Test(pretrained, refuses_values_that_are_not_finite) {
  struct test_t5 t5;
  test_t5_make(&TINY, 7, &t5);
  t5.values[t5.tensors.tensor[3].offset + 5] = 1.0f / 0.0f;
  test_t5_config("hf", &TINY, "");
  test_ok(l4r_safetensors_write(test_path("hf/model.safetensors"), &t5.tensors, t5.values));
  open_fails(test_path("hf"), t5.tensors.tensor[3].name);
  test_t5_free(&t5);
}

Test(pretrained, refuses_a_size_that_is_not_the_folders) {
  static const struct {
    enum l4r_kind kind;
    const char *size, *part;
  } row[] = {
      {L4R_KIND_LITE, "mini", "tensor shared.weight is 200 x 64, size mini needs 200 x 128"},
      {L4R_KIND_LITE, "tiny", "encoder.block.1.layer.0.SelfAttention.q.weight has no place"},
      {L4R_KIND_P5, "base", "size base needs 200 x 256; leave --size out"},
  };
  struct l4r_pretrained *pretrained = opened(test_t5_folder("hf", &TINY, 0));
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    struct l4r_model_config config = test_config(row[i].kind, row[i].size, 9, 200);
    test_fails(l4r_pretrained_shape(pretrained, 1, &config), L4R_INPUT, row[i].part);
  }
  l4r_pretrained_close(pretrained);
  struct l4r_t5_shape short_one = TINY;
  short_one.encoder_blocks = 1;
  pretrained = opened(test_t5_folder("short", &short_one, 0));
  struct l4r_model_config config = test_config(L4R_KIND_P5, "tiny", 9, 200);
  test_fails(l4r_pretrained_shape(pretrained, 1, &config), L4R_INPUT,
             "encoder.block.1.layer.0.SelfAttention.q.weight, which size tiny has, is not there");
  l4r_pretrained_close(pretrained);
}

Test(pretrained, refuses_what_a_kind_cannot_begin_with) {
  struct l4r_pretrained *pretrained = opened(test_t5_folder("hf", &TINY, 1));
  struct l4r_model_config config = test_config(L4R_KIND_P5, "tiny", 9, 200);
  test_fails(l4r_pretrained_shape(pretrained, 0, &config), L4R_INPUT, "an encoder alone");
  config = test_config(L4R_KIND_LITE_BEAM, "tiny", 9, 200);
  test_fails(l4r_pretrained_shape(pretrained, 0, &config), L4R_INPUT, "an encoder alone");
  int64_t rows;
  char path[L4R_PATH_MAX];
  test_fails(l4r_pretrained_rows(pretrained, 201, &rows), L4R_INPUT, "201 pieces");
  test_fails(l4r_pretrained_tokenizer(pretrained, path), L4R_INPUT, "--tokenizer FILE");
  test_tokenizer(test_path("hf/spiece.model"));
  test_ok(l4r_pretrained_tokenizer(pretrained, path));
  l4r_pretrained_close(pretrained);
}

/* The first published T5s carry a bias that nothing reads, and copies of the embedding. */
Test(pretrained, passes_over_what_transformers_passes_over) {
  struct test_t5 t5;
  test_t5_make(&TINY, 7, &t5);
  test_t5_config("hf", &TINY, "");
  struct l4r_tensors list = {.count = t5.tensors.count + 2};
  list.tensor = l4r_alloc((size_t)list.count, sizeof *list.tensor, "tensors");
  memcpy(list.tensor, t5.tensors.tensor, (size_t)t5.tensors.count * sizeof *list.tensor);
  struct l4r_tensor *extra = list.tensor + t5.tensors.count;
  extra[0] = *l4r_tensors_find(
      &t5.tensors, "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight");
  snprintf(extra[0].name, sizeof extra[0].name,
           "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight");
  extra[1] = *l4r_tensors_find(&t5.tensors, "shared.weight");
  snprintf(extra[1].name, sizeof extra[1].name, "encoder.embed_tokens.weight");
  test_ok(l4r_safetensors_write(test_path("hf/model.safetensors"), &list, t5.values));
  l4r_pretrained_close(opened(test_path("hf")));
  snprintf(extra[0].name, sizeof extra[0].name, "decoder.block.0.adapter.weight");
  test_ok(l4r_safetensors_write(test_path("hf/model.safetensors"), &list, t5.values));
  open_fails(test_path("hf"), "adapter.weight");
  l4r_free(list.tensor);
  test_t5_free(&t5);
}
