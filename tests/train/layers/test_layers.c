/* SPDX-License-Identifier: BSD-3-Clause */
/* The training layers as callers meet them: every instruction set's table gives the same answer,
 * float agrees with double, dropout keeps means and repeats itself, bad batches are refused, memory
 * is taken once, objects of several threads do not meet. */
#include "impl/train/layers/decoder.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/layers/matmul.h"
#include "impl/train/layers/softmax.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"
#include "tests/train/layers/double_encoder.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/team.h"
#include "impl/train/layers/inner.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 4, LONGEST = 37 };
static const int64_t start[COUNT + 1] = {0, 37, 38, 50, 79};

struct fixture {
  struct test_t5 t5;
  struct l4r_encoder_layers *encoder;
  struct l4r_batch batch;
  int32_t *token;
  int64_t cells; /* rows * width */
  float *hidden, *d_hidden, *gradients;
};

static struct l4r_t5_shape shape_of(int64_t width, int64_t key, int causal, int gated) {
  return (struct l4r_t5_shape){.d_model = width,
                               .d_kv = key,
                               .heads = 4,
                               .d_ff = 3 * width,
                               .vocabulary = 50,
                               .encoder_blocks = 2,
                               .buckets = 32,
                               .max_distance = 128,
                               .gated = gated,
                               .tied = 1,
                               .causal = causal,
                               .epsilon = 1e-6};
}

static struct l4r_train_spec spec_of(const struct fixture *f, double dropout) {
  return (struct l4r_train_spec){.shape = &f->t5.shape,
                                 .tensors = &f->t5.tensors,
                                 .prefix = "",
                                 .dropout = dropout,
                                 .max_positions = start[COUNT],
                                 .max_count = COUNT,
                                 .max_length = LONGEST};
}

static void set_up(struct fixture *f, const struct l4r_t5_shape *shape, double dropout) {
  *f = (struct fixture){0};
  test_t5_make(shape, 3, &f->t5);
  struct l4r_train_spec spec = spec_of(f, dropout);
  test_ok(l4r_encoder_layers_open(&spec, &f->encoder));
  f->cells = start[COUNT] * shape->d_model;
  f->token = test_t5_tokens(4, start[COUNT], shape->vocabulary);
  f->batch = (struct l4r_batch){.count = COUNT, .start = start, .token = f->token};
  f->hidden = test_t5_normals(5, f->cells, 1);
  f->d_hidden = test_t5_normals(6, f->cells, 1);
  f->gradients = test_t5_normals(7, f->t5.tensors.floats, 0);
}

static void tear_down(struct fixture *f) {
  l4r_encoder_layers_close(f->encoder);
  l4r_free(f->token);
  l4r_free(f->hidden);
  l4r_free(f->d_hidden);
  l4r_free(f->gradients);
  test_t5_free(&f->t5);
}

/* One pass; d_hidden and gradients start the same each time. */
static void pass(struct fixture *f, uint64_t seed) {
  struct l4r_random random;
  l4r_random_seed(&random, seed);
  float *d_hidden = test_t5_normals(6, f->cells, 1);
  memset(f->gradients, 0, (size_t)f->t5.tensors.floats * sizeof *f->gradients);
  test_ok(l4r_encoder_forward(f->encoder, f->t5.values, &f->batch, &random, f->hidden));
  test_ok(l4r_encoder_backward(f->encoder, f->t5.values, d_hidden, f->gradients, NULL));
  l4r_free(d_hidden);
}

static double distance(const float *a, const float *b, int64_t count, double *norm) {
  double error = 0;
  *norm = 0;
  for (int64_t i = 0; i < count; i++) {
    error += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    *norm += (double)b[i] * b[i];
  }
  *norm = sqrt(*norm);
  return sqrt(error);
}

