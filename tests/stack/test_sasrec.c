/* SPDX-License-Identifier: BSD-3-Clause */
/* SASRec's blocks on both stacks: against what PyTorch computes (tests/oracle/sasrec.py), and blis
 * against reference at the sizes that users get, with every instruction set of the processor. */
#include "impl/model/config_sizes.h"
#include "impl/model/safetensors.h"
#include "impl/model/weights.h"
#include "tests/support/t5.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/cpu.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

struct place { /* inline values only (Criterion copies it) */
  int stack, workers;
  char isa[12]; /* "": the stack's own choice */
};
static struct place places[] = {{0, 1, ""},       {0, 2, ""},         {1, 1, ""},
                                {1, 2, ""},       {1, 2, "portable"}, {1, 1, "avx2"},
                                {1, 2, "avx512"}, {2, 1, ""},         {2, 2, "avx2"}};

struct fixture {
  const struct l4r_stack_ops *ops;
  struct l4r_team *team;
  struct l4r_stack *stack;
};

static void set_up(const struct place *place, struct fixture *f) {
  const char *isa = place->isa[0] ? place->isa : NULL;
  enum l4r_isa found;
  if (l4r_isa_find(isa, &found) == L4R_ENVIRONMENT) cr_skip_test("%s", l4r_error_message());
  *f = (struct fixture){.ops = test_stack(place->stack)};
  if (place->workers > 1) test_ok(l4r_team_create(place->workers, NULL, &f->team));
  test_stack_open(place->stack, f->team, isa, &f->stack);
}

static void tear_down(struct fixture *f) {
  f->ops->close(f->stack);
  l4r_team_free(f->team);
}

static struct l4r_encoder *open_encoder(const struct fixture *f, const struct l4r_t5_shape *shape,
                                        const struct l4r_weights *weights, int64_t positions,
                                        int64_t count) {
  const struct l4r_encoder_spec spec = {.shape = shape,
                                        .weights = weights,
                                        .prefix = "rec_llm.",
                                        .max_positions = positions,
                                        .max_count = count,
                                        .max_length = shape->positions};
  struct l4r_encoder *encoder;
  test_ok(f->ops->encoder_open(f->stack, &spec, &encoder));
  return encoder;
}

/* LAST and MEAN follow from ALL. */
static void check_pooled(const struct fixture *f, struct l4r_encoder *encoder,
                         const struct l4r_ragged *batch, const float *hidden, int64_t width) {
  float *want = test_t5_normals(1, batch->count * width, 1);
  float *got = test_t5_normals(2, batch->count * width, 1);
  for (int mean = 0; mean < 2; mean++) {
    memset(want, 0, (size_t)(batch->count * width) * sizeof *want);
    for (int64_t s = 0; s < batch->count; s++) {
      int64_t first = batch->start[s], last = batch->start[s + 1];
      for (int64_t p = mean || first == last ? first : last - 1; p < last; p++)
        for (int64_t i = 0; i < width; i++)
          want[s * width + i] += hidden[p * width + i] / (float)(mean ? last - first : 1);
    }
    test_ok(f->ops->encode(encoder, batch, mean ? L4R_OUT_MEAN : L4R_OUT_LAST, got));
    test_t5_close(mean ? "mean" : "last", got, want, batch->count, width);
  }
  l4r_free(want);
  l4r_free(got);
}

