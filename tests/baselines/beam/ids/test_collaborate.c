/* SPDX-License-Identifier: BSD-3-Clause */
/* Collaborative ids: the product with the graph against a matrix, eigenvectors by their residual,
 * and clusters that were put into the data. */
#include "baselines/beam/ids/cluster_qr.h"
#include "baselines/beam/ids/collaborate.h"
#include "baselines/beam/ids/cooccurrence.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* Users of one group take its items, and now and then another one's. Item i of the first GROUPS *
 * EACH is of group (i - 1) % GROUPS; the two after them are taken by nobody. */
enum { GROUPS = 6, EACH = 12, ITEMS = GROUPS * EACH + 2, USERS = 300, LENGTH = 9 };

static int64_t start[USERS + 1], counts[ITEMS + 1];
static l4r_item item[USERS * LENGTH];
static struct l4r_dataset dataset = {.users = USERS,
                                     .items = ITEMS,
                                     .train_start = start,
                                     .train_item = item,
                                     .train_count = counts};

static int group_of(l4r_item i) {
  return (i - 1) % GROUPS;
}

static void make_users(void) {
  struct l4r_random random;
  l4r_random_seed(&random, 5);
  for (int user = 0; user < USERS; user++) {
    start[user + 1] = (user + 1) * LENGTH;
    for (int i = 0; i < LENGTH; i++) {
      int stray = l4r_random_below(&random, 20) == 0;
      int group = stray ? (int)l4r_random_below(&random, GROUPS) : user % GROUPS;
      l4r_item taken = (l4r_item)(1 + group + GROUPS * (int)l4r_random_below(&random, EACH));
      item[user * LENGTH + i] = taken;
      counts[taken]++;
    }
  }
}

static void make_graph(struct l4r_cooccurrence *graph) {
  static l4r_item nodes[GROUPS * EACH];
  for (int i = 0; i < GROUPS * EACH; i++) nodes[i] = i + 1;
  cr_assert_eq(l4r_cooccurrence_make(&dataset, nodes, GROUPS * EACH, graph), L4R_OK);
}

/* The matrix as it is defined: a count for every pair of places in a sequence. */
Test(beam_collaborate, the_product_is_that_of_the_matrix_of_pairs, .init = make_users) {
  enum { N = GROUPS * EACH };
  static double pairs[N][N], degree[N];
  for (int user = 0; user < USERS; user++)
    for (int64_t a = start[user]; a < start[user + 1]; a++)
      for (int64_t b = a + 1; b < start[user + 1]; b++) {
        pairs[item[a] - 1][item[b] - 1] += 1;
        pairs[item[b] - 1][item[a] - 1] += 1;
      }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) degree[i] += pairs[i][j];
  struct l4r_cooccurrence graph;
  make_graph(&graph);
  double x[N], scaled[N], y[N];
  for (int i = 0; i < N; i++) x[i] = sin(i * 1.7 + 1);
  l4r_cooccurrence_apply(&graph, x, scaled, y);
  for (int i = 0; i < N; i++) {
    double expected = 0;
    for (int j = 0; j < N; j++) expected += pairs[i][j] * x[j] / sqrt(degree[i] * degree[j]);
    cr_expect_float_eq(y[i], expected, 1e-12, "row %d: %g, not %g", i, y[i], expected);
    cr_expect_eq(graph.degree[i], degree[i]);
  }
  l4r_cooccurrence_free(&graph);
}

Test(beam_collaborate, eigenvectors_leave_no_residual, .init = make_users) {
  enum { N = GROUPS * EACH, COUNT = 8 };
  struct l4r_cooccurrence graph;
  make_graph(&graph);
  double value[COUNT], vector[N * COUNT], x[N], scaled[N], y[N];
  const struct l4r_eigen_spec spec = {.count = COUNT, .seed = 1};
  cr_assert_eq(l4r_cooccurrence_eigen(&graph, &spec, value, vector), L4R_OK, "%s",
               l4r_error_message());
  cr_expect_float_eq(value[0], 0, 1e-9, "the graph is connected: %g", value[0]);
  for (int c = 0; c < COUNT; c++) {
    double length = 0, residual = 0;
    if (c) cr_expect_geq(value[c], value[c - 1]);
    for (int i = 0; i < N; i++) x[i] = vector[i * COUNT + c];
    l4r_cooccurrence_apply(&graph, x, scaled, y);
    for (int i = 0; i < N; i++) {
      length += x[i] * x[i];
      residual += pow(y[i] - (1 - value[c]) * x[i], 2);
    }
    cr_expect_float_eq(length, 1, 1e-9);
    cr_expect_lt(sqrt(residual), 1e-6, "eigenvector %d: residual %g", c, sqrt(residual));
  }
  cr_expect_lt(value[GROUPS - 1], 0.5 * value[GROUPS], "six groups: %g, then %g", value[GROUPS - 1],
               value[GROUPS]);
  l4r_cooccurrence_free(&graph);
}

