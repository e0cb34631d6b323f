/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/t5.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "impl/lite/stacks.h"
#include "impl/model/safetensors.h"
#include "impl/model/safetensors_write.h"
#include "impl/model/weights.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void test_status(int status, const char *call) {
  cr_assert_eq(status, 0, "%s gave %d: %s", call, status, l4r_error_message());
}

void test_t5_make(const struct l4r_t5_shape *shape, uint64_t seed, struct test_t5 *t5) {
  const struct l4r_model_config config = {.kind = L4R_KIND_P5, .p5 = *shape};
  t5->shape = *shape;
  test_ok(l4r_tensors_of(&config, &t5->tensors));
  t5->values = l4r_alloc((size_t)t5->tensors.floats, sizeof(float), "a T5 of a test");
  cr_assert_not_null(t5->values);
  l4r_tensors_init(&t5->tensors, seed, t5->values);
  struct l4r_random random;
  l4r_random_seed(&random, seed);
  for (int64_t i = 0; i < t5->tensors.count; i++) {
    const struct l4r_tensor *tensor = &t5->tensors.tensor[i];
    float *value = t5->values + tensor->offset;
    for (int64_t j = 0; strstr(tensor->name, "layer_norm") && j < tensor->count; j++)
      value[j] = (float)(0.6 + 0.8 * l4r_random_uniform(&random));
    for (int64_t j = 0; strstr(tensor->name, "relative_attention_bias") && j < tensor->count; j++)
      value[j] = (float)(0.7 * l4r_random_normal(&random));
  }
  t5->weights = (struct l4r_weights){.tensors = &t5->tensors, .values = t5->values};
}

void test_t5_free(struct test_t5 *t5) {
  l4r_tensors_free(&t5->tensors);
  l4r_free(t5->values);
}

const char *test_t5_config(const char *folder, const struct l4r_t5_shape *s, const char *more) {
  char text[1024], name[128];
  snprintf(text, sizeof text,
           "{%s \"model_type\": \"t5\", \"d_model\": %d, \"d_kv\": %d, \"num_heads\": %d, "
           "\"d_ff\": %d, \"vocab_size\": %d, \"num_layers\": %d, \"num_decoder_layers\": %d, "
           "\"feed_forward_proj\": \"%s\", \"tie_word_embeddings\": %s, \"dropout_rate\": 0.1, "
           "\"relative_attention_num_buckets\": %d, \"layer_norm_epsilon\": %g}",
           more, (int)s->d_model, (int)s->d_kv, (int)s->heads, (int)s->d_ff, (int)s->vocabulary,
           (int)s->encoder_blocks, (int)s->decoder_blocks, s->gated ? "gated-gelu" : "relu",
           s->tied ? "true" : "false", (int)s->buckets, s->epsilon);
  test_ok(l4r_make_folders(test_path(folder)));
  snprintf(name, sizeof name, "%s/config.json", folder);
  test_file(name, text);
  return test_path(folder);
}

const char *test_t5_folder(const char *folder, const struct l4r_t5_shape *shape, int encoder_only) {
  struct test_t5 t5;
  struct l4r_t5_shape stored = *shape;
  if (encoder_only) stored.decoder_blocks = 0;
  test_t5_make(&stored, 7, &t5);
  test_t5_config(folder, shape, "");
  char name[128];
  snprintf(name, sizeof name, "%s/model.safetensors", folder);
  test_ok(l4r_safetensors_write(test_path(name), &t5.tensors, t5.values));
  test_t5_free(&t5);
  return test_path(folder);
}

static int64_t integer(const json_t *object, const char *name) {
  const json_t *value = json_object_get(object, name);
  cr_assert(json_is_integer(value), "field %s is missing", name);
  return json_integer_value(value);
}

static enum l4r_block_kind block_of(const char *name) {
  if (!name) return L4R_BLOCK_T5;
  return strcmp(name, "bert") ? L4R_BLOCK_SASREC : L4R_BLOCK_BERT;
}

void test_golden_open(const char *name, struct test_golden *golden) {
  char path[256];
  json_error_t error;
  snprintf(path, sizeof path, "tests/golden/%s.json", name);
  golden->document = json_load_file(path, 0, &error);
  cr_assert_not_null(golden->document, "%s:%d: %s", path, error.line, error.text);
  snprintf(path, sizeof path, "tests/golden/%s.safetensors", name);
  test_ok(l4r_safetensors_open(path, &golden->model));
  snprintf(path, sizeof path, "tests/golden/%s.golden.safetensors", name);
  test_ok(l4r_safetensors_open(path, &golden->results));
  golden->weights = (struct l4r_weights){.safetensors = golden->model};
  const json_t *model = json_object_get(golden->document, "model");
  golden->shape = (struct l4r_t5_shape){
      .d_model = integer(model, "width"),
      .d_kv = integer(model, "key"),
      .heads = integer(model, "heads"),
      .d_ff = integer(model, "feed"),
      .vocabulary = integer(model, "vocabulary"),
      .encoder_blocks = integer(model, "encoder_blocks"),
      .decoder_blocks = integer(model, "decoder_blocks"),
      .buckets = integer(model, "buckets"),
      .max_distance = integer(model, "max_distance"),
      .gated = (int)integer(model, "gated"),
      .swiglu = (int)json_integer_value(json_object_get(model, "swiglu")),
      .gates = json_object_get(model, "gates") ? L4R_GATES_LIGR : L4R_GATES_NONE,
      .tied = (int)integer(model, "tied"),
      .causal = (int)integer(model, "causal"),
      .epsilon = json_number_value(json_object_get(model, "epsilon")),
      .block = block_of(json_string_value(json_object_get(model, "block"))),
      .types = json_object_get(model, "types") ? integer(model, "types") : 0,
      .positions = json_integer_value(json_object_get(model, "positions")),
  };
}

