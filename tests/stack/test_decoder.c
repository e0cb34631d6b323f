/* SPDX-License-Identifier: BSD-3-Clause */
/* The decoder of both stacks, caches kept and caches recomputed, against the reference stack on one
 * thread; and the reference's beams against the same tokens decoded alone. */
#include "tests/stack/shapes.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

/* Four users with 5, 0, 9 and 1 encoded positions. Beams fork, swap, die and are dropped; from step
 * 4 on they stay as they are. */
enum { USERS = 4, MEMORY = 15, ROWS = 9, STEPS = 12, VOCABULARY = 97 };
static const int64_t memory_start[USERS + 1] = {0, 5, 5, 14, 15};
static const struct {
  int64_t rows, user[ROWS], parent[ROWS];
} plan[4] = {
    {4, {0, 1, 2, 3}, {0}},
    {9, {0, 0, 0, 1, 1, 2, 2, 2, 3}, {0, 0, 0, 1, 1, 2, 2, 2, 3}},
    {9, {0, 0, 0, 1, 1, 2, 2, 2, 3}, {2, 0, 0, 4, 3, 7, 7, 5, 8}},
    {5, {0, 2, 2, 3, 3}, {1, 7, 5, 8, 8}},
};

struct beams { /* one step's rows */
  int64_t rows, user[ROWS], parent[ROWS];
  int32_t token[ROWS];
};

static struct beams beams_of(int step) {
  struct beams beams = {0};
  const int row = step < 4 ? step : 3;
  beams.rows = plan[row].rows;
  int32_t *token = test_t5_tokens(200 + (uint64_t)step, ROWS, VOCABULARY);
  for (int64_t r = 0; r < beams.rows; r++) {
    beams.user[r] = plan[row].user[r];
    beams.parent[r] = step < 4 ? plan[row].parent[r] : r;
    beams.token[r] = step ? token[r] : 0;
  }
  l4r_free(token);
  return beams;
}

static int decode(const struct l4r_stack_ops *ops, struct l4r_decoder *decoder, int step,
                  const struct beams *beams, float *hidden, float *logits) {
  const struct l4r_decode_rows rows = {.rows = beams->rows,
                                       .user = beams->user,
                                       .parent = step ? beams->parent : NULL,
                                       .token = beams->token};
  return ops->decode_step(decoder, &rows, hidden, logits);
}

static struct l4r_decoder *open_decoder(const struct l4r_stack_ops *ops, struct l4r_stack *stack,
                                        const struct test_t5 *t5, int cached) {
  const struct l4r_decoder_spec spec = {.shape = &t5->shape,
                                        .weights = &t5->weights,
                                        .prefix = "",
                                        .max_users = USERS,
                                        .max_memory = MEMORY,
                                        .max_rows = ROWS,
                                        .max_steps = STEPS,
                                        .cached = cached};
  struct l4r_decoder *decoder;
  test_ok(ops->decoder_open(stack, &spec, &decoder));
  return decoder;
}

/* Both decoders through the plan; a second batch after the first finds nothing of it left. */
static void check_plan(const struct test_pair *pair, int cached) {
  const int64_t width = pair->t5.shape.d_model;
  struct l4r_decoder *decoder = open_decoder(pair->ops, pair->stack, &pair->t5, cached);
  struct l4r_decoder *oracle = open_decoder(pair->oracle, pair->oracle_stack, &pair->t5, 1);
  float *hidden = test_t5_normals(1, 2 * ROWS * width, 1);
  float *logits = test_t5_normals(2, 2 * ROWS * VOCABULARY, 1);
  for (int batch = 0; batch < 2; batch++) {
    float *memory = test_t5_normals(70 + (uint64_t)batch, MEMORY * width, 1);
    test_ok(pair->ops->decode_begin(decoder, USERS, memory_start, memory));
    test_ok(pair->oracle->decode_begin(oracle, USERS, memory_start, memory));
    for (int step = 0; step < (batch ? 3 : STEPS); step++) {
      const struct beams beams = beams_of(step);
      char name[64];
      test_ok(decode(pair->ops, decoder, step, &beams, hidden, logits));
      test_ok(decode(pair->oracle, oracle, step, &beams, hidden + ROWS * width,
                     logits + ROWS * VOCABULARY));
      snprintf(name, sizeof name, "%s, batch %d, step %d", cached ? "cached" : "plain", batch,
               step);
      test_pair_compare(pair, name, hidden, hidden + ROWS * width, beams.rows, width);
      test_pair_compare(pair, name, logits, logits + ROWS * VOCABULARY, beams.rows, VOCABULARY);
    }
    l4r_free(memory);
  }
  l4r_free(hidden);
  l4r_free(logits);
  pair->ops->decoder_close(decoder);
  pair->oracle->decoder_close(oracle);
}

