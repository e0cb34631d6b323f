/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report/draw.h"

#include "impl/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_ARMS = 24 }; /* looks that differ */

struct l4r_shown l4r_alone(double value) {
  return (struct l4r_shown){value, NAN, NAN};
}

static int priority_of(const struct l4r_figures *figures, const char *slug, int arm) {
  const struct l4r_tsv_rows *arms = &figures->table[L4R_OF_ARMS];
  for (int64_t r = 0; r < arms->rows; r++)
    if (!strcmp(l4r_columns_text(arms, r, "group"), slug) &&
        (int)l4r_columns_number(arms, r, "arm") == arm)
      return (int)l4r_columns_number(arms, r, "priority");
  return MOST_ARMS;
}

int l4r_next_drawn(const struct l4r_figures *figures, int group, struct l4r_drawn *drawn) {
  const char *slug = figures->rows->group[group].slug;
  while (++drawn->row < drawn->table->rows) {
    if (strcmp(l4r_columns_text(drawn->table, drawn->row, "group"), slug) != 0) continue;
    const int arm = (int)l4r_drawn_number(drawn, "arm");
    const int known = drawn->label && drawn->arm == arm; /* rows of an arm stand together */
    if (!known && priority_of(figures, slug, arm) >= MOST_ARMS) continue;
    drawn->label = l4r_columns_text(drawn->table, drawn->row, "label");
    drawn->arm = arm;
    drawn->thread = (int)l4r_drawn_number(drawn, "thread");
    drawn->threads = (int)l4r_drawn_number(drawn, "threads");
    return 1;
  }
  return 0;
}

double l4r_drawn_number(const struct l4r_drawn *drawn, const char *key) {
  return l4r_columns_number(drawn->table, drawn->row, key);
}

struct l4r_shown l4r_drawn_shown(const struct l4r_drawn *drawn, const char *key, double scale) {
  char lo[64], hi[64];
  l4r_text_set(lo, sizeof lo, "%.40s_lo", key);
  l4r_text_set(hi, sizeof hi, "%.40s_hi", key);
  return (struct l4r_shown){scale * l4r_drawn_number(drawn, key),
                            scale * l4r_drawn_number(drawn, lo),
                            scale * l4r_drawn_number(drawn, hi)};
}

int l4r_drawn_series(struct l4r_figures *figures, struct l4r_chart *chart,
                     const struct l4r_drawn *drawn, enum l4r_line line, int by_thread) {
  char name[sizeof chart->series->name], threads[48] = "";
  if (by_thread)
    l4r_text_set(threads, sizeof threads, ", %d thread%s", drawn->threads,
                 drawn->threads == 1 ? "" : "s");
  l4r_text_set(name, sizeof name, "%.340s%s", drawn->label, threads);
  for (size_t s = 0; s < chart->count; s++)
    if (!strcmp(chart->series[s].name, name) && chart->series[s].line == line) return (int)s;
  return l4r_chart_series(chart, l4r_figures_look(figures, drawn->label), line, "%s", name);
}

void l4r_figure_caption(const struct l4r_figures *figures, int group, const char *what, char *text,
                        size_t size) {
  const struct l4r_row_group *of = &figures->rows->group[group];
  const struct l4r_tsv_rows *arms = &figures->table[L4R_OF_ARMS];
  int all = 0;
  size_t used = 0;
  for (int64_t r = 0; r < arms->rows; r++)
    all += !strcmp(l4r_columns_text(arms, r, "group"), of->slug);
  l4r_text_set(text, size, "%s", "");
  l4r_text_add(text, size, &used, "%s: %s%s%s", what, of->title, *of->cpu ? "; " : "", of->cpu);
  if (all > MOST_ARMS)
    l4r_text_add(text, size, &used, "; %d of %d arms, those on a front first", MOST_ARMS, all);
  l4r_text_add(text, size, &used, ".");
}

void l4r_seconds_text(struct l4r_shown seconds, char *text, size_t size) {
  char value[24], lo[24], hi[24];
  l4r_axis_label(L4R_AXIS_SECONDS, seconds.value, value, sizeof value);
  l4r_axis_label(L4R_AXIS_SECONDS, seconds.lo, lo, sizeof lo);
  l4r_axis_label(L4R_AXIS_SECONDS, seconds.hi, hi, sizeof hi);
  if (isnan(seconds.lo) || isnan(seconds.hi))
    l4r_text_set(text, size, "%s", value);
  else
    l4r_text_set(text, size, "%s (%s to %s)", value, lo, hi);
}
