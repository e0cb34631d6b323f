/* SPDX-License-Identifier: BSD-3-Clause */
/* One answer a user, whatever the company: what a user alone gets from decoder and head, and a
 * sequence from an encoder, is bit for bit what it gets among others, in every precision and with
 * every instruction set. */
#include "tests/blis/models.h"
#include "tests/support/every.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { VOCABULARY = 300, USERS = 5, STEPS = 4, BEAMS = 9, ITEMS = 700, WIDTH = 48, MOST = 70 };
static const int64_t memory_start[] = {0, 21, 22, 60, 63, 90};
static const char *const precisions[] = {"fp32", "bf16", "int8", "bf16x3"};

static const char *forced; /* isa= of all stacks here */

static struct l4r_stack *open_stack(const char *precision) {
  struct l4r_stack *stack;
  cr_assert_eq(
      l4r_stack_blis.open(
          NULL, &(struct l4r_stack_options){.precision = precision, .fallback = 1, .isa = forced},
          &stack),
      0, "%s", l4r_error_message());
  return stack;
}

/* Users first .. first+users-1 of all; hidden[step][user][beam][width], logits likewise. */
static void decode(struct l4r_decoder *decoder, int64_t first, int64_t users, int64_t width,
                   const float *memory, float *hidden, float *logits) {
  int64_t start[USERS + 1];
  for (int64_t u = 0; u <= users; u++) start[u] = memory_start[first + u] - memory_start[first];
  cr_assert_eq(
      l4r_stack_blis.decode_begin(decoder, users, start, memory + memory_start[first] * width), 0);
  for (int64_t step = 0; step < STEPS; step++) {
    int64_t each = step ? BEAMS : 1, user[USERS * BEAMS], parent[USERS * BEAMS];
    int32_t token[USERS * BEAMS];
    for (int64_t r = 0; r < users * each; r++) {
      user[r] = r / each;
      parent[r] = step > 1 ? user[r] * each + (r % each * 5 + step) % each : user[r];
      token[r] = (int32_t)((first + user[r]) * 31 + r % each * 7 + step) % VOCABULARY;
    }
    struct l4r_decode_rows now = {
        .rows = users * each, .user = user, .parent = step ? parent : NULL, .token = token};
    int64_t at = step * USERS * BEAMS + first * each;
    cr_assert_eq(
        l4r_stack_blis.decode_step(decoder, &now, hidden + at * width, logits + at * VOCABULARY), 0,
        "%s", l4r_error_message());
  }
}

static void decoders(const char *precision) {
  struct test_model model;
  test_model_open(&model, "tiny", VOCABULARY, NULL);
  int64_t d = model.config.p5.d_model, rows = STEPS * USERS * BEAMS;
  float *memory = test_normals(memory_start[USERS] * d, 3);
  float *answer[4];
  for (int i = 0; i < 4; i++)
    answer[i] = l4r_alloc((size_t)rows, (size_t)(i % 2 ? VOCABULARY : d) * sizeof(float), "test");
  for (int cached = 0; cached < 2; cached++) {
    struct l4r_stack *stack = open_stack(precision);
    struct l4r_decoder *decoder;
    struct l4r_decoder_spec spec = {.shape = &model.config.p5,
                                    .weights = &model.weights,
                                    .prefix = "",
                                    .max_users = USERS,
                                    .max_memory = memory_start[USERS],
                                    .max_rows = USERS * BEAMS,
                                    .max_steps = STEPS,
                                    .cached = cached};
    cr_assert_eq(l4r_stack_blis.decoder_open(stack, &spec, &decoder), 0, "%s", l4r_error_message());
    decode(decoder, 0, USERS, d, memory, answer[0], answer[1]);
    for (int64_t u = 0; u < USERS; u++) decode(decoder, u, 1, d, memory, answer[2], answer[3]);
    cr_assert_arr_eq(answer[0], answer[2], (size_t)(rows * d) * sizeof(float), "%s, cached %d",
                     precision, cached);
    cr_assert_arr_eq(answer[1], answer[3], (size_t)(rows * VOCABULARY) * sizeof(float),
                     "logits, %s, cached %d", precision, cached);
    l4r_stack_blis.decoder_close(decoder);
    l4r_stack_blis.close(stack);
  }
  for (int i = 0; i < 4; i++) l4r_free(answer[i]);
  l4r_free(memory);
  test_model_close(&model);
}

static void heads(const char *precision) {
  float *weight = test_normals(ITEMS * WIDTH, 1), *u = test_normals(MOST * WIDTH, 2);
  float *all = l4r_alloc(MOST, ITEMS * sizeof(float), "test"), one[ITEMS], best[10], top[MOST * 10];
  l4r_item item[10], items[MOST * 10];
  struct l4r_ranking alone = {.item = item, .score = best}, company[MOST];
  struct l4r_stack *stack = open_stack(precision);
  struct l4r_head *head;
  struct l4r_head_spec spec = {.items = ITEMS, .width = WIDTH, .weight = weight, .scale = 1};
  int64_t popularity[ITEMS + 1] = {0};
  cr_assert_eq(l4r_stack_blis.head_open(stack, &spec, &head), 0);
  for (int r = 0; r < MOST; r++)
    company[r] = (struct l4r_ranking){.item = items + 10 * r, .score = top + 10 * r};
  cr_assert_eq(l4r_stack_blis.project(head, u, MOST, all), 0);
  cr_assert_eq(l4r_stack_blis.project_top_k(head, u, MOST, 10, popularity, company), 0);
  for (int64_t r = 0; r < MOST; r++) {
    cr_assert_eq(l4r_stack_blis.project(head, u + r * WIDTH, 1, one), 0);
    cr_assert_arr_eq(one, all + r * ITEMS, sizeof one, "%s, user %d", precision, (int)r);
    cr_assert_eq(l4r_stack_blis.project_top_k(head, u + r * WIDTH, 1, 10, popularity, &alone), 0);
    cr_assert_arr_eq(best, top + 10 * r, sizeof best, "%s, best of user %d", precision, (int)r);
  }
  l4r_stack_blis.head_close(head);
  l4r_stack_blis.close(stack);
  l4r_free(weight), l4r_free(u), l4r_free(all);
}

