/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/model/tensors.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/weights.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct l4r_tensors listed(const struct l4r_model_config *config) {
  struct l4r_tensors tensors;
  cr_assert_eq(l4r_tensors_of(config, &tensors), 0, "%s", l4r_error_message());
  return tensors;
}

static int64_t values_of(const struct l4r_tensors *tensors) {
  int64_t count = 0;
  for (int64_t i = 0; i < tensors->count; i++) count += tensors->tensor[i].count;
  return count;
}

static void expect(const struct l4r_tensors *tensors, const char *name, int64_t rows,
                   int64_t columns) {
  const struct l4r_tensor *tensor = l4r_tensors_find(tensors, name);
  cr_assert_not_null(tensor, "%s is missing", name);
  cr_assert(tensor->rows == rows && tensor->columns == columns, "%s is %lld x %lld", name,
            (long long)tensor->rows, (long long)tensor->columns);
}

/* 60,506,624 is t5-small's published number of parameters. */
Test(tensors, t5_small_has_its_published_size_and_names) {
  struct l4r_model_config config = test_config(L4R_KIND_P5, "t5-small", 9, 32128);
  struct l4r_tensors tensors = listed(&config);
  cr_assert_eq(values_of(&tensors), 60506624);
  cr_assert_eq(tensors.count, 131);
  expect(&tensors, "shared.weight", 32128, 512);
  expect(&tensors, "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", 32, 8);
  expect(&tensors, "encoder.block.5.layer.1.DenseReluDense.wi.weight", 2048, 512);
  expect(&tensors, "decoder.block.5.layer.2.DenseReluDense.wo.weight", 512, 2048);
  expect(&tensors, "decoder.block.3.layer.1.EncDecAttention.o.weight", 512, 512);
  expect(&tensors, "decoder.block.3.layer.2.layer_norm.weight", 512, 0);
  expect(&tensors, "decoder.final_layer_norm.weight", 512, 0);
  const char *absent = "encoder.block.1.layer.0.SelfAttention.relative_attention_bias.weight";
  cr_assert_null(l4r_tensors_find(&tensors, absent));
  cr_assert_null(l4r_tensors_find(&tensors, "lm_head.weight"));
  l4r_tensors_free(&tensors);
}

/* flan-t5-small: gated, untied, 6 heads of 64 at width 512, 8 blocks: 76,961,152 parameters. */
Test(tensors, gated_and_untied_are_settings) {
  struct l4r_model_config config = test_config(L4R_KIND_P5, "t5-small", 9, 32128);
  config.p5.gated = 1;
  config.p5.tied = 0;
  config.p5.heads = 6;
  config.p5.d_ff = 1024;
  config.p5.encoder_blocks = config.p5.decoder_blocks = 8;
  struct l4r_tensors tensors = listed(&config);
  cr_assert_eq(values_of(&tensors), 76961152);
  expect(&tensors, "encoder.block.7.layer.1.DenseReluDense.wi_1.weight", 1024, 512);
  expect(&tensors, "encoder.block.0.layer.0.SelfAttention.o.weight", 512, 384);
  expect(&tensors, "lm_head.weight", 32128, 512);
  cr_assert_null(l4r_tensors_find(&tensors, "encoder.block.7.layer.1.DenseReluDense.wi.weight"));
  l4r_tensors_free(&tensors);
}

Test(tensors, sasrec_has_blocks_of_its_own) {
  struct l4r_model_config config = test_config(L4R_KIND_SASREC, "mini", 9, 0);
  struct l4r_tensors tensors = listed(&config);
  expect(&tensors, "item_llm.id.weight", 9, 64);
  expect(&tensors, "rec_llm.position.weight", 200, 64);
  expect(&tensors, "rec_llm.blocks.0.attention_norm.bias", 64, 0);
  expect(&tensors, "rec_llm.blocks.1.attention.q.weight", 64, 64);
  expect(&tensors, "rec_llm.blocks.1.feed.wo.bias", 64, 0);
  expect(&tensors, "rec_llm.final_norm.weight", 64, 0);
  cr_assert_eq(tensors.count, 2 + 2 * 16 + 2);
  cr_assert_null(l4r_tensors_find(&tensors, "item_head.weight"));
  l4r_tensors_free(&tensors);
}

