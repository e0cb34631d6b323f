/* SPDX-License-Identifier: BSD-3-Clause */
/* Encoders and heads of the blis stack in bf16 and int8 beside fp32's; bits do not depend on the
 * number of workers; what a processor without the instructions is told. */
#include "tests/blis/models.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/cpu.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int64_t lengths[] = {50, 1, 0, 17, 33, 64, 2, 50, 12, 50, 49, 3, 5, 50, 31, 50};
enum { COUNT = sizeof lengths / sizeof *lengths, ITEMS = 1300 };

/* Read-out states and scores of a random model. */
static const char *forced; /* isa= of the stacks that are opened below */

static void compute(const struct test_model *model, const char *precision, int workers,
                    float *state, float *score) {
  struct l4r_team *team = NULL;
  struct l4r_stack *stack;
  struct l4r_encoder *encoder;
  struct l4r_head *head;
  int64_t width = model->config.p5.d_model;
  struct test_batch batch;
  float *weight = test_normals(ITEMS * width, 8);
  test_batch_open(&batch, COUNT, lengths, 0, 300, 4);
  if (workers > 1) cr_assert_eq(l4r_team_create(workers, NULL, &team), 0);
  cr_assert_eq(
      l4r_stack_blis.open(
          team, &(struct l4r_stack_options){.precision = precision, .fallback = 1, .isa = forced},
          &stack),
      0, "%s", l4r_error_message());
  const struct l4r_encoder_spec spec = {.shape = &model->config.p5,
                                        .weights = &model->weights,
                                        .prefix = "",
                                        .max_positions = 4096,
                                        .max_count = 64,
                                        .max_length = 300};
  const struct l4r_head_spec projection = {
      .items = ITEMS, .width = width, .weight = weight, .scale = 0.5f};
  cr_assert_eq(l4r_stack_blis.encoder_open(stack, &spec, &encoder), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_stack_blis.head_open(stack, &projection, &head), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_stack_blis.encode(encoder, &batch.ragged, L4R_OUT_LAST, state), 0, "%s",
               l4r_error_message());
  cr_assert_eq(l4r_stack_blis.project(head, state, COUNT, score), 0, "%s", l4r_error_message());
  struct l4r_about about = {0};
  l4r_stack_blis.about(stack, &about);
  cr_expect_str_eq(about.precision, precision);
  cr_expect_eq(strstr(about.kernels, precision) != NULL, strcmp(precision, "fp32") != 0);
  l4r_stack_blis.head_close(head);
  l4r_stack_blis.encoder_close(encoder);
  l4r_stack_blis.close(stack);
  test_batch_close(&batch);
  l4r_team_free(team);
  l4r_free(weight);
}

static double distance(const float *x, const float *y, int64_t n) {
  double apart = 0, size = 0;
  for (int64_t i = 0; i < n; i++) {
    apart += pow((double)x[i] - y[i], 2);
    size += (double)y[i] * y[i];
  }
  return sqrt(apart / size);
}

/* `far`: how far states and scores may be from those of fp32, relative. */
static void check_precision(const char *precision, double far) {
  struct test_model model;
  test_model_open(&model, "mini", 300, NULL);
  int64_t states = COUNT * model.config.p5.d_model, scores = COUNT * ITEMS;
  float *state[3], *score[3];
  for (int i = 0; i < 3; i++) {
    state[i] = l4r_alloc((size_t)states, sizeof(float), "test");
    score[i] = l4r_alloc((size_t)scores, sizeof(float), "test");
    compute(&model, i ? precision : "fp32", i == 2 ? 3 : 1, state[i], score[i]);
  }
  double apart[] = {distance(state[1], state[0], states), distance(score[1], score[0], scores)};
  for (int i = 0; i < 2; i++) {
    cr_expect_gt(apart[i], 1e-4, "%s was not used", precision);
    cr_expect_lt(apart[i], far, "%s: %g apart", precision, apart[i]);
  }
  cr_expect_arr_eq(state[1], state[2], (size_t)states * sizeof(float), "bits hang on the workers");
  cr_expect_arr_eq(score[1], score[2], (size_t)scores * sizeof(float), "bits hang on the workers");
  for (int i = 0; i < 3; i++) {
    l4r_free(state[i]);
    l4r_free(score[i]);
  }
  test_model_close(&model);
}

static void check_both(void) {
  check_precision("bf16", 0.02);
  check_precision("int8", 0.06);
}

Test(blis_precision, states_and_scores_are_near_those_of_fp32) {
  check_both();
}
Test(blis_precision, by_the_instructions_of_avx2_too) {
  if (!l4r_cpu_offers(L4R_ISA_AVX2)) cr_skip_test("this processor has no AVX2");
  forced = "avx2";
  check_both();
}
Test(blis_precision, by_those_of_any_processor_too) {
  forced = "portable";
  check_both();
}

Test(blis_precision, a_processor_without_it_is_told_what_to_do) {
  static const char *const names[] = {"bf16", "int8"};
  for (int i = 0; i < 2; i++) {
    struct l4r_stack *stack;
    cr_assert_eq(
        l4r_stack_blis.open(
            NULL, &(struct l4r_stack_options){.precision = names[i], .isa = "portable"}, &stack),
        L4R_ENVIRONMENT);
    cr_expect(strstr(l4r_error_message(), "precision=fp32"), "%s", l4r_error_message());
    cr_expect(strstr(l4r_error_message(), "fallback=on"), "%s", l4r_error_message());
    cr_assert_eq(l4r_stack_blis.open(NULL,
                                     &(struct l4r_stack_options){
                                         .precision = names[i], .fallback = 1, .isa = "portable"},
                                     &stack),
                 0, "%s", l4r_error_message());
    struct l4r_about about = {0};
    l4r_stack_blis.about(stack, &about);
    cr_expect(strstr(about.kernels, "by portable "), "%s", about.kernels);
    l4r_stack_blis.close(stack);
  }
}
