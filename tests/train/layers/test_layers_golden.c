/* SPDX-License-Identifier: BSD-3-Clause */
/* Hidden rows, loss and every gradient of the training layers against `transformers`; the golden
 * files are those of tests/oracle. */
#include "impl/model/safetensors.h"
#include "impl/train/layers/decoder.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/layers/matmul.h"
#include "impl/train/layers/softmax.h"
#include "impl/train/layers/unit.h"
#include "tests/support/t5.h"

#include "impl/base/memory.h"
#include "impl/train/layers/layers.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* These models are sharpened and T5's logits are not scaled, so that attention magnifies what the
 * rounding of its inputs does; the largest error seen is .14. Products alone are held to 1e-4 of
 * exact sums in test_layers_gemm.c. */
#define BF16_ERROR 0.2

struct trained {
  struct test_golden golden;
  struct l4r_tensors tensors;
  float *values, *gradients;
  int bf16; /* products of bf16 operands: other tolerances, and hidden rows are not compared */
};

static int is_sasrec(const struct trained *trained) {
  return trained->golden.shape.block == L4R_BLOCK_SASREC;
}

/* In T5's files the item rows are not part of the oracle. */
static int is_known(const struct trained *trained, const char *tensor) {
  return is_sasrec(trained) || strcmp(tensor, "item_llm.id.weight") != 0;
}

static void open_trained(const char *name, int bf16, struct l4r_model_config *config,
                         struct trained *trained) {
  trained->bf16 = bf16;
  test_golden_open(name, &trained->golden);
  const int text = trained->golden.shape.vocabulary > 0;
  *config = (struct l4r_model_config){.kind = text ? L4R_KIND_P5 : L4R_KIND_LITE,
                                      .items_input = L4R_ITEMS_ID,
                                      .item_llm = trained->golden.shape,
                                      .rec_llm = trained->golden.shape,
                                      .p5 = trained->golden.shape};
  if (is_sasrec(trained)) config->kind = L4R_KIND_SASREC;
  config->items = json_integer_value(json_object_get(trained->golden.document, "items"));
  test_ok(l4r_tensors_of(config, &trained->tensors));
  trained->values = l4r_alloc((size_t)trained->tensors.floats, sizeof(float), "values");
  trained->gradients = l4r_alloc((size_t)trained->tensors.floats, sizeof(float), "gradients");
  for (int64_t i = 0; i < trained->tensors.count; i++) {
    const struct l4r_tensor *tensor = &trained->tensors.tensor[i];
    if (!is_known(trained, tensor->name)) continue;
    test_ok(l4r_safetensors_copy(trained->golden.model, tensor->name, tensor->rows, tensor->columns,
                                 trained->values + tensor->offset));
  }
}

static void close_trained(struct trained *trained) {
  test_golden_close(&trained->golden);
  l4r_tensors_free(&trained->tensors);
  l4r_free(trained->values);
  l4r_free(trained->gradients);
}

static int64_t offset(const struct trained *trained, const char *name) {
  const struct l4r_tensor *tensor = l4r_tensors_find(&trained->tensors, name);
  cr_assert_not_null(tensor, "%s", name);
  return tensor->offset;
}

/* 1e-3 of each gradient tensor's norm; with bf16, whose operands are off by up to 2^-9, BF16_ERROR.
 */
static void check_gradient(const struct trained *trained, const char *tensor, int64_t rows,
                           int64_t columns, const float *got) {
  char name[160];
  snprintf(name, sizeof name, "gradient.%s", tensor);
  const float *want = test_golden_tensor(&trained->golden, name, rows, columns);
  double error = 0, norm = 0;
  for (int64_t i = 0; i < rows * (columns ? columns : 1); i++) {
    error += ((double)got[i] - want[i]) * ((double)got[i] - want[i]);
    norm += (double)want[i] * want[i];
  }
  cr_assert_gt(norm, 0, "%s", name);
  cr_expect(sqrt(error) <= (trained->bf16 ? BF16_ERROR : 1e-3) * sqrt(norm),
            "%s is off by %g of a norm of %g", name, sqrt(error), sqrt(norm));
}

