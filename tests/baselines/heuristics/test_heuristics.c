/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/heuristics/count.h"
#include "baselines/heuristics/engine.h"

#include "baselines/heuristics/counts.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "impl/data/dataset_write.h"
#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/rank.h"
#include "tests/support/datasets.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/told.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ITEMS = 40, USERS = 50, LONGEST = 32 };

/* Users with 3 to 32 different items each: longer than the windows of places and of history. */
static struct l4r_dataset *walks(void) {
  static int64_t start[USERS + 1];
  static l4r_item item[USERS * LONGEST];
  static char id[ITEMS + 1][8];
  struct l4r_item_text text[ITEMS + 1];
  struct l4r_random random;
  l4r_random_seed(&random, 21);
  for (int user = 0; user < USERS; user++) {
    int64_t order[ITEMS], length = 3 + (int64_t)l4r_random_below(&random, LONGEST - 2);
    for (int i = 0; i < ITEMS; i++) order[i] = i + 1;
    l4r_random_shuffle(&random, order, ITEMS);
    for (int64_t i = 0; i < length; i++) item[start[user] + i] = (l4r_item)order[i];
    start[user + 1] = start[user] + length;
  }
  for (int i = 0; i <= ITEMS; i++) {
    snprintf(id[i], sizeof id[i], "%d", i);
    text[i] = (struct l4r_item_text){id[i], "", "", ""};
  }
  const struct test_interactions of = {USERS, ITEMS, start, item};
  const struct l4r_dataset_source source = test_source("walks", &of, text);
  test_dataset_write("w", &source);
  return test_dataset_open("w", L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST);
}

/* Counts in the small data set and opens the engine on it. */
static void *opened(const struct l4r_dataset *dataset, enum l4r_kind kind, int cosine,
                    struct l4r_team *team) {
  struct l4r_count_options count = {.kind = kind, .cosine = cosine};
  cr_assert_eq(l4r_counts_train(dataset, &count, test_path("m")), 0, "%s", l4r_error_message());
  struct l4r_open_options options = {.model = test_path("m"),
                                     .dataset = dataset,
                                     .team = team,
                                     .max_batch = 8,
                                     .max_k = dataset->items};
  void *handle;
  cr_assert_eq(l4r_engine_heuristic.open(&options, &handle), 0, "%s", l4r_error_message());
  return handle;
}

/* The definition, straight from the document: dense table, doubles, no cleverness. */
static void by_definition(const struct l4r_dataset *dataset, enum l4r_kind kind, int cosine,
                          const l4r_item *history, int64_t length, double *score) {
  double table[ITEMS + 1][ITEMS + 1] = {{0}};
  for (int64_t u = 0; u < dataset->users; u++) {
    for (int64_t i = dataset->train_start[u]; i < dataset->train_start[u + 1]; i++) {
      for (int64_t j = i + 1; j < dataset->train_start[u + 1] && j <= i + 10; j++) {
        if (kind == L4R_KIND_MARKOV && j > i + 1) continue;
        table[dataset->train_item[i]][dataset->train_item[j]] += 1.0 / (double)(j - i);
      }
    }
  }
  const int64_t *popularity = dataset->train_count;
  for (int b = 1; b <= ITEMS; b++) {
    score[b - 1] = kind == L4R_KIND_POP ? (double)popularity[b] : 0;
    for (int age = 0; kind != L4R_KIND_POP && age < length && age < 10; age++) {
      if (kind == L4R_KIND_MARKOV && age > 0) break;
      int a = history[length - 1 - age];
      if (table[a][b] == 0) continue;
      double norm = cosine ? sqrt((double)popularity[a] * (double)popularity[b]) : 1;
      score[b - 1] += pow(0.8, age) * (table[a][b] / norm);
    }
  }
}

static const struct {
  enum l4r_kind kind;
  int cosine;
} MODELS[] = {
    {L4R_KIND_POP, 0}, {L4R_KIND_MARKOV, 0}, {L4R_KIND_ITEMKNN, 0}, {L4R_KIND_ITEMKNN, 1}};
enum { MODEL_COUNT = sizeof MODELS / sizeof *MODELS };

