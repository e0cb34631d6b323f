/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/estimate.h"

#include "impl/base/error.h"

#include <math.h>
#include <string.h>

const char l4r_interval_crossed[] = "users and rounds";
static const double level = .95;

int l4r_interval_is_crossed(const char *rule) {
  return rule && !strcmp(rule, l4r_interval_crossed);
}

struct l4r_estimate l4r_rounds_estimate(const double *logarithm, int64_t n, int crossed) {
  return crossed ? l4r_geometric_estimate(logarithm, n, level)
                 : l4r_geometric_estimate_of_two(logarithm, n, level);
}

/* Says how many queries of `users` users each a withheld figure would need. */
static const char *needed(int64_t queries, int64_t users, struct l4r_record *record) {
  if (users <= 1) return l4r_record_format(record, "needs %lld distinct users", (long long)queries);
  return l4r_record_format(record, "needs %lld distinct queries of %lld users", (long long)queries,
                           (long long)users);
}

int l4r_estimate_put(const struct l4r_estimate *estimate, int64_t users, struct l4r_record *record,
                     struct l4r_record_estimate *out) {
  *out = (struct l4r_record_estimate){.is_there = 1, .value = NAN, .lo = NAN, .hi = NAN};
  if (estimate->withheld == L4R_WITHHELD_VALUE) {
    out->withheld = needed(estimate->needed, users, record);
    return out->withheld ? L4R_OK : L4R_ENVIRONMENT;
  }
  out->value = estimate->value;
  if (estimate->withheld == L4R_WITHHELD_NOTHING) {
    out->lo = estimate->lo;
    out->hi = estimate->hi;
  } else if (estimate->needed >= L4R_LEAST_ROUNDS) {
    out->interval_withheld = "fewer than three rounds";
  }
  return L4R_OK;
}