static void encoders(const char *precision) {
  static const int64_t lengths[] = {3, 17, 1, 40, 15, 16, 30};
  enum { COUNT = sizeof lengths / sizeof *lengths };
  struct test_model model;
  struct test_batch batch;
  test_model_open(&model, "tiny", VOCABULARY, NULL);
  int64_t d = model.config.p5.d_model;
  test_batch_open(&batch, COUNT, lengths, d, 0, 6);
  float *all = l4r_alloc((size_t)(batch.rows * d), sizeof *all, "test");
  float *one = l4r_alloc((size_t)(batch.rows * d), sizeof *one, "test");
  struct l4r_stack *stack = open_stack(precision);
  struct l4r_encoder *encoder;
  struct l4r_encoder_spec spec = {.shape = &model.config.p5,
                                  .weights = &model.weights,
                                  .prefix = "",
                                  .max_positions = batch.rows,
                                  .max_count = COUNT,
                                  .max_length = 40};
  cr_assert_eq(l4r_stack_blis.encoder_open(stack, &spec, &encoder), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_stack_blis.encode(encoder, &batch.ragged, L4R_OUT_ALL, all), 0);
  for (int64_t s = 0; s < COUNT; s++) {
    int64_t start[2] = {0, lengths[s]};
    struct l4r_ragged alone = {
        .count = 1, .start = start, .vector = batch.vector + batch.start[s] * d};
    cr_assert_eq(l4r_stack_blis.encode(encoder, &alone, L4R_OUT_ALL, one + batch.start[s] * d), 0);
  }
  cr_assert_arr_eq(one, all, (size_t)(batch.rows * d) * sizeof *all, "%s", precision);
  l4r_stack_blis.encoder_close(encoder);
  l4r_stack_blis.close(stack);
  l4r_free(all), l4r_free(one);
  test_batch_close(&batch);
  test_model_close(&model);
}

/* Where bf16x3 is emulated, four blocks and 87 rows take ten minutes: one block and 33 rows. */
static void plain(struct l4r_t5_shape *shape) {
  if (test_every() > 1) shape->encoder_blocks = shape->decoder_blocks = 1;
}

static void gated(struct l4r_t5_shape *shape) {
  plain(shape);
  shape->gated = 1;
}

static void encode_with(const struct test_model *model, const char *precision, int workers,
                        const struct test_batch *batch, float *out) {
  struct l4r_team *team = NULL;
  struct l4r_stack *stack;
  struct l4r_encoder *encoder;
  const struct l4r_stack_options options = {.precision = precision, .fallback = 1, .isa = forced};
  const struct l4r_encoder_spec spec = {.shape = &model->config.p5,
                                        .weights = &model->weights,
                                        .prefix = "",
                                        .max_positions = batch->rows,
                                        .max_count = 2,
                                        .max_length = 60};
  if (workers > 1) cr_assert_eq(l4r_team_create(workers, NULL, &team), 0);
  cr_assert_eq(l4r_stack_blis.open(team, &options, &stack), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_stack_blis.encoder_open(stack, &spec, &encoder), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_stack_blis.encode(encoder, &batch->ragged, L4R_OUT_ALL, out), 0);
  l4r_stack_blis.encoder_close(encoder);
  l4r_stack_blis.close(stack);
  l4r_team_free(team);
}

static void workers(const char *precision, void (*change)(struct l4r_t5_shape *)) {
  static const int64_t whole[] = {50, 37}, less[] = {20, 13};
  const int64_t *lengths = test_every() > 1 ? less : whole;
  struct test_model model;
  struct test_batch batch;
  test_model_open(&model, "base", VOCABULARY, change);
  test_batch_open(&batch, 2, lengths, model.config.p5.d_model, 0, 7);
  const int64_t states = batch.rows * model.config.p5.d_model;
  float *one = l4r_alloc((size_t)states, sizeof *one, "test");
  float *two = l4r_alloc((size_t)states, sizeof *two, "test");
  encode_with(&model, precision, 1, &batch, one);
  encode_with(&model, precision, 2, &batch, two);
  cr_assert_arr_eq(one, two, (size_t)states * sizeof *one, "%s", precision);
  l4r_free(one), l4r_free(two);
  test_batch_close(&batch);
  test_model_close(&model);
}

static void every_precision(const char *isa) {
  forced = isa;
  for (size_t p = 0; p < sizeof precisions / sizeof *precisions; p++) {
    decoders(precisions[p]);
    heads(precisions[p]);
    encoders(precisions[p]);
    workers(precisions[p], plain);
    workers(precisions[p], gated);
  }
}

Test(blis_company, changes_nothing) {
  every_precision(NULL);
}

Test(blis_company, changes_nothing_without_vector_extensions) {
  every_precision("portable");
}

Test(blis_company, changes_nothing_with_avx2) {
  if (!l4r_cpu_offers(L4R_ISA_AVX2)) cr_skip_test("this processor has no AVX2");
  every_precision("avx2");
}
