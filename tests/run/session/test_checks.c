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