static void check_tables(const struct l4r_t5_shape *shape) {
  struct fixture f;
  set_up(&f, shape, 0.2);
  struct l4r_layer_stack *stack = l4r_encoder_stack(f.encoder);
  pass(&f, 9);
  float *hidden = test_t5_normals(1, f.cells, 0);
  float *gradients = test_t5_normals(1, f.t5.tensors.floats, 0);
  memcpy(hidden, f.hidden, (size_t)f.cells * sizeof *hidden);
  memcpy(gradients, f.gradients, (size_t)f.t5.tensors.floats * sizeof *gradients);
  for (int isa = 0; isa < L4R_ISAS; isa++) {
    if (!l4r_cpu_offers((enum l4r_isa)isa)) continue;
    stack->kernels = l4r_layer_kernels_of((enum l4r_isa)isa);
    pass(&f, 9);
    test_t5_close(l4r_isa_name(stack->kernels->isa), f.hidden, hidden, start[COUNT],
                  shape->d_model);
    for (int64_t i = 0; i < f.t5.tensors.count; i++) {
      const struct l4r_tensor *tensor = &f.t5.tensors.tensor[i];
      double norm, error = distance(f.gradients + tensor->offset, gradients + tensor->offset,
                                    tensor->count, &norm);
      cr_expect_leq(error, 1e-4 * norm, "%s: gradient of %s off by %g of %g",
                    l4r_isa_name(stack->kernels->isa), tensor->name, error, norm);
    }
  }
  l4r_free(hidden);
  l4r_free(gradients);
  tear_down(&f);
}

/* Widths that are whole vectors and ones that are not; the masks are the same by design, or the
 * results would differ wildly. */
Test(layers, instruction_sets_agree) {
  struct l4r_t5_shape shapes[] = {shape_of(64, 16, 1, 0), shape_of(64, 32, 0, 1),
                                  shape_of(20, 5, 0, 0), shape_of(24, 24, 1, 1)};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) check_tables(&shapes[i]);
  for (int i = 1; i < 4; i += 2) { /* the gated ones once more, with swiglu and gates */
    shapes[i].swiglu = 1;
    shapes[i].gates = L4R_GATES_LIGR;
    check_tables(&shapes[i]);
  }
}

/* Products with named rows, of which one is named twice, against plain sums. */
Test(layers, named_rows_are_multiplied_alike_by_every_set) {
  enum { ROWS = 9, MOST = 130, N = 7 };
  static const int32_t row[N] = {8, 0, 3, 3, 5, 8, 1};
  for (int64_t width = 1; width <= MOST; width += width < 20 ? 1 : 37) {
    float *weight = test_t5_normals(1, ROWS * width, 1), *x = test_t5_normals(2, width, 1);
    float *d = test_t5_normals(3, N, 1);
    for (int isa = 0; isa < L4R_ISAS; isa++) {
      if (!l4r_cpu_offers((enum l4r_isa)isa)) continue;
      const struct l4r_layer_kernels *kernels = l4r_layer_kernels_of((enum l4r_isa)isa);
      float out[N], *d_x = test_t5_normals(4, width, 1), *start_x = test_t5_normals(4, width, 1);
      float *d_weight = test_t5_normals(5, ROWS * width, 1);
      float *start_weight = test_t5_normals(5, ROWS * width, 1);
      kernels->named_products(N, width, row, weight, x, out);
      kernels->named_products_back(N, width, row, weight, x, d, d_x, d_weight);
      for (int j = 0; j < N; j++) {
        double sum = 0;
        for (int64_t i = 0; i < width; i++) sum += (double)x[i] * weight[row[j] * width + i];
        cr_assert_float_eq(out[j], sum, 1e-4, "%s", l4r_isa_name((enum l4r_isa)isa));
      }
      for (int64_t i = 0; i < width; i++) {
        double sum = start_x[i];
        for (int j = 0; j < N; j++) sum += (double)d[j] * weight[row[j] * width + i];
        cr_assert_float_eq(d_x[i], sum, 1e-4, "%s", l4r_isa_name((enum l4r_isa)isa));
        for (int r = 0; r < ROWS; r++) {
          double added = start_weight[r * width + i];
          for (int j = 0; j < N; j++) added += row[j] == r ? (double)d[j] * x[i] : 0;
          cr_assert_float_eq(d_weight[r * width + i], added, 1e-4);
        }
      }
      float *all[] = {d_x, start_x, d_weight, start_weight};
      for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
    }
    l4r_free(weight);
    l4r_free(x);
    l4r_free(d);
  }
}

