/* SPDX-License-Identifier: BSD-3-Clause */
/* The controls: largest id, permuted ids; and that training depends on the training part alone. */
#include "baselines/controls/largest_id.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "baselines/heuristics/count.h"
#include "baselines/heuristics/counts.h"
#include "baselines/heuristics/engine.h"
#include "bench/commands/commands.h"
#include "bench/import/permute.h"
#include "bench/import/synth.h"
#include "bench/import/synth_process.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/data/dataset_write.h"
#include "impl/data/dataset.h"
#include "impl/rank.h"
#include "tests/support/datasets.h"
#include "tests/support/files.h"
#include "tests/support/models.h"

enum { ALL = L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST | L4R_PART_TEXT };

static struct l4r_dataset *opened(const char *name) {
  struct l4r_dataset *dataset;
  cr_assert_eq(l4r_dataset_open(test_path(name), ALL, &dataset), 0, "%s", l4r_error_message());
  return dataset;
}

/* --- largest id --- */

Test(controls, largest_id_ranks_what_follows_and_wraps) {
  struct l4r_dataset *dataset = test_dataset("d", 0); /* nine items */
  struct l4r_open_options options = {
      .model = test_path("d"), .dataset = dataset, .max_batch = 2, .max_k = 9};
  void *handle;
  cr_assert_eq(l4r_engine_largest_id.open(&options, &handle), 0, "%s", l4r_error_message());
  const l4r_item history[] = {7, 2, 5};
  const struct l4r_request request[] = {{0, history, 3}, {1, history, 0}};
  l4r_item item[2][9];
  float score[2][9];
  struct l4r_ranking ranking[] = {{item[0], score[0], 0}, {item[1], score[1], 0}};
  cr_assert_eq(l4r_engine_largest_id.recommend(handle, request, 2, 9, ranking), 0);
  cr_assert_eq(ranking[0].count, 9);
  cr_assert_arr_eq(item[0], ((l4r_item[]){8, 9, 1, 2, 3, 4, 5, 6, 7}), sizeof item[0]);
  cr_assert_arr_eq(item[1], ((l4r_item[]){1, 2, 3, 4, 5, 6, 7, 8, 9}), sizeof item[1]);
  l4r_engine_largest_id.close(handle);
  l4r_dataset_close(dataset);
}

static int train(const char *kind, const char *data, const char *out, const char *more) {
  char line[4096], *argv[32], *rest = NULL, name[] = "train";
  int argc = 1;
  argv[0] = name;
  snprintf(line, sizeof line, "%s --data %s --out %s --force %s", kind, test_path(data),
           test_path(out), more);
  for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
    argv[argc++] = word;
  l4r_log_quiet(1);
  return l4r_command_train(argc, argv);
}

Test(controls, largest_id_reads_a_models_own_numbering) {
  struct l4r_dataset *dataset = test_dataset("d", 0), *other = test_dataset("e", 1);
  cr_assert_eq(train("p5 --ids random", "d", "m", "--size tiny --epochs 0 --threads 1 --seed 3"), 0,
               "%s", l4r_error_message());
  char *map = test_read("m/id_map.tsv");
  struct l4r_open_options options = {
      .model = test_path("m"), .dataset = dataset, .max_batch = 1, .max_k = 9};
  void *handle;
  cr_assert_eq(l4r_engine_largest_id.open(&options, &handle), 0, "%s", l4r_error_message());
  const l4r_item history[] = {4};
  const struct l4r_request request = {0, history, 1};
  l4r_item item[9];
  float score[9];
  struct l4r_ranking ranking = {item, score, 0};
  cr_assert_eq(l4r_engine_largest_id.recommend(handle, &request, 1, 9, &ranking), 0);
  int number[10];
  char *at = strchr(map, '\n') + 1;
  for (int i = 1; i <= 9; i++, at = strchr(at, '\n') + 1) number[i] = atoi(strchr(at, '\t')) - 1000;
  for (int place = 0; place < 9; place++) {
    const int expected = (number[4] + place) % 9 + 1;
    cr_assert_eq(number[item[place]], expected, "place %d", place);
  }
  l4r_engine_largest_id.close(handle);
  options.dataset = other;
  test_fails(l4r_engine_largest_id.open(&options, &handle), L4R_INPUT, "another data set");
  l4r_dataset_close(dataset);
  l4r_dataset_close(other);
}

