/* SPDX-License-Identifier: BSD-3-Clause */
/* The encoder of the blis stack: what the shared parity suite does not ask. The bits of an answer
 * do not depend on the number of workers, on the company of other sequences, or on how the batch
 * was divided; the short cut of the last block changes nothing; serving allocates nothing. */
#include "tests/blis/models.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH_MAX = 512 };
static const int64_t lengths[] = {50, 1, 0, 17, 33, 64, 2, 50, 12, 50, 49, 3, 5, 50, 31, 50};
enum { COUNT = sizeof lengths / sizeof *lengths };

static struct l4r_team *team;
static struct l4r_stack *stack;
static struct l4r_encoder *encoder;

static const char *forced; /* isa= of the blis stacks that are opened here */

static void open_encoder(const struct l4r_stack_ops *ops, const struct test_model *model,
                         int workers) {
  team = NULL;
  if (workers > 1) cr_assert_eq(l4r_team_create(workers, NULL, &team), 0);
  cr_assert_eq(ops->open(team,
                         &(struct l4r_stack_options){.isa = ops == &l4r_stack_blis ? forced : NULL},
                         &stack),
               0, "%s", l4r_error_message());
  struct l4r_encoder_spec spec = {.shape = &model->config.p5,
                                  .weights = &model->weights,
                                  .prefix = "",
                                  .max_positions = 4096,
                                  .max_count = 64,
                                  .max_length = 300};
  cr_assert_eq(ops->encoder_open(stack, &spec, &encoder), 0, "%s", l4r_error_message());
}

static void close_encoder(const struct l4r_stack_ops *ops) {
  ops->encoder_close(encoder);
  ops->close(stack);
  l4r_team_free(team);
}

static int64_t rows_out(const struct test_batch *batch, enum l4r_output_kind kind) {
  return kind == L4R_OUT_ALL ? batch->rows : batch->ragged.count;
}

static void causal(struct l4r_t5_shape *shape) {
  shape->causal = 1;
}

static void odd(struct l4r_t5_shape *shape) {
  shape->d_model = 52;
  shape->d_kv = 13;
  shape->heads = 3;
  shape->d_ff = 70;
}

static void gated(struct l4r_t5_shape *shape) {
  shape->gated = 1;
}

static void (*const changes[])(struct l4r_t5_shape *) = {NULL, causal, odd, gated};
static const char *const change_names[] = {"plain", "causal", "odd", "gated"};

static void compare_with_reference(const char *size, int change) {
  struct test_model model;
  struct test_batch batch;
  test_model_open(&model, size, 300, changes[change]);
  int64_t d = model.config.p5.d_model;
  test_batch_open(&batch, COUNT, lengths, change == 1 ? d : 0, 300, 5);
  float *wanted = l4r_alloc((size_t)(batch.rows * d), sizeof(float), "test");
  float *got = l4r_alloc((size_t)(batch.rows * d), sizeof(float), "test");
  for (int kind = 0; kind < 3; kind++) {
    open_encoder(&l4r_stack_reference, &model, 1);
    cr_assert_eq(l4r_stack_reference.encode(encoder, &batch.ragged, kind, wanted), 0);
    close_encoder(&l4r_stack_reference);
    open_encoder(&l4r_stack_blis, &model, 2);
    cr_assert_eq(l4r_stack_blis.encode(encoder, &batch.ragged, kind, got), 0, "%s",
                 l4r_error_message());
    close_encoder(&l4r_stack_blis);
    char what[64];
    snprintf(what, sizeof what, "%s %s output %d", size, change_names[change], kind);
    test_close(got, wanted, rows_out(&batch, kind) * d, what);
  }
  l4r_free(wanted);
  l4r_free(got);
  test_batch_close(&batch);
  test_model_close(&model);
}

Test(blis_encoder, equals_the_reference) {
  for (int change = 0; change < 4; change++) compare_with_reference("tiny", change);
}

Test(blis_encoder, equals_the_reference_without_vector_extensions) {
  forced = "portable";
  for (int change = 0; change < 4; change++) compare_with_reference("tiny", change);
}

Test(blis_encoder, equals_the_reference_with_avx2) {
  if (!l4r_cpu_offers(L4R_ISA_AVX2)) cr_skip_test("this processor has no AVX2");
  forced = "avx2";
  for (int change = 0; change < 4; change++) compare_with_reference("tiny", change);
}

Test(blis_encoder, same_bits_at_any_number_of_workers_and_in_any_company) {
  struct test_model model;
  struct test_batch batch;
  test_model_open(&model, "mini", 300, causal);
  int64_t d = model.config.p5.d_model;
  test_batch_open(&batch, COUNT, lengths, d, 0, 6);
  float *one = l4r_alloc((size_t)(batch.rows * d), sizeof(float), "test");
  float *other = l4r_alloc((size_t)(batch.rows * d), sizeof(float), "test");
  for (int kind = 0; kind < 3; kind++) {
    open_encoder(&l4r_stack_blis, &model, 1);
    cr_assert_eq(l4r_stack_blis.encode(encoder, &batch.ragged, kind, one), 0);
    for (int64_t s = 0; s < COUNT; s++) { /* each sequence on its own */
      int64_t start[2] = {0, lengths[s]};
      struct l4r_ragged alone = {
          .count = 1, .start = start, .vector = batch.vector + batch.start[s] * d};
      cr_assert_eq(l4r_stack_blis.encode(encoder, &alone, kind, other), 0);
      int64_t at = kind == L4R_OUT_ALL ? batch.start[s] : s;
      int64_t rows = kind == L4R_OUT_ALL ? lengths[s] : 1;
      cr_assert_arr_eq(other, one + at * d, (size_t)(rows * d) * sizeof(float),
                       "output %d of sequence %lld", kind, (long long)s);
    }
    close_encoder(&l4r_stack_blis);
    for (int workers = 2; workers <= 5; workers++) {
      open_encoder(&l4r_stack_blis, &model, workers);
      cr_assert_eq(l4r_stack_blis.encode(encoder, &batch.ragged, kind, other), 0);
      cr_assert_arr_eq(other, one, (size_t)(rows_out(&batch, kind) * d) * sizeof(float),
                       "output %d with %d workers", kind, workers);
      close_encoder(&l4r_stack_blis);
    }
  }
  l4r_free(one);
  l4r_free(other);
  test_batch_close(&batch);
  test_model_close(&model);
}