Test(layers, float_agrees_with_double) {
  struct l4r_t5_shape shape = shape_of(32, 16, 0, 0);
  struct fixture f;
  set_up(&f, &shape, 0.1);
  pass(&f, 21);
  double *hidden = l4r_alloc((size_t)f.cells, sizeof *hidden, "hidden");
  double *gradients = l4r_alloc((size_t)f.t5.tensors.floats, sizeof *gradients, "gradients");
  struct double_encoder run = {.shape = &shape,
                               .tensors = &f.t5.tensors,
                               .dropout = 0.1,
                               .values = f.t5.values,
                               .count = COUNT,
                               .longest = LONGEST,
                               .start = start,
                               .token = f.token,
                               .d_hidden = f.d_hidden};
  double_encoder_run(&run, 21, hidden, gradients);
  float *narrow = test_t5_normals(1, f.cells + f.t5.tensors.floats, 0);
  for (int64_t i = 0; i < f.cells; i++) narrow[i] = (float)hidden[i];
  test_t5_close("hidden", f.hidden, narrow, start[COUNT], shape.d_model);
  for (int64_t i = 0; i < f.t5.tensors.floats; i++) narrow[i] = (float)gradients[i];
  for (int64_t i = 0; i < f.t5.tensors.count; i++) {
    const struct l4r_tensor *tensor = &f.t5.tensors.tensor[i];
    double norm, error = distance(f.gradients + tensor->offset, narrow + tensor->offset,
                                  tensor->count, &norm);
    cr_expect_leq(error, 1e-4 * norm, "%s off by %g of %g", tensor->name, error, norm);
  }
  l4r_free(hidden);
  l4r_free(gradients);
  l4r_free(narrow);
  tear_down(&f);
}

Test(layers, dropout_repeats_with_its_generator) {
  struct l4r_t5_shape shape = shape_of(32, 8, 1, 0);
  struct fixture f;
  set_up(&f, &shape, 0.3);
  pass(&f, 1);
  float *first = test_t5_normals(1, f.cells, 0);
  memcpy(first, f.hidden, (size_t)f.cells * sizeof *first);
  pass(&f, 1);
  test_t5_same_bits("the same seed", f.hidden, first, start[COUNT], shape.d_model);
  pass(&f, 2);
  cr_assert_neq(memcmp(first, f.hidden, (size_t)f.cells * sizeof *first), 0);
  test_ok(l4r_encoder_forward(f.encoder, f.t5.values, &f.batch, NULL, first));
  test_ok(l4r_encoder_forward(f.encoder, f.t5.values, &f.batch, NULL, f.hidden));
  test_t5_same_bits("no generator", f.hidden, first, start[COUNT], shape.d_model);
  l4r_free(first);
  tear_down(&f);
}

/* Kept share, the share in each bit's place, and the agreement of neighbouring words, within five
 * standard deviations; kept values carry the exact inverse, so that the mean stays. */
Test(layers, dropout_keeps_the_mean) {
  enum { WORDS = 20000 };
  struct l4r_random random;
  l4r_random_seed(&random, 17);
  const uint32_t chances[] = {0, 1, 6554, 32768, 52429, 58982, 65535, 65536};
  uint64_t *bits = l4r_alloc(WORDS, sizeof *bits, "bits");
  for (size_t c = 0; c < sizeof chances / sizeof *chances; c++) {
    struct l4r_dropper dropper = {.chance = chances[c]};
    for (int i = 0; i < 32; i++) dropper.state[i / 8][i % 8] = l4r_random_next(&random);
    l4r_layer_kernels_or_widest(NULL)->draw(&dropper, bits, WORDS);
    double p = chances[c] / 65536.0, same = 0, place[64] = {0}, all = 0;
    for (int w = 0; w < WORDS; w++) {
      for (int b = 0; b < 64; b++) place[b] += bits[w] >> b & 1;
      if (w) same += 64 - __builtin_popcountll(bits[w] ^ bits[w - 1]);
    }
    for (int b = 0; b < 64; b++) {
      all += place[b];
      cr_expect_leq(fabs(place[b] - p * WORDS), 5 * sqrt(p * (1 - p) * WORDS), "bit %d", b);
    }
    double cells = 64.0 * WORDS, twice = p * p + (1 - p) * (1 - p);
    cr_expect_leq(fabs(all - p * cells), 5 * sqrt(p * (1 - p) * cells), "kept %g of %g",
                  all / cells, p);
    cr_expect_leq(fabs(same - twice * (cells - 64)), 5 * sqrt(2 * twice * (1 - twice) * cells),
                  "neighbours agree in %g, %g expected", same / cells, twice);
  }
  l4r_free(bits);
}

static void run_bad(struct fixture *f, const struct l4r_batch *batch, const char *part) {
  test_fails(l4r_encoder_forward(f->encoder, f->t5.values, batch, NULL, f->hidden), L4R_INPUT,
             part);
}