ParameterizedTestParameters(stack_decoder, equals_the_reference) {
  return cr_make_param_array(struct test_case, test_cases, (size_t)test_case_count);
}

ParameterizedTest(struct test_case *one, stack_decoder, equals_the_reference) {
  struct test_pair pair;
  test_pair_open(one, &pair);
  check_plan(&pair, 1);
  check_plan(&pair, 0);
  test_pair_close(&pair);
}

struct choices { /* what each row of a step may go on with: none, one, or up to 40 tokens */
  int64_t start[ROWS + 1];
  int32_t token[ROWS * 40];
};

static void choices_of(int step, int64_t rows, struct choices *choices) {
  static const int64_t counts[] = {40, 0, 1, 17, 3, 1, 0, 33, 2};
  int32_t *token = test_t5_tokens(300 + (uint64_t)step, ROWS * 40, VOCABULARY);
  memcpy(choices->token, token, sizeof choices->token);
  l4r_free(token);
  choices->start[0] = 0;
  for (int64_t r = 0; r < rows; r++)
    choices->start[r + 1] = choices->start[r] + counts[(r + step) % ROWS];
}

/* A restricted decoder's logits are the oracle's of the chosen tokens. */
static void check_choices(const struct test_pair *pair, int cached) {
  const int64_t width = pair->t5.shape.d_model;
  struct l4r_decoder_spec spec = {.shape = &pair->t5.shape,
                                  .weights = &pair->t5.weights,
                                  .prefix = "",
                                  .max_users = USERS,
                                  .max_memory = MEMORY,
                                  .max_rows = ROWS,
                                  .max_steps = STEPS,
                                  .cached = cached,
                                  .restricted = 1};
  struct l4r_decoder *decoder,
      *oracle = open_decoder(pair->oracle, pair->oracle_stack, &pair->t5, 1);
  test_ok(pair->ops->decoder_open(pair->stack, &spec, &decoder));
  float *memory = test_t5_normals(70, MEMORY * width, 1);
  test_ok(pair->ops->decode_begin(decoder, USERS, memory_start, memory));
  test_ok(pair->oracle->decode_begin(oracle, USERS, memory_start, memory));
  static float logits[ROWS * 40], expected[ROWS * 40], all[ROWS * VOCABULARY];
  for (int step = 0; step < STEPS; step++) {
    const struct beams beams = beams_of(step);
    static struct choices choices;
    choices_of(step, beams.rows, &choices);
    const struct l4r_decode_rows rows = {.rows = beams.rows,
                                         .user = beams.user,
                                         .parent = step ? beams.parent : NULL,
                                         .token = beams.token,
                                         .choice_start = choices.start,
                                         .choice = choices.token};
    test_ok(pair->ops->decode_step(decoder, &rows, NULL, logits));
    test_ok(decode(pair->oracle, oracle, step, &beams, NULL, all));
    for (int64_t r = 0; r < beams.rows; r++)
      for (int64_t i = choices.start[r]; i < choices.start[r + 1]; i++)
        expected[i] = all[r * VOCABULARY + choices.token[i]];
    char name[64];
    snprintf(name, sizeof name, "restricted, %s, step %d", cached ? "cached" : "plain", step);
    test_pair_compare(pair, name, logits, expected, 1, choices.start[beams.rows]);
  }
  l4r_free(memory);
  pair->ops->decoder_close(decoder);
  pair->oracle->decoder_close(oracle);
}

