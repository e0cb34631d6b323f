/* SPDX-License-Identifier: BSD-3-Clause */
/* Pieces of a decoder's batch: several answers to one encoded prompt must be computed as if each
 * were a sequence of its own with a copy of the prompt's memory. */
#include "impl/train/layers/decoder.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/train/layers/layers.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { WIDTH = 32, ROWS = 15, MEMORY = 12, PIECES = 6, SEQUENCES = 3 };
/* Two prompts with three answers each and, between them, one without any. */
static const int64_t start[SEQUENCES + 1] = {0, 7, 7, ROWS},
                                       piece[PIECES + 1] = {0, 1, 4, 7, 9, 12, ROWS};
static const int64_t memory_start[SEQUENCES + 1] = {0, 5, 8, MEMORY};
static const int prompt_of[PIECES] = {0, 0, 0, 2, 2, 2};

struct result {
  float hidden[ROWS * WIDTH], d_memory[MEMORY * WIDTH], *gradients;
};

static const struct l4r_t5_shape shape = {.d_model = WIDTH,
                                          .d_kv = 16,
                                          .heads = 4,
                                          .d_ff = 48,
                                          .vocabulary = 50,
                                          .encoder_blocks = 1,
                                          .decoder_blocks = 2,
                                          .buckets = 32,
                                          .max_distance = 128,
                                          .tied = 1,
                                          .epsilon = 1e-6};

static struct l4r_decoder_layers *open_layers(const struct test_t5 *t5) {
  const struct l4r_train_spec spec = {.shape = &t5->shape,
                                      .tensors = &t5->tensors,
                                      .prefix = "",
                                      .max_positions = ROWS,
                                      .max_count = PIECES,
                                      .max_length = ROWS,
                                      .max_memory = MEMORY,
                                      .max_memory_length = MEMORY};
  struct l4r_decoder_layers *layers;
  test_ok(l4r_decoder_layers_open(&spec, &layers));
  return layers;
}

static void together(const struct test_t5 *t5, const int32_t *token, const float *memory,
                     const float *d_out, struct result *result) {
  struct l4r_decoder_layers *layers = open_layers(t5);
  const struct l4r_batch batch = {
      .count = SEQUENCES, .start = start, .token = token, .pieces = PIECES, .piece = piece};
  float d_hidden[ROWS * WIDTH];
  memcpy(d_hidden, d_out, sizeof d_hidden);
  test_ok(
      l4r_decoder_forward(layers, t5->values, &batch, memory_start, memory, NULL, result->hidden));
  test_ok(l4r_decoder_backward(layers, t5->values, d_hidden, result->gradients, result->d_memory));
  l4r_decoder_layers_close(layers);
}

static void one_by_one(const struct test_t5 *t5, const int32_t *token, const float *memory,
                       const float *d_out, struct result *result) {
  struct l4r_decoder_layers *layers = open_layers(t5);
  memset(result->d_memory, 0, sizeof result->d_memory);
  for (int p = 0; p < PIECES; p++) {
    int64_t rows = piece[p + 1] - piece[p], from = memory_start[prompt_of[p]];
    const int64_t begin[] = {0, rows}, keys[] = {0, memory_start[prompt_of[p] + 1] - from};
    const struct l4r_batch batch = {.count = 1, .start = begin, .token = token + piece[p]};
    float d_hidden[ROWS * WIDTH], d_memory[MEMORY * WIDTH];
    memcpy(d_hidden, d_out + piece[p] * WIDTH, (size_t)(rows * WIDTH) * sizeof *d_hidden);
    test_ok(l4r_decoder_forward(layers, t5->values, &batch, keys, memory + from * WIDTH, NULL,
                                result->hidden + piece[p] * WIDTH));
    test_ok(l4r_decoder_backward(layers, t5->values, d_hidden, result->gradients, d_memory));
    for (int64_t i = 0; i < keys[1] * WIDTH; i++) result->d_memory[from * WIDTH + i] += d_memory[i];
  }
  l4r_decoder_layers_close(layers);
}

Test(layers_pieces, answers_to_one_prompt_do_not_see_each_other) {
  struct test_t5 t5;
  test_t5_make(&shape, 3, &t5);
  int32_t *token = test_t5_tokens(4, ROWS, shape.vocabulary);
  float *memory = test_t5_normals(5, MEMORY * WIDTH, 1), *d = test_t5_normals(6, ROWS * WIDTH, 1);
  struct result got, want;
  got.gradients = test_t5_normals(7, t5.tensors.floats, 0);
  want.gradients = test_t5_normals(7, t5.tensors.floats, 0);
  together(&t5, token, memory, d, &got);
  one_by_one(&t5, token, memory, d, &want);
  test_t5_close("hidden", got.hidden, want.hidden, ROWS, WIDTH);
  test_t5_close("d_memory", got.d_memory, want.d_memory, MEMORY, WIDTH);
  for (int64_t i = 0; i < t5.tensors.count; i++) {
    const struct l4r_tensor *tensor = &t5.tensors.tensor[i];
    double error = 0, norm = 0;
    for (int64_t k = tensor->offset; k < tensor->offset + tensor->count; k++) {
      error += pow((double)got.gradients[k] - want.gradients[k], 2);
      norm += pow((double)want.gradients[k], 2);
    }
    cr_expect_leq(sqrt(error), 1e-4 * sqrt(norm), "gradient of %s", tensor->name);
  }
  void *const all[] = {token, memory, d, got.gradients, want.gradients};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
  test_t5_free(&t5);
}

Test(layers_pieces, pieces_that_do_not_divide_the_sequences_are_refused) {
  static const int64_t bad[][PIECES + 1] = {
      {0, 1, 4, 8, 9, 12, ROWS},      /* across the end of the first sequence */
      {0, 1, 1, 7, 9, 12, ROWS},      /* empty */
      {0, 1, 4, 7, 9, 12, ROWS - 1}}; /* rows left over */
  struct test_t5 t5;
  test_t5_make(&shape, 3, &t5);
  struct l4r_decoder_layers *layers = open_layers(&t5);
  int32_t *token = test_t5_tokens(4, ROWS, shape.vocabulary);
  float *memory = test_t5_normals(5, MEMORY * WIDTH, 1), hidden[ROWS * WIDTH];
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    const struct l4r_batch batch = {
        .count = SEQUENCES, .start = start, .token = token, .pieces = PIECES, .piece = bad[i]};
    cr_expect_eq(l4r_decoder_forward(layers, t5.values, &batch, memory_start, memory, NULL, hidden),
                 L4R_INPUT);
  }
  l4r_free(token);
  l4r_free(memory);
  l4r_decoder_layers_close(layers);
  test_t5_free(&t5);
}
