/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/user_groups.h"

#include "bench/derive/metrics.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <stdlib.h>

enum { QUARTILES = 4, LEVELS = 4 };

static const struct {
  const char *list, *array;
} kinds[] = {{"history_length", "length_group"}, {"target_popularity", "popularity_group"}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static int ascending(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* Computes the longest history of each quartile. */
static int length_bounds(const int64_t *length, int64_t users, int64_t bound[QUARTILES],
                         int64_t *shortest) {
  int64_t *sorted = l4r_alloc((size_t)users, sizeof *sorted, "lengths of histories");
  if (!sorted) return L4R_ENVIRONMENT;
  for (int64_t u = 0; u < users; u++) sorted[u] = length[u];
  qsort(sorted, (size_t)users, sizeof *sorted, ascending);
  for (int64_t q = 0; q < QUARTILES; q++)
    bound[q] = sorted[((q + 1) * users + QUARTILES - 1) / QUARTILES - 1];
  *shortest = sorted[0];
  l4r_free(sorted);
  return L4R_OK;
}

static int group_lengths(const int64_t *length, int64_t users, int64_t *group, json_t *list) {
  int64_t bound[QUARTILES], from;
  int status = length_bounds(length, users, bound, &from);
  if (status) return status;
  int64_t place[QUARTILES], places = 0;
  for (int q = 0; q < QUARTILES; q++) {
    place[q] = places;
    if (q + 1 < QUARTILES && bound[q + 1] == bound[q]) continue; /* they are one group */
    json_array_append_new(
        list, json_pack("{s:I, s:I}", "from", (json_int_t)from, "to", (json_int_t)bound[q]));
    from = bound[q] + 1;
    places++;
  }
  for (int64_t u = 0; u < users; u++) {
    int q = 0;
    while (length[u] > bound[q]) q++;
    group[u] = place[q];
  }
  return L4R_OK;
}

/* Computes the least training count of head, torso, tail and unseen. */
static int popularity_bounds(const struct l4r_dataset *dataset, int64_t least[LEVELS],
                             int64_t *most) {
  int64_t *sorted = l4r_alloc((size_t)dataset->items, sizeof *sorted, "counts of items");
  if (!sorted) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i < dataset->items; i++) sorted[i] = dataset->train_count[i + 1];
  qsort(sorted, (size_t)dataset->items, sizeof *sorted, ascending);
  int64_t held = 0, at = dataset->items;
  *most = sorted[dataset->items - 1];
  for (int level = 0; level < 2; level++) {
    /* Counts are below 2^62 / 3: a data set states at most 2^63 / 64 interactions. */
    while (at > 0 && 3 * held < (level + 1) * dataset->parts[0]) held += sorted[--at];
    least[level] = at < dataset->items && sorted[at] > 0 ? sorted[at] : 1;
  }
  least[2] = 1;
  least[3] = 0;
  l4r_free(sorted);
  return L4R_OK;
}

static int group_targets(const struct l4r_dataset *dataset, const int64_t *user, int64_t users,
                         int64_t *group, json_t *list) {
  static const char *const names[LEVELS] = {"head", "torso", "tail", "unseen"};
  int64_t least[LEVELS], items[LEVELS] = {0}, to;
  int status = popularity_bounds(dataset, least, &to);
  if (status) return status;
  for (int64_t i = 1; i <= dataset->items; i++) {
    int level = 0;
    while (dataset->train_count[i] < least[level]) level++;
    items[level]++;
  }
  for (int level = 0; level < LEVELS; level++) {
    json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I}", "name", names[level], "from",
                                          (json_int_t)least[level], "to", (json_int_t)to, "items",
                                          (json_int_t)items[level]));
    if (least[level] - 1 < to) to = least[level] - 1;
  }
  for (int64_t u = 0; u < users; u++) {
    const int64_t count = dataset->train_count[dataset->test[user[u]]];
    group[u] = 0;
    while (count < least[group[u]]) group[u]++;
  }
  return L4R_OK;
}

