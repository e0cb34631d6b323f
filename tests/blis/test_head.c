/* SPDX-License-Identifier: BSD-3-Clause */
/* The head: scores, and the fused top k against a full ranking of them, ties and NaN included. */
#include "tests/blis/models.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS = 2600, WIDTH = 48, USERS = 70 };

static float *weight, *bias, *u, *scores;
static int64_t popularity[ITEMS + 1];

static void make(void) {
  weight = test_normals(ITEMS * WIDTH, 1);
  bias = test_normals(ITEMS, 2);
  u = test_normals(USERS * WIDTH, 3);
  scores = l4r_alloc(USERS, ITEMS * sizeof(float), "test");
  for (int64_t i = 1; i <= ITEMS; i++) popularity[i] = i * 7919 % 50;
  for (int64_t i = 0; i < ITEMS; i += 3) { /* many equal scores, across blocks */
    memcpy(weight + i * WIDTH, weight + i % 30 * WIDTH, WIDTH * sizeof(float));
    bias[i] = bias[i % 30];
  }
}

static void release(void) {
  l4r_free(weight);
  l4r_free(bias);
  l4r_free(u);
  l4r_free(scores);
}

static const char *forced; /* isa= of the stacks that are opened here */

/* Ranks with the fused pass and with l4r_top_k over all scores of the same head. */
static void compare(int workers, int64_t n, int64_t k) {
  struct l4r_team *team = NULL;
  struct l4r_stack *stack;
  struct l4r_head *head;
  if (workers > 1) cr_assert_eq(l4r_team_create(workers, NULL, &team), 0);
  cr_assert_eq(l4r_stack_blis.open(team, &(struct l4r_stack_options){.isa = forced}, &stack), 0,
               "%s", l4r_error_message());
  struct l4r_head_spec spec = {
      .items = ITEMS, .width = WIDTH, .weight = weight, .bias = bias, .scale = 0.25f};
  cr_assert_eq(l4r_stack_blis.head_open(stack, &spec, &head), 0);
  int64_t most = k < ITEMS ? k : ITEMS;
  struct l4r_ranking got[USERS], wanted;
  l4r_item *item = l4r_alloc((size_t)(n + 1), (size_t)(k + 1) * sizeof *item, "test");
  float *score = l4r_alloc((size_t)(n + 1), (size_t)(k + 1) * sizeof *score, "test");
  for (int64_t r = 0; r < n; r++)
    got[r] = (struct l4r_ranking){.item = item + r * k, .score = score + r * k};
  wanted = (struct l4r_ranking){.item = item + n * k, .score = score + n * k};
  cr_assert_eq(l4r_stack_blis.project(head, u, n, scores), 0);
  uint64_t before = l4r_alloc_count();
  cr_assert_eq(l4r_stack_blis.project_top_k(head, u, n, k, popularity, got), 0);
  cr_assert_eq(l4r_alloc_count(), before);
  for (int64_t r = 0; r < n; r++) {
    l4r_top_k(scores + r * ITEMS, ITEMS, popularity, k, &wanted);
    cr_assert_eq(got[r].count, most);
    cr_assert_arr_eq(got[r].item, wanted.item, (size_t)most * sizeof(l4r_item),
                     "%d workers, user %lld, k %lld", workers, (long long)r, (long long)k);
    cr_assert_arr_eq(got[r].score, wanted.score, (size_t)most * sizeof(float));
  }
  l4r_free(item);
  l4r_free(score);
  l4r_stack_blis.head_close(head);
  l4r_stack_blis.close(stack);
  l4r_team_free(team);
}

Test(blis_head, scores_are_the_scaled_products) {
  make();
  compare(1, 2, 1);
  for (int64_t r = 0; r < 2; r++)
    for (int64_t i = 0; i < ITEMS; i++) {
      double sum = 0;
      for (int64_t d = 0; d < WIDTH; d++) sum += (double)u[r * WIDTH + d] * weight[i * WIDTH + d];
      cr_assert_float_eq(scores[r * ITEMS + i], 0.25 * sum + bias[i], 2e-5);
    }
  release();
}

