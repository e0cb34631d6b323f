/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/resamples.h"

#include <criterion/criterion.h>

Test(resamples, a_row_draws_as_many_as_there_are_users) {
  const struct l4r_resamples *table = l4r_resamples_take(1000, 40, 3);
  cr_assert_not_null(table);
  for (int64_t r = 0; r < 40; r++) {
    int64_t sum = 0;
    for (int64_t u = 0; u < 1000; u++) sum += table->times[r * 1000 + u];
    cr_assert_eq(sum, 1000);
  }
  const struct l4r_resamples *again = l4r_resamples_take(1000, 40, 3);
  cr_assert_eq(again, table, "the same draws are made once");
  l4r_resamples_give_back(again);
  l4r_resamples_give_back(table);
  l4r_resamples_give_back(NULL);
}

Test(resamples, what_somebody_holds_stays_when_room_is_short) {
  const struct l4r_resamples *held = l4r_resamples_take(500, 40, 1);
  cr_assert_not_null(held);
  unsigned char first[500];
  for (int u = 0; u < 500; u++) first[u] = held->times[u];
  for (int64_t n = 100; n < 130; n++) l4r_resamples_give_back(l4r_resamples_take(n, 40, 1));
  cr_assert_null(l4r_resamples_take((int64_t)1 << 40, 2000, 1), "a table beyond the bound");
  for (int u = 0; u < 500; u++) cr_assert_eq(held->times[u], first[u]);
  l4r_resamples_give_back(held);
}

Test(resamples, all_places_held_or_a_count_that_has_no_room_is_no_table) {
  const struct l4r_resamples *held[8];
  for (int k = 0; k < 8; k++) held[k] = l4r_resamples_take(50 + k, 40, 1);
  cr_assert_null(l4r_resamples_take(40, 40, 1));
  for (int k = 0; k < 8; k++) l4r_resamples_give_back(held[k]);
  const struct l4r_resamples *now = l4r_resamples_take(40, 40, 1);
  cr_assert_not_null(now);
  l4r_resamples_give_back(now);
  /* one user in one place is drawn as often as there are draws: 1 */
  cr_assert_null(l4r_resamples_take(0, 40, 1));
}