static void check_gradients(const struct trained *trained) {
  for (int64_t i = 0; i < trained->tensors.count; i++) {
    const struct l4r_tensor *tensor = &trained->tensors.tensor[i];
    if (!is_known(trained, tensor->name)) continue;
    if (is_sasrec(trained) && strstr(tensor->name, ".k.bias")) continue;
    check_gradient(trained, tensor->name, tensor->rows, tensor->columns,
                   trained->gradients + tensor->offset);
  }
}

static void check_loss(const struct trained *trained, double loss) {
  double want = json_number_value(json_object_get(trained->golden.document, "loss"));
  cr_expect_float_eq(loss, want, 1e-5 + (trained->bf16 ? 1e-2 : 1e-4) * want,
                     "loss %.9g, wanted %.9g", loss, want);
}

/* Loss over hidden rows as the mean over targets; gradients of head and rows. */
static double run_head(struct trained *trained, int64_t rows, const char *weight, const char *bias,
                       float scale, const float *hidden, const int32_t *target, float *d_hidden) {
  int64_t at = offset(trained, weight), classes = 0, targets = 0;
  classes = l4r_tensors_find(&trained->tensors, weight)->rows;
  int64_t room = l4r_softmax_scratch(NULL, trained->golden.shape.d_model, classes, trained->bf16);
  float *scratch = l4r_alloc((size_t)room, sizeof *scratch, "logits");
  for (int64_t i = 0; i < rows; i++) targets += target[i] >= 0;
  struct l4r_softmax_spec spec = {.rows = rows,
                                  .width = trained->golden.shape.d_model,
                                  .classes = classes,
                                  .hidden = hidden,
                                  .weight = trained->values + at,
                                  .target = target,
                                  .scale = scale,
                                  .loss_scale = 1.0f / (float)targets,
                                  .d_hidden = d_hidden,
                                  .d_weight = trained->gradients + at,
                                  .scratch = scratch,
                                  .bf16 = trained->bf16};
  if (bias) {
    spec.bias = trained->values + offset(trained, bias);
    spec.d_bias = trained->gradients + offset(trained, bias);
  }
  double loss;
  test_ok(l4r_softmax_cross_entropy(&spec, &loss));
  l4r_free(scratch);
  return loss / (double)targets;
}

/* The named integer lists of all decoder cases, one after another. */
static void join(const struct trained *trained, const char *name, int32_t *all, int64_t *start) {
  const json_t *cases = json_object_get(trained->golden.document, "decoder");
  cr_assert(json_array_size(cases) > 0 && json_array_size(cases) < 9);
  start[0] = 0;
  for (size_t i = 0; i < json_array_size(cases); i++) {
    int64_t count;
    int32_t *one = test_integers(json_object_get(json_array_get(cases, i), name), &count);
    cr_assert_lt(start[i] + count, 512);
    memcpy(all + start[i], one, (size_t)count * sizeof *one);
    start[i + 1] = start[i] + count;
    l4r_free(one);
  }
}

static void check_decoder_hidden(const struct trained *trained, const struct l4r_batch *answer,
                                 const float *hidden) {
  int64_t width = trained->golden.shape.d_model;
  for (int64_t s = 0; s < answer->count; s++) {
    char name[40];
    snprintf(name, sizeof name, "decoder.%lld.hidden", (long long)s);
    int64_t rows = answer->start[s + 1] - answer->start[s];
    test_t5_close(name, hidden + answer->start[s] * width,
                  test_golden_tensor(&trained->golden, name, rows, width), rows, width);
  }
}