Test(beam_collaborate, rows_of_one_direction_get_one_label) {
  enum { N = 30, COUNT = 3 };
  double vector[N * COUNT];
  int32_t label[N];
  for (int i = 0; i < N; i++) /* three orthogonal directions, turned, of any length and sign */
    for (int j = 0; j < COUNT; j++) {
      static const double axis[3][3] = {{2, 2, 1}, {-2, 1, 2}, {1, -2, 2}};
      vector[i * COUNT + j] = axis[i % 3][j] * (i % 2 ? 0.1 + i : -1.5) + 0.02 * cos(i + j);
    }
  cr_assert_eq(l4r_cluster_qr(vector, N, COUNT, label), L4R_OK);
  for (int i = 3; i < N; i++) cr_expect_eq(label[i], label[i - 3], "row %d", i);
  cr_expect(label[0] != label[1] && label[1] != label[2] && label[0] != label[2]);
  for (int i = 0; i < N; i++) vector[i * COUNT + 2] = vector[i * COUNT];
  cr_expect_eq(l4r_cluster_qr(vector, N, COUNT, label), L4R_INPUT, "two directions at most");
}

static void free_paths(int64_t *begin, int32_t *step) {
  l4r_free(begin);
  l4r_free(step);
}

Test(beam_collaborate, groups_in_the_data_are_clusters_of_the_ids, .init = make_users) {
  const struct l4r_collaborate_spec spec = {.clusters = GROUPS, .leaf = EACH, .seed = 1};
  int64_t *begin;
  int32_t *step, of_group[GROUPS] = {0};
  cr_assert_eq(l4r_collaborate(&dataset, &spec, &begin, &step), L4R_OK, "%s", l4r_error_message());
  for (l4r_item i = 1; i <= GROUPS * EACH; i++) {
    const int32_t *path = step + begin[i - 1];
    cr_assert_eq(begin[i] - begin[i - 1], 2, "item %d: %d steps", i,
                 (int)(begin[i] - begin[i - 1]));
    if (!of_group[group_of(i)]) of_group[group_of(i)] = path[0];
    cr_expect_eq(path[0], of_group[group_of(i)], "item %d", i);
    int better = 0; /* items of the same cluster that are more popular */
    for (l4r_item j = 1; j <= GROUPS * EACH; j++)
      if (group_of(j) == group_of(i))
        better += counts[j] > counts[i] || (counts[j] == counts[i] && j < i);
    cr_expect_eq(path[1], better + 1, "item %d's place", i);
  }
  for (int a = 0; a < GROUPS; a++)
    for (int b = 0; b < a; b++) cr_expect_neq(of_group[a], of_group[b]);
  for (l4r_item i = ITEMS - 1; i <= ITEMS; i++) {
    cr_expect_eq(begin[i] - begin[i - 1], 1, "nobody took item %d", i);
    cr_expect_eq(step[begin[i - 1]], i - (ITEMS - 2));
  }
  free_paths(begin, step);
}

Test(beam_collaborate, clusters_are_divided_until_they_are_small, .init = make_users) {
  const struct l4r_collaborate_spec spec = {.clusters = 3, .leaf = 4, .seed = 7};
  int64_t *begin[2], deepest = 0;
  int32_t *step[2];
  for (int r = 0; r < 2; r++)
    cr_assert_eq(l4r_collaborate(&dataset, &spec, &begin[r], &step[r]), L4R_OK, "%s",
                 l4r_error_message());
  cr_expect_arr_eq(begin[0], begin[1], sizeof start[0] * (ITEMS + 1));
  cr_expect_arr_eq(step[0], step[1], sizeof *step[0] * (size_t)begin[0][ITEMS], "the same again");
  for (l4r_item i = 1; i <= GROUPS * EACH; i++) {
    int64_t steps = begin[0][i] - begin[0][i - 1];
    if (steps > deepest) deepest = steps;
    for (int64_t s = 0; s < steps; s++) {
      int32_t value = step[0][begin[0][i - 1] + s];
      cr_expect(value >= 1 && value <= (s < steps - 1 ? 3 : 4), "item %d, step %d: %d", i, (int)s,
                value);
    }
  }
  cr_expect_geq(deepest, 4, "72 items in threes down to 4");
  for (int r = 0; r < 2; r++) free_paths(begin[r], step[r]);
}

/* Users who take the same two items, and items that nobody takes together with others. */
Test(beam_collaborate, a_catalogue_without_structure_has_ids_all_the_same) {
  static int64_t alone[] = {0, 1, 2, 3, 4, 6};
  static l4r_item taken[] = {1, 2, 3, 4, 5, 5};
  static int64_t count[] = {0, 1, 1, 1, 1, 2, 0};
  struct l4r_dataset bare = {
      .users = 5, .items = 6, .train_start = alone, .train_item = taken, .train_count = count};
  const struct l4r_collaborate_spec spec = {.clusters = 2, .leaf = 2, .seed = 1};
  int64_t *begin;
  int32_t *step;
  cr_assert_eq(l4r_collaborate(&bare, &spec, &begin, &step), L4R_OK, "%s", l4r_error_message());
  for (l4r_item i = 1; i <= 5; i++) cr_expect_gt(begin[i] - begin[i - 1], 1, "item %d", i);
  free_paths(begin, step);
  const struct l4r_collaborate_spec wrong = {.clusters = 1, .leaf = 2};
  cr_expect_eq(l4r_collaborate(&bare, &wrong, &begin, &step), L4R_USAGE);
}