ParameterizedTestParameters(stack_decoder, restricted_has_the_chosen_logits) {
  return cr_make_param_array(struct test_case, test_cases, (size_t)test_case_count);
}

ParameterizedTest(struct test_case *one, stack_decoder, restricted_has_the_chosen_logits) {
  struct test_pair pair;
  test_pair_open(one, &pair);
  check_choices(&pair, 1);
  check_choices(&pair, 0);
  test_pair_close(&pair);
}

ParameterizedTestParameters(stack_decoder, restricted_refuses_bad_choices) {
  static struct test_case cases[] = {{0, 1, 0}, {1, 1, 0}};
  return cr_make_param_array(struct test_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct test_case *one, stack_decoder, restricted_refuses_bad_choices) {
  struct test_pair pair;
  test_pair_open(one, &pair);
  struct l4r_decoder_spec spec = {.shape = &pair.t5.shape,
                                  .weights = &pair.t5.weights,
                                  .prefix = "",
                                  .max_users = 1,
                                  .max_memory = MEMORY,
                                  .max_rows = ROWS,
                                  .max_steps = STEPS,
                                  .cached = 1,
                                  .restricted = 1};
  struct l4r_decoder *decoder;
  test_ok(pair.ops->decoder_open(pair.stack, &spec, &decoder));
  float *memory = test_t5_normals(70, MEMORY * pair.t5.shape.d_model, 1), logits[4];
  test_ok(pair.ops->decode_begin(decoder, 1, memory_start, memory));
  const int64_t user[1] = {0}, good[2] = {0, 2}, backwards[2] = {0, -1}, late[2] = {1, 2};
  const int32_t token[1] = {0}, choice[2] = {3, 4}, unknown[2] = {3, VOCABULARY};
  struct l4r_decode_rows rows = {.rows = 1, .user = user, .token = token};
  cr_expect_eq(pair.ops->decode_step(decoder, &rows, NULL, logits), L4R_USAGE, "no choices");
  rows.choice = choice;
  rows.choice_start = backwards;
  cr_expect_eq(pair.ops->decode_step(decoder, &rows, NULL, logits), L4R_USAGE);
  rows.choice_start = late;
  cr_expect_eq(pair.ops->decode_step(decoder, &rows, NULL, logits), L4R_USAGE);
  rows.choice_start = good;
  rows.choice = unknown;
  cr_expect_eq(pair.ops->decode_step(decoder, &rows, NULL, logits), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "token 97"), "%s", l4r_error_message());
  rows.choice = choice;
  test_ok(pair.ops->decode_step(decoder, &rows, NULL, logits));
  l4r_free(memory);
  pair.ops->decoder_close(decoder);
  test_pair_close(&pair);
}

/* The tokens of a beam, from its last row back to the start. */
static void trace(int last_step, int64_t row, int32_t *tokens, int64_t *user) {
  for (int step = last_step; step >= 0; step--) {
    const struct beams beams = beams_of(step);
    tokens[step] = beams.token[row];
    *user = beams.user[row];
    row = beams.parent[row];
  }
}