static void check_text_model(const char *name, int bf16) {
  struct l4r_model_config config;
  struct trained trained;
  open_trained(name, bf16, &config, &trained);
  int32_t source[512], input[512], target[512];
  int64_t source_start[10], start[10], width = config.p5.d_model;
  join(&trained, "tokens", source, source_start);
  join(&trained, "input", input, start);
  join(&trained, "target", target, start);
  int64_t count = (int64_t)json_array_size(json_object_get(trained.golden.document, "decoder"));
  struct l4r_train_spec spec = {.shape = &config.p5,
                                .tensors = &trained.tensors,
                                .prefix = "",
                                .bf16 = bf16,
                                .max_positions = 512,
                                .max_count = count,
                                .max_length = 200,
                                .max_memory = 512,
                                .max_memory_length = 200};
  struct l4r_encoder_layers *encoder;
  struct l4r_decoder_layers *decoder;
  test_ok(l4r_encoder_layers_open(&spec, &encoder));
  test_ok(l4r_decoder_layers_open(&spec, &decoder));
  struct l4r_batch text = {.count = count, .start = source_start, .token = source};
  struct l4r_batch answer = {.count = count, .start = start, .token = input};
  float *memory = test_t5_normals(1, 512 * width, 1),
        *d_memory = test_t5_normals(2, 512 * width, 1);
  float *hidden = test_t5_normals(3, 512 * width, 1),
        *d_hidden = test_t5_normals(4, 512 * width, 1);
  test_ok(l4r_encoder_forward(encoder, trained.values, &text, NULL, memory));
  test_ok(
      l4r_decoder_forward(decoder, trained.values, &answer, source_start, memory, NULL, hidden));
  if (!bf16) check_decoder_hidden(&trained, &answer, hidden);
  double loss = run_head(&trained, start[count],
                         config.p5.tied ? "shared.weight" : "lm_head.weight", NULL,
                         config.p5.tied ? 1 / sqrtf((float)width) : 1, hidden, target, d_hidden);
  check_loss(&trained, loss);
  test_ok(l4r_decoder_backward(decoder, trained.values, d_hidden, trained.gradients, d_memory));
  test_ok(l4r_encoder_backward(encoder, trained.values, d_memory, trained.gradients, NULL));
  check_gradients(&trained);
  l4r_encoder_layers_close(encoder);
  l4r_decoder_layers_close(decoder);
  float *all[] = {memory, d_memory, hidden, d_hidden};
  for (int i = 0; i < 4; i++) l4r_free(all[i]);
  close_trained(&trained);
}

Test(layers_golden, t5_v10) {
  check_text_model("t5-v10", 0);
}

Test(layers_golden, t5_v11_gated_untied) {
  check_text_model("t5-v11", 0);
}

/* Targets of the last position of each sequence, or of every one. */
static void spread_targets(const struct trained *trained, int64_t count, const int64_t *start,
                           int32_t *target) {
  const json_t *document = trained->golden.document;
  int every = (int)json_integer_value(json_object_get(document, "every_position"));
  int64_t given;
  int32_t *list = test_integers(json_object_get(document, "target"), &given);
  cr_assert_eq(given, every ? start[count] : count);
  for (int64_t i = 0; i < start[count]; i++) target[i] = every ? list[i] : -1;
  for (int64_t s = 0; s < count && !every; s++) target[start[s + 1] - 1] = list[s];
  l4r_free(list);
}

