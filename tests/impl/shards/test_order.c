/* SPDX-License-Identifier: BSD-3-Clause */
/* Orders to the ranks that hold a catalogue together: who holds an item, what everybody gives, and
 * that merged rankings are the ranking of the whole. */
#include "impl/shards/order.h"

#include "impl/base/random.h"
#include "impl/engine.h"
#include "impl/rank.h"

#include <criterion/criterion.h>
#include <string.h>

enum { ITEMS = 53, MOST = 7 };

Test(shards_order, every_item_is_held_by_the_rank_whose_slice_it_is_in) {
  for (int ranks = 1; ranks <= ITEMS; ranks++) {
    int64_t next = 0;
    for (int r = 0; r < ranks; r++) {
      int64_t begin, end;
      l4r_order_slice(ITEMS, r, ranks, &begin, &end);
      cr_assert(begin == next && end > begin, "rank %d of %d: %d..%d", r, ranks, (int)begin,
                (int)end);
      for (int64_t i = begin; i < end; i++)
        cr_assert_eq(l4r_order_holder(ITEMS, ranks, (l4r_item)(i + 1)), r);
      next = end;
    }
    cr_assert_eq(next, ITEMS);
  }
}

Test(shards_order, a_share_holds_every_vector_of_the_histories_once) {
  struct {
    int64_t start[3];
    l4r_item history[4];
  } payload = {{0, 3, 4}, {1, ITEMS, 1, 27}};
  const struct l4r_order order = {.kind = L4R_ORDER_RECOMMEND,
                                  .count = 2,
                                  .positions = 4,
                                  .k = 3,
                                  .items = ITEMS,
                                  .width = 8,
                                  .bytes = l4r_order_payload(2, 4)};
  int64_t bytes[3];
  cr_assert_eq(order.bytes, sizeof payload.start + sizeof payload.history);
  cr_assert(l4r_order_share_bytes(&order, &payload, 3, bytes));
  cr_assert_eq(bytes[0], 2 * 8 * 4);
  cr_assert_eq(bytes[1], 1 * 8 * 4);
  cr_assert_eq(bytes[2], 1 * 8 * 4);
}

Test(shards_order, rank_0_gives_nothing_of_what_it_keeps_itself) {
  struct l4r_order order = {
      .kind = L4R_ORDER_RECOMMEND, .count = 2, .k = 20, .items = ITEMS, .width = 8};
  int64_t bytes[3];
  cr_assert(l4r_order_gather_bytes(&order, 3, bytes));
  cr_assert_eq(bytes[0], 0);
  cr_assert_eq(bytes[1], 2 * 18 * (int64_t)sizeof(struct l4r_ranked), "18 items, fewer than k");
  cr_assert_eq(bytes[2], 2 * 17 * (int64_t)sizeof(struct l4r_ranked));
  order.kind = L4R_ORDER_SCORE;
  cr_assert(l4r_order_gather_bytes(&order, 3, bytes));
  cr_assert_eq(bytes[1], 2 * 18 * 4);
  order.kind = L4R_ORDER_REPORT;
  cr_assert(l4r_order_gather_bytes(&order, 3, bytes));
  cr_assert_eq(bytes[0], sizeof(struct l4r_shard_report));
  order.kind = L4R_ORDER_CLOSE;
  cr_assert_not(l4r_order_gather_bytes(&order, 3, bytes));
  cr_assert_not(l4r_order_share_bytes(&order, NULL, 3, bytes));
}

/* The best k of a slice, as a rank gives them. */
static void rank_slice(const float *score, const int64_t *popularity, int64_t begin, int64_t end,
                       int64_t k, struct l4r_ranked *out) {
  l4r_item item[ITEMS];
  float best[ITEMS];
  struct l4r_ranking ranking = {item, best, 0};
  l4r_top_k(score + begin, end - begin, popularity + begin, k, &ranking);
  for (int64_t e = 0; e < ranking.count; e++)
    out[e] = (struct l4r_ranked){item[e] + (l4r_item)begin, best[e]};
}

Test(shards_order, merged_rankings_are_those_of_the_whole_with_ties_and_no_numbers) {
  struct l4r_random random;
  l4r_random_stream(&random, 1, 2, 3);
  for (int turn = 0; turn < 200; turn++) {
    const int ranks = 1 + turn % MOST;
    const int64_t k = 1 + (int64_t)l4r_random_below(&random, ITEMS + 5);
    float score[ITEMS], want_score[ITEMS + 5], got_score[ITEMS + 5];
    int64_t popularity[ITEMS + 1], entries[MOST], next[MOST];
    l4r_item want[ITEMS + 5], got[ITEMS + 5];
    struct l4r_ranked all[MOST][ITEMS];
    const struct l4r_ranked *part[MOST];
    for (int i = 0; i < ITEMS; i++) {
      score[i] = (float)l4r_random_below(&random, 4); /* many ties */
      if (l4r_random_below(&random, 10) == 0) score[i] = 0.0f / 0.0f;
      popularity[i + 1] = (int64_t)l4r_random_below(&random, 3);
    }
    const struct l4r_order order = {.items = ITEMS, .k = k};
    for (int r = 0; r < ranks; r++) {
      int64_t begin, end;
      l4r_order_slice(ITEMS, r, ranks, &begin, &end);
      entries[r] = l4r_order_entries(&order, r, ranks);
      rank_slice(score, popularity, begin, end, entries[r], all[r]);
      part[r] = all[r];
    }
    struct l4r_ranking whole = {want, want_score, 0};
    l4r_top_k(score, ITEMS, popularity, k, &whole);
    const int64_t count = l4r_order_merge(part, entries, ranks, k, popularity, next, got,
                                          got_score);
    cr_assert_eq(count, whole.count);
    cr_assert(!memcmp(got, want, (size_t)count * sizeof *got), "turn %d", turn);
    cr_assert(!memcmp(got_score, want_score, (size_t)count * sizeof *got_score));
  }
}
