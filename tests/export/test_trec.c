/* SPDX-License-Identifier: BSD-3-Clause */
/* TREC files hold what accuracy was computed from: HR@10 and ranks recomputed from the files alone.
 */
#include "bench/engines.h"
#include "bench/run/accuracy.h"
#include "bench/export/trec.h"
#include "bench/run/child.h"
#include "impl/base/error.h"
#include "tests/red/engines.h"
#include "tests/support/files.h"
#include "tests/support/runs.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int target[TEST_USERS + 1];

static void read_qrels(void) {
  int user, item, users = 0;
  FILE *stream = fopen(test_path("trec/qrels.txt"), "r");
  while (fscanf(stream, "%d 0 %d 1\n", &user, &item) == 2) {
    target[user] = item;
    users++;
  }
  fclose(stream);
  cr_assert_eq(users, TEST_USERS);
}

/* HR@10 of a run file; asserts that ranks count up and scores fall. */
static double hits(const char *name) {
  int user, item, rank, last_user = 0, last_rank = 0, hit = 0;
  double score, last_score = 0;
  char tag[64];
  FILE *stream = fopen(test_path(name), "r");
  cr_assert(stream, "%s", name);
  while (fscanf(stream, "%d Q0 %d %d %lf %63s\n", &user, &item, &rank, &score, tag) == 5) {
    if (user != last_user) last_rank = 0;
    cr_assert_eq(rank, last_rank + 1);
    cr_assert(rank == 1 || (float)score < (float)last_score); /* as trec_eval reads it */
    hit += item == target[user] && rank <= 10;
    last_user = user;
    last_rank = rank;
    last_score = score;
  }
  fclose(stream);
  return (double)hit / TEST_USERS;
}

static void evaluate(const struct l4r_engine *engine, json_t **figures) {
  char arm[64];
  snprintf(arm, sizeof arm, "%s@model", engine->name);
  l4r_engine_register(engine);
  struct l4r_job job = {.task = L4R_TASK_ACCURACY,
                        .arm = arm,
                        .data = test_small_data(),
                        .pin = {.asked = "none", .threads = 2},
                        .k = 20,
                        .batch = 1,
                        .counters = "none",
                        .rankings = 1};
  struct l4r_bundle bundle, result;
  json_t *accuracy;
  int died;
  l4r_bundle_init(&bundle);
  cr_assert_eq(l4r_job_put(&job, &bundle), 0);
  cr_assert_eq(l4r_child_run(&bundle, &result, &died), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_accuracy_derive(&result, &accuracy), 0);
  struct l4r_dataset *dataset;
  cr_assert_eq(l4r_dataset_open(job.data, L4R_PART_TRAIN | L4R_PART_TEST, &dataset), 0);
  const char *folder = test_path("trec");
  cr_assert_eq(l4r_trec_qrels(dataset, folder), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_trec_runs(dataset, &result, 20, folder, "test"), 0, "%s", l4r_error_message());
  read_qrels();
  double keep = hits("trec/test.keep.run"), mask = hits("trec/test.mask.run");
  cr_assert_float_eq(
      keep, json_number_value(json_object_get(json_object_get(accuracy, "keep"), "HR@10")), 1e-12);
  cr_assert_float_eq(
      mask, json_number_value(json_object_get(json_object_get(accuracy, "mask"), "HR@10")), 1e-12);
  cr_assert_gt(mask, keep); /* with 80 items and histories of 8, masking must show */
  if (figures) *figures = accuracy;
}

Test(trec, files_give_the_same_hit_rate_by_scores) {
  evaluate(&red_honest, NULL);
}

Test(trec, files_give_the_same_hit_rate_by_rankings) {
  evaluate(&red_ranker, NULL);
}

/* trec_eval sorts by score and breaks ties its own way. */
Test(trec, trec_eval_computes_what_we_print) {
  const char *python = test_python_with("pytrec_eval"), *output;
  json_t *accuracy;
  evaluate(&red_honest, &accuracy);
  for (int mask = 0; mask < 2; mask++) {
    const char *name = mask ? "mask" : "keep";
    char run[64];
    double hits_10, ndcg_10;
    snprintf(run, sizeof run, "trec/test.%s.run", name);
    cr_assert_eq(test_shell(&output, "%s tests/oracle/trec_metrics.py %s %s 2>&1", python,
                            test_path(run), test_path("trec/qrels.txt")),
                 0, "%s", output);
    cr_assert_eq(sscanf(output, "%lf %lf", &hits_10, &ndcg_10), 2, "%s", output);
    const json_t *ours = json_object_get(accuracy, name);
    cr_assert_float_eq(hits_10, json_number_value(json_object_get(ours, "HR@10")), 1e-9);
    cr_assert_float_eq(ndcg_10, json_number_value(json_object_get(ours, "NDCG@10")), 1e-9);
  }
}