static void check_vector_model(const char *name, int bf16) {
  struct l4r_model_config config;
  struct trained trained;
  open_trained(name, bf16, &config, &trained);
  int64_t width = config.rec_llm.d_model, count, start[10] = {0};
  int32_t *length = test_integers(json_object_get(trained.golden.document, "lengths"), &count);
  cr_assert(count > 0 && count < 9);
  for (int64_t s = 0; s < count; s++) start[s + 1] = start[s] + length[s];
  int64_t rows = start[count];
  int32_t *target = l4r_alloc((size_t)rows, sizeof *target, "targets");
  spread_targets(&trained, count, start, target);
  struct l4r_train_spec spec = {.shape = &config.rec_llm,
                                .tensors = &trained.tensors,
                                .prefix = "rec_llm.",
                                .bf16 = bf16,
                                .max_positions = rows,
                                .max_count = count,
                                .max_length = rows};
  struct l4r_encoder_layers *encoder;
  test_ok(l4r_encoder_layers_open(&spec, &encoder));
  struct l4r_batch batch = {.count = count,
                            .start = start,
                            .vector = test_golden_tensor(&trained.golden, "vectors", rows, width)};
  float *hidden = test_t5_normals(1, rows * width, 1),
        *d_hidden = test_t5_normals(2, rows * width, 1);
  float *d_vector = test_t5_normals(3, rows * width, 1);
  test_ok(l4r_encoder_forward(encoder, trained.values, &batch, NULL, hidden));
  if (!bf16)
    test_t5_close("hidden", hidden, test_golden_tensor(&trained.golden, "hidden", rows, width),
                  rows, width);
  check_loss(&trained, run_head(&trained, rows, "item_head.weight", "item_head.bias", 1, hidden,
                                target, d_hidden));
  test_ok(l4r_encoder_backward(encoder, trained.values, d_hidden, trained.gradients, d_vector));
  check_gradients(&trained);
  check_gradient(&trained, "vectors", rows, width, d_vector);
  l4r_encoder_layers_close(encoder);
  l4r_free(hidden);
  l4r_free(d_hidden);
  l4r_free(d_vector);
  l4r_free(length);
  l4r_free(target);
  close_trained(&trained);
}

Test(layers_golden, t5_vectors) {
  check_vector_model("t5-vectors", 0);
}

Test(layers_golden, t5_with_gates_and_swiglu) {
  check_vector_model("t5-ligr", 0);
}

Test(layers_golden, t5_causal) {
  check_vector_model("t5-causal", 0);
}

/* A key's bias moves no softmax: its gradient is zero but for rounding, in the oracle too. */
static void check_key_biases(const struct trained *trained) {
  int64_t width = trained->golden.shape.heads * trained->golden.shape.d_kv;
  for (int block = 0; block < 2; block++) {
    char name[64];
    snprintf(name, sizeof name, "rec_llm.blocks.%d.attention.k.bias", block);
    for (int64_t i = 0; i < width; i++)
      cr_expect_float_eq(trained->gradients[offset(trained, name) + i], 0, 1e-6, "%s", name);
  }
}

/* As run_head, with cosines divided by a temperature, by the layers that training has. */
static double run_cosines(struct trained *trained, int64_t rows, double temperature,
                          const float *hidden, const int32_t *target, float *d_hidden) {
  const int64_t table = offset(trained, "item_llm.id.weight");
  const int64_t width = trained->golden.shape.d_model;
  const int64_t items = l4r_tensors_find(&trained->tensors, "item_llm.id.weight")->rows;
  float *state = test_t5_normals(1, rows * width, 1), *item = test_t5_normals(2, items * width, 1);
  float *d_item = l4r_alloc((size_t)(items * width), sizeof *d_item, "gradients");
  float *inverse = test_t5_normals(3, rows + items, 1);
  float *scratch = test_t5_normals(4, l4r_softmax_scratch(NULL, width, items, 0), 1);
  l4r_unit_rows(rows, width, hidden, state, inverse);
  l4r_unit_rows(items, width, trained->values + table, item, inverse + rows);
  struct l4r_softmax_spec spec = {.rows = rows,
                                  .width = width,
                                  .classes = items,
                                  .hidden = state,
                                  .weight = item,
                                  .target = target,
                                  .scale = (float)(1 / temperature),
                                  .loss_scale = 1.0f / (float)rows,
                                  .d_hidden = d_hidden,
                                  .d_weight = d_item,
                                  .scratch = scratch};
  double loss;
  test_ok(l4r_softmax_cross_entropy(&spec, &loss));
  l4r_unit_rows_back(rows, width, state, inverse, d_hidden, 0, d_hidden);
  l4r_unit_rows_back(items, width, item, inverse + rows, d_item, 1, trained->gradients + table);
  float *all[] = {state, item, d_item, inverse, scratch};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
  return loss / (double)rows;
}

