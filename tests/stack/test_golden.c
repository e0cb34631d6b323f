/* SPDX-License-Identifier: BSD-3-Clause */
/* Both stacks against what `transformers` computes: encoder, decoder, logits, loss, greedy answers.
 * See tests/oracle/README.md for where the files come from. */
#include "impl/model/bucket.h"
#include "impl/model/weights.h"
#include "tests/support/t5.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

Test(stack_golden, buckets) {
  json_error_t error;
  json_t *document = json_load_file("tests/golden/t5-buckets.json", 0, &error);
  cr_assert_not_null(document, "%s", error.text);
  const int64_t first = json_integer_value(json_object_get(document, "first"));
  static const char *const names[] = {"unidirectional", "bidirectional"};
  for (int bidirectional = 0; bidirectional < 2; bidirectional++) {
    int64_t count;
    int32_t *want = test_integers(json_object_get(document, names[bidirectional]), &count);
    cr_assert_gt(count, 0);
    for (int64_t i = 0; i < count; i++)
      cr_expect_eq(l4r_t5_bucket(first + i, bidirectional, 32, 128), want[i],
                   "%s bucket of distance %lld", names[bidirectional], (long long)(first + i));
    l4r_free(want);
  }
  json_decref(document);
}

struct place { /* one stack, one golden model; inline arrays only (Criterion copies it) */
  int stack, workers;
  char model[16];
};

static struct place text_models[] = {
    {0, 1, "t5-v10"}, {0, 2, "t5-v11"}, {1, 1, "t5-v10"}, {1, 2, "t5-v10"},
    {1, 2, "t5-v11"}, {2, 1, "t5-v10"}, {2, 2, "t5-v11"},
};
static struct place vector_models[] = {
    {0, 1, "t5-causal"},  {0, 1, "t5-vectors"}, {1, 1, "t5-causal"}, {1, 2, "t5-causal"},
    {0, 1, "t5-ligr"},    {1, 1, "t5-ligr"},    {1, 2, "t5-ligr"},   {2, 2, "t5-ligr"},
    {1, 1, "t5-vectors"}, {1, 2, "t5-vectors"}, {2, 2, "t5-causal"}, {2, 1, "t5-vectors"},
};

/* Everything a test below works with. */
struct fixture {
  struct test_golden golden;
  const struct l4r_stack_ops *ops;
  struct l4r_team *team;
  struct l4r_stack *stack;
};

static struct fixture set_up(const struct place *place) {
  struct fixture f = {.ops = test_stack(place->stack)};
  test_golden_open(place->model, &f.golden);
  if (place->workers > 1) test_ok(l4r_team_create(place->workers, NULL, &f.team));
  test_stack_open(place->stack, f.team, NULL, &f.stack);
  return f;
}

static void tear_down(struct fixture *f) {
  f->ops->close(f->stack);
  l4r_team_free(f->team);
  test_golden_close(&f->golden);
}

static struct l4r_encoder *open_encoder(const struct fixture *f, const char *prefix,
                                        int64_t positions, int64_t count) {
  const struct l4r_encoder_spec spec = {.shape = &f->golden.shape,
                                        .weights = &f->golden.weights,
                                        .prefix = prefix,
                                        .max_positions = positions,
                                        .max_count = count,
                                        .max_length = positions};
  struct l4r_encoder *encoder;
  test_ok(f->ops->encoder_open(f->stack, &spec, &encoder));
  return encoder;
}

ParameterizedTestParameters(stack_golden, encoder) {
  return cr_make_param_array(struct place, text_models, sizeof text_models / sizeof *text_models);
}

/* All texts in one ragged batch, each against its own golden states. */
ParameterizedTest(struct place *place, stack_golden, encoder) {
  struct fixture f = set_up(place);
  const json_t *cases = json_object_get(f.golden.document, "encoder");
  int64_t start[9] = {0}, count = (int64_t)json_array_size(cases);
  int32_t token[1024];
  cr_assert(count > 0 && count < 9);
  for (int64_t i = 0; i < count; i++) {
    int64_t length;
    int32_t *text = test_integers(json_object_get(json_array_get(cases, (size_t)i), "tokens"),
                                  &length);
    memcpy(token + start[i], text, (size_t)length * sizeof *text);
    start[i + 1] = start[i] + length;
    l4r_free(text);
  }
  const int64_t width = f.golden.shape.d_model;
  struct l4r_encoder *encoder = open_encoder(&f, "", start[count], count);
  float *out = test_t5_normals(1, start[count] * width, 1);
  const struct l4r_ragged batch = {.count = count, .start = start, .token = token};
  test_ok(f.ops->encode(encoder, &batch, L4R_OUT_ALL, out));
  for (int64_t i = 0; i < count; i++) {
    char name[32];
    snprintf(name, sizeof name, "encoder.%lld", (long long)i);
    const int64_t length = start[i + 1] - start[i];
    test_t5_close(name, out + start[i] * width, test_golden_tensor(&f.golden, name, length, width),
                  length, width);
  }
  l4r_free(out);
  f.ops->encoder_close(encoder);
  tear_down(&f);
}