static void check_golden(const struct fixture *of, const char *name) {
  const struct fixture f = *of;
  struct test_golden golden;
  test_golden_open(name, &golden);
  const double temperature = json_number_value(json_object_get(golden.document, "temperature"));
  int64_t count, tokens, start[9] = {0}, width = golden.shape.d_model;
  const int64_t items = json_integer_value(json_object_get(golden.document, "items"));
  int32_t *length = test_integers(json_object_get(golden.document, "lengths"), &count);
  int32_t *item = test_integers(json_object_get(golden.document, "tokens"), &tokens);
  for (int64_t s = 0; s < count; s++) start[s + 1] = start[s] + length[s];
  cr_assert_eq(start[count], tokens);
  const float *table;
  test_ok(l4r_safetensors_view(golden.model, "item_llm.id.weight", items, width, &table));
  float *vector = test_t5_normals(1, tokens * width, 1),
        *out = test_t5_normals(2, tokens * width, 1);
  float *scores = test_t5_normals(3, tokens * items, 1);
  for (int64_t i = 0; i < tokens; i++)
    memcpy(vector + i * width, table + item[i] * width, (size_t)width * sizeof *vector);
  struct l4r_encoder *encoder = open_encoder(&f, &golden.shape, &golden.weights, tokens, count);
  const struct l4r_ragged batch = {.count = count, .start = start, .vector = vector};
  test_ok(f.ops->encode(encoder, &batch, L4R_OUT_ALL, out));
  test_t5_close("hidden", out, test_golden_tensor(&golden, "hidden", tokens, width), tokens, width);
  const struct l4r_head_spec spec = {.items = items,
                                     .width = width,
                                     .weight = table,
                                     .cosine = temperature > 0,
                                     .scale = temperature > 0 ? (float)(1 / temperature) : 1};
  struct l4r_head *head;
  test_ok(f.ops->head_open(f.stack, &spec, &head));
  test_ok(f.ops->project(head, out, tokens, scores));
  test_t5_close("logits", scores, test_golden_tensor(&golden, "logits", tokens, items), tokens,
                items);
  check_pooled(&f, encoder, &batch, out, width);
  f.ops->head_close(head);
  f.ops->encoder_close(encoder);
  void *all[] = {length, item, vector, out, scores};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
  test_golden_close(&golden);
}

ParameterizedTestParameters(stack_sasrec, golden) {
  return cr_make_param_array(struct place, places, sizeof places / sizeof *places);
}

ParameterizedTest(struct place *place, stack_sasrec, golden) {
  struct fixture f;
  set_up(place, &f);
  check_golden(&f, "sasrec");
  check_golden(&f, "sasrec-ligr");
  tear_down(&f);
}

/* A random model of a size ("odd": widths that no vector divides, bidirectional), or tiny with
 * gates or swiglu. */
struct model {
  struct l4r_model_config config;
  struct l4r_tensors tensors;
  float *values;
  struct l4r_weights weights;
};

static void make_model(const char *size, struct model *model) {
  int odd = strncmp(size, "odd", 3) == 0, gates = strstr(size, "gates") != NULL;
  int swiglu = strstr(size, "swiglu") != NULL, named = odd || gates || swiglu;
  test_ok(l4r_config_defaults(L4R_KIND_SASREC, named ? "tiny" : size, &model->config));
  model->config.rec_llm.gates = gates ? L4R_GATES_LIGR : L4R_GATES_NONE;
  model->config.rec_llm.gated = model->config.rec_llm.swiglu = swiglu;
  struct l4r_t5_shape *shape = &model->config.rec_llm;
  if (odd) {
    shape->d_model = 19, shape->d_kv = 7, shape->heads = 3, shape->d_ff = 45;
    shape->encoder_blocks = 3, shape->causal = 0, shape->positions = 33;
    model->config.history = 33;
  }
  model->config.items = 7;
  test_ok(l4r_tensors_of(&model->config, &model->tensors));
  model->values = test_t5_normals(9, model->tensors.floats, 0.1);
  float *initial = test_t5_normals(9, model->tensors.floats, 1);
  l4r_tensors_init(&model->tensors, 5, initial);
  for (int64_t i = 0; i < model->tensors.floats; i++) model->values[i] += initial[i];
  l4r_free(initial);
  model->weights = (struct l4r_weights){.tensors = &model->tensors, .values = model->values};
}

