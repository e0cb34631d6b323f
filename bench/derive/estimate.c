/* SPDX-License-Identifier: BSD-3-Clause */
/* An estimate as a record holds it. */
#include "bench/derive/derive.h"

json_t *l4r_needed_json(int64_t queries, int64_t users) {
  if (users <= 1) return json_sprintf("needs %lld distinct users", (long long)queries);
  return json_sprintf("needs %lld distinct queries of %lld users", (long long)queries,
                      (long long)users);
}

json_t *l4r_estimate_json(const struct l4r_estimate *estimate) {
  if (estimate->withheld == L4R_WITHHELD_VALUE)
    return json_pack("{s:o}", "withheld", l4r_needed_json(estimate->needed, 1));
  if (estimate->withheld == L4R_WITHHELD_INTERVAL)
    return estimate->needed < L4R_LEAST_ROUNDS
               ? json_pack("{s:f, s:n, s:n}", "value", estimate->value, "lo", "hi")
               : json_pack("{s:f, s:n, s:n, s:s}", "value", estimate->value, "lo", "hi",
                           "interval_withheld", "fewer than three rounds");
  return json_pack("{s:f, s:f, s:f}", "value", estimate->value, "lo", estimate->lo, "hi",
                   estimate->hi);
}
