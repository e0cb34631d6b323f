/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures of curves: the distribution of latencies, growth, and learning. */
#include "bench/report/draw_curves.h"
#include "bench/report/draw.h"

#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 900 };

/* The share of requests on an axis that stretches the tail: one more nine, one step further. */
static double nines(double share) {
  return -log10(1 - share);
}

/* Says the time at the medians and the tails alone: a tooltip a point would be thousands. */
static void say_quantile(const struct l4r_figures *figures, int group,
                         const struct l4r_drawn *drawn, double share, struct l4r_shown x,
                         struct l4r_mark *mark) {
  char time[96];
  l4r_seconds_text(x, time, sizeof time);
  l4r_text_set(mark->says, sizeof mark->says, "%.340s, %d thread%s: %.4g %% within %s",
               drawn->label, drawn->threads, drawn->threads == 1 ? "" : "s", 100 * share, time);
  l4r_figures_row(figures, group, drawn->arm, drawn->thread, 0, mark->row, sizeof mark->row);
}

int l4r_put_distribution(struct l4r_figures *figures, FILE *page, int group) {
  static const double said[] = {.1, .5, .9, .95, .99, .999};
  const struct l4r_tick ticks[] = {
      {nines(0), "0 %"},    {nines(.5), "50 %"},  {nines(.75), "75 %"},   {nines(.9), "90 %"},
      {nines(.95), "95 %"}, {nines(.99), "99 %"}, {nines(.999), "99.9 %"}};
  struct l4r_chart chart = {
      .x = {.title = "latency of a request", .kind = L4R_AXIS_SECONDS, .logarithmic = 1},
      .y = {.title = "requests answered within it",
            .tick = ticks,
            .ticks = sizeof ticks / sizeof *ticks}};
  struct l4r_drawn drawn = {.table = &figures->table[L4R_OF_QUANTILES], .row = -1};
  char caption[TEXT];
  double before = 1;
  while (l4r_next_drawn(figures, group, &drawn)) {
    const double share = l4r_drawn_number(&drawn, "p");
    const struct l4r_shown x = l4r_alone(1e-9 * l4r_drawn_number(&drawn, "ns"));
    struct l4r_mark *mark = l4r_chart_mark(
        &chart, l4r_drawn_series(figures, &chart, &drawn, L4R_LINE_SOLID, 1), x,
        l4r_alone(nines(share)));
    if (share < before) before = -1; /* another curve begins */
    for (size_t s = 0; mark && s < sizeof said / sizeof *said; s++)
      if (before < said[s] && share >= said[s] && share < said[s] * 1.1)
        say_quantile(figures, group, &drawn, share, x, mark);
    before = share;
  }
  l4r_figure_caption(figures, group, "Latency of a request, as a distribution", caption,
                     sizeof caption);
  return l4r_chart_put(&chart, page, caption);
}

/* --- growth --- */

/* The different values of a dimension, as ticks; returns how many. */
static int values_of(const struct l4r_tsv_rows *table, const char *dimension, struct l4r_tick *tick,
                     char (*label)[24], int most) {
  int count = 0;
  for (int64_t r = 0; r < table->rows && count < most; r++) {
    const double value = l4r_columns_number(table, r, "value");
    int known = strcmp(l4r_columns_text(table, r, "dimension"), dimension) != 0;
    for (int t = 0; t < count; t++) known |= tick[t].at == value;
    if (known) continue;
    l4r_axis_label(L4R_AXIS_PLAIN, value, label[count], sizeof *label);
    tick[count] = (struct l4r_tick){value, label[count]};
    count++;
  }
  return count;
}