int l4r_user_groups_assign(const struct l4r_dataset *dataset, const int64_t *user,
                           const int64_t *length, int64_t users, struct l4r_bundle *result) {
  int64_t *by_length = l4r_bundle_add(result, kinds[0].array, users);
  int64_t *by_popularity = l4r_bundle_add(result, kinds[1].array, users);
  json_t *lengths = json_array(), *popularities = json_array();
  int status = by_length && by_popularity && lengths && popularities ? L4R_OK : L4R_ENVIRONMENT;
  if (!status) status = group_lengths(length, users, by_length, lengths);
  if (!status) status = group_targets(dataset, user, users, by_popularity, popularities);
  json_object_set_new(result->meta, "groups",
                      json_pack("{s:o, s:o}", kinds[0].list, lengths, kinds[1].list, popularities));
  return status;
}

/* --- figures --- */

static json_t *figures_of(const int64_t *rank, int64_t users) {
  struct l4r_metrics metrics;
  l4r_metrics_of_ranks(rank, users, &metrics);
  return json_pack("{s:f, s:f}", l4r_metric_names[L4R_HR_10], metrics.value[L4R_HR_10],
                   l4r_metric_names[L4R_NDCG_10], metrics.value[L4R_NDCG_10]);
}

struct ranked { /* the input of a group's figures; `some` is scratch of all users */
  const struct l4r_array *rank[2], *place;
  int64_t *some;
};

static json_t *derive_group(const struct ranked *ranked, int64_t place, const json_t *bounds) {
  static const char *const conventions[] = {"keep", "mask"};
  json_t *group = json_deep_copy(bounds);
  for (int c = 0; c < 2; c++) {
    int64_t users = 0;
    for (int64_t u = 0; u < ranked->place->count; u++)
      if (ranked->place->value[u] == place) ranked->some[users++] = ranked->rank[c]->value[u];
    if (!users) {
      json_decref(group);
      return NULL;
    }
    json_object_set_new(group, "users", json_integer(users));
    json_object_set_new(group, conventions[c], figures_of(ranked->some, users));
  }
  return group;
}

static int derive_kind(const struct l4r_bundle *ranks, int kind, struct ranked *ranked,
                       json_t *groups) {
  const json_t *bounds = json_object_get(json_object_get(ranks->meta, "groups"), kinds[kind].list);
  const int64_t users = ranked->rank[0]->count, places = (int64_t)json_array_size(bounds);
  ranked->place = l4r_bundle_find(ranks, kinds[kind].array);
  int good = ranked->place && ranked->place->count == users;
  for (int64_t u = 0; u < users && good; u++)
    good = ranked->place->value[u] >= 0 && ranked->place->value[u] < places;
  if (!good) return l4r_fail(L4R_INPUT, "the ranks hold damaged groups by %s", kinds[kind].list);
  json_t *list = json_array();
  for (int64_t p = 0; p < places; p++) {
    json_t *group = derive_group(ranked, p, json_array_get(bounds, (size_t)p));
    if (group) json_array_append_new(list, group);
  }
  json_object_set_new(groups, kinds[kind].list, list);
  return L4R_OK;
}

int l4r_user_groups_derive(const struct l4r_bundle *ranks, json_t **groups) {
  if (!json_object_get(ranks->meta, "groups")) return L4R_OK;
  struct ranked ranked = {{NULL, NULL}, NULL, NULL};
  int status = l4r_bundle_need(ranks, "keep", &ranked.rank[0]);
  if (!status) status = l4r_bundle_need(ranks, "mask", &ranked.rank[1]);
  if (status) return status;
  ranked.some = l4r_alloc((size_t)ranked.rank[0]->count, sizeof *ranked.some, "ranks of a group");
  json_t *made = json_object();
  if (!ranked.some || !made) status = L4R_ENVIRONMENT;
  for (int k = 0; k < KINDS && !status; k++) status = derive_kind(ranks, k, &ranked, made);
  l4r_free(ranked.some);
  if (status)
    json_decref(made);
  else
    *groups = made;
  return status;
}