static const struct l4r_dataset nameless; /* without source ids: numbers */

/* Rankings of three users: ties, ties at the least number there is, and a score that is no number.
 */
static void tied_rankings(struct l4r_bundle *bundle) {
  static const float score[3][4] = {
      {.5F, .5F, .5F, .25F},
      {-3.4028235e38F, -3.4028235e38F, -3.4028235e38F, -3.4028235e38F},
      {0, 0, 0, -0.F}};
  cr_assert_eq(l4r_bundle_init(bundle), 0);
  int64_t *user = l4r_bundle_add(bundle, "user", 3);
  for (int c = 0; c < 2; c++) {
    int64_t *count = l4r_bundle_add(bundle, c ? "top_mask_count" : "top_keep_count", 3);
    int64_t *item = l4r_bundle_add(bundle, c ? "top_mask_item" : "top_keep_item", 12);
    int64_t *bits = l4r_bundle_add(bundle, c ? "top_mask_score" : "top_keep_score", 12);
    for (int u = 0; u < 3; u++) {
      user[u] = u;
      count[u] = 4;
      for (int r = 0; r < 4; r++) {
        item[u * 4 + r] = 9 - r; /* an order that no reader's tie rule gives */
        bits[u * 4 + r] = l4r_float_bits(score[u][r]);
      }
    }
  }
}

Test(trec, readers_that_sort_by_score_find_our_order_also_where_scores_tie) {
  struct l4r_bundle bundle;
  int user, item, rank, lines = 0;
  double score, last = 0;
  tied_rankings(&bundle);
  cr_assert_eq(l4r_trec_runs(&nameless, &bundle, 4, test_path("ties"), "t"), 0, "%s",
               l4r_error_message());
  FILE *stream = fopen(test_path("ties/t.keep.run"), "r");
  while (fscanf(stream, "%d Q0 %d %d %lf t\n", &user, &item, &rank, &score) == 4) {
    cr_assert_eq(item, 10 - rank);
    cr_assert(rank == 1 || (float)score < (float)last, "user %d, place %d", user, rank);
    if (user == 1 && rank == 1)
      cr_assert_float_eq(score, .5, 0, "a score without need is as it was");
    last = score;
    lines++;
  }
  fclose(stream);
  cr_assert_eq(lines, 12);
  l4r_bundle_free(&bundle);
}

/* Counts tie for most users: the readers' figures are ours all the same. */
Test(trec, trec_eval_computes_what_we_print_of_tied_scores) {
  const char *python = test_python_with("pytrec_eval"), *output;
  struct l4r_bundle bundle;
  tied_rankings(&bundle);
  cr_assert_eq(l4r_trec_runs(&nameless, &bundle, 4, test_path("trec"), "tied"), 0);
  FILE *qrels = fopen(test_path("trec/qrels.txt"), "w");
  fputs("1 0 8 1\n2 0 7 1\n3 0 9 1\n", qrels); /* at places 2, 3 and 1 */
  fclose(qrels);
  double hits_10, ndcg_10;
  cr_assert_eq(test_shell(&output, "%s tests/oracle/trec_metrics.py %s %s 2>&1", python,
                          test_path("trec/tied.keep.run"), test_path("trec/qrels.txt")),
               0, "%s", output);
  cr_assert_eq(sscanf(output, "%lf %lf", &hits_10, &ndcg_10), 2, "%s", output);
  cr_assert_float_eq(hits_10, 1, 1e-9);
  cr_assert_float_eq(ndcg_10, (1 / log2(3) + .5 + 1) / 3, 1e-9);
}

Test(trec, users_and_items_are_called_as_in_the_imported_files) {
  struct l4r_bundle bundle;
  static const char *user[] = {"A 1", "u%2", "\303\274"};
  struct l4r_item_text text[10];
  l4r_item test[3] = {9, 8, 7};
  char id[10][16];
  for (int i = 0; i < 10; i++) {
    snprintf(id[i], sizeof id[i], "B00%d", i);
    text[i] = (struct l4r_item_text){id[i], "", "", ""};
  }
  const struct l4r_dataset dataset = {
      .users = 3, .items = 9, .user_id = user, .text = text, .test = test};
  tied_rankings(&bundle);
  cr_assert_eq(l4r_trec_runs(&dataset, &bundle, 4, test_path("named"), "t"), 0);
  cr_assert_eq(l4r_trec_qrels(&dataset, test_path("named")), 0);
  cr_assert_str_eq(test_read("named/qrels.txt"),
                   "A%201 0 B009 1\nu%252 0 B008 1\n%C3%BC 0 B007 1\n");
  cr_assert(strstr(test_read("named/t.keep.run"), "A%201 Q0 B009 1 0.5 t\n"));
  l4r_bundle_free(&bundle);
}