/* --- permuted ids --- */

static void draw(const char *name) {
  struct l4r_synth_options options;
  struct l4r_synth *synth = NULL;
  struct l4r_synth_optimum optimum = {0};
  l4r_synth_defaults(&options);
  options.users = 300;
  options.items = 120;
  cr_assert_eq(l4r_synth_draw(&options, &synth), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_synth_write(synth, &optimum, test_path(name)), 0, "%s", l4r_error_message());
  l4r_synth_free(synth);
}

/* Where every user's test target may stand: after what is above it by score and popularity (the
 * same under any ids), before or after what is equal in both (which ids decide). */
struct place {
  int64_t above, equal, rank;
};

static void rank_users(const char *data, enum l4r_kind kind, struct place *places) {
  struct l4r_dataset *dataset = opened(data);
  const struct l4r_count_options count = {.kind = kind, .cosine = kind == L4R_KIND_ITEMKNN};
  cr_assert_eq(l4r_counts_train(dataset, &count, test_path("m")), 0, "%s", l4r_error_message());
  const struct l4r_open_options options = {
      .model = test_path("m"), .dataset = dataset, .max_batch = 1, .max_k = 1};
  void *handle;
  cr_assert_eq(l4r_engine_heuristic.open(&options, &handle), 0, "%s", l4r_error_message());
  float score[121];
  unsigned char mark[121] = {0};
  l4r_item history[64];
  for (int64_t u = 0; u < dataset->users; u++) {
    const struct l4r_request request = {u, history,
                                        l4r_dataset_history(dataset, u, 1, history, 64)};
    const l4r_item target = dataset->test[u];
    struct l4r_rank rank;
    cr_assert_eq(l4r_engine_heuristic.score(handle, &request, 1, score), 0);
    l4r_rank_of(score, 120, dataset->train_count, target, history, request.length, mark, &rank);
    places[u] = (struct place){0, 0, rank.keep};
    for (l4r_item i = 1; i <= 120; i++) {
      if (i == target) continue;
      const int64_t more = dataset->train_count[i] - dataset->train_count[target];
      const int same = !(score[i - 1] < score[target - 1]) && !(score[i - 1] > score[target - 1]);
      places[u].above += score[i - 1] > score[target - 1] || (same && more > 0);
      places[u].equal += same && more == 0;
    }
  }
  l4r_engine_heuristic.close(handle);
  l4r_dataset_close(dataset);
}

Test(controls, permuting_ids_moves_no_target_but_among_its_ties) {
  static const enum l4r_kind kinds[] = {L4R_KIND_POP, L4R_KIND_MARKOV, L4R_KIND_ITEMKNN};
  static struct place a[300], b[300];
  draw("a");
  cr_assert_eq(l4r_dataset_permute(test_path("a"), test_path("b"), 7), 0, "%s",
               l4r_error_message());
  for (int k = 0; k < 3; k++) {
    int fixed = 0;
    rank_users("a", kinds[k], a);
    rank_users("b", kinds[k], b);
    for (int u = 0; u < 300; u++) {
      cr_assert_eq(a[u].above, b[u].above, "%s, user %d", l4r_kind_name(kinds[k]), u);
      cr_assert_eq(a[u].equal, b[u].equal, "%s, user %d", l4r_kind_name(kinds[k]), u);
      cr_assert(a[u].rank > a[u].above && a[u].rank <= a[u].above + a[u].equal + 1);
      cr_assert(b[u].rank > b[u].above && b[u].rank <= b[u].above + b[u].equal + 1);
      fixed += !a[u].equal && a[u].rank == b[u].rank;
    }
    cr_assert_gt(fixed, 100, "%s: %d", l4r_kind_name(kinds[k]), fixed);
  }
}

