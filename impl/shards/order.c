/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/shards/order.h"

#include "impl/base/team.h"
#include "impl/rank.h"

#include <string.h>

int64_t l4r_order_payload(int64_t count, int64_t positions) {
  return (count + 1) * (int64_t)sizeof(int64_t) + positions * (int64_t)sizeof(l4r_item);
}

void l4r_order_histories(const struct l4r_order *order, const void *payload, const int64_t **start,
                         const l4r_item **history) {
  *start = payload;
  *history = (const l4r_item *)(*start + order->count + 1);
}

void l4r_order_slice(int64_t items, int rank, int ranks, int64_t *begin, int64_t *end) {
  l4r_split(items, 1, rank, ranks, begin, end);
}

int l4r_order_holder(int64_t items, int ranks, l4r_item item) {
  int low = 0, high = ranks - 1; /* the last rank that begins at or before the item */
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    int64_t begin, end;
    l4r_order_slice(items, middle, ranks, &begin, &end);
    if (begin < item)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

int64_t l4r_order_entries(const struct l4r_order *order, int rank, int ranks) {
  int64_t begin, end;
  l4r_order_slice(order->items, rank, ranks, &begin, &end);
  return order->k < end - begin ? order->k : end - begin;
}

int l4r_order_share_bytes(const struct l4r_order *order, const void *payload, int ranks,
                          int64_t *bytes) {
  if (order->kind != L4R_ORDER_RECOMMEND && order->kind != L4R_ORDER_SCORE) return 0;
  const int64_t *start;
  const l4r_item *history;
  l4r_order_histories(order, payload, &start, &history);
  memset(bytes, 0, (size_t)ranks * sizeof *bytes);
  for (int64_t p = 0; p < order->positions; p++)
    bytes[l4r_order_holder(order->items, ranks, history[p])] += order->width *
                                                                (int64_t)sizeof(float);
  return 1;
}

int l4r_order_gather_bytes(const struct l4r_order *order, int ranks, int64_t *bytes) {
  const int is_report = order->kind == L4R_ORDER_OPEN || order->kind == L4R_ORDER_REPORT;
  const int is_scores = order->kind == L4R_ORDER_SCORE;
  if (!is_report && !is_scores && order->kind != L4R_ORDER_RECOMMEND) return 0;
  for (int r = 0; r < ranks; r++) {
    int64_t begin, end;
    l4r_order_slice(order->items, r, ranks, &begin, &end);
    if (is_report)
      bytes[r] = (int64_t)sizeof(struct l4r_shard_report);
    else if (!r)
      bytes[r] = 0;
    else if (is_scores)
      bytes[r] = order->count * (end - begin) * (int64_t)sizeof(float);
    else
      bytes[r] = order->count * l4r_order_entries(order, r, ranks) *
                 (int64_t)sizeof(struct l4r_ranked);
  }
  return 1;
}

int64_t l4r_order_total(const int64_t *bytes, int ranks) {
  int64_t all = 0;
  for (int r = 0; r < ranks; r++) all += bytes[r];
  return all;
}

int64_t l4r_order_merge(const struct l4r_ranked *const *part, const int64_t *entries, int parts,
                        int64_t k, const int64_t *popularity, int64_t *next, l4r_item *item,
                        float *score) {
  memset(next, 0, (size_t)parts * sizeof *next);
  for (int64_t at = 0; at < k; at++) {
    const struct l4r_ranked *best = NULL;
    int from = 0;
    for (int p = 0; p < parts; p++) {
      const struct l4r_ranked *one = part[p] + next[p];
      if (next[p] == entries[p]) continue;
      if (best && !l4r_before(one->score, popularity[one->item], one->item, best->score,
                              popularity[best->item], best->item))
        continue;
      best = one;
      from = p;
    }
    if (!best) return at;
    next[from]++;
    item[at] = best->item;
    score[at] = best->score;
  }
  return k;
}
