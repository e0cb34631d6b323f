/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/rank.h"

#include "impl/base/random.h"
#include "impl/engine.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

Test(rank, both_conventions_ties_and_repeated_history) {
  const float scores[] = {1, 5, 3, 3, NAN, 2};
  const int64_t popularity[] = {0, 1, 1, 4, 9, 9, 1};
  unsigned char mark[7] = {0};
  const l4r_item history[] = {2, 2, 6};
  struct l4r_rank rank;
  l4r_rank_of(scores, 6, popularity, 3, history, 3, mark, &rank);
  cr_assert_eq(rank.keep, 3); /* 2 by score, 4 by popularity */
  cr_assert_eq(rank.mask, 2); /* item 2 is removed once */
  cr_assert(rank.tied);
  l4r_rank_of(scores, 6, popularity, 5, history, 3, mark, &rank);
  cr_assert_eq(rank.keep, 6); /* NaN comes last whatever its popularity */
  l4r_rank_of(scores, 6, popularity, 2, history, 3, mark, &rank);
  cr_assert_eq(rank.mask, INT64_MAX);
  for (int i = 0; i < 7; ++i) cr_assert_eq(mark[i], 0);
}

Test(rank, top_k_agrees_with_ranks_for_every_k) {
  enum { ITEMS = 57 };
  float scores[ITEMS];
  int64_t popularity[ITEMS + 1];
  struct l4r_random r;
  l4r_random_seed(&r, 3);
  for (int i = 0; i < ITEMS; ++i) scores[i] = i % 19 ? (float)l4r_random_below(&r, 8) : NAN;
  for (int i = 0; i <= ITEMS; ++i) popularity[i] = (int64_t)l4r_random_below(&r, 3);
  for (int64_t k = 0; k <= ITEMS + 3; ++k) {
    l4r_item item[ITEMS + 3];
    float score[ITEMS + 3];
    unsigned char mark[ITEMS + 1] = {0};
    struct l4r_ranking ranking = {item, score, -1};
    l4r_top_k(scores, ITEMS, popularity, k, &ranking);
    cr_assert_eq(ranking.count, k < ITEMS ? k : ITEMS);
    for (int64_t i = 0; i < ranking.count; ++i) {
      struct l4r_rank rank;
      l4r_rank_of(scores, ITEMS, popularity, item[i], NULL, 0, mark, &rank);
      cr_assert_eq(rank.keep, i + 1);
      cr_assert(!memcmp(&score[i], &scores[item[i] - 1], sizeof *score));
    }
  }
}

/* Whoever shares the items out, and in whatever order they are offered, gets the same ranking. */
Test(rank, heaps_of_any_order_merge_to_the_same_ranking) {
  enum { ITEMS = 61, K = 9, HEAPS = 3 };
  float scores[ITEMS], score[HEAPS][K], want_score[K];
  int64_t popularity[ITEMS + 1] = {0};
  l4r_item item[HEAPS][K], want_item[K];
  struct l4r_random r;
  l4r_random_seed(&r, 5);
  for (int i = 0; i < ITEMS; i++) scores[i] = (float)l4r_random_below(&r, 5);
  for (int i = 1; i <= ITEMS; i++) popularity[i] = (int64_t)l4r_random_below(&r, 2);
  struct l4r_ranking want = {want_item, want_score, 0};
  l4r_top_k(scores, ITEMS, popularity, K, &want);
  struct l4r_heap heap[HEAPS];
  for (int h = 0; h < HEAPS; h++)
    heap[h] = (struct l4r_heap){
        .item = item[h], .score = score[h], .capacity = K, .popularity = popularity};
  for (int i = ITEMS; i > 0; i--) l4r_heap_offer(&heap[i % HEAPS], i, scores[i - 1]);
  for (int h = 1; h < HEAPS; h++)
    for (int i = 0; i < K; i++) l4r_heap_offer(&heap[0], item[h][i], score[h][i]);
  l4r_heap_sort(&heap[0]);
  cr_assert_eq(heap[0].count, K);
  cr_assert_arr_eq(item[0], want_item, sizeof want_item);
  cr_assert_arr_eq(score[0], want_score, sizeof want_score);
}
