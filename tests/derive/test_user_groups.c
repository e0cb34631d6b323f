/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups of users by history length and by the target's popularity. */
#include "bench/derive/user_groups.h"

#include <criterion/criterion.h>
#include <string.h>

#include "bench/run/accuracy.h"
#include "impl/base/error.h"

static int64_t counts[] = {0, 30, 20, 10, 10, 10, 6, 4, 0}; /* [0] unused; 90 in all */
static l4r_item targets[] = {1, 2, 3, 5, 6, 7, 8, 1};
static struct l4r_dataset dataset = {
    .users = 8, .items = 8, .parts = {90, 8, 8}, .train_count = counts, .test = targets};
static const int64_t user[] = {0, 1, 2, 3, 4, 5, 6, 7};

static struct l4r_bundle assign(const int64_t *length) {
  struct l4r_bundle bundle = {0};
  cr_assert_eq(l4r_bundle_init(&bundle), 0);
  cr_assert_eq(l4r_user_groups_assign(&dataset, user, length, 8, &bundle), 0, "%s",
               l4r_error_message());
  return bundle;
}

static void expect(const struct l4r_bundle *bundle, const char *array, const int64_t *places) {
  const struct l4r_array *found = l4r_bundle_find(bundle, array);
  cr_assert_not_null(found);
  for (int64_t u = 0; u < 8; u++)
    cr_assert_eq(found->value[u], places[u], "%s of user %d: %d", array, (int)u,
                 (int)found->value[u]);
}

static int64_t bound(const struct l4r_bundle *bundle, const char *list, size_t at,
                     const char *end) {
  const json_t *lists = json_object_get(bundle->meta, "groups");
  return json_integer_value(json_object_get(json_array_get(json_object_get(lists, list), at), end));
}

Test(groups, lengths_fall_into_quartiles) {
  const int64_t length[] = {9, 1, 8, 2, 7, 3, 6, 4};
  struct l4r_bundle bundle = assign(length);
  expect(&bundle, "length_group", (int64_t[]){3, 0, 3, 0, 2, 1, 2, 1});
  const int64_t from[] = {1, 3, 5, 8}, to[] = {2, 4, 7, 9};
  for (size_t g = 0; g < 4; g++) {
    cr_assert_eq(bound(&bundle, "history_length", g, "from"), from[g]);
    cr_assert_eq(bound(&bundle, "history_length", g, "to"), to[g]);
  }
  l4r_bundle_free(&bundle);
}

Test(groups, equal_lengths_are_never_divided) {
  const int64_t length[] = {4, 4, 4, 4, 4, 5, 4, 9};
  struct l4r_bundle bundle = assign(length);
  /* Three quartiles end at 4: one group of six, and the last quartile. */
  expect(&bundle, "length_group", (int64_t[]){0, 0, 0, 0, 0, 1, 0, 1});
  cr_assert_eq(bound(&bundle, "history_length", 0, "from"), 4);
  cr_assert_eq(bound(&bundle, "history_length", 0, "to"), 4);
  cr_assert_eq(bound(&bundle, "history_length", 1, "to"), 9);
  const int64_t same[] = {4, 4, 4, 4, 4, 4, 4, 4};
  struct l4r_bundle one = assign(same);
  expect(&one, "length_group", (int64_t[]){0, 0, 0, 0, 0, 0, 0, 0});
  l4r_bundle_free(&bundle);
  l4r_bundle_free(&one);
}

Test(groups, popularity_is_divided_by_interactions) {
  const int64_t length[] = {1, 2, 3, 4, 5, 6, 7, 8};
  struct l4r_bundle bundle = assign(length);
  /* Item 1 holds a third (30 of 90); 20 + 10 more hold two thirds, and all tens go along. */
  expect(&bundle, "popularity_group", (int64_t[]){0, 1, 1, 1, 2, 2, 3, 0});
  const int64_t from[] = {30, 10, 1, 0}, to[] = {30, 29, 9, 0}, items[] = {1, 4, 2, 1};
  for (size_t g = 0; g < 4; g++) {
    cr_assert_eq(bound(&bundle, "target_popularity", g, "from"), from[g]);
    cr_assert_eq(bound(&bundle, "target_popularity", g, "to"), to[g]);
    cr_assert_eq(bound(&bundle, "target_popularity", g, "items"), items[g]);
  }
  l4r_bundle_free(&bundle);
}

static double figure(const json_t *groups, const char *list, size_t at, const char *convention,
                     const char *metric) {
  const json_t *group = json_array_get(json_object_get(groups, list), at);
  return json_number_value(json_object_get(json_object_get(group, convention), metric));
}

Test(groups, figures_are_those_of_the_users_in_it) {
  const int64_t length[] = {1, 1, 1, 1, 1, 1, 1, 9}, keep[] = {1, 11, 3, 0, 12, 10, 5, 2};
  struct l4r_bundle bundle = assign(length);
  int64_t *kept = l4r_bundle_add(&bundle, "keep", 8), *masked = l4r_bundle_add(&bundle, "mask", 8);
  memcpy(kept, keep, sizeof keep);
  for (int u = 0; u < 8; u++) masked[u] = 1;
  json_t *groups = NULL;
  cr_assert_eq(l4r_user_groups_derive(&bundle, &groups), 0, "%s", l4r_error_message());
  cr_assert_float_eq(figure(groups, "history_length", 0, "keep", "HR@10"), 4.0 / 7, 1e-12);
  cr_assert_float_eq(figure(groups, "history_length", 1, "keep", "HR@10"), 1, 1e-12);
  cr_assert_float_eq(figure(groups, "target_popularity", 1, "keep", "HR@10"), 1.0 / 3, 1e-12);
  cr_assert_float_eq(figure(groups, "target_popularity", 1, "keep", "NDCG@10"), .5 / 3, 1e-12);
  cr_assert_float_eq(figure(groups, "target_popularity", 2, "keep", "HR@10"), .5, 1e-12);
  cr_assert_float_eq(figure(groups, "target_popularity", 2, "mask", "NDCG@10"), 1, 1e-12);
  json_t *unseen = json_array_get(json_object_get(groups, "target_popularity"), 3);
  cr_assert_str_eq(json_string_value(json_object_get(unseen, "name")), "unseen");
  cr_assert_eq(json_integer_value(json_object_get(unseen, "users")), 1);
  json_decref(groups);
  ((struct l4r_array *)l4r_bundle_find(&bundle, "length_group"))->value[3] = 9;
  groups = NULL;
  cr_assert_eq(l4r_user_groups_derive(&bundle, &groups), L4R_INPUT);
  cr_assert_null(groups);
  l4r_bundle_free(&bundle);
}

Test(groups, older_samples_have_none) {
  struct l4r_bundle bundle = {0};
  json_t *groups = NULL;
  cr_assert_eq(l4r_bundle_init(&bundle), 0);
  cr_assert_eq(l4r_user_groups_derive(&bundle, &groups), 0);
  cr_assert_null(groups);
  l4r_bundle_free(&bundle);
}
