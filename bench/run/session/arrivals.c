/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/session/arrivals.h"

#include "impl/base/random.h"

#include <math.h>

enum { ARRIVAL_STREAM = 0x6172 }; /* keeps these draws apart from other uses of a run's seed */

static int64_t permutations_for(double queries, int64_t users) {
  const double permutations = ceil(queries / (double)users - 1e-9);
  if (permutations < 1) return 1;
  return permutations < 1e9 ? (int64_t)permutations : (int64_t)1e9;
}

struct l4r_arrivals_plan l4r_arrivals_plan(const struct l4r_arrivals_asked *asked) {
  const int64_t by_count = permutations_for((double)asked->min_count, asked->users);
  const int64_t by_time = permutations_for(asked->min_seconds * asked->rate, asked->users);
  const int64_t most = L4R_ARRIVALS_MOST > asked->users ? L4R_ARRIVALS_MOST / asked->users : 1;
  struct l4r_arrivals_plan plan = {.permutations = by_count, .ended = "minimum count"};
  if (by_time > by_count) {
    const int full = by_time > most;
    plan.permutations = !full ? by_time : most > by_count ? most : by_count;
    plan.ended = full ? "sample limit" : "minimum time";
  }
  plan.queries = plan.permutations * asked->users;
  return plan;
}

void l4r_arrivals_make(uint64_t seed, int round, double rate, int64_t *due, int64_t n) {
  struct l4r_random random;
  double at = 0; /* summed, not rounded gap by gap: the rate stays what it is */
  l4r_random_stream(&random, seed, ARRIVAL_STREAM, (uint64_t)round);
  for (int64_t i = 0; i < n; i++) {
    at += l4r_random_exponential(&random) * 1e9 / rate;
    due[i] = llround(at);
  }
}
