/* SPDX-License-Identifier: BSD-3-Clause */
/* The encoder of both stacks against the reference stack on one thread. */
#include "tests/stack/shapes.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct l4r_encoder *open_encoder(const struct l4r_stack_ops *ops, struct l4r_stack *stack,
                                        const struct test_t5 *t5, int64_t count,
                                        int64_t positions) {
  const struct l4r_encoder_spec spec = {.shape = &t5->shape,
                                        .weights = &t5->weights,
                                        .prefix = "",
                                        .max_positions = positions,
                                        .max_count = count,
                                        .max_length = positions < 150 ? positions : 150};
  struct l4r_encoder *encoder;
  test_ok(ops->encoder_open(stack, &spec, &encoder));
  return encoder;
}

/* A batch through both encoders, all kinds of output. */
static void check_batch(const struct test_pair *pair, struct l4r_encoder *encoder,
                        struct l4r_encoder *oracle, const struct l4r_ragged *batch,
                        const char *what) {
  static const char *const kinds[] = {"all", "last", "mean"};
  const int64_t width = pair->t5.shape.d_model, positions = batch->start[batch->count];
  for (int kind = L4R_OUT_ALL; kind <= L4R_OUT_MEAN; kind++) {
    const int64_t rows = kind == L4R_OUT_ALL ? positions : batch->count;
    char name[96];
    float *got = test_t5_normals(5, rows * width, 1), *want = test_t5_normals(6, rows * width, 1);
    snprintf(name, sizeof name, "%s, %lld sequences, %s", what, (long long)batch->count,
             kinds[kind]);
    test_ok(pair->ops->encode(encoder, batch, (enum l4r_output_kind)kind, got));
    test_ok(pair->oracle->encode(oracle, batch, (enum l4r_output_kind)kind, want));
    test_pair_compare(pair, name, got, want, rows, width);
    l4r_free(got);
    l4r_free(want);
  }
}

ParameterizedTestParameters(stack_encoder, equals_the_reference) {
  return cr_make_param_array(struct test_case, test_cases, (size_t)test_case_count);
}

static void check_case(const struct test_case *one) {
  struct test_pair pair;
  test_pair_open(one, &pair);
  struct l4r_encoder *encoder = open_encoder(pair.ops, pair.stack, &pair.t5, 30, 160);
  struct l4r_encoder *oracle = open_encoder(pair.oracle, pair.oracle_stack, &pair.t5, 30, 160);
  struct l4r_ragged batch;
  const int batches = test_shape_is_large(one->shape) ? 3 : 100;
  int done = 0;
  for (int b = 0; b < batches && test_batch(b, &batch.count, &batch.start); b++, done++) {
    int32_t *token = test_t5_tokens(30 + (uint64_t)b, 160, pair.t5.shape.vocabulary);
    float *vector = test_t5_normals(60 + (uint64_t)b, 160 * pair.t5.shape.d_model, 1);
    batch.token = token;
    batch.vector = NULL;
    check_batch(&pair, encoder, oracle, &batch, "tokens");
    batch.token = NULL;
    batch.vector = vector;
    check_batch(&pair, encoder, oracle, &batch, "vectors");
    l4r_free(token);
    l4r_free(vector);
  }
  cr_assert_geq(done, 3);
  pair.ops->encoder_close(encoder);
  pair.oracle->encoder_close(oracle);
  test_pair_close(&pair);
}

ParameterizedTest(struct test_case *one, stack_encoder, equals_the_reference) {
  check_case(one);
}

static struct test_case recipes[] = {{0, 3, 10}, {0, 2, 12}, {1, 1, 10}, {1, 2, 10}, {1, 1, 11},
                                     {1, 3, 11}, {1, 2, 12}, {2, 3, 10}, {2, 1, 11}, {2, 2, 12}};

ParameterizedTestParameters(stack_encoder, swiglu_and_gates_equal_the_reference) {
  return cr_make_param_array(struct test_case, recipes, sizeof recipes / sizeof *recipes);
}