/* A sweep is two series: what the roofline allows, and what was measured. */
static void begin_sweep(struct l4r_figures *figures, struct l4r_chart *chart, const char *label) {
  int same = 1;
  char number[24] = "";
  for (size_t s = 1; s < chart->count; s += 2)
    same += !strncmp(chart->series[s].name, label, strlen(label));
  if (same > 1) l4r_text_set(number, sizeof number, " (%d)", same);
  const int look = l4r_figures_look(figures, label);
  const int allowed = l4r_chart_series(chart, look, L4R_LINE_DASHED, "%.360s%s", label, number);
  l4r_chart_series(chart, look, L4R_LINE_SOLID, "%.360s%s", label, number);
  if (allowed >= 0) chart->series[allowed].quiet = 1;
}

static void add_size(struct l4r_chart *chart, const struct l4r_drawn *drawn,
                     const char *dimension) {
  char time[96];
  const int series = (int)chart->count - 1;
  const struct l4r_shown x = l4r_alone(l4r_drawn_number(drawn, "value"));
  const struct l4r_shown y = l4r_drawn_shown(drawn, "ns", 1e-9);
  l4r_chart_mark(chart, series - 1, x, l4r_alone(1e-9 * l4r_drawn_number(drawn, "roofline_ns")));
  struct l4r_mark *mark = l4r_chart_mark(chart, series, x, y);
  if (!mark) return;
  l4r_seconds_text(y, time, sizeof time);
  l4r_text_set(mark->says, sizeof mark->says, "%.340s, %s %.6g: %s", chart->series[series].name,
               dimension, x.value, time);
}

int l4r_put_growth(struct l4r_figures *figures, FILE *page, const char *dimension) {
  const struct l4r_tsv_rows *table = &figures->table[L4R_OF_GROWTH];
  struct l4r_tick ticks[L4R_TICKS];
  char label[L4R_TICKS][24], caption[TEXT];
  const int values = values_of(table, dimension, ticks, label, L4R_TICKS);
  if (values < 3) return 0; /* two points show no law */
  struct l4r_chart chart = {
      .x = {.title = dimension, .logarithmic = 1, .tick = ticks, .ticks = values},
      .y = {.title = "time of a user", .kind = L4R_AXIS_SECONDS, .logarithmic = 1}};
  for (int64_t r = 0, before = -1; r < table->rows; r++) {
    if (strcmp(l4r_columns_text(table, r, "dimension"), dimension) != 0) continue;
    if (before < 0 ||
        strcmp(l4r_columns_text(table, before, "sweep"), l4r_columns_text(table, r, "sweep")) != 0)
      begin_sweep(figures, &chart, l4r_columns_text(table, r, "label"));
    add_size(&chart, &(struct l4r_drawn){.table = table, .row = r}, dimension);
    before = r;
  }
  l4r_text_set(caption, sizeof caption,
               "Time of a user by %s; dashed: what the roofline of the same rounds allows%s%s.",
               dimension, figures->rows->groups && *figures->rows->group[0].cpu ? "; " : "",
               figures->rows->groups ? figures->rows->group[0].cpu : "");
  return l4r_chart_put(&chart, page, caption);
}

/* --- learning --- */

/* The look of a model: that of an arm that serves it, where there is one. */
static int look_of_model(struct l4r_figures *figures, const char *model) {
  const size_t length = strcspn(model, " ");
  for (size_t l = 0; l < figures->looks; l++) {
    const char *at = strchr(figures->look[l], '@');
    if (at && !strncmp(at + 1, model, length) && strchr(": ", at[1 + length])) return (int)l;
  }
  return l4r_figures_look(figures, model);
}

/* Whether the models were trained on that data set. Copies of logs do not say on which: then all
 * records must be of one. */
static int is_theirs(const struct l4r_figures *figures, const char *dataset) {
  const struct l4r_tsv_rows *simple = &figures->table[L4R_OF_SIMPLE];
  const struct l4r_tsv_rows *models = &figures->table[L4R_OF_MODELS];
  int unknown = 0, others = 0;
  for (int64_t m = 0; m < models->rows; m++) {
    const char *of = l4r_columns_text(models, m, "dataset");
    if (!strcmp(of, dataset)) return 1;
    unknown |= !*of || !strcmp(of, "-");
  }
  for (int64_t r = 0; r < simple->rows; r++)
    others |= strcmp(l4r_columns_text(simple, r, "dataset"), dataset) != 0;
  return unknown && !others;
}

