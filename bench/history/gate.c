/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/history/gate.h"

#include "bench/history/changes.h"
#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>

static const double error_rate = .05;   /* of all series together, both sides */
static const double least_noise = .001; /* as in history.c: figures that repeat exactly */

/* The values of the last level. */
static int last_level(const struct l4r_history_series *series, int64_t n, double *value,
                      struct l4r_segment *last) {
  struct l4r_segment *segment = NULL;
  int64_t segments;
  double noise;
  for (int64_t p = 0; p < n; p++) value[p] = log(series->point[p].ns.value);
  const int status = l4r_steps_find(value, n, least_noise, &segment, &segments, &noise);
  if (!status) *last = segment[segments - 1];
  l4r_free(segment);
  return status;
}

int l4r_history_newest(const struct l4r_history_series *series, int64_t rows,
                       struct l4r_newest *newest) {
  const int64_t before = series->points - 1;
  struct l4r_segment last = {0, 0, 0};
  double mean = 0, squares = 0;
  if (before < L4R_HISTORY_GATE_FROM) return 0;
  double *value = l4r_alloc((size_t)before, sizeof *value, "a series");
  if (!value) return L4R_ENVIRONMENT;
  const int status = last_level(series, before, value, &last);
  const int64_t n = last.end - last.begin;
  for (int64_t p = last.begin; p < last.end; p++) mean += value[p] / (double)n;
  for (int64_t p = last.begin; p < last.end; p++) squares += (value[p] - mean) * (value[p] - mean);
  l4r_free(value);
  if (status || n < L4R_HISTORY_GATE_FROM) return status;
  const double deviation = fmax(least_noise, sqrt(squares / (double)(n - 1)));
  const double error = deviation * sqrt(1 + 1 / (double)n), freedom = (double)(n - 1);
  const double differ = error * l4r_student_quantile(1 - error_rate / 2 / (double)rows, freedom);
  const double same = error * l4r_student_quantile(1 - error_rate / (double)rows, freedom);
  const double change = log(series->point[before].ns.value) - mean;
  *newest = (struct l4r_newest){exp(mean),
                                n,
                                {exp(change), exp(change - differ), exp(change + differ),
                                 exp(change - same), exp(change + same)},
                                l4r_margin_of(differ)};
  return 1;
}

struct counts {
  int64_t held, worse, noisy, brief;
  const struct l4r_history_series *first; /* that is worse */
  struct l4r_newest worst;                /* the noisiest */
  const struct l4r_history_series *noisiest;
};

static void judge(const struct l4r_history *history, const struct l4r_history_series *series,
                  const struct l4r_newest *newest, double margin, struct counts *counts,
                  FILE *stream) {
  const struct l4r_comparison *c = &newest->comparison;
  const int bigger = history->metric == L4R_ROUND_RATE;
  const int worse = bigger ? c->hi < 1 / (1 + margin) : c->lo > 1 + margin;
  const int clear = worse || (bigger ? c->lo > 1 + margin : c->hi < 1 / (1 + margin));
  char level[32], now[32];
  counts->held++;
  if (!clear && newest->least_margin > margin) {
    if (!counts->noisy++ || newest->least_margin > counts->worst.least_margin) {
      counts->worst = *newest;
      counts->noisiest = series;
    }
    return;
  }
  if (!worse) return;
  if (!counts->worse++) counts->first = series;
  const struct l4r_history_point *at = &series->point[series->points - 1];
  fprintf(stream,
          "WORSE  %s, %s, %s, %lld thr: %s is %s, %.3f [%.3f, %.3f] of the %s of the %lld records "
          "before it (commit %s, %s)\n",
          series->name, series->label, series->scenario, (long long)series->threads,
          l4r_round_metric_names[history->metric],
          l4r_history_figure(history->metric, at->ns.value, now), c->ratio, c->lo, c->hi,
          l4r_history_figure(history->metric, newest->level, level), (long long)newest->records,
          *at->git ? at->git : "-", at->time);
}

static int outcome(const struct counts *counts, double margin) {
  if (counts->worse)
    return l4r_fail(L4R_CHECK,
                    "the gate at %g %%: the newest record is worse in %lld series; the "
                    "first: %s",
                    100 * margin, (long long)counts->worse, counts->first->name);
  if (counts->noisy)
    return l4r_fail(
        L4R_NOISY,
        "a margin of %g %% is too fine for the %lld records of %s, whose next one may "
        "differ by as much: --gate %.1f%% holds, or more rounds a record (run --rounds), "
        "or a metric without noise (--metric instructions)",
        100 * margin, (long long)counts->worst.records, counts->noisiest->name,
        100 * ceil(counts->worst.least_margin * 1000) / 1000);
  if (!counts->held)
    return l4r_fail(L4R_NOISY,
                    "no series has the %d records of one level before its newest that a gate needs",
                    L4R_HISTORY_GATE_FROM);
  return L4R_OK;
}

int l4r_history_gate(const struct l4r_history *history, double margin, FILE *stream) {
  struct counts counts = {.held = 0};
  for (int64_t s = 0; s < history->count; s++) {
    struct l4r_newest newest = {.records = 0};
    const int found = l4r_history_newest(&history->series[s], history->count, &newest);
    if (found < 0) return found;
    if (found)
      judge(history, &history->series[s], &newest, margin, &counts, stream);
    else
      counts.brief++;
  }
  fprintf(stream,
          "gate at %g %%: the newest record of %lld series, each beside the level before it: %lld "
          "worse, %lld too noisy to tell; %lld series are too short\n",
          100 * margin, (long long)counts.held, (long long)counts.worse, (long long)counts.noisy,
          (long long)counts.brief);
  return outcome(&counts, margin);
}