ParameterizedTest(struct test_case *one, stack_encoder, swiglu_and_gates_equal_the_reference) {
  check_case(one);
}

/* Both change what is computed: without them the same weights give something else. */
Test(stack_encoder, gates_and_swiglu_are_heeded) {
  for (int number = 0; number < TEST_STACKS; number++)
    for (int shape = 10; shape < 12; shape++) {
      struct test_pair pair;
      test_pair_open(&(struct test_case){number, 1, shape}, &pair);
      const int64_t width = pair.t5.shape.d_model, start[] = {0, 4};
      float *vector = test_t5_normals(3, 4 * width, 1);
      float *with = test_t5_normals(4, width, 1), *without = test_t5_normals(5, width, 1);
      const struct l4r_ragged batch = {.count = 1, .start = start, .vector = vector};
      struct l4r_encoder *encoder = open_encoder(pair.ops, pair.stack, &pair.t5, 1, 4);
      test_ok(pair.ops->encode(encoder, &batch, L4R_OUT_LAST, with));
      pair.ops->encoder_close(encoder);
      pair.t5.shape.swiglu = 0;
      pair.t5.shape.gates = L4R_GATES_NONE;
      encoder = open_encoder(pair.ops, pair.stack, &pair.t5, 1, 4);
      test_ok(pair.ops->encode(encoder, &batch, L4R_OUT_LAST, without));
      pair.ops->encoder_close(encoder);
      double most = 0;
      for (int64_t i = 0; i < width; i++) most = fmax(most, fabs((double)(with[i] - without[i])));
      cr_expect_gt(most, 0.02, "%s on stack %d", test_shape_name(shape), number);
      l4r_free(vector);
      l4r_free(with);
      l4r_free(without);
      test_pair_close(&pair);
    }
}

/* What a sequence yields does not depend on its company: bit for bit on the reference, within the
 * tolerance on the other (which may choose its kernels by the shape of a batch). */
ParameterizedTestParameters(stack_encoder, alone_as_in_a_batch) {
  return cr_make_param_array(struct test_case, test_cases, (size_t)test_case_count);
}

ParameterizedTest(struct test_case *one, stack_encoder, alone_as_in_a_batch) {
  if (test_shape_is_large(one->shape)) return;
  struct test_pair pair;
  test_pair_open(one, &pair);
  const int64_t width = pair.t5.shape.d_model;
  struct l4r_encoder *encoder = open_encoder(pair.ops, pair.stack, &pair.t5, 30, 160);
  struct l4r_ragged batch = {0};
  cr_assert(test_batch(4, &batch.count, &batch.start));
  int32_t *token = test_t5_tokens(8, 160, pair.t5.shape.vocabulary);
  batch.token = token;
  float *together = test_t5_normals(1, batch.count * width, 1);
  float *alone = test_t5_normals(2, width, 1);
  test_ok(pair.ops->encode(encoder, &batch, L4R_OUT_LAST, together));
  for (int64_t s = 0; s < batch.count; s++) {
    const int64_t start[2] = {0, batch.start[s + 1] - batch.start[s]};
    const struct l4r_ragged single = {.count = 1, .start = start, .token = token + batch.start[s]};
    test_ok(pair.ops->encode(encoder, &single, L4R_OUT_LAST, alone));
    test_pair_compare(&pair, "a sequence alone", alone, together + s * width, 1, width);
    for (int64_t i = 0; start[1] == 0 && i < width; i++)
      cr_assert_eq(together[s * width + i], 0, "an empty sequence yields zeros");
  }
  l4r_free(token);
  l4r_free(together);
  l4r_free(alone);
  pair.ops->encoder_close(encoder);
  test_pair_close(&pair);
}

