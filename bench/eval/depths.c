/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/eval/depths.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <stdlib.h>

struct lists { /* of one convention */
  const struct l4r_array *rank, *user, *count, *item;
  int64_t k, users, items;
  const struct l4r_dataset *dataset;
  const struct l4r_text_vectors *vectors;
  int64_t *times; /* [items + 1]: how often an item is recommended */
  double *sum;    /* [words] zeroes */
};

static int find(const struct l4r_bundle *result, int mask, struct lists *lists) {
  if (l4r_bundle_need(result, mask ? "mask" : "keep", &lists->rank) ||
      l4r_bundle_need(result, "user", &lists->user) ||
      l4r_bundle_need(result, mask ? "top_mask_count" : "top_keep_count", &lists->count) ||
      l4r_bundle_need(result, mask ? "top_mask_item" : "top_keep_item", &lists->item))
    return L4R_INPUT;
  lists->users = lists->rank->count;
  if (lists->user->count == lists->users && lists->count->count == lists->users &&
      lists->item->count == lists->users * lists->k && lists->users > 0)
    return L4R_OK;
  return l4r_fail(L4R_INPUT, "rankings that do not fit their users");
}

static int64_t length_of(const struct lists *lists, int64_t u, int64_t n) {
  return lists->count->value[u] < n ? lists->count->value[u] : n;
}

static void accuracy(const struct lists *lists, struct l4r_depth_figures *out) {
  for (int64_t u = 0; u < lists->users; u++) {
    const int64_t rank = lists->rank->value[u];
    if (rank < 1 || rank > out->n) continue;
    out->hr += 1 / (double)lists->users;
    out->ndcg += 1 / log2((double)rank + 1) / (double)lists->users;
    out->mrr += 1 / (double)rank / (double)lists->users;
  }
}

static int ascending(const void *left, const void *right) {
  const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  return (a > b) - (a < b);
}

/* Of sorted counts x[1..n]: sum (2 i - n - 1) x[i] / (n sum x). */
static void concentration(const struct lists *lists, struct l4r_depth_figures *out) {
  int64_t *times = lists->times, shown = 0;
  double sum = 0, weighted = 0;
  for (int64_t i = 0; i <= lists->items; i++) times[i] = 0;
  for (int64_t u = 0; u < lists->users; u++)
    for (int64_t i = 0; i < length_of(lists, u, out->n); i++)
      times[lists->item->value[u * lists->k + i]]++;
  for (int64_t i = 1; i <= lists->items; i++) shown += times[i] > 0;
  qsort(times + 1, (size_t)lists->items, sizeof *times, ascending);
  for (int64_t i = 1; i <= lists->items; i++) {
    sum += (double)times[i];
    weighted += (double)(2 * i - lists->items - 1) * (double)times[i];
  }
  out->coverage = (double)shown / (double)lists->items;
  out->gini = sum > 0 ? weighted / ((double)lists->items * sum) : 0;
}

static void popularity(const struct lists *lists, struct l4r_depth_figures *out) {
  const int64_t *counts = lists->dataset->train_count;
  const struct l4r_dataset *data = lists->dataset;
  double taken = 0;
  int64_t served = 0, with_history = 0;
  for (int64_t u = 0; u < lists->users; u++) {
    const int64_t n = length_of(lists, u, out->n), user = lists->user->value[u];
    double mean = 0;
    for (int64_t i = 0; i < n; i++)
      mean += (double)counts[lists->item->value[u * lists->k + i]] / (double)n;
    out->popularity += mean;
    served += n > 0;
    const int64_t begin = data->train_start[user], end = data->train_start[user + 1];
    for (int64_t i = begin; i < end; i++)
      taken += (double)counts[data->train_item[i]] / (double)(end - begin);
    with_history += end > begin;
  }
  out->popularity = served ? out->popularity / (double)served : NAN;
  out->bias = with_history ? out->popularity / (taken / (double)with_history) : NAN;
}

static void diversity(const struct lists *lists, struct l4r_depth_figures *out) {
  double sum = 0;
  int64_t users = 0;
  for (int64_t u = 0; u < lists->users && lists->vectors; u++) {
    const int64_t n = length_of(lists, u, out->n);
    if (n < 2) continue;
    sum += l4r_text_diversity(lists->vectors, lists->item->value + u * lists->k, n, lists->sum);
    users++;
  }
  out->diversity = users ? sum / (double)users : NAN;
}

int l4r_depths_of(const struct l4r_bundle *result, const struct l4r_dataset *dataset,
                  const struct l4r_text_vectors *vectors, int mask, int64_t k, const int64_t *depth,
                  int count, struct l4r_depth_figures *figures) {
  struct lists lists = {.k = k, .items = dataset->items, .dataset = dataset, .vectors = vectors};
  int status = find(result, mask, &lists);
  if (status) return status;
  const size_t words = vectors ? (size_t)vectors->words : 0;
  lists.times = l4r_alloc((size_t)lists.items + 1, sizeof *lists.times, "counts of items");
  lists.sum = l4r_alloc(words + 1, sizeof *lists.sum, "words");
  if (!lists.times || !lists.sum) status = L4R_ENVIRONMENT;
  for (int d = 0; d < count && !status; d++) {
    figures[d] = (struct l4r_depth_figures){.n = depth[d]};
    accuracy(&lists, &figures[d]);
    concentration(&lists, &figures[d]);
    popularity(&lists, &figures[d]);
    diversity(&lists, &figures[d]);
  }
  l4r_free(lists.times);
  l4r_free(lists.sum);
  return status;
}