Test(blis_encoder, the_short_last_block_equals_the_whole_one) {
  struct test_model model;
  struct test_batch batch;
  test_model_open(&model, "tiny", 300, NULL);
  int64_t d = model.config.p5.d_model;
  test_batch_open(&batch, COUNT, lengths, 0, 300, 9);
  float *all = l4r_alloc((size_t)(batch.rows * d), sizeof(float), "test");
  float *last = l4r_alloc((size_t)(COUNT * d), sizeof(float), "test");
  float zero[WIDTH_MAX] = {0};
  open_encoder(&l4r_stack_blis, &model, 2);
  cr_assert_eq(l4r_stack_blis.encode(encoder, &batch.ragged, L4R_OUT_ALL, all), 0);
  cr_assert_eq(l4r_stack_blis.encode(encoder, &batch.ragged, L4R_OUT_LAST, last), 0);
  for (int64_t s = 0; s < COUNT; s++)
    cr_assert_arr_eq(last + s * d, lengths[s] ? all + (batch.start[s + 1] - 1) * d : zero,
                     (size_t)d * sizeof(float), "sequence %lld", (long long)s);
  close_encoder(&l4r_stack_blis);
  l4r_free(all);
  l4r_free(last);
  test_batch_close(&batch);
  test_model_close(&model);
}

Test(blis_encoder, serving_takes_no_memory_and_bad_batches_are_refused) {
  struct test_model model;
  struct test_batch batch;
  test_model_open(&model, "tiny", 300, NULL);
  int64_t d = model.config.p5.d_model;
  test_batch_open(&batch, COUNT, lengths, 0, 300, 9);
  float *out = l4r_alloc((size_t)(batch.rows * d), sizeof(float), "test");
  open_encoder(&l4r_stack_blis, &model, 2);
  uint64_t before = l4r_alloc_count();
  cr_assert_eq(l4r_stack_blis.encode(encoder, &batch.ragged, L4R_OUT_ALL, out), 0);
  cr_assert_eq(l4r_alloc_count(), before);

  batch.token[20] = 300;
  cr_assert_eq(l4r_stack_blis.encode(encoder, &batch.ragged, L4R_OUT_ALL, out), L4R_USAGE);
  cr_assert(strstr(l4r_error_message(), "token 300 at position 20"), "%s", l4r_error_message());
  batch.token[20] = 3;
  int64_t start[] = {0, 301};
  struct l4r_ragged bad = {.count = 1, .start = start, .token = batch.token};
  cr_assert_eq(l4r_stack_blis.encode(encoder, &bad, L4R_OUT_ALL, out), L4R_USAGE);
  cr_assert(strstr(l4r_error_message(), "length 301, opened for 0 to 300"));
  bad.count = 65;
  cr_assert_eq(l4r_stack_blis.encode(encoder, &bad, L4R_OUT_ALL, out), L4R_USAGE);
  bad = (struct l4r_ragged){.count = 0, .token = batch.token};
  cr_assert_eq(l4r_stack_blis.encode(encoder, &bad, L4R_OUT_ALL, out), 0);
  close_encoder(&l4r_stack_blis);
  l4r_free(out);
  test_batch_close(&batch);
  test_model_close(&model);
}

Test(blis_encoder, describes_itself_and_refuses_what_it_lacks) {
  struct test_model model;
  test_model_open(&model, "tiny", 300, NULL);
  struct l4r_about empty = {0}, full = {0};
  struct l4r_stack *none = NULL;
  cr_assert_eq(l4r_stack_blis.open(NULL, &(struct l4r_stack_options){.precision = "int4"}, &none),
               L4R_USAGE);
  cr_assert(strstr(l4r_error_message(), "it has: fp32, bf16, int8"), "%s", l4r_error_message());
  open_encoder(&l4r_stack_blis, &model, 1);
  l4r_stack_blis.about(stack, &full);
  cr_assert_gt(full.weights_bytes, 4 * 300 * model.config.p5.d_model);
  cr_assert_gt(full.scratch_bytes, 0);
  cr_assert_str_eq(full.precision, "fp32");
  l4r_stack_blis.encoder_close(encoder);
  l4r_stack_blis.about(stack, &empty);
  cr_assert_eq(empty.weights_bytes, 0);
  cr_assert_eq(empty.scratch_bytes, 0);
  l4r_stack_blis.close(stack);
  test_model_close(&model);
}