void test_golden_close(struct test_golden *golden) {
  json_decref(golden->document);
  l4r_safetensors_close(golden->model);
  l4r_safetensors_close(golden->results);
}

const float *test_golden_tensor(const struct test_golden *golden, const char *name, int64_t rows,
                                int64_t columns) {
  const float *values = NULL;
  test_ok(l4r_safetensors_view(golden->results, name, rows, columns, &values));
  return values;
}

int32_t *test_integers(const json_t *array, int64_t *count) {
  cr_assert(json_is_array(array));
  *count = (int64_t)json_array_size(array);
  int32_t *values = l4r_alloc((size_t)*count, sizeof *values, "integers");
  cr_assert_not_null(values);
  for (int64_t i = 0; i < *count; i++)
    values[i] = (int32_t)json_integer_value(json_array_get(array, (size_t)i));
  return values;
}

float test_bf16_value(uint32_t bf16) {
  uint32_t bits = bf16 << 16;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

float test_bf16(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  uint32_t low = bits >> 16;
  double down = fabs((double)x - (double)test_bf16_value(low)),
         up = fabs((double)test_bf16_value(low + 1) - (double)x);
  if (down == up) return test_bf16_value(low % 2 ? low + 1 : low);
  return test_bf16_value(down < up ? low : low + 1);
}

void test_round_to_bf16(float *values, int64_t count) {
  for (int64_t i = 0; i < count; i++) values[i] = test_bf16(values[i]);
}

float *test_t5_normals(uint64_t seed, int64_t count, double scale) {
  float *values = l4r_alloc((size_t)count, sizeof *values, "random numbers");
  cr_assert_not_null(values);
  struct l4r_random random;
  l4r_random_seed(&random, seed);
  for (int64_t i = 0; i < count; i++) values[i] = (float)(scale * l4r_random_normal(&random));
  return values;
}

int32_t *test_t5_tokens(uint64_t seed, int64_t count, int64_t vocabulary) {
  int32_t *values = l4r_alloc((size_t)count, sizeof *values, "random tokens");
  cr_assert_not_null(values);
  struct l4r_random random;
  l4r_random_seed(&random, seed);
  for (int64_t i = 0; i < count; i++)
    values[i] = (int32_t)l4r_random_below(&random, (uint64_t)vocabulary);
  return values;
}

void test_t5_close(const char *what, const float *got, const float *want, int64_t rows,
                   int64_t columns) {
  double largest = 0, worst = 0;
  int64_t place = 0;
  for (int64_t i = 0; i < rows * columns; i++) largest = fmax(largest, fabs((double)want[i]));
  for (int64_t i = 0; i < rows * columns; i++) {
    double error = fabs((double)got[i] - want[i]);
    if (isnan(error)) error = INFINITY;
    if (error <= worst) continue;
    worst = error;
    place = i;
  }
  const double tolerance = 1e-5 + 1e-4 * largest;
  cr_assert(worst <= tolerance,
            "%s: largest error %g at [%lld][%lld]: %.9g, wanted %.9g (tolerance %g)", what, worst,
            (long long)(place / columns), (long long)(place % columns), (double)got[place],
            (double)want[place], tolerance);
  cr_log_info("%s: largest error %g of %g allowed, at [%lld][%lld]", what, worst, tolerance,
              (long long)(place / columns), (long long)(place % columns));
}

void test_t5_same_bits(const char *what, const float *got, const float *want, int64_t rows,
                       int64_t columns) {
  for (int64_t i = 0; i < rows * columns; i++)
    cr_assert(memcmp(&got[i], &want[i], sizeof *got) == 0,
              "%s: bits differ at [%lld][%lld]: %.9g, wanted %.9g", what, (long long)(i / columns),
              (long long)(i % columns), (double)got[i], (double)want[i]);
}

const struct l4r_stack_ops *test_stack(int number) {
  static const char *const names[TEST_STACKS] = {"reference", "blis", "blis"};
  const struct l4r_stack_ops *ops = l4r_stack_find(names[number]);
  cr_assert_not_null(ops);
  return ops;
}

void test_stack_open(int number, struct l4r_team *team, const char *isa, struct l4r_stack **stack) {
  const struct l4r_stack_options options = {
      .precision = number == 2 ? "bf16x3" : "fp32", .fallback = number == 2, .isa = isa};
  test_ok(test_stack(number)->open(team, &options, stack));
}
