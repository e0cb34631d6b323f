/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/stack/shapes.h"

#include "impl/base/memory.h"
#include "impl/model/config_sizes.h"

#include <criterion/criterion.h>
#include <string.h>

/* The four sizes, then odd ones: a width that no vector divides, a single head, H * K above and
 * below D, gated with an output layer of its own, causal, few buckets, and one of everything. */
static const struct {
  const char *name;
  int64_t width, key, heads, feed, blocks, buckets, max_distance;
  int gated, tied, causal, swiglu, gates;
} shapes[TEST_SHAPES] = {
    {"tiny", 64, 16, 4, 256, 2, 32, 128, 0, 1, 0, 0, 0},
    {"mini", 128, 32, 4, 512, 2, 32, 128, 0, 1, 0, 0, 0},
    {"base", 256, 64, 4, 1024, 4, 32, 128, 0, 1, 0, 0, 0},
    {"t5-small", 512, 64, 8, 2048, 6, 32, 128, 0, 1, 0, 0, 0},
    {"odd width, one head", 17, 7, 1, 23, 2, 32, 128, 0, 1, 0, 0, 0},
    {"gated, untied", 20, 6, 3, 28, 3, 32, 128, 1, 0, 0, 0, 0},
    {"inner above width", 24, 40, 2, 100, 2, 32, 128, 0, 0, 0, 0, 0},
    {"causal tiny", 64, 16, 4, 256, 2, 32, 128, 0, 1, 1, 0, 0},
    {"causal, few buckets", 33, 9, 2, 41, 2, 8, 20, 1, 1, 1, 0, 0},
    {"one of everything", 1, 1, 1, 1, 1, 4, 4, 0, 1, 0, 0, 0},
    {"swiglu", 33, 9, 2, 41, 2, 32, 128, 1, 1, 1, 1, 0},
    {"gates", 20, 6, 3, 28, 3, 32, 128, 0, 1, 0, 0, 1},
    {"gates, swiglu", 64, 16, 4, 256, 2, 32, 128, 1, 1, 1, 1, 1},
};

struct test_case test_cases[] = {
    {0, 1, 1}, {0, 2, 0}, {0, 3, 4}, {0, 3, 5}, {0, 2, 8}, {0, 3, 9}, /* reference, bit for bit */
    {1, 1, 0}, {1, 2, 0}, {1, 3, 0}, {1, 1, 1}, {1, 2, 1}, {1, 2, 2}, {1, 2, 3}, {1, 1, 4},
    {1, 2, 4}, {1, 1, 5}, {1, 3, 5}, {1, 2, 6}, {1, 1, 7}, {1, 2, 7}, {1, 2, 8}, {1, 2, 9},
    {2, 1, 0}, {2, 2, 1}, {2, 1, 4}, {2, 3, 5}, {2, 2, 6}, {2, 1, 7}, {2, 2, 8}, {2, 2, 9},
};
const int test_case_count = sizeof test_cases / sizeof *test_cases;

const char *test_shape_name(int shape) {
  return shapes[shape].name;
}

int test_shape_is_large(int shape) {
  return shapes[shape].width >= 256;
}

/* The sizes above must be the sizes that users get. */
static void check_size(int index) {
  struct l4r_model_config config;
  test_ok(l4r_config_defaults(L4R_KIND_P5, shapes[index].name, &config));
  cr_assert(config.p5.d_model == shapes[index].width && config.p5.d_kv == shapes[index].key &&
                config.p5.heads == shapes[index].heads && config.p5.d_ff == shapes[index].feed &&
                config.p5.encoder_blocks == shapes[index].blocks,
            "size %s is not what model.md says", shapes[index].name);
}

void test_shape_make(int shape, struct test_t5 *t5) {
  if (shape < 4) check_size(shape);
  const struct l4r_t5_shape made = {
      .d_model = shapes[shape].width,
      .d_kv = shapes[shape].key,
      .heads = shapes[shape].heads,
      .d_ff = shapes[shape].feed,
      .vocabulary = 97,
      .encoder_blocks = shapes[shape].blocks,
      .decoder_blocks = shapes[shape].blocks,
      .buckets = shapes[shape].buckets,
      .max_distance = shapes[shape].max_distance,
      .gated = shapes[shape].gated,
      .swiglu = shapes[shape].swiglu,
      .gates = shapes[shape].gates ? L4R_GATES_LIGR : L4R_GATES_NONE,
      .tied = shapes[shape].tied,
      .causal = shapes[shape].causal,
      .epsilon = 1e-6,
  };
  test_t5_make(&made, 100 + (uint64_t)shape, t5);
}

void test_pair_open(const struct test_case *one, struct test_pair *pair) {
  *pair = (struct test_pair){
      .ops = test_stack(one->stack), .oracle = test_stack(0), .exact = one->stack == 0};
  test_shape_make(one->shape, &pair->t5);
  if (one->workers > 1) test_ok(l4r_team_create(one->workers, NULL, &pair->team));
  test_stack_open(one->stack, pair->team, NULL, &pair->stack);
  test_stack_open(0, NULL, NULL, &pair->oracle_stack);
}

void test_pair_close(struct test_pair *pair) {
  pair->ops->close(pair->stack);
  pair->oracle->close(pair->oracle_stack);
  l4r_team_free(pair->team);
  test_t5_free(&pair->t5);
}

void test_pair_compare(const struct test_pair *pair, const char *what, const float *got,
                       const float *want, int64_t rows, int64_t columns) {
  if (pair->exact)
    test_t5_same_bits(what, got, want, rows, columns);
  else
    test_t5_close(what, got, want, rows, columns);
}

int test_batch(int number, int64_t *count, const int64_t **start) {
  static const int64_t one[] = {0, 1}, pair[] = {0, 5, 8}, empty[] = {0, 0};
  static const int64_t ragged[] = {0, 3, 3, 4, 16, 16}, longest[] = {0, 150, 152};
  static const int64_t many[] = {0,  1,  4,  5,  14, 20, 27, 27, 29, 33, 42, 43, 48,
                                 50, 57, 58, 66, 67, 70, 79, 80, 84, 85, 91, 92};
#define BATCH(array) {sizeof array / sizeof *array - 1, array}
  static const struct {
    int64_t count;
    const int64_t *start;
  } batches[] = {BATCH(one), BATCH(pair), BATCH(empty), BATCH(ragged), BATCH(many), BATCH(longest)};
#undef BATCH
  if (number < 0 || number >= (int)(sizeof batches / sizeof *batches)) return 0;
  *count = batches[number].count;
  *start = batches[number].start;
  return 1;
}
