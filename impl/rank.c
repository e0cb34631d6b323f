/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranking: exact top-k with a bounded heap, and the rank of one target. One order everywhere
 * (l4r_before), so that engines and metrics cannot disagree about ties. */
#include "impl/rank.h"

#include "impl/engine.h"

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

struct order {
  const int64_t *popularity;
  struct l4r_ranking *ranking;
};

static int entry_before(const struct order *order, int64_t a, int64_t b) {
  const struct l4r_ranking *r = order->ranking;
  return l4r_before(r->score[a], order->popularity[r->item[a]], r->item[a], r->score[b],
                    order->popularity[r->item[b]], r->item[b]);
}

static void swap_entries(struct l4r_ranking *ranking, int64_t a, int64_t b) {
  const l4r_item item = ranking->item[a];
  const float score = ranking->score[a];
  ranking->item[a] = ranking->item[b];
  ranking->score[a] = ranking->score[b];
  ranking->item[b] = item;
  ranking->score[b] = score;
}

/* The heap's root is the entry that comes last, so that a better one replaces it. */
static void sift_down(const struct order *order, int64_t root, int64_t count) {
  for (;;) {
    int64_t last = root, left = 2 * root + 1, right = left + 1;
    if (left < count && entry_before(order, last, left)) last = left;
    if (right < count && entry_before(order, last, right)) last = right;
    if (last == root) return;
    swap_entries(order->ranking, root, last);
    root = last;
  }
}

void l4r_top_k(const float *scores, int64_t items, const int64_t *popularity, int64_t k,
               struct l4r_ranking *ranking) {
  const struct order order = {popularity, ranking};
  const int64_t count = k < items ? k : items;
  ranking->count = count;
  if (count <= 0) {
    ranking->count = 0;
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    ranking->item[i] = (l4r_item)(i + 1);
    ranking->score[i] = scores[i];
  }
  for (int64_t i = count / 2 - 1; i >= 0; --i) sift_down(&order, i, count);
  for (int64_t i = count; i < items; ++i) {
    const l4r_item item = (l4r_item)(i + 1);
    if (!l4r_before(scores[i], popularity[item], item, ranking->score[0],
                    popularity[ranking->item[0]], ranking->item[0]))
      continue;
    ranking->item[0] = item;
    ranking->score[0] = scores[i];
    sift_down(&order, 0, count);
  }
  for (int64_t end = count - 1; end > 0; --end) { /* heap sort: the last entry goes to the end */
    swap_entries(ranking, 0, end);
    sift_down(&order, 0, end);
  }
}
