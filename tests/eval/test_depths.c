/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures of rankings beyond accuracy. Expected numbers are scikit-learn's and numpy's: vectors by
 * TfidfVectorizer(token_pattern="[0-9a-zA-Z]+") with its defaults, the Gini index by its definition
 * as the mean absolute difference over twice the mean. */
#include "bench/eval/depths.h"
#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { USERS = 4, ITEMS = 5, K = 3 };
static struct l4r_item_text texts[ITEMS + 1] = {{"", "", "", ""},
                                                {"a", "Alien", "", "Horror space"},
                                                {"b", "Aliens", "", "action Space"},
                                                {"c", "Amelie", "", "romance"},
                                                {"d", "Brazil", "satire", "romance"},
                                                {"e", "Space Jam", "", "comedy (2001)"}};
static int64_t counts[ITEMS + 1] = {0, 10, 6, 3, 1, 4};
static int64_t train_start[USERS + 1] = {0, 2, 5, 6, 7};
static l4r_item train_item[] = {1, 2, 1, 3, 5, 4, 2};

static struct l4r_dataset dataset(void) {
  return (struct l4r_dataset){.users = USERS,
                              .items = ITEMS,
                              .text = texts,
                              .train_count = counts,
                              .train_start = train_start,
                              .train_item = train_item};
}

static void fill(struct l4r_bundle *bundle, const char *name, const int64_t *from, int64_t n) {
  memcpy(l4r_bundle_add(bundle, name, n), from, (size_t)n * sizeof *from);
}

static void make(struct l4r_bundle *bundle) {
  static const int64_t top[USERS * K] = {1, 2, 5, 2, 1, 3, 5, 1, 2, 4, 3, 0};
  static const int64_t length[USERS] = {3, 3, 3, 2}, rank[USERS] = {1, 3, 0, 2};
  static const int64_t user[USERS] = {0, 1, 2, 3};
  cr_assert_eq(l4r_bundle_init(bundle), 0);
  fill(bundle, "keep", rank, USERS);
  fill(bundle, "mask", rank, USERS);
  fill(bundle, "user", user, USERS);
  fill(bundle, "top_keep_count", length, USERS);
  fill(bundle, "top_mask_count", length, USERS);
  fill(bundle, "top_keep_item", top, USERS * K);
  fill(bundle, "top_mask_item", top, USERS * K);
}

Test(depths, figures_are_sklearns_and_numpys) {
  const struct l4r_dataset data = dataset();
  struct l4r_text_vectors vectors;
  struct l4r_depth_figures f[3];
  struct l4r_bundle bundle;
  static const int64_t depth[] = {1, 2, 3};
  make(&bundle);
  cr_assert_eq(l4r_text_vectors_make(&data, &vectors), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_depths_of(&bundle, &data, &vectors, 1, K, depth, 3, f), 0);
  cr_expect_float_eq(f[1].coverage, 1, 1e-12);
  cr_expect_float_eq(f[1].gini, .25, 1e-12);
  cr_expect_float_eq(f[1].popularity, 6.25, 1e-12);
  cr_expect_float_eq(f[1].bias, 1.209677419355, 1e-11);
  cr_expect_float_eq(f[1].diversity, .792036814368, 1e-6, "%.9f", f[1].diversity);
  cr_expect_float_eq(f[2].gini, .181818181818, 1e-11);
  cr_expect_float_eq(f[2].bias, 1.048387096774, 1e-11);
  cr_expect_float_eq(f[2].diversity, .824968745558, 1e-6, "%.9f", f[2].diversity);
  cr_expect_float_eq(f[0].coverage, .8, 1e-12);
  cr_expect(isnan(f[0].diversity)); /* a list of one item has no pairs */
  cr_expect_float_eq(f[0].hr, .25, 1e-12);
  cr_expect_float_eq(f[1].hr, .5, 1e-12);
  cr_expect_float_eq(f[2].ndcg, (1 + 1 / log2(4) + 1 / log2(3)) / 4, 1e-12);
  cr_expect_float_eq(f[2].mrr, (1 + 1. / 3 + .5) / 4, 1e-12);
  l4r_text_vectors_free(&vectors);
  l4r_bundle_free(&bundle);
}

Test(depths, a_result_without_rankings_is_refused) {
  const struct l4r_dataset data = dataset();
  struct l4r_depth_figures f;
  struct l4r_bundle bundle;
  static const int64_t depth[] = {2}, rank[USERS] = {1, 3, 0, 2};
  cr_assert_eq(l4r_bundle_init(&bundle), 0);
  fill(&bundle, "keep", rank, USERS);
  cr_expect_eq(l4r_depths_of(&bundle, &data, NULL, 0, K, depth, 1, &f), L4R_INPUT);
  l4r_bundle_free(&bundle);
  make(&bundle);
  cr_expect_eq(l4r_depths_of(&bundle, &data, NULL, 0, K + 1, depth, 1, &f), L4R_INPUT);
  l4r_bundle_free(&bundle);
}