/* -log softmax(logits)[target] in nats. */
static double cross_entropy(const float *logits, int64_t classes, int32_t target) {
  double largest = -INFINITY, sum = 0;
  for (int64_t i = 0; i < classes; i++) largest = fmax(largest, logits[i]);
  for (int64_t i = 0; i < classes; i++) sum += exp(logits[i] - largest);
  return log(sum) + largest - logits[target];
}

static struct l4r_decoder *open_decoder(const struct fixture *f, int64_t memory, int64_t steps,
                                        int cached) {
  const struct l4r_decoder_spec spec = {.shape = &f->golden.shape,
                                        .weights = &f->golden.weights,
                                        .prefix = "",
                                        .max_users = 1,
                                        .max_memory = memory,
                                        .max_rows = 1,
                                        .max_steps = steps,
                                        .cached = cached};
  struct l4r_decoder *decoder;
  test_ok(f->ops->decoder_open(f->stack, &spec, &decoder));
  return decoder;
}

static void step_one_row(const struct fixture *f, struct l4r_decoder *decoder, int64_t step,
                         int32_t token, float *hidden, float *logits) {
  const int64_t zero = 0;
  const struct l4r_decode_rows rows = {
      .rows = 1, .user = &zero, .parent = step ? &zero : NULL, .token = &token};
  test_ok(f->ops->decode_step(decoder, &rows, hidden, logits));
}

/* The answers fed step by step: states, logits and loss. */
static void check_decoder(const struct fixture *f, int cached) {
  const int64_t width = f->golden.shape.d_model, vocabulary = f->golden.shape.vocabulary;
  const json_t *cases = json_object_get(f->golden.document, "decoder");
  for (size_t i = 0; i < json_array_size(cases); i++) {
    const json_t *one = json_array_get(cases, i);
    int64_t memory = (int64_t)json_array_size(json_object_get(one, "tokens")), steps;
    int32_t *input = test_integers(json_object_get(one, "input"), &steps);
    int32_t *target = test_integers(json_object_get(one, "target"), &steps);
    char name[40];
    snprintf(name, sizeof name, "decoder.%zu.memory", i);
    const int64_t start[2] = {0, memory};
    struct l4r_decoder *decoder = open_decoder(f, memory, steps, cached);
    test_ok(f->ops->decode_begin(decoder, 1, start,
                                 test_golden_tensor(&f->golden, name, memory, width)));
    float *hidden = test_t5_normals(1, steps * width, 1);
    float *logits = test_t5_normals(2, steps * vocabulary, 1);
    double loss = 0;
    for (int64_t t = 0; t < steps; t++) {
      step_one_row(f, decoder, t, input[t], hidden + t * width, logits + t * vocabulary);
      loss += cross_entropy(logits + t * vocabulary, vocabulary, target[t]);
    }
    snprintf(name, sizeof name, "decoder.%zu.hidden", i);
    test_t5_close(name, hidden, test_golden_tensor(&f->golden, name, steps, width), steps, width);
    snprintf(name, sizeof name, "decoder.%zu.logits", i);
    test_t5_close(name, logits, test_golden_tensor(&f->golden, name, steps, vocabulary), steps,
                  vocabulary);
    const double want = json_number_value(json_object_get(one, "loss"));
    cr_assert_float_eq(loss, want, 1e-5 + 1e-4 * want, "loss of decoder.%zu: %.9g, wanted %.9g", i,
                       loss, want);
    f->ops->decoder_close(decoder);
    l4r_free(hidden);
    l4r_free(logits);
    l4r_free(input);
    l4r_free(target);
  }
}

ParameterizedTestParameters(stack_golden, decoder) {
  return cr_make_param_array(struct place, text_models, sizeof text_models / sizeof *text_models);
}

ParameterizedTest(struct place *place, stack_golden, decoder) {
  struct fixture f = set_up(place);
  for (int cached = 0; cached < 2; cached++) check_decoder(&f, cached);
  tear_down(&f);
}