Test(controls, permuting_keeps_everything_but_ids) {
  draw("a");
  cr_assert_eq(l4r_dataset_permute(test_path("a"), test_path("b"), 7), 0, "%s",
               l4r_error_message());
  cr_assert_eq(l4r_dataset_permute(test_path("a"), test_path("c"), 7), 0);
  cr_assert_eq(l4r_dataset_permute(test_path("a"), test_path("e"), 8), 0);
  struct l4r_dataset *a = opened("a"), *b = opened("b"), *c = opened("c"), *e = opened("e");
  cr_assert_str_eq(b->sha256, c->sha256);
  cr_assert_str_neq(b->sha256, e->sha256);
  cr_assert_str_neq(a->sha256, b->sha256);
  cr_assert_str_eq(a->split, b->split);
  int moved = 0;
  for (int64_t i = 0; i < a->parts[0]; i++) {
    const l4r_item from = a->train_item[i], to = b->train_item[i];
    cr_assert_str_eq(a->text[from].title, b->text[to].title);
    cr_assert_str_eq(a->text[from].source_id, b->text[to].source_id);
    cr_assert_eq(a->train_count[from], b->train_count[to]);
    moved += from != to;
  }
  cr_assert_gt(moved, (int)(a->parts[0] * 9 / 10));
  for (int64_t u = 0; u < a->users; u++)
    cr_assert_str_eq(a->text[a->test[u]].title, b->text[b->test[u]].title);
  l4r_dataset_close(a);
  l4r_dataset_close(b);
  l4r_dataset_close(c);
  l4r_dataset_close(e);
  test_fails(l4r_dataset_permute(test_path("a"), test_path("a"), 7), L4R_USAGE, "itself");
}

Test(controls, permuting_keeps_a_split_by_time) {
  const int64_t start[] = {0, 4, 7}, time[] = {1, 5, 6, 9, 2, 6, 8}, cut[] = {5, 8};
  const l4r_item item[] = {1, 2, 3, 4, 4, 3, 1};
  const struct l4r_item_text text[] = {
      {0}, {"1", "a", "", ""}, {"2", "b", "", ""}, {"3", "c", "", ""}, {"4", "d", "", ""}};
  const struct test_interactions of = {2, 4, start, item};
  struct l4r_dataset_source source = test_source("t", &of, text);
  source.time = time;
  source.cut = cut;
  test_dataset_write("a", &source);
  cr_assert_eq(l4r_dataset_permute(test_path("a"), test_path("b"), 7), 0, "%s",
               l4r_error_message());
  cr_assert_str_eq(test_read("a/times.txt"), test_read("b/times.txt"));
  struct l4r_dataset *b = opened("b");
  cr_assert_eq(b->cut[0], 5);
  cr_assert_eq(b->cut[1], 8);
  cr_assert_arr_eq(b->parts, ((int64_t[]){2, 3, 2}), sizeof b->parts);
  cr_assert_str_eq(b->text[b->test[0]].title, "d");
  cr_assert_str_eq(b->text[b->validation[0]].title, "b");
  l4r_dataset_close(b);
}

/* --- training and the held-out parts --- */

static const struct {
  const char *kind, *settings;
} trained[] = {
    {"lite --items text+id", ""},
    {"sasrec", ""},
    {"p5 --ids sequential", "--prefixes 1"},
    {"p5 --ids random", "--prefixes 1"},
    {"p5 --ids collaborative", "--prefixes 1"},
    {"p5-head", "--prefixes 1"},
    {"lite-beam", "--prefixes 1"},
    {"pop", NULL},
    {"markov", NULL},
    {"itemknn", NULL},
};
enum { TRAINED = sizeof trained / sizeof *trained };

/* One epoch, so that there is nothing for the validation part to select, and no bound in time,
 * which the learning rate would follow. */
