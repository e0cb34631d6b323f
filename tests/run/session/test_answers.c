/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers are compared with those to the same question: the same user with the same history. */
#include "bench/run/session/answers.h"
#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <string.h>

enum { ROOM = 8 };

struct asked {
  int64_t user, history;
  int count;
  l4r_item item[ROOM];
  float score[ROOM];
};

static void put(struct l4r_bundle *bundle, const char *prefix, const struct asked *asked, int n) {
  int64_t user[4], history[4], length[4];
  l4r_item item[4 * ROOM] = {0};
  float score[4 * ROOM] = {0};
  cr_assert_eq(l4r_bundle_init(bundle), 0);
  for (int a = 0; a < n; a++) {
    user[a] = asked[a].user;
    history[a] = asked[a].history;
    length[a] = asked[a].count;
    memcpy(item + a * ROOM, asked[a].item, sizeof asked[a].item);
    memcpy(score + a * ROOM, asked[a].score, sizeof asked[a].score);
  }
  const struct l4r_answers answers = {n, ROOM, user, history, length, item, score};
  cr_assert_eq(l4r_answers_add(bundle, prefix, &answers), 0);
}

static int check(const struct asked *timed, int t, const struct asked *reference, int r,
                 struct l4r_answers_seen *seen) {
  struct l4r_bundle round, accuracy;
  put(&round, "log", timed, t);
  put(&accuracy, "ref", reference, r);
  *seen = (struct l4r_answers_seen){0};
  const int status = l4r_check_answers(&round, &accuracy, 1e-4, seen);
  l4r_bundle_free(&round);
  l4r_bundle_free(&accuracy);
  return status;
}

/* As many items of the accuracy pass' ranking in the timed part: status. */
static int compare_lengths(const float *score, int timed, int reference) {
  struct asked side[2] = {{.count = timed}, {.count = reference}};
  struct l4r_answers_seen seen;
  for (int s = 0; s < 2; s++)
    for (int i = 0; i < side[s].count; i++) {
      side[s].item[i] = i + 1;
      side[s].score[i] = score[i];
    }
  return check(&side[0], 1, &side[1], 1, &seen);
}

Test(answers, who_ranks_less_when_timed_did_less) {
  static const float falling[] = {9, 8, 7, 6, 5, 4}, tied[] = {9, 8, 7, 7, 7, 7};
  cr_assert_eq(compare_lengths(falling, 6, 6), L4R_OK, "%s", l4r_error_message());
  for (int n = 0; n < 5; n++) cr_assert_eq(compare_lengths(falling, n, 6), L4R_CHECK, "%d", n);
  cr_assert_eq(compare_lengths(falling, 1, 6), L4R_CHECK);
  cr_assert(
      strstr(l4r_error_message(), "the timed part ranked 1 items for user 1, the accuracy pass 6"),
      "%s", l4r_error_message());
  cr_assert_eq(compare_lengths(tied, 2, 6), L4R_OK, "ties at the end may fall off");
  cr_assert_eq(compare_lengths(tied, 1, 6), L4R_CHECK);
}

/* The same place of two lists is no reason to compare two answers. */
Test(answers, order_does_not_matter_but_who_asked_does) {
  static const struct asked reference[3] = {
      {4, 77, 2, {1, 2}, {9, 8}}, {5, 78, 2, {3, 4}, {7, 6}}, {6, 79, 2, {5, 6}, {5, 4}}};
  struct asked timed[2] = {reference[2], reference[0]};
  struct l4r_answers_seen seen;
  cr_assert_eq(check(timed, 2, reference, 3, &seen), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(seen.compared, 2);
  timed[1].item[0] = 2; /* of user 5: not what was ranked */
  timed[1].item[1] = 1;
  cr_assert_eq(check(timed, 2, reference, 3, &seen), L4R_CHECK);
  cr_assert(strstr(l4r_error_message(), "user 5, place 1: item 2"), "%s", l4r_error_message());
}

/* The right answer to another question: an index would not notice. */
Test(answers, another_history_of_the_same_user_is_another_question) {
  static const struct asked reference[1] = {{4, 77, 2, {1, 2}, {9, 8}}};
  struct asked timed[1] = {reference[0]};
  struct l4r_answers_seen seen;
  timed[0].history = 78;
  cr_assert_eq(check(timed, 1, reference, 1, &seen), L4R_CHECK);
  cr_assert(strstr(l4r_error_message(), "user 5 with a history (key 00000000000004e)"), "%s",
            l4r_error_message());
  timed[0] = reference[0];
  timed[0].user = 5;
  cr_assert_eq(check(timed, 1, reference, 1, &seen), L4R_CHECK);
  cr_assert(strstr(l4r_error_message(), "user 6"), "%s", l4r_error_message());
}

/* By `printf '\1\0\0\0\2\0\0\0' | sha256sum`: the first 15 digits. */
Test(answers, a_history_is_known_by_its_items_and_their_order) {
  static const l4r_item one[] = {1, 2}, other[] = {2, 1};
  cr_assert_eq(l4r_history_key(one, 2), 0x34fb5c825de7ca4);
  cr_assert_neq(l4r_history_key(one, 2), l4r_history_key(other, 2));
  cr_assert_neq(l4r_history_key(one, 2), l4r_history_key(one, 1));
}

/* Only another project's engine may round by who else asks, and only as its precision does. */
Test(answers, the_tolerance_is_the_precisions) {
  struct l4r_arm own = {.name = "blis"}, peer = {.name = "peer:torch"}, file = {.name = "so:a.so"};
  static const char *const precisions[] = {"fp32", "bf16", "int8", "bf16x3", "fp4", ""};
  for (int p = 0; p < 6; p++)
    cr_expect_float_eq(l4r_answer_tolerance(&own, precisions[p]), 1e-4, 1e-12, "%s", precisions[p]);
  cr_expect_float_eq(l4r_answer_tolerance(&peer, "bf16"), 1. / 64, 1e-12);
  cr_expect_float_eq(l4r_answer_tolerance(&peer, "fp16"), 1. / 512, 1e-12);
  cr_expect_float_eq(l4r_answer_tolerance(&peer, "int8"), 1. / 16, 1e-12);
  cr_expect_float_eq(l4r_answer_tolerance(&file, "int8"), 1. / 16, 1e-12);
  cr_expect_float_eq(l4r_answer_tolerance(&peer, "fp32"), 1e-4, 1e-12);
  cr_expect_float_eq(l4r_answer_tolerance(&peer, "fp4"), 1e-4, 1e-12);
}
