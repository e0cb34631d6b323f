/* SPDX-License-Identifier: BSD-3-Clause */
/* The head of both stacks: scores against the reference stack, the top k against a full sort. */
#include "tests/stack/shapes.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdio.h>

struct head_case {
  int stack, workers;
  int64_t items, width, n;
  int with_bias, cosine;
};

static struct head_case cases[] = {
    {0, 1, 3416, 64, 3, 1, 0},  {0, 3, 50, 17, 4, 1, 0},    {0, 2, 1, 1, 1, 0, 0},
    {1, 1, 3416, 128, 1, 1, 0}, {1, 2, 3416, 128, 1, 0, 0}, {1, 2, 3416, 64, 17, 1, 0},
    {1, 3, 1001, 17, 5, 1, 0},  {1, 2, 7, 512, 2, 1, 0},    {1, 1, 1, 1, 1, 0, 0},
    {1, 2, 3, 33, 64, 1, 0},    {1, 2, 20011, 24, 6, 0, 0}, {2, 1, 3416, 128, 1, 1, 0},
    {2, 2, 3416, 64, 17, 1, 0}, {2, 3, 1001, 17, 5, 1, 0},  {2, 2, 3, 33, 64, 1, 0},
    {2, 1, 1, 1, 1, 0, 0},      {0, 2, 50, 17, 4, 0, 1},    {1, 1, 3416, 128, 1, 0, 1},
    {1, 2, 3416, 64, 17, 0, 1}, {1, 3, 1001, 17, 5, 0, 1},  {2, 2, 3416, 64, 17, 0, 1},
    {2, 3, 1001, 17, 5, 0, 1},
};

struct head_pair {
  const struct l4r_stack_ops *ops, *oracle;
  struct l4r_team *team;
  struct l4r_stack *stack, *oracle_stack;
  struct l4r_head *head, *oracle_head;
  float *weight, *bias, *u, *want; /* want: the oracle's scores */
  int64_t *popularity;
};

/* Every seventh item has the weights and bias of item 1: exact ties. */
static void make_values(const struct head_case *one, struct head_pair *pair) {
  const int64_t width = one->width;
  pair->weight = test_t5_normals(1, one->items * width, 1 / sqrt((double)width));
  pair->bias = one->with_bias ? test_t5_normals(2, one->items, 1) : NULL;
  pair->u = test_t5_normals(3, one->n * width, 3);
  for (int64_t i = 7; i < one->items; i += 7) {
    for (int64_t c = 0; c < width; c++) pair->weight[i * width + c] = pair->weight[c];
    if (pair->bias) pair->bias[i] = pair->bias[0];
  }
  pair->popularity = l4r_alloc((size_t)one->items + 1, sizeof *pair->popularity, "popularity");
  int32_t *counts = test_t5_tokens(4, one->items, 5);
  for (int64_t i = 0; i < one->items; i++) pair->popularity[i + 1] = counts[i];
  l4r_free(counts);
}

static struct head_pair set_up(const struct head_case *one) {
  struct head_pair pair = {.ops = test_stack(one->stack), .oracle = test_stack(0)};
  make_values(one, &pair);
  if (one->workers > 1) test_ok(l4r_team_create(one->workers, NULL, &pair.team));
  const struct l4r_head_spec spec = {.items = one->items,
                                     .width = one->width,
                                     .weight = pair.weight,
                                     .bias = pair.bias,
                                     .cosine = one->cosine,
                                     .scale = one->cosine ? 20 : 0.25f};
  test_stack_open(one->stack, pair.team, NULL, &pair.stack);
  test_stack_open(0, NULL, NULL, &pair.oracle_stack);
  test_ok(pair.ops->head_open(pair.stack, &spec, &pair.head));
  test_ok(pair.oracle->head_open(pair.oracle_stack, &spec, &pair.oracle_head));
  pair.want = test_t5_normals(5, one->n * one->items, 1);
  test_ok(pair.oracle->project(pair.oracle_head, pair.u, one->n, pair.want));
  return pair;
}

static void tear_down(struct head_pair *pair) {
  pair->ops->head_close(pair->head);
  pair->oracle->head_close(pair->oracle_head);
  pair->ops->close(pair->stack);
  pair->oracle->close(pair->oracle_stack);
  l4r_team_free(pair->team);
  l4r_free(pair->weight);
  l4r_free(pair->bias);
  l4r_free(pair->u);
  l4r_free(pair->want);
  l4r_free(pair->popularity);
}