Test(layers, refuse_bad_batches) {
  struct l4r_t5_shape shape = shape_of(16, 4, 0, 0);
  struct fixture f;
  set_up(&f, &shape, 0);
  struct l4r_batch batch = f.batch;
  int64_t shifted[] = {1, 2}, many[] = {0, LONGEST + 1}, all[] = {0, 37, 74, 80},
          back[] = {0, 5, 4, 6};
  batch.count = COUNT + 1;
  run_bad(&f, &batch, "5 sequences");
  batch = (struct l4r_batch){.count = 1, .start = shifted, .token = f.token};
  run_bad(&f, &batch, "starts at 1");
  batch.start = many;
  run_bad(&f, &batch, "length 38");
  batch = (struct l4r_batch){.count = 3, .start = all, .token = f.token};
  run_bad(&f, &batch, "79 positions");
  batch.start = back;
  run_bad(&f, &batch, "sequence 1");
  batch = f.batch;
  batch.vector = f.hidden;
  run_bad(&f, &batch, "either tokens");
  batch = (struct l4r_batch){.count = COUNT, .start = start};
  run_bad(&f, &batch, "either tokens");
  f.token[40] = 50;
  run_bad(&f, &f.batch, "position 40");
  tear_down(&f);
}

Test(layers, refuse_bad_specs) {
  struct l4r_t5_shape shape = shape_of(16, 4, 0, 0), other = shape;
  struct fixture f;
  set_up(&f, &shape, 0);
  struct l4r_encoder_layers *encoder;
  struct l4r_decoder_layers *decoder;
  struct l4r_train_spec spec = spec_of(&f, 1);
  test_fails(l4r_encoder_layers_open(&spec, &encoder), L4R_USAGE, "dropout is 1");
  cr_assert_eq(l4r_encoder_layers_bytes(&spec), L4R_USAGE);
  spec = spec_of(&f, 0);
  spec.prefix = "rec_llm.";
  test_fails(l4r_encoder_layers_open(&spec, &encoder), L4R_INPUT,
             "rec_llm.encoder.block.0.layer.0.SelfAttention.q.weight is missing");
  spec = spec_of(&f, 0);
  other.d_ff = 17;
  spec.shape = &other;
  test_fails(l4r_encoder_layers_open(&spec, &encoder), L4R_INPUT, "DenseReluDense.wi.weight is 48");
  spec = spec_of(&f, 0);
  test_fails(l4r_decoder_layers_open(&spec, &decoder), L4R_INPUT, "blocks");
  spec.max_length = 0;
  test_fails(l4r_encoder_layers_open(&spec, &encoder), L4R_USAGE, "limits");
  tear_down(&f);
}

Test(layers, refuse_bad_targets) {
  float values[8] = {0};
  int32_t target[2] = {1, 4};
  double loss;
  struct l4r_softmax_spec spec = {.rows = 2,
                                  .width = 1,
                                  .classes = 4,
                                  .hidden = values,
                                  .weight = values,
                                  .target = target,
                                  .scale = 1};
  test_fails(l4r_softmax_cross_entropy(&spec, &loss), L4R_INPUT, "target 4 of row 1");
  spec.classes = 0;
  test_fails(l4r_softmax_cross_entropy(&spec, &loss), L4R_INPUT, "at least 1");
}

