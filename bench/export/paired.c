/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/export/paired.h"

#include <math.h>
#include <string.h>

enum { ROUNDS_MAX = 1024 };
static const double level = .95;

/* Returns the time of a round: a user's mean, or the timer at that place. */
static double round_ns(const struct l4r_record_round *round, int64_t timer) {
  if (timer < 0) return round->mean_ns;
  return timer < round->timers.count ? round->timers.at[timer].ns_per_user : NAN;
}

struct l4r_estimate l4r_paired_ratio(const struct l4r_record *slow, const struct l4r_record *fast,
                                     int64_t timer) {
  const int64_t a = slow->data.rounds.count, b = fast->data.rounds.count;
  double logarithm[ROUNDS_MAX];
  int64_t n = 0;
  for (int64_t r = 0; r < a && r < b && n < ROUNDS_MAX; r++) {
    const double x = round_ns(&slow->data.rounds.at[r], timer);
    const double y = round_ns(&fast->data.rounds.at[r], timer);
    if (x > 0 && y > 0) logarithm[n++] = log(x / y);
  }
  return l4r_geometric_estimate(logarithm, n, level);
}

struct l4r_shown l4r_paired_figure(struct l4r_estimate ratio) {
  if (ratio.withheld == L4R_WITHHELD_VALUE) return (struct l4r_shown){NAN, NAN, NAN};
  if (ratio.withheld) return (struct l4r_shown){ratio.value, NAN, NAN};
  return (struct l4r_shown){ratio.value, ratio.lo, ratio.hi};
}

int l4r_paired_run(const struct l4r_record *a, const struct l4r_record *b) {
  return a->from.path && b->from.path && !strcmp(a->from.path, b->from.path);
}
