/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/session/checks.h"
#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <string.h>

/* One round of 40 pairs: fresh requests of `fresh` ns, repeats of `repeat` ns, a little spread. */
static int judge(int64_t fresh, int64_t repeat, struct l4r_repeats *repeats) {
  struct l4r_bundle round;
  cr_assert_eq(l4r_bundle_init(&round), 0);
  int64_t *a = l4r_bundle_add(&round, "repeat_ns", 40), *b = l4r_bundle_add(&round, "fresh_ns", 40);
  for (int i = 0; i < 40; i++) {
    a[i] = repeat + repeat * (i % 5) / 100;
    b[i] = fresh + fresh * (i % 7) / 100;
  }
  const int status = l4r_check_repeats(&round, 1, repeats);
  l4r_bundle_free(&round);
  return status;
}

Test(checks, repeats_far_below_fresh_ones_are_a_cache_of_answers) {
  struct l4r_repeats repeats;
  cr_assert_eq(judge(100000, 20000, &repeats), L4R_CHECK);
  cr_assert_not_null(strstr(l4r_error_message(), "cache"));
  cr_assert_float_eq(repeats.ratio, 0.2, 0.02);
  cr_assert_eq(repeats.pairs, 40);
}

/* A count table that answers in 3 us is faster when its rows are warm in the processor's caches. */
Test(checks, a_saving_of_a_microsecond_is_the_processors_own) {
  struct l4r_repeats repeats;
  cr_assert_eq(judge(3000, 2000, &repeats), L4R_OK);
  cr_assert_lt(repeats.hi, 0.8);
}

Test(checks, equal_times_pass) {
  struct l4r_repeats repeats;
  cr_assert_eq(judge(100000, 95000, &repeats), L4R_OK);
}

/* One round of 40 pairs of requests of the sample and histories that no file holds. */
static int compare(int64_t known, int64_t novel) {
  struct l4r_bundle round;
  struct l4r_repeats repeats;
  cr_assert_eq(l4r_bundle_init(&round), 0);
  int64_t *a = l4r_bundle_add(&round, "known_ns", 40), *b = l4r_bundle_add(&round, "novel_ns", 40);
  for (int i = 0; i < 40; i++) {
    a[i] = known + known * (i % 5) / 100;
    b[i] = novel + novel * (i % 7) / 100;
  }
  const int status = l4r_check_novel(&round, 1, &repeats);
  l4r_bundle_free(&round);
  return status;
}

Test(checks, histories_that_no_file_holds_cost_what_others_cost) {
  cr_assert_eq(compare(100000, 95000), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(compare(95000, 100000), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(compare(3000, 2000), L4R_OK, "less than five microseconds are the caches'");
  cr_assert_eq(compare(70000, 100000), L4R_CHECK);
  cr_assert(strstr(l4r_error_message(), "remembered rather than computed"), "%s",
            l4r_error_message());
  cr_assert_eq(compare(140000, 100000), L4R_CHECK);
  cr_assert(strstr(l4r_error_message(), "not computed either"), "%s", l4r_error_message());
}

/* What was ranked in the accuracy pass, and as many of it in the timed part: status. */
static int compare_lengths(const float *score, int timed, int reference) {
  struct l4r_bundle round, accuracy;
  struct l4r_answers_seen seen = {0};
  cr_assert_eq(l4r_bundle_init(&round), 0);
  cr_assert_eq(l4r_bundle_init(&accuracy), 0);
  l4r_bundle_add(&round, "log_request", 1);
  l4r_bundle_add(&round, "log_start", 2)[1] = timed;
  l4r_bundle_add(&accuracy, "ref_start", 2)[1] = reference;
  int64_t *item[2], *bits[2];
  item[0] = l4r_bundle_add(&round, "log_item", timed);
  bits[0] = l4r_bundle_add(&round, "log_score", timed);
  item[1] = l4r_bundle_add(&accuracy, "ref_item", reference);
  bits[1] = l4r_bundle_add(&accuracy, "ref_score", reference);
  for (int side = 0; side < 2; side++)
    for (int i = 0; i < (side ? reference : timed); i++) {
      item[side][i] = i + 1;
      bits[side][i] = l4r_float_bits(score[i]);
    }
  const int status = l4r_check_answers(&round, &accuracy, 1e-4, &seen);
  l4r_bundle_free(&round);
  l4r_bundle_free(&accuracy);
  return status;
}

Test(checks, who_ranks_less_when_timed_did_less) {
  static const float falling[] = {9, 8, 7, 6, 5, 4}, tied[] = {9, 8, 7, 7, 7, 7};
  cr_assert_eq(compare_lengths(falling, 6, 6), L4R_OK, "%s", l4r_error_message());
  for (int n = 0; n < 5; n++) cr_assert_eq(compare_lengths(falling, n, 6), L4R_CHECK, "%d", n);
  cr_assert_eq(compare_lengths(falling, 1, 6), L4R_CHECK);
  cr_assert(
      strstr(l4r_error_message(),
             "the timed part ranked 1 items for request 0 of the sample, the accuracy pass 6"),
      "%s", l4r_error_message());
  cr_assert_eq(compare_lengths(tied, 2, 6), L4R_OK, "ties at the end may fall off");
  cr_assert_eq(compare_lengths(tied, 1, 6), L4R_CHECK);
}

/* Only another project's engine may round by who else asks, and only as its precision does. */
Test(checks, the_tolerance_is_the_precisions) {
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

/* Whoever plans a run takes the file's hash, whoever measures it takes it again. */
Test(checks, a_file_that_was_exchanged) {
  struct l4r_arm arm = {.text = "so:a.so@m", .file_sha256 = "aa"};
  json_t *claim = json_pack("{s:s, s:s, s:s, s:s}", "kernels", "own", "isa", "scalar", "precision",
                            "fp32", "file_sha256", "aa");
  cr_expect_eq(l4r_check_description(&arm, claim), L4R_OK, "%s", l4r_error_message());
  json_object_set_new(claim, "file_sha256", json_string("bb"));
  cr_expect_eq(l4r_check_description(&arm, claim), L4R_CHECK);
  cr_expect(strstr(l4r_error_message(), "another file was measured"), "%s", l4r_error_message());
  json_object_del(claim, "file_sha256");
  cr_expect_eq(l4r_check_description(&arm, claim), L4R_CHECK, "nor may it be left out");
  json_decref(claim);
}

/* A description that claims instructions which no such processor has is found out on each. */
Test(checks, a_claim_of_another_processors_instructions) {
#if defined(__x86_64__)
  static const char *const wrong[] = {"neon", "sve"}, *const right[] = {"portable", "sse2"};
#elif defined(__aarch64__)
  static const char *const wrong[] = {"avx2", "avx512"}, *const right[] = {"portable", "neon"};
#else
  static const char *const wrong[] = {"avx2", "neon"}, *const right[] = {"portable", "scalar"};
#endif
  const struct l4r_arm arm = {.text = "blis@x"};
  for (int i = 0; i < 2; i++) {
    json_t *claim = json_pack("{s:s, s:s, s:s}", "kernels", "own", "isa", wrong[i], "precision",
                              "fp32");
    cr_expect_eq(l4r_check_description(&arm, claim), L4R_CHECK, "%s", wrong[i]);
    json_object_set_new(claim, "isa", json_string(right[i]));
    cr_expect_eq(l4r_check_description(&arm, claim), L4R_OK, "%s: %s", right[i],
                 l4r_error_message());
    json_decref(claim);
  }
}
