/* SPDX-License-Identifier: BSD-3-Clause */
/* What is read from one record: its figures by round, and whether it was asked for. */
#include "bench/derive/figures.h"

#include <math.h>
#include <string.h>

const char *const l4r_round_metric_names[L4R_ROUND_METRICS] = {"mean", "p50", "p99"};

double l4r_round_figure(const json_t *record, size_t at, enum l4r_round_metric metric,
                        const char **reason) {
  static const char *const fields[L4R_ROUND_METRICS] = {"mean_ns", "p50_ns", "p99_ns"};
  const json_t *estimate = json_object_get(json_object_get(record, "latency_ns"),
                                           l4r_round_metric_names[metric]);
  const char *withheld = json_string_value(json_object_get(estimate, "withheld"));
  const json_t *round = json_array_get(json_object_get(record, "rounds"), at);
  const json_t *value = json_object_get(round, fields[metric]);
  const double ns = json_is_number(value) ? json_number_value(value) : 0;
  *reason = withheld ? withheld : "the round has no such figure";
  return !withheld && isfinite(ns) && ns > 0 ? ns : 0;
}

static int is_text(const json_t *record, const char *key, const char *wanted) {
  const char *text = json_string_value(json_object_get(record, key));
  return !wanted || (text && !strcmp(text, wanted));
}

int l4r_record_matches(const json_t *record, const struct l4r_record_filter *filter) {
  return is_text(record, "arm", filter->arm) && is_text(record, "scenario", filter->scenario) &&
         (!filter->threads ||
          json_integer_value(json_object_get(record, "threads")) == filter->threads);
}