static void check_sasrec(const char *name, int bf16) {
  struct l4r_model_config config;
  struct trained trained;
  open_trained(name, bf16, &config, &trained);
  const json_t *document = trained.golden.document;
  int64_t width = config.rec_llm.d_model, count, rows, start[10] = {0};
  int32_t *length = test_integers(json_object_get(document, "lengths"), &count);
  int32_t *item = test_integers(json_object_get(document, "tokens"), &rows);
  int32_t *target = test_integers(json_object_get(document, "target"), &rows);
  for (int64_t s = 0; s < count; s++) start[s + 1] = start[s] + length[s];
  struct l4r_train_spec spec = {.shape = &config.rec_llm,
                                .tensors = &trained.tensors,
                                .prefix = "rec_llm.",
                                .bf16 = bf16,
                                .max_positions = rows,
                                .max_count = count,
                                .max_length = config.rec_llm.positions};
  struct l4r_encoder_layers *encoder;
  test_ok(l4r_encoder_layers_open(&spec, &encoder));
  int64_t table = offset(&trained, "item_llm.id.weight");
  float *all[4];
  for (int i = 0; i < 4; i++) all[i] = test_t5_normals((uint64_t)i, rows * width, 1);
  float *vector = all[0], *hidden = all[1], *d_hidden = all[2], *d_vector = all[3];
  for (int64_t i = 0; i < rows; i++)
    memcpy(vector + i * width, trained.values + table + item[i] * width,
           (size_t)width * sizeof *vector);
  struct l4r_batch batch = {.count = count, .start = start, .vector = vector};
  test_ok(l4r_encoder_forward(encoder, trained.values, &batch, NULL, hidden));
  if (!bf16)
    test_t5_close("hidden", hidden, test_golden_tensor(&trained.golden, "hidden", rows, width),
                  rows, width);
  const double temperature = json_number_value(json_object_get(document, "temperature"));
  if (temperature > 0)
    check_loss(&trained, run_cosines(&trained, rows, temperature, hidden, target, d_hidden));
  else
    check_loss(&trained,
               run_head(&trained, rows, "item_llm.id.weight", NULL, 1, hidden, target, d_hidden));
  test_ok(l4r_encoder_backward(encoder, trained.values, d_hidden, trained.gradients, d_vector));
  for (int64_t i = 0; i < rows * width; i++)
    trained.gradients[table + item[i / width] * width + i % width] += d_vector[i];
  check_gradients(&trained);
  if (!bf16) check_key_biases(&trained);
  l4r_encoder_layers_close(encoder);
  for (int i = 0; i < 4; i++) l4r_free(all[i]);
  l4r_free(length);
  l4r_free(item);
  l4r_free(target);
  close_trained(&trained);
}

Test(layers_golden, sasrec) {
  check_sasrec("sasrec", 0);
}

Test(layers_golden, sasrec_with_gates_swiglu_and_cosines) {
  check_sasrec("sasrec-ligr", 0);
}

/* The same models with products of bf16 operands. */
static void need_bf16(void) {
  if (!l4r_layers_have_bf16(NULL)) cr_skip_test("this processor has no AVX512-BF16");
}

Test(layers_golden, t5_in_bf16) {
  need_bf16();
  check_text_model("t5-v10", 1);
  check_text_model("t5-v11", 1);
}

Test(layers_golden, vectors_in_bf16) {
  need_bf16();
  check_vector_model("t5-vectors", 1);
  check_vector_model("t5-causal", 1);
}

Test(layers_golden, sasrec_in_bf16) {
  need_bf16();
  check_sasrec("sasrec", 1);
}