/* Lines across the figure for what needs no training: pop and itemknn on the same data. */
static void add_simple(struct l4r_figures *figures, struct l4r_chart *chart, const char *key) {
  const struct l4r_tsv_rows *simple = &figures->table[L4R_OF_SIMPLE];
  const double lo = chart->x.lo, hi = chart->x.hi;
  for (int64_t r = 0; r < simple->rows; r++) {
    const char *dataset = l4r_columns_text(simple, r, "dataset");
    const char *kind = l4r_columns_text(simple, r, "kind");
    if (!is_theirs(figures, dataset)) continue;
    const int look = l4r_figures_look(figures, l4r_columns_text(simple, r, "label"));
    const int series = l4r_chart_series(chart, look, L4R_LINE_DASHED, "%.80s on %.80s (test items)",
                                        kind, dataset);
    const double y = l4r_columns_number(simple, r, key);
    if (series >= 0) chart->series[series].unmarked = 1;
    struct l4r_mark *mark = l4r_chart_mark(chart, series, l4r_alone(lo), l4r_alone(y));
    if (mark) l4r_text_set(mark->says, sizeof mark->says, "%.80s: %.4f", kind, y);
    l4r_chart_mark(chart, series, l4r_alone(hi), l4r_alone(y));
  }
}

static int put_learning(struct l4r_figures *figures, FILE *page, const char *key,
                        const char *simple, const char *axis, const char *what) {
  const struct l4r_tsv_rows *curves = &figures->table[L4R_OF_CURVES];
  const struct l4r_tsv_rows *models = &figures->table[L4R_OF_MODELS];
  struct l4r_chart chart = {.x = {.title = "minutes of training", .from_zero = 1},
                            .y = {.title = axis, .from_zero = simple != NULL}};
  char caption[TEXT], dataset[160] = "";
  for (int64_t m = 0; m < models->rows; m++) {
    const char *model = l4r_columns_text(models, m, "label");
    if (!*dataset)
      l4r_text_set(dataset, sizeof dataset, "%.150s", l4r_columns_text(models, m, "dataset"));
    const int series = l4r_chart_series(&chart, look_of_model(figures, model), L4R_LINE_SOLID,
                                        "%.380s", model);
    for (int64_t r = 0; r < curves->rows; r++) {
      if (l4r_columns_number(curves, r, "model") != l4r_columns_number(models, m, "model"))
        continue;
      const double minutes = l4r_columns_number(curves, r, "total_seconds") / 60;
      const double y = l4r_columns_number(curves, r, key);
      struct l4r_mark *mark = l4r_chart_mark(&chart, series, l4r_alone(minutes), l4r_alone(y));
      if (mark)
        l4r_text_set(mark->says, sizeof mark->says, "%.340s, epoch %.0f, %.3g minutes: %.4f", model,
                     l4r_columns_number(curves, r, "epoch"), minutes, y);
    }
  }
  if (simple && chart.marks) add_simple(figures, &chart, simple);
  l4r_text_set(caption, sizeof caption, "%s%s%s.", what, *dataset && *dataset != '-' ? ": " : "",
               *dataset != '-' ? dataset : "");
  return l4r_chart_put(&chart, page, caption);
}

int l4r_put_learning(struct l4r_figures *figures, FILE *page) {
  return put_learning(figures, page, "loss", NULL, "nats a target",
                      "Training loss; losses over items and over tokens have no common scale") +
         put_learning(figures, page, "hr10", "mask_hr", "HR@10, masked",
                      "Validation HR@10 by time of training") +
         put_learning(figures, page, "ndcg10", "mask_ndcg", "NDCG@10, masked",
                      "Validation NDCG@10 by time of training, which chooses the epoch");
}