Test(tensors, lite_has_both_models_and_a_head) {
  struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", 9, 160);
  config.projection = 1;
  config.items_input = L4R_ITEMS_TEXT_ID;
  struct l4r_tensors tensors = listed(&config);
  expect(&tensors, "item_llm.shared.weight", 160, 64);
  expect(&tensors, "item_llm.encoder.final_layer_norm.weight", 64, 0);
  expect(&tensors, "item_llm.projection.weight", 64, 64);
  expect(&tensors, "item_llm.id.weight", 9, 64);
  expect(&tensors, "rec_llm.encoder.block.1.layer.0.SelfAttention.q.weight", 64, 64);
  expect(&tensors, "item_head.weight", 9, 64);
  expect(&tensors, "item_head.bias", 9, 0);
  cr_assert_null(l4r_tensors_find(&tensors, "rec_llm.shared.weight"));
  l4r_tensors_free(&tensors);
  config.tied_head = 1;
  config.items_input = L4R_ITEMS_ID;
  tensors = listed(&config);
  cr_assert_null(l4r_tensors_find(&tensors, "item_head.weight"));
  cr_assert_null(l4r_tensors_find(&tensors, "item_llm.shared.weight"));
  expect(&tensors, "item_llm.id.weight", 9, 64);
  l4r_tensors_free(&tensors);
}

Test(tensors, mixed_kinds_have_a_decoder_or_a_head) {
  struct l4r_model_config config = test_config(L4R_KIND_LITE_BEAM, "tiny", 9, 160);
  struct l4r_tensors tensors = listed(&config);
  expect(&tensors, "rec_llm.shared.weight", 160, 64);
  expect(&tensors, "rec_llm.decoder.block.1.layer.1.EncDecAttention.v.weight", 64, 64);
  cr_assert_null(l4r_tensors_find(&tensors, "item_head.weight"));
  l4r_tensors_free(&tensors);
  config = test_config(L4R_KIND_P5_HEAD, "tiny", 9, 160);
  tensors = listed(&config);
  expect(&tensors, "item_head.bias", 9, 0);
  expect(&tensors, "shared.weight", 160, 64);
  l4r_tensors_free(&tensors);
  config = test_config(L4R_KIND_POP, "", 9, 0);
  test_fails(l4r_tensors_of(&config, &tensors), L4R_USAGE, "'pop'");
}

Test(tensors, places_are_aligned_and_apart) {
  struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", 9, 161);
  config.rec_llm.d_kv = 7;
  struct l4r_tensors tensors = listed(&config);
  int64_t end = 0;
  for (int64_t i = 0; i < tensors.count; i++) {
    const struct l4r_tensor *tensor = &tensors.tensor[i];
    cr_assert_eq(tensor->offset % 16, 0);
    cr_assert_geq(tensor->offset, end);
    cr_assert_eq(tensor->count, tensor->rows * (tensor->columns ? tensor->columns : 1));
    end = tensor->offset + tensor->count;
  }
  cr_assert_geq(tensors.floats, end);
  l4r_tensors_free(&tensors);
}

/* The deviation each tensor should have, from its name and the shape alone. */
static double deviation_of(const char *name, const struct l4r_t5_shape *shape) {
  double d = (double)shape->d_model, k = (double)shape->d_kv, inner = k * (double)shape->heads;
  if (strstr(name, "layer_norm")) return -1;
  if (strstr(name, "head.bias")) return 0;
  if (strstr(name, "shared")) return 1;
  if (strstr(name, ".q.")) return pow(d * k, -0.5);
  if (strstr(name, ".o.")) return pow(inner, -0.5);
  if (strstr(name, ".wo.")) return pow((double)shape->d_ff, -0.5);
  return pow(d, -0.5);
}