/* A causal encoder's earlier positions do not see later ones. */
ParameterizedTestParameters(stack_encoder, causal_looks_back_only) {
  static struct test_case cases[] = {{0, 1, 7}, {0, 2, 8}, {1, 2, 7}, {1, 1, 8}};
  return cr_make_param_array(struct test_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct test_case *one, stack_encoder, causal_looks_back_only) {
  struct test_pair pair;
  test_pair_open(one, &pair);
  const int64_t width = pair.t5.shape.d_model, length = 20, seen = 13;
  const int64_t start[2] = {0, length};
  struct l4r_encoder *encoder = open_encoder(pair.ops, pair.stack, &pair.t5, 1, length);
  int32_t *token = test_t5_tokens(8, length, pair.t5.shape.vocabulary);
  float *before = test_t5_normals(1, length * width, 1);
  float *after = test_t5_normals(2, length * width, 1);
  const struct l4r_ragged batch = {.count = 1, .start = start, .token = token};
  test_ok(pair.ops->encode(encoder, &batch, L4R_OUT_ALL, before));
  for (int64_t i = seen; i < length; i++)
    token[i] = (token[i] + 1) % (int32_t)pair.t5.shape.vocabulary;
  test_ok(pair.ops->encode(encoder, &batch, L4R_OUT_ALL, after));
  test_pair_compare(&pair, "positions before the change", after, before, seen, width);
  cr_assert_neq(memcmp(after + seen * width, before + seen * width, (size_t)width * sizeof *after),
                0, "the changed position must change");
  l4r_free(token);
  l4r_free(before);
  l4r_free(after);
  pair.ops->encoder_close(encoder);
  test_pair_close(&pair);
}

ParameterizedTestParameters(stack_encoder, refuses_what_exceeds_its_bounds) {
  static struct test_case cases[] = {{0, 1, 0}, {1, 1, 0}};
  return cr_make_param_array(struct test_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct test_case *one, stack_encoder, refuses_what_exceeds_its_bounds) {
  struct test_pair pair;
  test_pair_open(one, &pair);
  const struct l4r_encoder_spec spec = {.shape = &pair.t5.shape,
                                        .weights = &pair.t5.weights,
                                        .prefix = "",
                                        .max_positions = 8,
                                        .max_count = 2,
                                        .max_length = 5};
  struct l4r_encoder *encoder;
  test_ok(pair.ops->encoder_open(pair.stack, &spec, &encoder));
  int32_t token[12] = {0};
  float out[12 * 64], vector[64] = {0};
  const int64_t three[] = {0, 1, 2, 3}, longer[] = {0, 6}, most[] = {0, 5, 9}, fine[] = {0, 1};
  const struct l4r_ragged bad[] = {
      {.count = 3, .start = three, .token = token},  /* sequences */
      {.count = 1, .start = longer, .token = token}, /* length */
      {.count = 2, .start = most, .token = token},   /* positions */
      {.count = 1, .start = fine},                   /* neither tokens nor vectors */
      {.count = 1, .start = fine, .token = token, .vector = vector},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    cr_expect_eq(pair.ops->encode(encoder, &bad[i], L4R_OUT_ALL, out), L4R_USAGE, "batch %zu", i);
  const struct l4r_ragged good = {.count = 1, .start = fine, .token = token};
  token[0] = 97;
  cr_expect_eq(pair.ops->encode(encoder, &good, L4R_OUT_ALL, out), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "97"), "names the token: %s", l4r_error_message());
  token[0] = 96;
  test_ok(pair.ops->encode(encoder, &good, L4R_OUT_ALL, out));
  pair.ops->encoder_close(encoder);

  struct l4r_encoder_spec missing = spec;
  missing.prefix = "nobody.";
  cr_expect_eq(pair.ops->encoder_open(pair.stack, &missing, &encoder), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "nobody."), "names the tensor: %s", l4r_error_message());
  struct l4r_stack *stack;
  cr_expect_eq(pair.ops->open(NULL, &(struct l4r_stack_options){.precision = "fp12"}, &stack),
               L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "fp32"), "names what there is: %s", l4r_error_message());
  test_pair_close(&pair);
}