/* Skipped rows give no loss and no gradient, whole blocks of them too. */
static void check_skipped_rows(int bf16) {
  enum { ROWS = 7, WIDTH = 3, CLASSES = 5 };
  float *hidden = test_t5_normals(1, ROWS * WIDTH, 1), *weight = test_t5_normals(2, 15, 1);
  float d_hidden[ROWS * WIDTH], d_weight[15] = {0};
  float *scratch = l4r_alloc((size_t)l4r_softmax_scratch(NULL, WIDTH, CLASSES, bf16),
                             sizeof *scratch, "");
  memset(d_hidden, 0xff, sizeof d_hidden); /* NaN: must be written */
  if (bf16) test_round_to_bf16(hidden, ROWS * WIDTH), test_round_to_bf16(weight, CLASSES * WIDTH);
  int32_t target[ROWS] = {-1, -1, -1, 2, -1, -1, -1};
  double loss, sum = 0;
  struct l4r_softmax_spec spec = {.rows = ROWS,
                                  .width = WIDTH,
                                  .classes = CLASSES,
                                  .hidden = hidden,
                                  .weight = weight,
                                  .target = target,
                                  .scale = 1,
                                  .loss_scale = 1,
                                  .d_hidden = d_hidden,
                                  .d_weight = d_weight,
                                  .scratch = scratch,
                                  .bf16 = bf16};
  test_ok(l4r_softmax_cross_entropy(&spec, &loss));
  for (int c = 0; c < CLASSES; c++) {
    double logit = 0;
    for (int i = 0; i < WIDTH; i++)
      logit += (hidden[3 * WIDTH + i]) * (weight[c * WIDTH + i] - weight[2 * WIDTH + i]);
    sum += exp(logit);
  }
  cr_assert_float_eq(loss, log(sum), 1e-5);
  for (int i = 0; i < ROWS * WIDTH; i++)
    cr_assert(i / WIDTH == 3 ? d_hidden[i] != 0 : d_hidden[i] == 0, "row %d: %g", i / WIDTH,
              d_hidden[i]);
  l4r_free(scratch);
  l4r_free(hidden);
  l4r_free(weight);
}

Test(layers, softmax_skips_rows_without_target) {
  check_skipped_rows(0);
}

Test(layers, softmax_in_bf16_skips_rows_without_target) {
  if (!l4r_layers_have_bf16(NULL)) cr_skip_test("this processor has no AVX512-BF16");
  check_skipped_rows(1);
}

Test(layers, take_memory_once) {
  struct l4r_t5_shape shape = shape_of(32, 8, 0, 0);
  struct fixture f;
  set_up(&f, &shape, 0.1);
  struct l4r_train_spec spec = spec_of(&f, 0.1);
  int64_t floats = start[COUNT] * (2 * (5 * 32 + 32 + 96 + 2 * 32) + 3 * 32);
  cr_assert_gt(l4r_encoder_layers_bytes(&spec), floats); /* at least what a pass must keep */
  struct l4r_random random;
  l4r_random_seed(&random, 1);
  uint64_t before = l4r_alloc_count();
  test_ok(l4r_encoder_forward(f.encoder, f.t5.values, &f.batch, &random, f.hidden));
  test_ok(l4r_encoder_backward(f.encoder, f.t5.values, f.d_hidden, f.gradients, NULL));
  cr_assert_eq(l4r_alloc_count(), before);
  tear_down(&f);
}

struct workers {
  struct fixture *fixture; /* [2] */
};

static int work(void *argument, int worker, int workers) {
  struct workers *all = argument;
  for (int i = 0; i < 5; i++) pass(&all->fixture[worker], 33);
  return workers == 2 ? 0 : L4R_CHECK;
}

/* Two objects at once, each against what it computes alone. */
Test(layers, workers_do_not_meet) {
  struct l4r_t5_shape shape = shape_of(32, 8, 0, 0);
  struct fixture fixture[2], alone;
  for (int i = 0; i < 2; i++) set_up(&fixture[i], &shape, 0.1);
  set_up(&alone, &shape, 0.1);
  pass(&alone, 33);
  struct l4r_team *team;
  test_ok(l4r_team_create(2, NULL, &team));
  struct workers all = {fixture};
  test_ok(l4r_team_run(team, work, &all));
  for (int i = 0; i < 2; i++) {
    test_t5_same_bits("hidden", fixture[i].hidden, alone.hidden, start[COUNT], shape.d_model);
    test_t5_same_bits("gradients", fixture[i].gradients, alone.gradients, 1,
                      alone.t5.tensors.floats);
    tear_down(&fixture[i]);
  }
  l4r_team_free(team);
  tear_down(&alone);
}

/* A set that the processor lacks must be refused where kernels are chosen: nothing later can. */
Test(layers, an_unknown_instruction_set_is_refused) {
  const struct l4r_layer_kernels *kernels;
  test_fails(l4r_layer_kernels_find("avx1024", &kernels), L4R_USAGE,
             "isa=avx1024: no such instruction set");
  test_ok(l4r_layer_kernels_find("portable", &kernels));
  cr_expect_eq(kernels, l4r_layer_kernels_of(L4R_ISA_PORTABLE));
  test_ok(l4r_layer_kernels_find(NULL, &kernels));
  cr_expect_eq(kernels, l4r_layer_kernels_of(l4r_isa_widest()));
}