Test(heuristics, scores_follow_the_definition) {
  struct l4r_dataset *dataset = walks();
  for (int m = 0; m < MODEL_COUNT; m++) {
    void *handle = opened(dataset, MODELS[m].kind, MODELS[m].cosine, NULL);
    for (int64_t user = 0; user < dataset->users; user++) {
      l4r_item history[LONGEST];
      int64_t length = l4r_dataset_history(dataset, user, 1, history, LONGEST);
      struct l4r_request request = {user, history, length};
      double expected[ITEMS];
      float found[ITEMS];
      by_definition(dataset, MODELS[m].kind, MODELS[m].cosine, history, length, expected);
      cr_assert_eq(l4r_engine_heuristic.score(handle, &request, 1, found), 0);
      for (int i = 0; i < ITEMS; i++) {
        cr_assert_float_eq(found[i], expected[i], 1e-6, "model %d user %d item %d", m, (int)user,
                           i + 1);
        for (int j = 0; j < ITEMS; j++) {
          cr_assert_eq(found[i] > found[j], expected[i] > expected[j]);
        }
      }
    }
    l4r_engine_heuristic.close(handle);
  }
  l4r_dataset_close(dataset);
}

Test(heuristics, recommend_ranks_what_score_scores) {
  struct l4r_dataset *dataset = walks();
  for (int m = 0; m < MODEL_COUNT; m++) {
    void *handle = opened(dataset, MODELS[m].kind, MODELS[m].cosine, NULL);
    const l4r_item history[] = {3, 4, 2};
    struct l4r_request request = {0, history, 3};
    float scores[ITEMS], ranked_score[ITEMS];
    l4r_item ranked[ITEMS];
    struct l4r_ranking ranking = {ranked, ranked_score, 0};
    cr_assert_eq(l4r_engine_heuristic.score(handle, &request, 1, scores), 0);
    cr_assert_eq(l4r_engine_heuristic.recommend(handle, &request, 1, ITEMS, &ranking), 0);
    cr_assert_eq(ranking.count, ITEMS);
    for (int i = 0; i < ITEMS; i++) cr_assert_eq(ranked_score[i], scores[ranked[i] - 1]);
    for (int i = 1; i < ITEMS; i++) {
      l4r_item a = ranked[i - 1], b = ranked[i];
      cr_assert(l4r_before(scores[a - 1], dataset->train_count[a], a, scores[b - 1],
                           dataset->train_count[b], b));
    }
    l4r_engine_heuristic.close(handle);
  }
  l4r_dataset_close(dataset);
}

Test(heuristics, an_empty_history_ranks_by_popularity) {
  struct l4r_dataset *dataset = walks();
  for (int m = 0; m < MODEL_COUNT; m++) {
    void *handle = opened(dataset, MODELS[m].kind, MODELS[m].cosine, NULL);
    struct l4r_request request = {0, NULL, 0};
    l4r_item ranked[ITEMS];
    float score[ITEMS];
    struct l4r_ranking ranking = {ranked, score, 0};
    cr_assert_eq(l4r_engine_heuristic.recommend(handle, &request, 1, ITEMS, &ranking), 0);
    for (int i = 1; i < ITEMS; i++) {
      int64_t before = dataset->train_count[ranked[i - 1]], after = dataset->train_count[ranked[i]];
      cr_assert(before > after || (before == after && ranked[i - 1] < ranked[i]));
    }
    l4r_engine_heuristic.close(handle);
  }
  l4r_dataset_close(dataset);
}

Test(heuristics, a_batch_over_a_team_gives_the_same_answers) {
  struct l4r_dataset *dataset = walks();
  struct l4r_team *team;
  cr_assert_eq(l4r_team_create(3, NULL, &team), 0, "%s", l4r_error_message());
  void *handle = opened(dataset, L4R_KIND_ITEMKNN, 1, team);
  l4r_item history[6][LONGEST];
  struct l4r_request request[6];
  float together[6 * ITEMS], alone[ITEMS];
  for (int64_t u = 0; u < 6; u++) {
    request[u] = (struct l4r_request){u, history[u],
                                      l4r_dataset_history(dataset, u, 1, history[u], LONGEST)};
  }
  cr_assert_eq(l4r_engine_heuristic.score(handle, request, 6, together), 0);
  uint64_t allocations = l4r_alloc_count();
  for (int u = 0; u < 6; u++) {
    cr_assert_eq(l4r_engine_heuristic.score(handle, &request[u], 1, alone), 0);
    cr_assert_arr_eq(alone, together + u * ITEMS, sizeof alone);
  }
  cr_assert_eq(l4r_alloc_count(), allocations, "serving allocates nothing");
  l4r_engine_heuristic.close(handle);
  l4r_team_free(team);
  l4r_dataset_close(dataset);
}

