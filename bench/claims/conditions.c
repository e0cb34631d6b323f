/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/conditions.h"

#include "bench/derive/door.h"
#include "bench/record/text.h"

#include <stdio.h>
#include <string.h>

static const json_t *in(const json_t *record, const char *object, const char *key) {
  return json_object_get(json_object_get(record, object), key);
}

/* The hash of what was asked, where both state it; else what it was drawn by. */
static int same_requests(const json_t *a, const json_t *b) {
  static const char *const drawn_by[] = {"users", "seed", "k"};
  const json_t *x = in(a, "requests", "sha256"), *y = in(b, "requests", "sha256");
  if (x && y) return json_equal(x, y);
  for (size_t d = 0; d < sizeof drawn_by / sizeof *drawn_by; d++) {
    x = in(a, "settings", drawn_by[d]);
    y = in(b, "settings", drawn_by[d]);
    if (x && y && !json_equal(x, y)) return 0;
  }
  return 1;
}

static double share_of(const json_t *machine, const char *key) {
  const double share = json_number_value(json_object_get(machine, key));
  return share > 0 ? share : 0;
}

struct watched { /* of rounds */
  double taken;
  long long round;
  double slowest, fastest; /* GHz; 0: not measured */
};

static void watch(const json_t *record, struct watched *watched) {
  static const char *const when[] = {"before", "during", "after"};
  size_t index;
  const json_t *round;
  json_array_foreach(json_object_get(record, "rounds"), index, round) {
    const json_t *machine = json_object_get(round, "machine");
    const double taken = share_of(machine, "steal_share") + share_of(machine, "others_share");
    if (taken > watched->taken) {
      watched->taken = taken;
      watched->round = (long long)index;
    }
    for (int w = 0; w < 3; w++) {
      const double ghz = json_number_value(in(machine, "ghz", when[w]));
      if (!(ghz > 0)) continue;
      if (!(watched->slowest > 0) || ghz < watched->slowest) watched->slowest = ghz;
      if (ghz > watched->fastest) watched->fastest = ghz;
    }
  }
}

static const char *spoiling_warning(const json_t *record) {
  size_t index;
  const json_t *warning;
  json_array_foreach(json_object_get(record, "warnings"), index, warning)
    if (json_is_true(json_object_get(warning, "spoils"))) return l4r_warning_text(warning);
  return NULL;
}

static int is_missing(const json_t *record) {
  return l4r_record_checked(record) == L4R_CHECKED_MISSING;
}

int l4r_conditions_fail(const struct l4r_conditions *conditions, const json_t *a, const json_t *b,
                        char *reason, size_t size) {
  const json_t *side[] = {a, b};
  struct watched both = {0};
  for (int s = 0; s < 2; s++) {
    const char *arm = l4r_text_at(side[s], "arm"), *spoiled = spoiling_warning(side[s]);
    struct watched watched = {0};
    watch(side[s], &watched);
    if (is_missing(side[s]) && !conditions->without_samples) {
      snprintf(reason, size, "samples missing: the times of %.100s cannot be recomputed", arm);
      return 1;
    }
    if (watched.taken > conditions->taken_most) {
      snprintf(reason, size,
               "a busy machine: %.0f %% of the processors' time was taken by others in round %lld "
               "of %.100s (at most %.0f %% may be); measure again",
               100 * watched.taken, watched.round + 1, arm, 100 * conditions->taken_most);
      return 1;
    }
    if (spoiled) {
      snprintf(reason, size, "%.80s: %.160s", arm, spoiled);
      return 1;
    }
    watch(side[s], &both);
  }
  if (!same_requests(a, b)) {
    snprintf(reason, size, "the two sides were asked for other users or read other histories");
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
