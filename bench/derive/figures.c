/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/figures.h"

#include <string.h>

const char *const l4r_round_metric_names[L4R_ROUND_METRICS] = {"mean", "p50", "p99"};

double l4r_round_figure(const struct l4r_record *record, int64_t at, enum l4r_round_metric metric,
                        const char **reason) {
  const struct l4r_record_latency *latency = &record->data.latency_ns;
  const struct l4r_record_estimate *const pooled[] = {&latency->mean, &latency->p50, &latency->p99};
  const char *withheld = pooled[metric]->withheld;
  *reason = withheld ? withheld : "the round has no such figure";
  if (withheld || at >= record->data.rounds.count) return 0;
  const struct l4r_record_round *round = &record->data.rounds.at[at];
  if (metric == L4R_ROUND_MEAN) return round->mean_ns > 0 ? round->mean_ns : 0;
  const int64_t ns = metric == L4R_ROUND_P50 ? round->p50_ns : round->p99_ns;
  return ns > 0 ? (double)ns : 0;
}

int64_t l4r_round_number(const struct l4r_record *record, int64_t at) {
  const int64_t number = record->data.rounds.at[at].round;
  return number == L4R_NONE ? at : number;
}

static int is_text(const char *text, const char *wanted) {
  return !wanted || (text && !strcmp(text, wanted));
}

int l4r_record_matches(const struct l4r_record *record, const struct l4r_record_filter *filter) {
  return is_text(record->data.arm, filter->arm) &&
         is_text(record->data.scenario, filter->scenario) &&
         (!filter->threads || record->data.threads == filter->threads);
}
