/* SPDX-License-Identifier: BSD-3-Clause */
/* The decoder of the blis stack against the reference: beams that are reordered, dropped and
 * doubled, users of different lengths, cached and plain, at several numbers of workers. */
#include "tests/blis/models.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VOCABULARY = 700, USERS = 3, STEPS = 6, ROWS_MAX = 40 };
static const int64_t memory_start[] = {0, 21, 22, 80};

struct answers { /* hidden states and logits of all steps, in a row */
  float *hidden, *logits;
  int64_t rows;
};

static int64_t rows_at(int64_t step) { /* 1 beam a user first, then up to 12 */
  return step ? USERS * (step % 2 ? 12 : 5) : USERS;
}

static const char *forced; /* isa= of the stacks that are opened here */

static void run(const struct l4r_stack_ops *ops, const struct test_model *model, int workers,
                int cached, struct answers *answers) {
  struct l4r_team *team = NULL;
  struct l4r_stack *stack;
  struct l4r_decoder *decoder;
  int64_t width = model->config.p5.d_model, previous = 0;
  if (workers > 1) cr_assert_eq(l4r_team_create(workers, NULL, &team), 0);
  cr_assert_eq(ops->open(team,
                         &(struct l4r_stack_options){.isa = ops == &l4r_stack_blis ? forced : NULL},
                         &stack),
               0, "%s", l4r_error_message());
  struct l4r_decoder_spec spec = {.shape = &model->config.p5,
                                  .weights = &model->weights,
                                  .prefix = "",
                                  .max_users = USERS,
                                  .max_memory = 90,
                                  .max_rows = ROWS_MAX,
                                  .max_steps = STEPS,
                                  .cached = cached};
  cr_assert_eq(ops->decoder_open(stack, &spec, &decoder), 0, "%s", l4r_error_message());
  float *memory = test_normals(memory_start[USERS] * width, 3);
  answers->hidden = l4r_alloc(STEPS * ROWS_MAX, (size_t)width * sizeof(float), "test");
  answers->logits = l4r_alloc(STEPS * ROWS_MAX, VOCABULARY * sizeof(float), "test");
  uint64_t before = l4r_alloc_count();
  for (int batch = 0; batch < 2; batch++) { /* the second must not see the first */
    struct l4r_random random;
    l4r_random_seed(&random, 11);
    answers->rows = 0;
    cr_assert_eq(ops->decode_begin(decoder, USERS, memory_start, memory), 0);
    for (int64_t step = 0; step < STEPS; step++) {
      int64_t rows = rows_at(step), each = rows / USERS, user[ROWS_MAX], parent[ROWS_MAX];
      int32_t token[ROWS_MAX];
      for (int64_t r = 0; r < rows; r++) {
        user[r] = r / each;
        parent[r] = user[r] * previous +
                    (int64_t)l4r_random_below(&random, 1000) % (previous ? previous : 1);
        token[r] = step ? (int32_t)l4r_random_below(&random, VOCABULARY) : 0;
      }
      struct l4r_decode_rows now = {
          .rows = rows, .user = user, .parent = step ? parent : NULL, .token = token};
      cr_assert_eq(ops->decode_step(decoder, &now, answers->hidden + answers->rows * width,
                                    answers->logits + answers->rows * VOCABULARY),
                   0, "%s", l4r_error_message());
      answers->rows += rows;
      previous = each;
    }
    previous = 0;
  }
  cr_assert_eq(l4r_alloc_count(), before, "decoding took memory");
  l4r_free(memory);
  ops->decoder_close(decoder);
  ops->close(stack);
  l4r_team_free(team);
}

static void free_answers(struct answers *answers) {
  l4r_free(answers->hidden);
  l4r_free(answers->logits);
}

static void untied_and_gated(struct l4r_t5_shape *shape) {
  shape->tied = 0;
  shape->gated = 1;
}

static void odd(struct l4r_t5_shape *shape) {
  shape->d_model = 40;
  shape->d_kv = 11;
  shape->heads = 3;
  shape->d_ff = 70;
}

static void (*const changes[])(struct l4r_t5_shape *) = {NULL, untied_and_gated, odd};

