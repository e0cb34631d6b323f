/* SPDX-License-Identifier: BSD-3-Clause */
/* A tree of answers decoded in parts, with steps taken back, against the same tree decoded level by
 * level by the reference, which keeps nothing apart. */
#include "tests/stack/shapes.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>

/* Two users; each node of a level has two children, of which no two levels have the same tokens. */
enum { USERS = 2, LEVELS = 4, ROWS = 16, VOCABULARY = 97 };
static const int64_t memory_start[USERS + 1] = {0, 6, 11};

static int64_t nodes_of(int level) {
  return (int64_t)USERS << level;
}

static int64_t user_of(int level, int64_t node) {
  return node >> level;
}

static int32_t token_of(int level, int64_t node) {
  return level ? (int32_t)((17 * node + 29 * level + 3) % VOCABULARY) : 0;
}

static struct l4r_decoder *open_decoder(const struct l4r_stack_ops *ops, struct l4r_stack *stack,
                                        const struct test_t5 *t5, int cached, int rewinds) {
  const struct l4r_decoder_spec spec = {.shape = &t5->shape,
                                        .weights = &t5->weights,
                                        .prefix = "",
                                        .max_users = USERS,
                                        .max_memory = memory_start[USERS],
                                        .max_rows = ROWS,
                                        .max_steps = LEVELS,
                                        .cached = cached,
                                        .rewinds = rewinds};
  struct l4r_decoder *decoder;
  test_ok(ops->decoder_open(stack, &spec, &decoder));
  return decoder;
}

/* Decodes nodes first .. first+count-1 of a level, whose parents stand in rows from that of node
 * `origin` of the level above on. */
static void decode(const struct l4r_stack_ops *ops, struct l4r_decoder *decoder, int level,
                   int64_t first, int64_t count, int64_t origin, float *logits) {
  int64_t user[ROWS], parent[ROWS];
  int32_t token[ROWS];
  for (int64_t i = 0; i < count; i++) {
    user[i] = user_of(level, first + i);
    parent[i] = (first + i) / 2 - origin;
    token[i] = token_of(level, first + i);
  }
  const struct l4r_decode_rows rows = {
      .rows = count, .user = user, .parent = level ? parent : NULL, .token = token};
  test_ok(ops->decode_step(decoder, &rows, NULL, logits));
}

struct walk {
  const struct test_pair *pair;
  struct l4r_decoder *decoder;
  float *expected[LEVELS]; /* [nodes][VOCABULARY] */
  int64_t compared;
  int cached;
};

/* Decodes a part, follows it down two nodes at a time, and comes back. */
static void walk_down(struct walk *walk, int level, int64_t first, int64_t count, int64_t origin) {
  static float logits[LEVELS][ROWS * VOCABULARY];
  char name[64];
  test_ok(walk->pair->ops->decode_rewind(walk->decoder, level));
  decode(walk->pair->ops, walk->decoder, level, first, count, origin, logits[level]);
  snprintf(name, sizeof name, "%s, level %d, node %d", walk->cached ? "cached" : "plain", level,
           (int)first);
  test_pair_compare(walk->pair, name, logits[level], walk->expected[level] + first * VOCABULARY,
                    count, VOCABULARY);
  walk->compared += count;
  for (int64_t child = 2 * first; level + 1 < LEVELS && child < 2 * (first + count); child += 2)
    walk_down(walk, level + 1, child, 2, first);
}

static void check_tree(const struct test_pair *pair, int cached) {
  struct walk walk = {.pair = pair, .cached = cached};
  struct l4r_decoder *oracle = open_decoder(pair->oracle, pair->oracle_stack, &pair->t5, 1, 0);
  float *memory = test_t5_normals(71, memory_start[USERS] * pair->t5.shape.d_model, 1);
  test_ok(pair->oracle->decode_begin(oracle, USERS, memory_start, memory));
  for (int level = 0; level < LEVELS; level++) {
    walk.expected[level] = test_t5_normals(1, nodes_of(level) * VOCABULARY, 1);
    decode(pair->oracle, oracle, level, 0, nodes_of(level), 0, walk.expected[level]);
  }
  walk.decoder = open_decoder(pair->ops, pair->stack, &pair->t5, cached, 1);
  test_ok(pair->ops->decode_begin(walk.decoder, USERS, memory_start, memory));
  walk_down(&walk, 0, 0, USERS, 0);
  cr_expect_eq(walk.compared, nodes_of(LEVELS) - USERS, "%d nodes", (int)walk.compared);
  for (int level = 0; level < LEVELS; level++) l4r_free(walk.expected[level]);
  l4r_free(memory);
  pair->ops->decoder_close(walk.decoder);
  pair->oracle->decoder_close(oracle);
}

ParameterizedTestParameters(stack_rewind, parts_equal_whole_levels) {
  return cr_make_param_array(struct test_case, test_cases, (size_t)test_case_count);
}

ParameterizedTest(struct test_case *one, stack_rewind, parts_equal_whole_levels) {
  struct test_pair pair;
  test_pair_open(one, &pair);
  check_tree(&pair, 1);
  check_tree(&pair, 0);
  test_pair_close(&pair);
}

ParameterizedTestParameters(stack_rewind, refuses_what_was_not_reached) {
  static struct test_case cases[] = {{0, 1, 0}, {1, 1, 0}};
  return cr_make_param_array(struct test_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct test_case *one, stack_rewind, refuses_what_was_not_reached) {
  struct test_pair pair;
  static float logits[ROWS * VOCABULARY];
  test_pair_open(one, &pair);
  float *memory = test_t5_normals(71, memory_start[USERS] * pair.t5.shape.d_model, 1);
  for (int rewinds = 0; rewinds < 2; rewinds++) {
    struct l4r_decoder *decoder = open_decoder(pair.ops, pair.stack, &pair.t5, 1, rewinds);
    test_ok(pair.ops->decode_begin(decoder, USERS, memory_start, memory));
    decode(pair.ops, decoder, 0, 0, USERS, 0, logits);
    cr_expect_eq(pair.ops->decode_rewind(decoder, 2), L4R_USAGE);
    cr_expect_eq(pair.ops->decode_rewind(decoder, -1), L4R_USAGE);
    cr_expect_eq(pair.ops->decode_rewind(decoder, 1), rewinds ? L4R_OK : L4R_USAGE);
    cr_expect_eq(pair.ops->decode_rewind(decoder, 0), rewinds ? L4R_OK : L4R_USAGE);
    const int64_t user[] = {0}, parent[] = {0};
    const int32_t token[] = {5};
    const struct l4r_decode_rows orphan = {.rows = 1, .user = user, .token = token};
    const struct l4r_decode_rows child = {
        .rows = 1, .user = user, .parent = parent, .token = token};
    if (rewinds)
      cr_expect_eq(pair.ops->decode_step(decoder, &orphan, NULL, NULL), L4R_OK, "%s",
                   l4r_error_message());
    cr_expect_eq(pair.ops->decode_step(decoder, &child, NULL, NULL), L4R_OK, "%s",
                 l4r_error_message());
    pair.ops->decoder_close(decoder);
  }
  l4r_free(memory);
  test_pair_close(&pair);
}