Test(blis_head, fused_top_k_is_exact) {
  static const int64_t sizes[] = {0, 1, 20, 90, 300, ITEMS - 1, ITEMS, ITEMS + 5};
  make();
  for (int workers = 1; workers <= 3; workers++)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      compare(workers, 1, sizes[i]);
      compare(workers, sizes[i] > 300 ? 3 : USERS, sizes[i]);
    }
  release();
}

Test(blis_head, fused_top_k_is_exact_where_blis_multiplies) {
  forced = "portable";
  make();
  compare(2, 1, 20);
  compare(2, USERS, 20);
  release();
}

/* The fused best k of `items` random vectors of two values, for n users on two workers, against
 * l4r_top_k over all scores. */
static void compare_many(int64_t items, int64_t n, int64_t k) {
  struct l4r_team *team;
  struct l4r_stack *stack;
  struct l4r_head *head;
  struct l4r_ranking got[USERS], wanted;
  float *wide = test_normals(items * 2, 1), *state = test_normals(n * 2, 2);
  float *all = l4r_alloc((size_t)n, (size_t)items * sizeof *all, "test");
  int64_t *counts = l4r_alloc((size_t)items + 1, sizeof *counts, "test");
  l4r_item *item = l4r_alloc((size_t)(n + 1), (size_t)k * sizeof *item, "test");
  float *score = l4r_alloc((size_t)(n + 1), (size_t)k * sizeof *score, "test");
  for (int64_t r = 0; r < n; r++)
    got[r] = (struct l4r_ranking){.item = item + r * k, .score = score + r * k};
  wanted = (struct l4r_ranking){.item = item + n * k, .score = score + n * k};
  cr_assert_eq(l4r_team_create(2, NULL, &team), 0);
  cr_assert_eq(l4r_stack_blis.open(team, &(struct l4r_stack_options){.precision = "fp32"}, &stack),
               0);
  struct l4r_head_spec spec = {.items = items, .width = 2, .weight = wide, .scale = 1};
  cr_assert_eq(l4r_stack_blis.head_open(stack, &spec, &head), 0);
  cr_assert_eq(l4r_stack_blis.project(head, state, n, all), 0);
  cr_assert_eq(l4r_stack_blis.project_top_k(head, state, n, k, counts, got), 0);
  for (int64_t r = 0; r < n; r++) {
    l4r_top_k(all + r * items, items, counts, k, &wanted);
    cr_assert_eq(got[r].count, k);
    cr_assert_arr_eq(got[r].item, wanted.item, (size_t)k * sizeof *item, "%lld items, user %lld",
                     (long long)items, (long long)r);
  }
  l4r_stack_blis.head_close(head);
  l4r_stack_blis.close(stack);
  l4r_team_free(team);
  l4r_free(wide);
  l4r_free(state);
  l4r_free(all);
  l4r_free(counts);
  l4r_free(item);
  l4r_free(score);
}

Test(blis_head, rankings_longer_than_the_scratch_are_exact) {
  compare_many(9000, 1, 9000);
}

/* Blocks are the longer the fewer the users: 16, 8, 4, 1 times the shortest. */
Test(blis_head, large_catalogues_are_exact_for_few_users) {
  static const int64_t users[] = {1, 4, 5, 16, 33, 65};
  for (size_t i = 0; i < sizeof users / sizeof *users; i++) compare_many(140007, users[i], 20);
}

Test(blis_head, nan_scores_come_last) {
  make();
  for (int64_t i = 0; i < ITEMS; i += 5) weight[i * WIDTH] = NAN;
  compare(2, 3, 20);
  compare(2, 3, ITEMS);
  for (int64_t i = 0; i < ITEMS; i++) weight[i * WIDTH] = NAN;
  compare(2, 3, 20);
  release();
}
