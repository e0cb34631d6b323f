/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/busy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

Test(busy, the_busiest_round_counts_from_a_tenth_on) {
  struct l4r_record_round round[3];
  memset(round, 0, sizeof round);
  const double steal[3] = {.01, .05, NAN}, others[3] = {.02, .28, .31};
  for (int r = 0; r < 3; r++) {
    round[r].machine.steal_share = steal[r];
    round[r].machine.others_share = others[r];
  }
  struct l4r_record record;
  memset(&record, 0, sizeof record);
  record.data.rounds.at = round;
  record.data.rounds.count = 3;
  char text[32];
  int64_t at = -1;
  cr_expect_float_eq(l4r_busy_share(&record, &at), .33, 1e-12);
  cr_expect_eq(at, 1);
  cr_expect_str_eq(l4r_busy_text(&record, text, sizeof text), "busy 33 %");
  record.data.rounds.count = 1;
  cr_expect_str_eq(l4r_busy_text(&record, text, sizeof text), "");
  record.data.rounds.count = 0;
  cr_expect_eq(l4r_busy_share(&record, NULL), 0);
}