/* Encoder and decoder joined: the best token fed back until </s>. */
static void check_greedy(const struct fixture *f, int cached) {
  const int64_t width = f->golden.shape.d_model, vocabulary = f->golden.shape.vocabulary;
  const json_t *cases = json_object_get(f->golden.document, "greedy");
  for (size_t i = 0; i < json_array_size(cases); i++) {
    int64_t length, count;
    int32_t *text = test_integers(json_object_get(json_array_get(cases, i), "tokens"), &length);
    int32_t *want = test_integers(json_object_get(json_array_get(cases, i), "answer"), &count);
    const int64_t start[2] = {0, length};
    const struct l4r_ragged batch = {.count = 1, .start = start, .token = text};
    float *memory = test_t5_normals(1, length * width, 1);
    float *logits = test_t5_normals(2, vocabulary, 1);
    struct l4r_encoder *encoder = open_encoder(f, "", length, 1);
    struct l4r_decoder *decoder = open_decoder(f, length, count, cached);
    test_ok(f->ops->encode(encoder, &batch, L4R_OUT_ALL, memory));
    test_ok(f->ops->decode_begin(decoder, 1, start, memory));
    for (int64_t t = 0; t + 1 < count; t++) {
      int32_t best = 0;
      step_one_row(f, decoder, t, want[t], NULL, logits);
      for (int32_t v = 1; v < vocabulary; v++)
        if (logits[v] > logits[best]) best = v;
      cr_assert_eq(best, want[t + 1], "greedy answer %zu, token %lld: %d, wanted %d", i,
                   (long long)t + 1, best, want[t + 1]);
    }
    f->ops->encoder_close(encoder);
    f->ops->decoder_close(decoder);
    l4r_free(memory);
    l4r_free(logits);
    l4r_free(text);
    l4r_free(want);
  }
}

ParameterizedTestParameters(stack_golden, greedy) {
  return cr_make_param_array(struct place, text_models, sizeof text_models / sizeof *text_models);
}

ParameterizedTest(struct place *place, stack_golden, greedy) {
  struct fixture f = set_up(place);
  for (int cached = 0; cached < 2; cached++) check_greedy(&f, cached);
  tear_down(&f);
}

ParameterizedTestParameters(stack_golden, vectors_and_head) {
  return cr_make_param_array(struct place, vector_models,
                             sizeof vector_models / sizeof *vector_models);
}

/* An encoder over vectors and a head with bias, as Lite is composed. */
ParameterizedTest(struct place *place, stack_golden, vectors_and_head) {
  struct fixture f = set_up(place);
  const json_t *document = f.golden.document;
  int64_t start[9] = {0}, count, targets;
  int32_t *length = test_integers(json_object_get(document, "lengths"), &count);
  int32_t *target = test_integers(json_object_get(document, "target"), &targets);
  cr_assert_lt(count, 9);
  for (int64_t i = 0; i < count; i++) start[i + 1] = start[i] + length[i];
  const int64_t width = f.golden.shape.d_model, positions = start[count];
  const int every = (int)json_integer_value(json_object_get(document, "every_position"));
  struct l4r_head_spec spec = {
      .items = json_integer_value(json_object_get(document, "items")), .width = width, .scale = 1};
  struct l4r_encoder *encoder = open_encoder(&f, "rec_llm.", positions, count);
  const struct l4r_ragged batch = {
      .count = count,
      .start = start,
      .vector = test_golden_tensor(&f.golden, "vectors", positions, width)};
  float *hidden = test_t5_normals(1, positions * width, 1);
  test_ok(f.ops->encode(encoder, &batch, L4R_OUT_ALL, hidden));
  test_t5_close("hidden", hidden, test_golden_tensor(&f.golden, "hidden", positions, width),
                positions, width);
  if (!every) test_ok(f.ops->encode(encoder, &batch, L4R_OUT_LAST, hidden));

  struct l4r_head *head;
  test_ok(
      l4r_weights_get(&f.golden.weights, "item_head.", "weight", spec.items, width, &spec.weight));
  test_ok(l4r_weights_get(&f.golden.weights, "item_head.", "bias", spec.items, 0, &spec.bias));
  test_ok(f.ops->head_open(f.stack, &spec, &head));
  float *logits = test_t5_normals(2, targets * spec.items, 1);
  test_ok(f.ops->project(head, hidden, targets, logits));
  test_t5_close("logits", logits, test_golden_tensor(&f.golden, "logits", targets, spec.items),
                targets, spec.items);
  double loss = 0, want = json_number_value(json_object_get(document, "loss"));
  for (int64_t i = 0; i < targets; i++)
    loss += cross_entropy(logits + i * spec.items, spec.items, target[i]) / (double)targets;
  cr_assert_float_eq(loss, want, 1e-5 + 1e-4 * want, "loss %.9g, wanted %.9g", loss, want);
  f.ops->head_close(head);
  f.ops->encoder_close(encoder);
  l4r_free(hidden);
  l4r_free(logits);
  l4r_free(length);
  l4r_free(target);
  tear_down(&f);
}
