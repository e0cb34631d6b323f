/* SPDX-License-Identifier: BSD-3-Clause */
/* The counting recommenders against figures measured by an independent program on the real data
 * (masked convention, leave-one-out, ties by training popularity and lower id). */
#include "baselines/heuristics/count.h"
#include "baselines/heuristics/engine.h"

#include "bench/import/import.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/data/dataset.h"
#include "impl/rank.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <math.h>

struct row {
  enum l4r_kind kind;
  int cosine;
  double hr, ndcg;
};

static struct l4r_dataset *import_sequences(const char *path) {
  struct l4r_import_report report;
  const struct l4r_import_options options = {
      .file = {path}, .files = 1, .tie_label = "as given", .out = test_path("d")};
  int status = l4r_import_run("sequences", &options, &report);
  cr_assert_eq(status, 0, "%s", l4r_error_message());
  unsigned parts = L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST;
  struct l4r_dataset *dataset;
  cr_assert_eq(l4r_dataset_open(test_path("d"), parts, &dataset), 0, "%s", l4r_error_message());
  return dataset;
}

static void check_row(const struct l4r_dataset *dataset, const struct row *row) {
  struct l4r_count_options count = {.kind = row->kind, .cosine = row->cosine};
  cr_assert_eq(l4r_counts_train(dataset, &count, test_path("m")), 0, "%s", l4r_error_message());
  struct l4r_open_options options = {
      .model = test_path("m"), .dataset = dataset, .max_batch = 1, .max_k = 10};
  void *handle;
  cr_assert_eq(l4r_engine_heuristic.open(&options, &handle), 0, "%s", l4r_error_message());
  float *scores = l4r_alloc((size_t)dataset->items, sizeof *scores, "scores");
  unsigned char *mark = l4r_alloc((size_t)dataset->items + 1, 1, "marks");
  int64_t longest = l4r_dataset_longest(dataset);
  l4r_item *history = l4r_alloc((size_t)longest, sizeof *history, "a history");
  double hr = 0, ndcg = 0;
  for (int64_t user = 0; user < dataset->users; user++) {
    struct l4r_request request = {user, history,
                                  l4r_dataset_history(dataset, user, 1, history, longest)};
    cr_assert_eq(l4r_engine_heuristic.score(handle, &request, 1, scores), 0);
    struct l4r_rank rank;
    l4r_rank_of(scores, dataset->items, dataset->train_count, dataset->test[user], history,
                request.length, mark, &rank);
    if (rank.mask > 10) continue;
    hr += 1;
    ndcg += 1 / log2(1 + (double)rank.mask);
  }
  double users = (double)dataset->users;
  const char *name = l4r_kind_name(row->kind);
  cr_expect_float_eq(hr / users, row->hr, 0.0002, "%s HR@10 %.4f", name, hr / users);
  cr_expect_float_eq(ndcg / users, row->ndcg, 0.0002, "%s NDCG@10 %.4f", name, ndcg / users);
  l4r_engine_heuristic.close(handle);
  l4r_free(scores);
  l4r_free(mark);
  l4r_free(history);
}

static void check_data(const char *name, int64_t users, const struct row *row, int rows) {
  const char *path = test_shared(name);
  if (!path) cr_skip_test("the real data are not here");
  struct l4r_dataset *dataset = import_sequences(path);
  cr_assert_eq(dataset->users, users);
  for (int i = 0; i < rows; i++) check_row(dataset, &row[i]);
  l4r_dataset_close(dataset);
}

Test(published_counts, ml_1m) {
  static const struct row rows[] = {{L4R_KIND_POP, 0, .0353, .0173},
                                    {L4R_KIND_MARKOV, 0, .2139, .1300},
                                    {L4R_KIND_ITEMKNN, 0, .2205, .1296},
                                    {L4R_KIND_ITEMKNN, 1, .2543, .1463}};
  check_data("ml-1m/ml1m_5core_seq.txt", 6040, rows, 4);
}

Test(published_counts, beauty) {
  static const struct row rows[] = {{L4R_KIND_POP, 0, .0115, .0055},
                                    {L4R_KIND_MARKOV, 0, .0668, .0439},
                                    {L4R_KIND_ITEMKNN, 0, .0800, .0475}};
  check_data("amazon/beauty/sequential_data.txt", 22363, rows, 3);
}

Test(published_counts, toys) {
  static const struct row rows[] = {{L4R_KIND_POP, 0, .0090, .0049},
                                    {L4R_KIND_MARKOV, 0, .0706, .0479},
                                    {L4R_KIND_ITEMKNN, 0, .0925, .0579}};
  check_data("amazon/toys/sequential_data.txt", 19412, rows, 3);
}