static int train_kind(int kind, const char *data, const char *out) {
  char more[128] = "";
  if (trained[kind].settings)
    snprintf(more, sizeof more, "--size tiny --epochs 1 --minutes 0 --patience 0 --threads 1 %s",
             trained[kind].settings);
  return train(trained[kind].kind, data, out, more);
}

Test(controls, every_kind_trains_where_there_is_no_test_part) {
  l4r_dataset_close(test_dataset("d", 0));
  cr_assert_eq(unlink(test_path("d/test.txt")), 0);
  for (int k = 0; k < TRAINED; k++)
    cr_assert_eq(train_kind(k, "d", "m"), 0, "%s: %s", trained[k].kind, l4r_error_message());
}

/* Two data sets with one training part and other held-out items. */
static void write_twins(void) {
  const int64_t start[] = {0, 5, 9, 14};
  l4r_item item[] = {1, 2, 3, 4, 5, 2, 3, 6, 1, 5, 1, 2, 3, 6};
  const struct l4r_item_text text[] = {{0},
                                       {"1", "winter road", "", ""},
                                       {"2", "plush fox", "", ""},
                                       {"3", "wooden train", "", ""},
                                       {"4", "quiet harbour", "", ""},
                                       {"5", "iron bridge", "", ""},
                                       {"6", "foot balm", "", ""}};
  const struct test_interactions of = {3, 6, start, item};
  const struct l4r_dataset_source source = test_source("twin", &of, text);
  test_dataset_write("a", &source);
  item[3] = 6, item[4] = 4, item[7] = 5, item[8] = 4, item[12] = 4, item[13] = 3;
  test_dataset_write("b", &source);
  cr_assert_str_eq(test_read("a/train.txt"), test_read("b/train.txt"));
}

static void expect_same_file(const char *kind, const char *name) {
  char one[64], two[64], hash[2][65];
  snprintf(one, sizeof one, "ma/%s", name);
  snprintf(two, sizeof two, "mb/%s", name);
  const int there = !access(test_path(one), F_OK);
  cr_assert_eq(there, !access(test_path(two), F_OK));
  if (!there) return;
  cr_assert_eq(l4r_sha256_file(test_path(one), hash[0]), 0);
  cr_assert_eq(l4r_sha256_file(test_path(two), hash[1]), 0);
  cr_assert_str_eq(hash[0], hash[1], "%s: %s depends on held-out items", kind, name);
}

static void expect_same_counts(const char *kind) {
  struct l4r_counts a, b;
  cr_assert_eq(l4r_counts_read(test_path("ma"), &a), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_counts_read(test_path("mb"), &b), 0, "%s", l4r_error_message());
  cr_assert_eq(a.pairs, b.pairs, "%s", kind);
  cr_assert_eq(memcmp(a.popularity, b.popularity, 7 * sizeof *a.popularity), 0, "%s", kind);
  cr_assert_eq(memcmp(a.start, b.start, 8 * sizeof *a.start), 0, "%s", kind);
  cr_assert_eq(memcmp(a.value, b.value, (size_t)a.pairs * sizeof *a.value), 0, "%s", kind);
  cr_assert_eq(memcmp(a.column, b.column, (size_t)a.pairs * sizeof *a.column), 0, "%s", kind);
  l4r_counts_free(&a);
  l4r_counts_free(&b);
}

Test(controls, what_is_trained_depends_on_the_training_part_alone) {
  write_twins();
  for (int k = 0; k < TRAINED; k++) {
    const char *kind = trained[k].kind;
    for (int d = 0; d < 2; d++)
      cr_assert_eq(train_kind(k, d ? "b" : "a", d ? "mb" : "ma"), 0, "%s: %s", kind,
                   l4r_error_message());
    if (!trained[k].settings) {
      expect_same_counts(kind);
      continue;
    }
    cr_assert_eq(access(test_path("ma/model.safetensors"), F_OK), 0);
    expect_same_file(kind, "model.safetensors");
    expect_same_file(kind, "id_map.tsv");
    expect_same_file(kind, "tokenizer.model");
  }
}
