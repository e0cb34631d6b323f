/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/conditions.h"

#include "bench/derive/busy.h"
#include "bench/derive/door.h"
#include "bench/record/text.h"

#include <stdio.h>
#include <string.h>

static int same_text(const char *a, const char *b) {
  return a && b && !strcmp(a, b);
}

static int differ(int64_t a, int64_t b) {
  return a != L4R_NONE && b != L4R_NONE && a != b;
}

/* Compares the hashes of the requests where both records state them, else what determined the
 * sample. */
static int same_requests(const struct l4r_record *a, const struct l4r_record *b) {
  const struct l4r_record_settings *x = &a->data.settings, *y = &b->data.settings;
  if (a->data.requests.sha256 && b->data.requests.sha256)
    return same_text(a->data.requests.sha256, b->data.requests.sha256);
  return !differ(x->users, y->users) && !differ(x->seed, y->seed) && !differ(x->k, y->k);
}

struct watched {           /* maxima over rounds */
  double slowest, fastest; /* GHz; 0: not measured */
};

static void watch(const struct l4r_record *record, struct watched *watched) {
  for (int64_t r = 0; r < record->data.rounds.count; r++) {
    const struct l4r_record_watch *machine = &record->data.rounds.at[r].machine;
    const double ghz[] = {machine->ghz.before, machine->ghz.during, machine->ghz.after};
    for (int w = 0; w < 3; w++) {
      if (!(ghz[w] > 0)) continue;
      if (!(watched->slowest > 0) || ghz[w] < watched->slowest) watched->slowest = ghz[w];
      if (ghz[w] > watched->fastest) watched->fastest = ghz[w];
    }
  }
}

static const char *spoiling_warning(const struct l4r_record *record) {
  for (int64_t w = 0; w < record->data.warnings.count; w++)
    if (record->data.warnings.at[w].spoils == 1)
      return l4r_text_or_none(record->data.warnings.at[w].text);
  return NULL;
}

static int is_missing(const struct l4r_record *record) {
  return l4r_checked_of(record) == L4R_CHECKED_MISSING;
}

int l4r_conditions_fail(const struct l4r_conditions *conditions, const struct l4r_record *a,
                        const struct l4r_record *b, char *reason, size_t size) {
  const struct l4r_record *side[] = {a, b};
  struct watched both = {0};
  for (int s = 0; s < 2; s++) {
    const char *arm = l4r_text_or_none(side[s]->data.arm), *spoiled = spoiling_warning(side[s]);
    int64_t round = 0;
    const double taken = l4r_busy_share(side[s], &round);
    if (is_missing(side[s]) && !conditions->without_samples) {
      snprintf(reason, size, "samples missing: the times of %.100s cannot be recomputed", arm);
      return 1;
    }
    if (taken > conditions->taken_most) {
      snprintf(reason, size,
               "a busy machine: %.0f %% of the processors' time was taken by others in round %lld "
               "of %.100s (at most %.0f %% may be); measure again",
               100 * taken, (long long)round + 1, arm, 100 * conditions->taken_most);
      return 1;
    }
    if (spoiled) {
      snprintf(reason, size, "%.80s: %.160s", arm, spoiled);
      return 1;
    }
    watch(side[s], &both);
  }
  if (!same_requests(a, b)) {
    snprintf(reason, size, "the two sides served different users or read different histories");
    return 1;
  }
  if (both.slowest < (1 - conditions->clock_fall_most) * both.fastest) {
    snprintf(reason, size,
             "the clock went from %.2f to %.2f GHz within the rounds (by %.0f %% at most it may); "
             "fix the frequency and measure again",
             both.fastest, both.slowest, 100 * conditions->clock_fall_most);
    return 1;
  }
  return 0;
}
