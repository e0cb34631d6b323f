/* SPDX-License-Identifier: BSD-3-Clause */
/* Accuracy under `mask` of engines that rank 20 items at most, as 20 beams do. */
#include "bench/table/table.h"
#include "impl/base/error.h"
#include "tests/red/engines.h"
#include "tests/support/runs.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { CAP = 20 };

static int capped_recommend(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                            struct l4r_ranking *ranking) {
  const int status = red_ranker.recommend(handle, request, n, k, ranking);
  for (int64_t r = 0; r < n && !status; r++)
    if (ranking[r].count > CAP) ranking[r].count = CAP;
  return status;
}

/* Whoever leaves the history out is asked for no more than is wanted: it walks further itself. */
static int walking_unseen(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                          struct l4r_ranking *ranking) {
  l4r_item item[TEST_ITEMS];
  float score[TEST_ITEMS];
  int status = L4R_OK;
  cr_assert_eq(k, CAP);
  for (int64_t r = 0; r < n && !status; r++) {
    struct l4r_ranking all = {.item = item, .score = score};
    status = red_ranker.recommend(handle, &request[r], 1, TEST_ITEMS, &all);
    int64_t kept = 0;
    for (int64_t i = 0; i < all.count && kept < CAP && !status; i++) {
      int seen = 0;
      for (int64_t h = 0; h < request[r].length; h++) seen |= request[r].history[h] == item[i];
      if (seen) continue;
      ranking[r].item[kept] = item[i];
      ranking[r].score[kept++] = score[i];
    }
    ranking[r].count = kept;
  }
  return status;
}

static int other_scores(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                        struct l4r_ranking *ranking) {
  const int status = walking_unseen(handle, request, n, k, ranking);
  for (int64_t r = 0; r < n && !status; r++)
    for (int64_t i = 0; i < ranking[r].count; i++) ranking[r].score[i] *= .5f;
  return status;
}

static int walking_about(void *handle, struct l4r_about *about) {
  const int status = red_ranker.about(handle, about);
  about->unseen = 1;
  return status;
}

static struct l4r_engine engine_of(const char *name, int unseen) {
  struct l4r_engine engine = red_ranker;
  engine.name = name;
  engine.recommend = capped_recommend;
  if (unseen) engine.recommend_unseen = walking_unseen;
  if (unseen) engine.about = walking_about;
  return engine;
}

static json_t *accuracy_at(json_t *records, size_t at) {
  return json_object_get(json_array_get(records, at), "accuracy");
}

Test(unseen, a_second_search_fills_what_the_history_took) {
  const struct l4r_engine capped = engine_of("capped", 0), walker = engine_of("walker", 1);
  static struct l4r_arm arms[4];
  static char path[L4R_PATH_MAX];
  struct l4r_run_options options = test_run_options(arms, &red_honest, &capped, &walker, NULL);
  json_t *records;
  cr_assert_eq(l4r_run(&options, &records, path), 0, "%s", l4r_error_message());
  cr_assert_eq(json_array_size(records), 3);
  json_t *whole = accuracy_at(records, 0), *less = accuracy_at(records, 1);
  json_t *walked = accuracy_at(records, 2);
  /* keep asks of all three the same; under mask, 20 without the history are the best 20 */
  cr_expect(json_equal(json_object_get(whole, "keep"), json_object_get(walked, "keep")));
  cr_expect(json_equal(json_object_get(whole, "keep"), json_object_get(less, "keep")));
  cr_expect(json_equal(json_object_get(whole, "mask"), json_object_get(walked, "mask")));
  const json_t *capped_mask = json_object_get(less, "mask");
  cr_expect_lt(json_number_value(json_object_get(capped_mask, "HR@20")),
               json_number_value(json_object_get(json_object_get(whole, "mask"), "HR@20")));
  /* what is short is counted after removal, and who is capped is told */
  cr_expect_eq(json_integer_value(json_object_get(whole, "short_rankings_mask")), 0);
  cr_expect_eq(json_integer_value(json_object_get(walked, "short_rankings_mask")), 0);
  cr_expect_gt(json_integer_value(json_object_get(less, "short_rankings_mask")), TEST_USERS / 2);
  for (size_t r = 0; r < 3; r++)
    cr_expect_eq(json_integer_value(json_object_get(accuracy_at(records, r), "short_rankings")), 0);
  cr_expect_str_eq(json_string_value(json_object_get(whole, "mask_by")), "all scores");
  cr_expect_str_eq(json_string_value(json_object_get(less, "mask_by")),
                   "what a ranking holds beside the history");
  cr_expect_str_eq(json_string_value(json_object_get(walked, "mask_by")),
                   "a search without the history");
  char *text;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  l4r_table_run(stream, test_records_of(records));
  fclose(stream);
  cr_expect(strstr(text, "masked rankings hold fewer than 20 items: seen items were removed"), "%s",
            text);
  cr_expect(strstr(text, "mask figures are capped"), "%s", text);
  cr_expect(strstr(text, "fewer than three rounds have no interval"), "%s", text);
  cr_expect(strstr(text, "of percentiles for users and rounds like these"), "%s", text);
}

static void caught(const struct l4r_engine *engine, const char *evidence) {
  static struct l4r_arm arms[4];
  static char path[L4R_PATH_MAX];
  struct l4r_run_options options = test_run_options(arms, engine, NULL);
  json_t *records = NULL;
  cr_assert_eq(l4r_run(&options, &records, path), L4R_CHECK, "%s", l4r_error_message());
  cr_assert(strstr(l4r_error_message(), evidence), "%s", l4r_error_message());
  cr_assert_eq(json_array_size(records), 0);
}

Test(unseen, one_that_ranks_what_it_was_to_leave_out) {
  struct l4r_engine engine = engine_of("seen", 1);
  engine.recommend_unseen = capped_recommend;
  caught(&engine, "asked to leave out the history, it ranks item");
}

Test(unseen, one_that_scores_otherwise_without_the_history) {
  struct l4r_engine engine = engine_of("other", 1);
  engine.recommend_unseen = other_scores;
  caught(&engine, "otherwise than before");
}
