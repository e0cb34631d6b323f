/* SPDX-License-Identifier: BSD-3-Clause */
/* What ranks are to a training that has one, and how the places of a step's items are shared out.
 * What several ranks do together is tested under mpirun (tests/mpi/train.sh). */
#include "impl/base/error.h"
#include "impl/train/items/items.h"
#include "impl/train/items/share.h"
#include "impl/train/loop/sums.h"

#include <criterion/criterion.h>
#include <string.h>

Test(ranks, one_rank_is_the_whole_team) {
  struct l4r_team *team;
  cr_assert_eq(l4r_team_create(3, NULL, &team), 0);
  const struct l4r_train_ranks ranks = l4r_train_ranks_of(NULL, L4R_WIRE_BF16, team);
  cr_assert_eq(ranks.rank, 0);
  cr_assert_eq(ranks.size, 1);
  cr_assert_eq(ranks.first, 0);
  cr_assert_eq(ranks.workers, 3);
  int other = 7;
  cr_assert_eq(l4r_ranks_compare(&ranks, "x", 1, &other), 0);
  cr_assert_eq(other, -1);
  l4r_team_free(team);
}

Test(ranks, one_rank_leaves_gradients_alone) {
  const int32_t row[] = {2, 0};
  const struct l4r_train_rows rows = {
      .count = 1, .table = {{.offset = 16, .width = 4, .total = 8, .row = row, .rows = 2}}};
  float gradients[64], before[64];
  for (int i = 0; i < 64; i++) gradients[i] = (float)i / 3;
  memcpy(before, gradients, sizeof before);
  struct l4r_train_sums sums = {
      .ranks = l4r_train_ranks_of(NULL, L4R_WIRE_BF16, NULL), .rows = &rows, .trained = 64};
  cr_assert_eq(l4r_train_sums_begin(&sums, gradients, 0, 64), 0);
  cr_assert_eq(l4r_train_sums_finish(&sums, gradients), 0);
  cr_assert_arr_eq(gradients, before, sizeof before);
  cr_assert_eq(l4r_ranks_sum(&sums.ranks, gradients, 64), 0);
  cr_assert_arr_eq(gradients, before, sizeof before);
  l4r_train_sums_free(&sums);
}

/* Encoded places by the bounds, the others evenly, each place once and in the workers' order. */
Test(ranks, workers_of_all_ranks_have_every_place_once) {
  enum { WORKERS = 6, ENCODED = 11, SLOTS = 40 };
  int64_t bound[WORKERS + 1] = {0, 3, 3, 5, 9, 11, 11};
  const struct l4r_train_items items = {
      .spec = {.workers = 2, .ranks = {.size = 3, .workers = WORKERS}},
      .slots = SLOTS,
      .encoded = ENCODED,
      .order_bound = bound};
  int64_t next[2] = {0, ENCODED};
  for (int w = 0; w < WORKERS; w++) {
    int64_t begin[2], end[2];
    l4r_train_items_places(&items, w, begin, end);
    cr_assert_eq(begin[0], bound[w]);
    for (int part = 0; part < 2; part++) {
      cr_assert_eq(begin[part], next[part], "worker %d, part %d", w, part);
      cr_assert_leq(begin[part], end[part]);
      next[part] = end[part];
    }
    cr_assert_leq(end[1] - begin[1], (SLOTS - ENCODED) / WORKERS + 1);
  }
  cr_assert_eq(next[0], ENCODED);
  cr_assert_eq(next[1], SLOTS);
  cr_assert_eq(l4r_train_items_shares(&items), 0, "one rank has nobody to share with");
}
