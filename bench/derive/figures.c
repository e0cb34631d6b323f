/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/figures.h"

#include "impl/base/error.h"
#include "impl/base/number.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

const char *const l4r_round_metric_names[] = {"mean", "p50",    "p99",          "users/s", "cold",
                                              "open", "memory", "instructions", NULL};

static double positive(double value) {
  return value > 0 && isfinite(value) ? value : 0;
}

static double whole(int64_t value) {
  return value == L4R_NONE ? 0 : positive((double)value);
}

/* Why the record withholds a figure of all rounds; NULL where it does not. */
static const char *withheld_of(const struct l4r_record_latency *latency,
                               enum l4r_round_metric metric) {
  if (metric == L4R_ROUND_MEAN) return latency->mean.withheld;
  if (metric == L4R_ROUND_P50) return latency->p50.withheld;
  return metric == L4R_ROUND_P99 ? latency->p99.withheld : NULL;
}

double l4r_round_figure(const struct l4r_record *record, int64_t at, enum l4r_round_metric metric,
                        const char **reason) {
  const char *withheld = withheld_of(&record->data.latency_ns, metric);
  *reason = withheld ? withheld : "the round has no such figure";
  if (withheld || at >= record->data.rounds.count) return 0;
  const struct l4r_record_round *round = &record->data.rounds.at[at];
  switch (metric) {
  case L4R_ROUND_MEAN:
    return positive(round->mean_ns);
  case L4R_ROUND_P50:
    return whole(round->p50_ns);
  case L4R_ROUND_P99:
    return whole(round->p99_ns);
  case L4R_ROUND_RATE:
    return positive(round->users_per_second);
  case L4R_ROUND_COLD:
    return whole(round->cold_ns);
  case L4R_ROUND_OPEN:
    return positive(round->open_seconds * 1e9);
  case L4R_ROUND_MEMORY:
    return whole(round->peak_rss_bytes);
  case L4R_ROUND_INSTRUCTIONS:
    return positive(record->data.instructions.per_user);
  case L4R_ROUND_METRICS:
    break;
  }
  return 0;
}

static int unknown(const char *name) {
  return l4r_fail(L4R_USAGE,
                  "there is no figure '%.40s'; there are " L4R_FIGURE_NAMES
                  " (HR and NDCG at any depth, and with seen items kept: keep:HR@10)",
                  name);
}

static int parse_accuracy(const char *name, struct l4r_figure *figure) {
  const char *metric = name;
  int64_t depth;
  figure->mask = strncmp(name, "keep:", 5) != 0;
  if (!figure->mask || !strncmp(name, "mask:", 5)) metric += 5;
  figure->discounted = !strncmp(metric, "NDCG@", 5);
  if (!figure->discounted && strncmp(metric, "HR@", 3) != 0) return unknown(name);
  if (l4r_parse_int(strchr(metric, '@') + 1, &depth) || depth < 1 || depth > 1000)
    return unknown(name);
  figure->source = L4R_OF_USERS;
  figure->unit = L4R_UNIT_SHARE;
  figure->more_is_better = 1;
  figure->depth = (int)depth;
  l4r_text_set(figure->name, sizeof figure->name, "%s%s@%d",
               figure->mask ? "" : "keep:", figure->discounted ? "NDCG" : "HR", (int)depth);
  return L4R_OK;
}

int l4r_figure_parse(const char *name, struct l4r_figure *figure) {
  static const enum l4r_figure_unit units[L4R_ROUND_METRICS] = {
      [L4R_ROUND_RATE] = L4R_UNIT_RATE,
      [L4R_ROUND_MEMORY] = L4R_UNIT_BYTES,
      [L4R_ROUND_INSTRUCTIONS] = L4R_UNIT_COUNT};
  *figure = (struct l4r_figure){.source = L4R_OF_ROUNDS};
  if (strchr(name, '@')) return parse_accuracy(name, figure);
  l4r_text_set(figure->name, sizeof figure->name, "%.20s", name);
  if (!strcmp(name, "weights")) {
    figure->source = L4R_OF_RECORD;
    figure->unit = L4R_UNIT_BYTES;
    return L4R_OK;
  }
  for (int m = 0; m < L4R_ROUND_METRICS; m++) {
    if (strcmp(name, l4r_round_metric_names[m]) != 0) continue;
    figure->round = (enum l4r_round_metric)m;
    figure->unit = units[m];
    figure->more_is_better = m == L4R_ROUND_RATE;
    if (m == L4R_ROUND_INSTRUCTIONS) figure->source = L4R_OF_RECORD;
    return L4R_OK;
  }
  return unknown(name);
}

int64_t l4r_round_figures(const struct l4r_record *record, enum l4r_round_metric metric,
                          double *figures, int64_t most) {
  const char *reason;
  int64_t n = 0;
  for (int64_t r = 0; r < record->data.rounds.count && n < most; r++) {
    const double figure = l4r_round_figure(record, r, metric, &reason);
    if (figure > 0) figures[n++] = figure;
  }
  return n;
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