static void compare(const struct fixture *f, const struct fixture *oracle,
                    const struct model *model, int64_t count, const int64_t *start) {
  const struct l4r_t5_shape *shape = &model->config.rec_llm;
  const int64_t rows = start[count], width = shape->d_model;
  float *vector = test_t5_normals(3, rows * width, 0.3), *got = test_t5_normals(4, rows * width, 1);
  float *want = test_t5_normals(5, rows * width, 1);
  const struct l4r_ragged batch = {.count = count, .start = start, .vector = vector};
  struct l4r_encoder *encoder = open_encoder(f, shape, &model->weights, rows, count);
  struct l4r_encoder *exact = open_encoder(oracle, shape, &model->weights, rows, count);
  test_ok(f->ops->encode(encoder, &batch, L4R_OUT_ALL, got));
  test_ok(oracle->ops->encode(exact, &batch, L4R_OUT_ALL, want));
  test_t5_close("all", got, want, rows, width);
  check_pooled(f, encoder, &batch, want, width);
  const uint64_t before = l4r_alloc_count();
  test_ok(f->ops->encode(encoder, &batch, L4R_OUT_LAST, got));
  cr_expect_eq(l4r_alloc_count(), before, "encoding took memory");
  f->ops->encoder_close(encoder);
  oracle->ops->encoder_close(exact);
  l4r_free(vector);
  l4r_free(got);
  l4r_free(want);
}

ParameterizedTestParameters(stack_sasrec, parity) {
  return cr_make_param_array(struct place, places + 1, sizeof places / sizeof *places - 1);
}

ParameterizedTest(struct place *place, stack_sasrec, parity) {
  struct fixture f, oracle = {.ops = test_stack(0)};
  set_up(place, &f);
  test_ok(oracle.ops->open(NULL, &(struct l4r_stack_options){.precision = "fp32"}, &oracle.stack));
  static const char *const sizes[] = {
      "tiny", "mini", "base", "odd", "gates", "swiglu", "odd, gates, swiglu"};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct model model;
    make_model(sizes[i], &model);
    const int64_t longest = model.config.history;
    const int64_t few[] = {0, 0, 1, 1 + longest, 4 + longest, 4 + longest};
    compare(&f, &oracle, &model, 5, few);
    int64_t many[25] = {0}; /* enough rows for parts of their own */
    for (int s = 0; s < 24; s++) many[s + 1] = many[s] + (s % 5 ? 3 + s % 17 : 0);
    compare(&f, &oracle, &model, 24, many);
    l4r_tensors_free(&model.tensors);
    l4r_free(model.values);
  }
  tear_down(&oracle);
  tear_down(&f);
}

Test(stack_sasrec, refuses_what_it_has_no_positions_for) {
  struct model model;
  make_model("tiny", &model);
  const struct l4r_t5_shape *shape = &model.config.rec_llm;
  for (int number = 0; number < TEST_STACKS; number++) {
    struct fixture f;
    set_up(&(struct place){number, 1, ""}, &f);
    struct l4r_encoder_spec spec = {.shape = shape,
                                    .weights = &model.weights,
                                    .prefix = "rec_llm.",
                                    .max_positions = 999,
                                    .max_count = 1,
                                    .max_length = shape->positions + 1};
    struct l4r_encoder *encoder;
    cr_expect_eq(f.ops->encoder_open(f.stack, &spec, &encoder), L4R_USAGE);
    cr_expect_not_null(strstr(l4r_error_message(), "200 positions"), "%s", l4r_error_message());
    spec.max_length = shape->positions;
    spec.prefix = "other.";
    cr_expect_eq(f.ops->encoder_open(f.stack, &spec, &encoder), L4R_INPUT);
    cr_expect_not_null(strstr(l4r_error_message(), "other."), "%s", l4r_error_message());
    spec.prefix = "rec_llm.";
    test_ok(f.ops->encoder_open(f.stack, &spec, &encoder));
    const int64_t start[] = {0, 1};
    const int32_t token[] = {0};
    const struct l4r_ragged batch = {.count = 1, .start = start, .token = token};
    float out[64];
    cr_expect_eq(f.ops->encode(encoder, &batch, L4R_OUT_LAST, out), L4R_USAGE);
    f.ops->encoder_close(encoder);
    tear_down(&f);
  }
  l4r_tensors_free(&model.tensors);
  l4r_free(model.values);
}
