/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/baselines/beam/golden.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/lite/stacks.h"
#include "impl/model/config_sizes.h"
#include "impl/model/safetensors_match.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

int64_t golden_number(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  cr_assert(json_is_integer(value), "%s is missing", key);
  return json_integer_value(value);
}

static void read_config(struct golden *golden) {
  const json_t *shape = json_object_get(golden->root, "shape");
  cr_assert_eq(l4r_config_defaults(L4R_KIND_P5, "tiny", &golden->config), L4R_OK);
  struct l4r_t5_shape *t5 = &golden->config.p5;
  t5->d_model = golden_number(shape, "width");
  t5->d_kv = golden_number(shape, "key");
  t5->heads = golden_number(shape, "heads");
  t5->d_ff = golden_number(shape, "feed");
  t5->vocabulary = golden_number(shape, "vocabulary");
  t5->encoder_blocks = golden_number(shape, "encoder_blocks");
  t5->decoder_blocks = golden_number(shape, "decoder_blocks");
  t5->gated = (int)golden_number(shape, "gated");
  t5->tied = (int)golden_number(shape, "tied");
}

/* Lists of token lists, end to end; starts[i] .. starts[i+1]. */
static int32_t *flatten(const json_t *lists, int64_t *starts) {
  int64_t total = 0;
  for (size_t i = 0; i < json_array_size(lists); i++)
    total += (int64_t)json_array_size(json_array_get(lists, i));
  int32_t *token = l4r_alloc((size_t)total, sizeof *token, "golden tokens");
  int64_t at = 0;
  starts[0] = 0;
  for (size_t i = 0; i < json_array_size(lists); i++) {
    const json_t *list = json_array_get(lists, i);
    for (size_t j = 0; j < json_array_size(list); j++)
      token[at++] = (int32_t)json_integer_value(json_array_get(list, j));
    starts[i + 1] = at;
  }
  return token;
}

void golden_open(const char *name, struct golden *golden) {
  char path[256];
  json_error_t error;
  *golden = (struct golden){0};
  snprintf(path, sizeof path, "tests/golden/beam/%s.json", name);
  golden->root = json_load_file(path, 0, &error);
  cr_assert(golden->root, "%s: %s", path, error.text);
  read_config(golden);
  snprintf(path, sizeof path, "tests/golden/beam/%s.safetensors", name);
  cr_assert_eq(l4r_tensors_of(&golden->config, &golden->tensors), L4R_OK);
  cr_assert_eq(l4r_safetensors_open(path, &golden->safetensors), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(l4r_safetensors_match(golden->safetensors, &golden->tensors, 0), L4R_OK, "%s",
               l4r_error_message());
  golden->weights = (struct l4r_weights){&golden->tensors, NULL, golden->safetensors};
  const json_t *ids = json_object_get(golden->root, "ids");
  golden->ids.items = (int64_t)json_array_size(ids);
  golden->ids.start = l4r_alloc(json_array_size(ids) + 1, sizeof(int64_t), "golden ids");
  golden->ids.token = flatten(ids, golden->ids.start);
  cr_assert_eq(l4r_trie_build(&golden->ids, &golden->trie), L4R_OK, "%s", l4r_error_message());
  const json_t *prompts = json_object_get(golden->root, "prompts");
  golden->users = (int64_t)json_array_size(prompts);
  cr_assert(golden->users <= GOLDEN_USERS);
  golden->token = flatten(prompts, golden->start);
}

void golden_close(struct golden *golden) {
  l4r_safetensors_close(golden->safetensors);
  l4r_tensors_free(&golden->tensors);
  l4r_trie_free(&golden->trie);
  l4r_id_tokens_free(&golden->ids);
  l4r_free(golden->token);
  json_decref(golden->root);
}

void golden_model_open(const struct golden *golden, const struct golden_model_spec *spec,
                       struct golden_model *model) {
  const int64_t positions = golden->start[golden->users];
  const int three = !strcmp(spec->stack, GOLDEN_IN_THREE);
  const struct l4r_stack_options options = {.precision = three ? "bf16x3" : "fp32",
                                            .fallback = three};
  model->ops = l4r_stack_find(three ? "blis" : spec->stack);
  cr_assert_not_null(model->ops, "no stack %s", spec->stack);
  cr_assert_eq(model->ops->open(spec->team, &options, &model->stack), L4R_OK, "%s",
               l4r_error_message());
  const struct l4r_encoder_spec encoder = {.shape = &golden->config.p5,
                                           .weights = &golden->weights,
                                           .prefix = "",
                                           .max_positions = positions,
                                           .max_count = golden->users,
                                           .max_length = positions};
  const struct l4r_decoder_spec decoder = {.shape = &golden->config.p5,
                                           .weights = &golden->weights,
                                           .prefix = "",
                                           .max_users = golden->users,
                                           .max_memory = positions,
                                           .max_rows = spec->rows,
                                           .max_steps = golden_number(golden->root, "steps"),
                                           .cached = spec->cached,
                                           .rewinds = spec->rewinds,
                                           .restricted = spec->restricted};
  cr_assert_eq(model->ops->encoder_open(model->stack, &encoder, &model->encoder), L4R_OK, "%s",
               l4r_error_message());
  cr_assert_eq(model->ops->decoder_open(model->stack, &decoder, &model->decoder), L4R_OK, "%s",
               l4r_error_message());
  model->memory = l4r_alloc((size_t)(positions * golden->config.p5.d_model), sizeof(float),
                            "memory");
}

void golden_model_close(struct golden_model *model) {
  model->ops->decoder_close(model->decoder);
  model->ops->encoder_close(model->encoder);
  model->ops->close(model->stack);
  l4r_free(model->memory);
}

int golden_model_step(void *argument, const struct l4r_decode_rows *rows, float *logits) {
  struct golden_model *model = argument;
  return model->ops->decode_step(model->decoder, rows, NULL, logits);
}

int golden_model_rewind(void *argument, int64_t level) {
  struct golden_model *model = argument;
  return model->ops->decode_rewind(model->decoder, level);
}

void golden_model_begin(const struct golden *golden, struct golden_model *model, int64_t first,
                        int64_t count) {
  int64_t start[GOLDEN_USERS + 1];
  for (int64_t i = 0; i <= count; i++) start[i] = golden->start[first + i] - golden->start[first];
  const struct l4r_ragged batch = {
      .count = count, .start = start, .token = golden->token + golden->start[first]};
  cr_assert_eq(model->ops->encode(model->encoder, &batch, L4R_OUT_ALL, model->memory), L4R_OK);
  cr_assert_eq(model->ops->decode_begin(model->decoder, count, start, model->memory), L4R_OK);
}