static void compare_with_reference(int most_workers) {
  for (int change = 0; change < 3; change++) {
    struct test_model model;
    struct answers wanted, got;
    test_model_open(&model, "tiny", VOCABULARY, changes[change]);
    run(&l4r_stack_reference, &model, 1, 1, &wanted);
    for (int cached = 0; cached < 2; cached++)
      for (int workers = 1; workers <= most_workers; workers += 2) {
        char what[64];
        run(&l4r_stack_blis, &model, workers, cached, &got);
        snprintf(what, sizeof what, "shape %d, cached %d, %d workers", change, cached, workers);
        test_close(got.hidden, wanted.hidden, wanted.rows * model.config.p5.d_model, what);
        test_close(got.logits, wanted.logits, wanted.rows * VOCABULARY, what);
        free_answers(&got);
      }
    free_answers(&wanted);
    test_model_close(&model);
  }
}

Test(blis_decoder, equals_the_reference) {
  compare_with_reference(3);
}

Test(blis_decoder, equals_the_reference_without_vector_extensions) {
  forced = "portable";
  compare_with_reference(1);
}

Test(blis_decoder, same_bits_at_any_number_of_workers) {
  struct test_model model;
  test_model_open(&model, "mini", VOCABULARY, NULL);
  for (int cached = 0; cached < 2; cached++) {
    struct answers one, other;
    run(&l4r_stack_blis, &model, 1, cached, &one);
    for (int workers = 2; workers <= 4; workers++) {
      run(&l4r_stack_blis, &model, workers, cached, &other);
      cr_assert_arr_eq(other.logits, one.logits, (size_t)(one.rows * VOCABULARY) * sizeof(float),
                       "cached %d, %d workers", cached, workers);
      free_answers(&other);
    }
    free_answers(&one);
  }
  test_model_close(&model);
}

Test(blis_decoder, refuses_what_it_was_not_opened_for) {
  struct test_model model;
  struct l4r_stack *stack;
  struct l4r_decoder *decoder;
  test_model_open(&model, "tiny", VOCABULARY, NULL);
  float *memory = test_normals(5 * model.config.p5.d_model, 3);
  cr_assert_eq(l4r_stack_blis.open(NULL, &(struct l4r_stack_options){.precision = "fp32"}, &stack),
               0);
  struct l4r_decoder_spec spec = {.shape = &model.config.p5,
                                  .weights = &model.weights,
                                  .prefix = "",
                                  .max_users = 1,
                                  .max_memory = 5,
                                  .max_rows = 2,
                                  .max_steps = 1,
                                  .cached = 1};
  cr_assert_eq(l4r_stack_blis.decoder_open(stack, &spec, &decoder), 0);
  int64_t start[] = {0, 5, 6}, user[] = {0, 0, 0}, parent[] = {0, 0, 0};
  int32_t token[] = {0, 0, 0};
  cr_assert_eq(l4r_stack_blis.decode_begin(decoder, 2, start, memory), L4R_USAGE);
  cr_assert_eq(l4r_stack_blis.decode_begin(decoder, 1, start, memory), 0);
  struct l4r_decode_rows rows = {.rows = 3, .user = user, .token = token};
  cr_assert_eq(l4r_stack_blis.decode_step(decoder, &rows, NULL, NULL), L4R_USAGE);
  cr_assert(strstr(l4r_error_message(), "3 rows, opened for 2"), "%s", l4r_error_message());
  rows.rows = 2;
  token[1] = VOCABULARY;
  cr_assert_eq(l4r_stack_blis.decode_step(decoder, &rows, NULL, NULL), L4R_USAGE);
  cr_assert(strstr(l4r_error_message(), "row 1 has token 700"), "%s", l4r_error_message());
  token[1] = 0;
  cr_assert_eq(l4r_stack_blis.decode_step(decoder, &rows, NULL, NULL), 0);
  rows.parent = parent;
  cr_assert_eq(l4r_stack_blis.decode_step(decoder, &rows, NULL, NULL), L4R_USAGE);
  cr_assert(strstr(l4r_error_message(), "step 2, opened for 1"), "%s", l4r_error_message());
  l4r_stack_blis.decoder_close(decoder);
  struct l4r_about empty = {0};
  l4r_stack_blis.about(stack, &empty);
  cr_assert_eq(empty.weights_bytes + empty.scratch_bytes, 0);
  l4r_stack_blis.close(stack);
  l4r_free(memory);
  test_model_close(&model);
}
