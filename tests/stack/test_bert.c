/* SPDX-License-Identifier: BSD-3-Clause */
/* BERT's blocks on both stacks: against what transformers computes (tests/oracle/bert.py), and blis
 * against reference at other sizes, with every instruction set of the processor. */
#include "impl/base/cpu.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/weights.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
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
                                        const struct l4r_weights *weights, const char *prefix,
                                        int64_t positions, int64_t count) {
  const struct l4r_encoder_spec spec = {.shape = shape,
                                        .weights = weights,
                                        .prefix = prefix,
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

ParameterizedTestParameters(stack_bert, golden) {
  return cr_make_param_array(struct place, places, sizeof places / sizeof *places);
}

ParameterizedTest(struct place *place, stack_bert, golden) {
  struct fixture f;
  set_up(place, &f);
  struct test_golden golden;
  test_golden_open("bert", &golden);
  int64_t count, tokens, start[9] = {0}, width = golden.shape.d_model;
  int32_t *length = test_integers(json_object_get(golden.document, "lengths"), &count);
  int32_t *token = test_integers(json_object_get(golden.document, "tokens"), &tokens);
  for (int64_t s = 0; s < count; s++) start[s + 1] = start[s] + length[s];
  cr_assert_eq(start[count], tokens);
  float *out = test_t5_normals(2, tokens * width, 1);
  struct l4r_encoder *encoder = open_encoder(&f, &golden.shape, &golden.weights, "item_llm.",
                                             tokens, count);
  const struct l4r_ragged batch = {.count = count, .start = start, .token = token};
  test_ok(f.ops->encode(encoder, &batch, L4R_OUT_ALL, out));
  test_t5_close("hidden", out, test_golden_tensor(&golden, "hidden", tokens, width), tokens, width);
  check_pooled(&f, encoder, &batch, out, width);
  f.ops->encoder_close(encoder);
  l4r_free(length);
  l4r_free(token);
  l4r_free(out);
  test_golden_close(&golden);
  tear_down(&f);
}

struct model {
  struct l4r_t5_shape shape;
  struct l4r_tensors tensors;
  float *values;
  struct l4r_weights weights;
};

/* Widths that vectors divide, and that none does. No value is a neutral one. */
static void make_model(int odd, struct model *model) {
  model->shape = (struct l4r_t5_shape){.block = L4R_BLOCK_BERT,
                                       .d_model = odd ? 21 : 96,
                                       .d_kv = odd ? 7 : 32,
                                       .heads = 3,
                                       .d_ff = odd ? 45 : 384,
                                       .vocabulary = 50,
                                       .encoder_blocks = odd ? 3 : 2,
                                       .epsilon = 1e-12,
                                       .positions = 40,
                                       .types = 2};
  test_ok(l4r_tensors_of_bert(&model->shape, &model->tensors));
  model->values = test_t5_normals(9, model->tensors.floats, 0.15);
  for (int64_t t = 0; t < model->tensors.count; t++)
    for (int64_t i = 0; i < model->tensors.tensor[t].count; i++)
      if (model->tensors.tensor[t].deviation < 0)
        model->values[model->tensors.tensor[t].offset + i] += 1;
  model->weights = (struct l4r_weights){.tensors = &model->tensors, .values = model->values};
}

static void compare(const struct fixture *f, const struct fixture *oracle,
                    const struct model *model, int64_t count, const int64_t *start) {
  const int64_t rows = start[count], width = model->shape.d_model;
  int32_t *token = test_t5_tokens(3, rows, model->shape.vocabulary);
  float *got = test_t5_normals(4, rows * width, 1), *want = test_t5_normals(5, rows * width, 1);
  const struct l4r_ragged batch = {.count = count, .start = start, .token = token};
  struct l4r_encoder *encoder = open_encoder(f, &model->shape, &model->weights, "", rows, count);
  struct l4r_encoder *exact = open_encoder(oracle, &model->shape, &model->weights, "", rows, count);
  test_ok(f->ops->encode(encoder, &batch, L4R_OUT_ALL, got));
  test_ok(oracle->ops->encode(exact, &batch, L4R_OUT_ALL, want));
  test_t5_close("all", got, want, rows, width);
  check_pooled(f, encoder, &batch, want, width);
  const uint64_t before = l4r_alloc_count();
  test_ok(f->ops->encode(encoder, &batch, L4R_OUT_MEAN, got));
  cr_expect_eq(l4r_alloc_count(), before, "encoding took memory");
  f->ops->encoder_close(encoder);
  oracle->ops->encoder_close(exact);
  l4r_free(token);
  l4r_free(got);
  l4r_free(want);
}

ParameterizedTestParameters(stack_bert, parity) {
  return cr_make_param_array(struct place, places + 1, sizeof places / sizeof *places - 1);
}

ParameterizedTest(struct place *place, stack_bert, parity) {
  struct fixture f, oracle = {.ops = test_stack(0)};
  set_up(place, &f);
  test_ok(oracle.ops->open(NULL, &(struct l4r_stack_options){.precision = "fp32"}, &oracle.stack));
  for (int odd = 0; odd < 2; odd++) {
    struct model model;
    make_model(odd, &model);
    const int64_t few[] = {0, 0, 1, 41, 44, 44};
    compare(&f, &oracle, &model, 5, few);
    int64_t many[41] = {0}; /* enough rows for parts of their own */
    for (int s = 0; s < 40; s++) many[s + 1] = many[s] + (s % 5 ? 3 + s % 17 : 0);
    compare(&f, &oracle, &model, 40, many);
    l4r_tensors_free(&model.tensors);
    l4r_free(model.values);
  }
  tear_down(&oracle);
  tear_down(&f);
}

Test(stack_bert, refuses_what_it_cannot_read) {
  struct model model;
  make_model(0, &model);
  for (int number = 0; number < TEST_STACKS; number++) {
    struct fixture f;
    set_up(&(struct place){number, 1, ""}, &f);
    struct l4r_encoder_spec spec = {.shape = &model.shape,
                                    .weights = &model.weights,
                                    .prefix = "",
                                    .max_positions = 99,
                                    .max_count = 1,
                                    .max_length = 41};
    struct l4r_encoder *encoder;
    test_fails(f.ops->encoder_open(f.stack, &spec, &encoder), L4R_USAGE, "40 positions");
    spec.max_length = 40;
    spec.prefix = "other.";
    test_fails(f.ops->encoder_open(f.stack, &spec, &encoder), L4R_INPUT, "other.");
    spec.prefix = "";
    test_ok(f.ops->encoder_open(f.stack, &spec, &encoder));
    const int64_t start[] = {0, 1};
    const int32_t token[] = {50};
    float vector[96] = {0}, out[96];
    struct l4r_ragged batch = {.count = 1, .start = start, .token = token};
    test_fails(f.ops->encode(encoder, &batch, L4R_OUT_MEAN, out), L4R_USAGE, "token 50");
    batch = (struct l4r_ragged){.count = 1, .start = start, .vector = vector};
    cr_expect_eq(f.ops->encode(encoder, &batch, L4R_OUT_MEAN, out), L4R_USAGE);
    f.ops->encoder_close(encoder);
    tear_down(&f);
  }
  l4r_tensors_free(&model.tensors);
  l4r_free(model.values);
}