Test(tensors, initial_values_have_the_stated_deviations) {
  struct l4r_model_config config = test_config(L4R_KIND_P5_HEAD, "mini", 300, 400);
  config.p5.d_kv = 24;
  struct l4r_tensors tensors = listed(&config);
  float *values = l4r_alloc((size_t)tensors.floats, sizeof *values, "weights");
  l4r_tensors_init(&tensors, 11, values);
  for (int64_t i = 0; i < tensors.count; i++) {
    const struct l4r_tensor *tensor = &tensors.tensor[i];
    double expected = deviation_of(tensor->name, &config.p5), sum = 0, square = 0;
    double n = (double)tensor->count;
    for (int64_t j = 0; j < tensor->count; j++) {
      double value = values[tensor->offset + j];
      sum += value;
      square += value * value;
    }
    if (expected <= 0) {
      cr_assert_eq(sum, expected < 0 ? n : 0, "%s", tensor->name);
      cr_assert_eq(square, expected < 0 ? n : 0, "%s", tensor->name);
      cr_assert_eq(tensor->decay, 0, "%s", tensor->name);
      continue;
    }
    /* Five standard errors of a mean and of a deviation estimated from n normals. */
    cr_assert_lt(fabs(sum / n), 5 * expected / sqrt(n), "%s", tensor->name);
    cr_assert_lt(fabs(sqrt(square / n) - expected), 5 * expected / sqrt(2 * n), "%s", tensor->name);
    cr_assert_eq(tensor->decay, !strstr(tensor->name, "relative_attention_bias"));
  }
  l4r_free(values);
  l4r_tensors_free(&tensors);
}

Test(tensors, token_and_item_vectors_begin_as_asked) {
  static const char *const embeddings[] = {"item_llm.shared.weight", "item_llm.id.weight"};
  struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", 9, 32);
  config.items_input = L4R_ITEMS_TEXT_ID;
  struct l4r_tensors usual = listed(&config);
  config.embedding_deviation = 0.05;
  struct l4r_tensors small = listed(&config);
  cr_assert_eq(usual.count, small.count);
  int found = 0;
  for (int64_t t = 0; t < usual.count; t++) {
    int embeds = 0;
    for (int e = 0; e < 2; e++) embeds |= !strcmp(usual.tensor[t].name, embeddings[e]);
    found += embeds;
    cr_expect_eq(usual.tensor[t].embedding, embeds, "%s", usual.tensor[t].name);
    cr_expect_eq(small.tensor[t].deviation, embeds ? 0.05 : usual.tensor[t].deviation, "%s",
                 small.tensor[t].name);
    if (embeds) cr_expect_eq(usual.tensor[t].deviation, 1);
  }
  cr_expect_eq(found, 2);
  l4r_tensors_free(&usual);
  l4r_tensors_free(&small);
}

Test(tensors, a_seed_decides_and_a_longer_list_moves_nothing) {
  struct l4r_model_config config = test_config(L4R_KIND_P5, "tiny", 9, 160);
  struct l4r_tensors one = listed(&config);
  config = test_config(L4R_KIND_P5_HEAD, "tiny", 9, 160);
  struct l4r_tensors two = listed(&config);
  float *a = l4r_alloc((size_t)one.floats, sizeof *a, "weights");
  float *b = l4r_alloc((size_t)two.floats, sizeof *b, "weights");
  l4r_tensors_init(&one, 5, a);
  l4r_tensors_init(&two, 5, b);
  cr_assert_gt(two.count, one.count);
  cr_assert_arr_eq(a, b, (size_t)one.floats * sizeof *a);
  l4r_tensors_init(&two, 6, b);
  cr_assert_neq(memcmp(a, b, 160 * 64 * sizeof *a), 0);
  l4r_free(a);
  l4r_free(b);
  l4r_tensors_free(&one);
  l4r_tensors_free(&two);
}

Test(weights, a_wrong_name_or_shape_is_named) {
  struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", 9, 160);
  struct l4r_tensors tensors = listed(&config);
  float *values = l4r_alloc((size_t)tensors.floats, sizeof *values, "weights");
  struct l4r_weights weights = {.tensors = &tensors, .values = values};
  const float *found = NULL;
  cr_assert_eq(l4r_weights_get(&weights, "item_head.", "bias", 9, 0, &found), 0);
  cr_assert_eq(found, values + l4r_tensors_find(&tensors, "item_head.bias")->offset);
  test_fails(l4r_weights_get(&weights, "item_head.", "gain", 9, 0, &found), L4R_INPUT,
             "item_head.gain is missing");
  test_fails(l4r_weights_get(&weights, "item_head.", "weight", 9, 65, &found), L4R_INPUT,
             "9 x 64 in the model, 9 x 65 is needed");
  l4r_free(values);
  l4r_tensors_free(&tensors);
}