Test(heuristics, training_reads_the_training_part_alone) {
  l4r_dataset_close(test_dataset("d", 0));
  cr_assert_eq(remove(test_path("d/test.txt")), 0);
  cr_assert_eq(remove(test_path("d/validation.txt")), 0);
  struct l4r_dataset *dataset;
  cr_assert_eq(l4r_dataset_open(test_path("d"), L4R_PART_TRAIN, &dataset), 0, "%s",
               l4r_error_message());
  struct l4r_counts counts;
  cr_assert_eq(l4r_counts_make(dataset, L4R_KIND_MARKOV, 0, &counts), 0);
  double sum = 0;
  for (int64_t i = 0; i < counts.pairs; i++) sum += counts.value[i];
  cr_assert_eq(sum, (double)(dataset->train_start[dataset->users] - dataset->users));
  l4r_counts_free(&counts);
  l4r_dataset_close(dataset);
}

Test(heuristics, a_configuration_that_names_another_data_set_is_refused) {
  struct l4r_dataset *dataset = test_dataset("d", 0);
  void *handle = opened(dataset, L4R_KIND_ITEMKNN, 0, NULL), *none = NULL;
  l4r_engine_heuristic.close(handle);
  struct l4r_model_config config;
  cr_assert_eq(l4r_config_read(test_path("m"), &config), 0, "%s", l4r_error_message());
  memset(config.dataset_sha256, '0', 64);
  cr_assert_eq(l4r_config_write(test_path("m"), &config), 0, "%s", l4r_error_message());
  const struct l4r_open_options options = {
      .model = test_path("m"), .dataset = dataset, .max_batch = 1, .max_k = 1};
  test_fails(l4r_engine_heuristic.open(&options, &none), L4R_INPUT,
             "config.json: dataset_sha256: it says data set 000000000000");
  l4r_dataset_close(dataset);
}

Test(heuristics, bad_use_is_refused) {
  struct l4r_dataset *dataset = test_dataset("d", 0), *other = test_dataset("e", 1);
  struct l4r_count_options count = {.kind = L4R_KIND_MARKOV, .cosine = 1};
  test_fails(l4r_counts_train(dataset, &count, test_path("x")), L4R_USAGE, "itemknn");
  count = (struct l4r_count_options){.kind = L4R_KIND_LITE};
  test_fails(l4r_counts_train(dataset, &count, test_path("x")), L4R_USAGE, "'lite'");
  cr_assert_eq(test_entries("x"), -1, "nothing is written");
  void *handle = opened(dataset, L4R_KIND_ITEMKNN, 0, NULL), *none = NULL;
  const l4r_item beyond[] = {1, 10};
  struct l4r_request request[9] = {{0, beyond, 2}};
  float scores[ITEMS];
  test_fails(l4r_engine_heuristic.score(handle, request, 1, scores), L4R_USAGE, "item 10");
  test_fails(l4r_engine_heuristic.score(handle, request, 9, scores), L4R_USAGE, "1..8");
  test_fails(l4r_engine_heuristic.recommend(handle, request, 1, 10, NULL), L4R_USAGE, "up to 9");
  l4r_engine_heuristic.close(handle);
  const struct l4r_option unknown = {"beams", "20"};
  struct l4r_open_options options = {
      .model = test_path("m"), .dataset = other, .max_batch = 1, .max_k = 1};
  test_fails(l4r_engine_heuristic.open(&options, &none), L4R_INPUT, "another data set ('d'");
  options = (struct l4r_open_options){.model = test_path("m"),
                                      .dataset = dataset,
                                      .option = &unknown,
                                      .options = 1,
                                      .max_batch = 1,
                                      .max_k = 1};
  test_fails(l4r_engine_heuristic.open(&options, &none), L4R_USAGE, "no option 'beams'");
  cr_assert_null(none);
  l4r_dataset_close(dataset);
  l4r_dataset_close(other);
}

Test(heuristics, the_engine_describes_itself) {
  struct l4r_dataset *dataset = test_dataset("d", 0);
  void *handle = opened(dataset, L4R_KIND_ITEMKNN, 1, NULL);
  const struct told told = test_told(&l4r_engine_heuristic, handle, 5);
  cr_assert_str_eq(told.about.settings, "itemknn,norm=cosine");
  cr_assert_gt(told.about.weights_bytes, 0);
  cr_assert_gt(told.cost.stage[0].flops, 0);
  cr_assert_eq(told.cost.stages, 2);
  l4r_engine_heuristic.close(handle);
  l4r_dataset_close(dataset);
}