ParameterizedTestParameters(stack_head, scores) {
  return cr_make_param_array(struct head_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct head_case *one, stack_head, scores) {
  struct head_pair pair = set_up(one);
  float *got = test_t5_normals(6, one->n * one->items, 1);
  test_ok(pair.ops->project(pair.head, pair.u, one->n, got));
  if (one->stack == 0)
    test_t5_same_bits("scores", got, pair.want, one->n, one->items);
  else
    test_t5_close("scores", got, pair.want, one->n, one->items);
  l4r_free(got);
  tear_down(&pair);
}

static double tolerance_of(const float *scores, int64_t items) {
  double largest = 0;
  for (int64_t i = 0; i < items; i++) largest = fmax(largest, fabs((double)scores[i]));
  return 1e-5 + 1e-4 * largest;
}

/* One ranking against the oracle's scores: every rank's score, and the score of the item that
 * stands there, equal the oracle's at that rank; no item twice. Near-ties are exchangeable. */
static void check_ranking(const struct l4r_ranking *got, const struct l4r_ranking *want,
                          const float *scores, int64_t items) {
  const double tolerance = tolerance_of(scores, items);
  unsigned char *seen = l4r_alloc((size_t)items + 1, 1, "marks");
  cr_assert_eq(got->count, want->count);
  for (int64_t r = 0; r < got->count; r++) {
    const l4r_item item = got->item[r];
    cr_assert(item >= 1 && item <= items && !seen[item], "rank %lld: item %d", (long long)r, item);
    seen[item] = 1;
    cr_assert_float_eq(got->score[r], want->score[r], tolerance, "rank %lld: score %.9g not %.9g",
                       (long long)r, (double)got->score[r], (double)want->score[r]);
    cr_assert_float_eq(scores[item - 1], want->score[r], tolerance,
                       "rank %lld: item %d has score %.9g, wanted %.9g", (long long)r, item,
                       (double)scores[item - 1], (double)want->score[r]);
  }
  l4r_free(seen);
}

/* Cosines do not know lengths, of states and of items; and are divided by the temperature. */
Test(stack_head, cosines_are_of_directions) {
  enum { ITEMS = 3, WIDTH = 2 };
  const float weight[ITEMS * WIDTH] = {3, 4, -7, 0, 0, 0}, u[] = {30, 40};
  const float want[] = {20, -12, 0};
  for (int number = 0; number < TEST_STACKS; number++) {
    struct l4r_stack *stack;
    struct l4r_head *head;
    const struct l4r_stack_ops *ops = test_stack(number);
    const struct l4r_head_spec spec = {
        .items = ITEMS, .width = WIDTH, .weight = weight, .scale = 20, .cosine = 1};
    float got[ITEMS];
    test_stack_open(number, NULL, NULL, &stack);
    test_ok(ops->head_open(stack, &spec, &head));
    test_ok(ops->project(head, u, 1, got));
    for (int i = 0; i < ITEMS; i++) cr_expect_float_eq(got[i], want[i], 1e-5, "item %d", i);
    ops->head_close(head);
    ops->close(stack);
  }
}

ParameterizedTestParameters(stack_head, top_k) {
  return cr_make_param_array(struct head_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct head_case *one, stack_head, top_k) {
  struct head_pair pair = set_up(one);
  static const int64_t ks[] = {1, 20, 137, 100000};
  for (size_t i = 0; i < sizeof ks / sizeof *ks; i++) {
    const int64_t k = ks[i], room = k < one->items ? k : one->items;
    struct l4r_ranking *got = l4r_alloc((size_t)one->n, sizeof *got, "rankings"), want;
    want.item = l4r_alloc((size_t)room, sizeof *want.item, "items");
    want.score = l4r_alloc((size_t)room, sizeof *want.score, "scores");
    for (int64_t r = 0; r < one->n; r++) {
      got[r].item = l4r_alloc((size_t)room, sizeof *got->item, "items");
      got[r].score = l4r_alloc((size_t)room, sizeof *got->score, "scores");
    }
    test_ok(pair.ops->project_top_k(pair.head, pair.u, one->n, k, pair.popularity, got));
    for (int64_t r = 0; r < one->n; r++) {
      const float *scores = pair.want + r * one->items;
      l4r_top_k(scores, one->items, pair.popularity, k, &want);
      check_ranking(&got[r], &want, scores, one->items);
      l4r_free(got[r].item);
      l4r_free(got[r].score);
    }
    l4r_free(got);
    l4r_free(want.item);
    l4r_free(want.score);
  }
  tear_down(&pair);
}

/* A user of no history has the state zero: all items tie but for the bias, so the order is fixed to
 * the last item by popularity and id, on every stack. */
ParameterizedTestParameters(stack_head, exact_ties) {
  return cr_make_param_array(struct head_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct head_case *one, stack_head, exact_ties) {
  struct head_pair pair = set_up(one);
  const int64_t k = one->items < 300 ? one->items : 300;
  float *scores = l4r_alloc((size_t)one->items, sizeof *scores, "scores");
  for (int64_t i = 0; i < one->n * one->width; i++) pair.u[i] = 0;
  for (int64_t i = 0; pair.bias && i < one->items; i++) scores[i] = pair.bias[i];
  struct l4r_ranking *got = l4r_alloc((size_t)one->n, sizeof *got, "rankings"), want;
  want.item = l4r_alloc((size_t)k, sizeof *want.item, "items");
  want.score = l4r_alloc((size_t)k, sizeof *want.score, "scores");
  for (int64_t r = 0; r < one->n; r++) {
    got[r].item = l4r_alloc((size_t)k, sizeof *got->item, "items");
    got[r].score = l4r_alloc((size_t)k, sizeof *got->score, "scores");
  }
  test_ok(pair.ops->project_top_k(pair.head, pair.u, one->n, k, pair.popularity, got));
  l4r_top_k(scores, one->items, pair.popularity, k, &want);
  for (int64_t r = 0; r < one->n; r++) {
    cr_assert_eq(got[r].count, k);
    for (int64_t i = 0; i < k; i++)
      cr_assert_eq(got[r].item[i], want.item[i], "row %lld, rank %lld: item %d, wanted %d",
                   (long long)r, (long long)i, got[r].item[i], want.item[i]);
    l4r_free(got[r].item);
    l4r_free(got[r].score);
  }
  l4r_free(got);
  l4r_free(want.item);
  l4r_free(want.score);
  l4r_free(scores);
  tear_down(&pair);
}