/* A beam that was forked, swapped and reordered has the state of its tokens decoded alone. */
ParameterizedTestParameters(stack_decoder, a_beam_is_its_tokens) {
  static struct test_case cases[] = {{0, 1, 4}, {0, 2, 5}, {1, 1, 0}, {1, 2, 5}};
  return cr_make_param_array(struct test_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct test_case *one, stack_decoder, a_beam_is_its_tokens) {
  struct test_pair pair;
  test_pair_open(one, &pair);
  const int64_t width = pair.t5.shape.d_model;
  float *memory = test_t5_normals(70, MEMORY * width, 1);
  float *beam = test_t5_normals(1, ROWS * width, 1), *alone = test_t5_normals(2, width, 1);
  struct l4r_decoder *decoder = open_decoder(pair.ops, pair.stack, &pair.t5, 1);
  const int last = 5;
  test_ok(pair.ops->decode_begin(decoder, USERS, memory_start, memory));
  for (int step = 0; step <= last; step++) {
    const struct beams beams = beams_of(step);
    test_ok(decode(pair.ops, decoder, step, &beams, step == last ? beam : NULL, NULL));
  }
  for (int64_t row = 0; row < plan[3].rows; row++) {
    int32_t tokens[STEPS];
    int64_t user;
    trace(last, row, tokens, &user);
    const int64_t start[2] = {0, memory_start[user + 1] - memory_start[user]};
    test_ok(pair.ops->decode_begin(decoder, 1, start, memory + memory_start[user] * width));
    for (int step = 0; step <= last; step++) {
      const struct beams single = {.rows = 1, .token = {tokens[step]}};
      test_ok(decode(pair.ops, decoder, step, &single, alone, NULL));
    }
    test_pair_compare(&pair, "a beam alone", beam + row * width, alone, 1, width);
  }
  l4r_free(memory);
  l4r_free(beam);
  l4r_free(alone);
  pair.ops->decoder_close(decoder);
  test_pair_close(&pair);
}

ParameterizedTestParameters(stack_decoder, refuses_what_exceeds_its_bounds) {
  static struct test_case cases[] = {{0, 1, 0}, {1, 1, 0}};
  return cr_make_param_array(struct test_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct test_case *one, stack_decoder, refuses_what_exceeds_its_bounds) {
  struct test_pair pair;
  test_pair_open(one, &pair);
  const struct l4r_stack_ops *ops = pair.ops;
  struct l4r_decoder *decoder = open_decoder(ops, pair.stack, &pair.t5, 1);
  const int64_t crowd[USERS + 2] = {0, 1, 2, 3, 4, 5}, wide[2] = {0, MEMORY + 1};
  float *memory = test_t5_normals(70, (MEMORY + 1) * pair.t5.shape.d_model, 1);
  cr_expect_eq(ops->decode_begin(decoder, USERS + 1, crowd, memory), L4R_USAGE);
  cr_expect_eq(ops->decode_begin(decoder, 1, wide, memory), L4R_USAGE);
  test_ok(ops->decode_begin(decoder, USERS, memory_start, memory));
  const int64_t user[ROWS + 1] = {0}, stranger = USERS, parent = 1;
  const int32_t token[ROWS + 1] = {0}, unknown = VOCABULARY;
  const struct l4r_decode_rows many = {.rows = ROWS + 1, .user = user, .token = token};
  const struct l4r_decode_rows nobody = {.rows = 1, .user = &stranger, .token = token};
  const struct l4r_decode_rows odd = {.rows = 1, .user = user, .token = &unknown};
  cr_expect_eq(ops->decode_step(decoder, &many, NULL, NULL), L4R_USAGE);
  cr_expect_eq(ops->decode_step(decoder, &nobody, NULL, NULL), L4R_USAGE);
  cr_expect_eq(ops->decode_step(decoder, &odd, NULL, NULL), L4R_USAGE);
  const struct l4r_decode_rows first = {.rows = 1, .user = user, .token = token};
  test_ok(ops->decode_step(decoder, &first, NULL, NULL));
  cr_expect_eq(ops->decode_step(decoder, &first, NULL, NULL), L4R_USAGE, "no parents");
  struct l4r_decode_rows next = {.rows = 1, .user = user, .parent = &parent, .token = token};
  cr_expect_eq(ops->decode_step(decoder, &next, NULL, NULL), L4R_USAGE, "no such parent");
  next.parent = user;
  for (int step = 1; step < STEPS; step++) test_ok(ops->decode_step(decoder, &next, NULL, NULL));
  cr_expect_eq(ops->decode_step(decoder, &next, NULL, NULL), L4R_USAGE, "one step too many");
  l4r_free(memory);
  ops->decoder_close(decoder);
  test_pair_close(&pair);
}
