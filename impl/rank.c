/* SPDX-License-Identifier: BSD-3-Clause */
/* One order everywhere (l4r_before), so that engines and metrics cannot disagree about ties. */
#include "impl/rank.h"

#include <stdlib.h>

void l4r_rank_of(const float *scores, int64_t items, const int64_t *popularity, l4r_item target,
                 const l4r_item *history, int64_t length, unsigned char *mark,
                 struct l4r_rank *rank) {
  const float mine = scores[target - 1];
  const int64_t my_popularity = popularity[target];
  int64_t ahead = 0, equal = 0;
  for (int64_t i = 1; i <= items; ++i) {
    ahead += l4r_before(scores[i - 1], popularity[i], (l4r_item)i, mine, my_popularity, target);
    equal += scores[i - 1] == mine;
  }
  int64_t masked_ahead = 0;
  for (int64_t h = 0; h < length; ++h) {
    const l4r_item item = history[h];
    if (mark[item]) continue;
    mark[item] = 1;
    masked_ahead += l4r_before(scores[item - 1], popularity[item], item, mine, my_popularity,
                               target);
  }
  rank->keep = ahead + 1;
  rank->mask = mark[target] ? INT64_MAX : ahead - masked_ahead + 1;
  rank->tied = equal > 1;
  for (int64_t h = 0; h < length; ++h) mark[history[h]] = 0;
}

/* --- the heap: a binary one with the worst entry at the root --- */

static int before(const struct l4r_heap *h, int64_t a, int64_t b) {
  return l4r_before(h->score[a], h->popularity[h->item[a]], h->item[a], h->score[b],
                    h->popularity[h->item[b]], h->item[b]);
}

static void exchange(struct l4r_heap *h, int64_t a, int64_t b) {
  l4r_item item = h->item[a];
  float score = h->score[a];
  h->item[a] = h->item[b];
  h->score[a] = h->score[b];
  h->item[b] = item;
  h->score[b] = score;
}

static void sink(struct l4r_heap *h, int64_t root, int64_t count) {
  for (;;) {
    int64_t worst = root, child = 2 * root + 1;
    if (child < count && before(h, worst, child)) worst = child;
    if (child + 1 < count && before(h, worst, child + 1)) worst = child + 1;
    if (worst == root) return;
    exchange(h, root, worst);
    root = worst;
  }
}

void l4r_heap_offer(struct l4r_heap *h, l4r_item item, float score) {
  if (h->count < h->capacity) {
    int64_t at = h->count++;
    h->item[at] = item;
    h->score[at] = score;
    for (; at > 0 && before(h, (at - 1) / 2, at); at = (at - 1) / 2) exchange(h, at, (at - 1) / 2);
    return;
  }
  if (h->capacity <= 0 || !l4r_before(score, h->popularity[item], item, h->score[0],
                                      h->popularity[h->item[0]], h->item[0]))
    return;
  h->item[0] = item;
  h->score[0] = score;
  sink(h, 0, h->count);
}

void l4r_heap_sort(struct l4r_heap *h) {
  for (int64_t end = h->count - 1; end > 0; end--) {
    exchange(h, 0, end);
    sink(h, 0, end);
  }
}
