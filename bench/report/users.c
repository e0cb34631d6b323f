/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report/users.h"

#include "bench/record/bundle.h"
#include "bench/record/text.h"
#include "bench/report/draw.h"
#include "bench/report/fold.h"
#include "bench/report/section.h"
#include "bench/table/sheet.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum { ARMS = 24, GROUPS = 8, KINDS = 2 };

static const struct kind {
  const char *array, *list, *axis, *what;
} kinds[KINDS] = {
    {"length_group", "history_length", "interactions in the history", "by length of the history"},
    {"popularity_group", "target_popularity", "how popular the held-out item is",
     "by popularity of the held-out item"}};

struct sample { /* an arm's ranks */
  const struct l4r_row *row;
  struct l4r_bundle bundle;
  const struct l4r_array *rank, *place[KINDS];
};
struct view {
  struct sample arm[ARMS];
  int arms, base; /* base: B */
  int more;       /* 1: there are arms beyond ARMS */
};

struct l4r_shown l4r_gain_of(const int64_t *a, const int64_t *b, const int64_t *place,
                             int64_t users, int64_t group) {
  int64_t count = 0, sum = 0, squares = 0;
  for (int64_t u = 0; u < users; u++) {
    if (group >= 0 && place[u] != group) continue;
    const int gain = (a[u] >= 1 && a[u] <= 10) - (b[u] >= 1 && b[u] <= 10);
    count++;
    sum += gain;
    squares += gain * gain;
  }
  if (!count) return l4r_alone(NAN);
  const double n = (double)count, mean = (double)sum / n;
  if (count < 30) return l4r_alone(100 * mean);
  const double variance = ((double)squares - n * mean * mean) / (n - 1);
  const double half = 1.959964 * sqrt(variance / n);
  return (struct l4r_shown){100 * mean, 100 * (mean - half), 100 * (mean + half)};
}

/* --- the arms of a group --- */

static int is_known(const struct view *view, const struct l4r_row *row) {
  for (int a = 0; a < view->arms; a++)
    if (!strcmp(view->arm[a].row->label, row->label)) return 1;
  return 0;
}

/* Takes an arm in when its samples are there and hold groups of the same users. */
static int add_arm(struct view *view, const struct l4r_row *row) {
  char path[L4R_PATH_MAX];
  const char *name = row->record->data.accuracy.samples;
  if (!name || is_known(view, row)) return L4R_OK;
  if (view->arms == ARMS) {
    view->more = 1;
    return L4R_OK;
  }
  struct sample *sample = &view->arm[view->arms];
  *sample = (struct sample){.row = row};
  int status = l4r_record_sibling_path(row->record, name, path);
  if (status || access(path, F_OK)) return status;
  status = l4r_bundle_read(path, &sample->bundle);
  if (!status) sample->rank = l4r_bundle_find(&sample->bundle, "mask");
  int good = !status && sample->rank;
  for (int k = 0; k < KINDS && good; k++) {
    sample->place[k] = l4r_bundle_find(&sample->bundle, kinds[k].array);
    good = sample->place[k] && sample->place[k]->count == sample->rank->count;
    if (good && view->arms)
      good = sample->rank->count == view->arm[0].rank->count &&
             !memcmp(sample->place[k]->value, view->arm[0].place[k]->value,
                     (size_t)sample->rank->count * sizeof(int64_t));
  }
  if (good)
    view->arms++;
  else
    l4r_bundle_free(&sample->bundle);
  return status;
}

static double hits_of(const struct sample *sample) {
  return l4r_row_accuracy(sample->row, L4R_MASK, "HR@10").value;
}

static void choose_base(struct view *view) {
  int simple = -1, least = 0;
  for (int a = 0; a < view->arms; a++) {
    const double hits = hits_of(&view->arm[a]);
    if (!strncmp(view->arm[a].row->label, "heuristic@", 10) &&
        (simple < 0 || hits > hits_of(&view->arm[simple])))
      simple = a;
    if (hits < hits_of(&view->arm[least])) least = a;
  }
  view->base = simple >= 0 ? simple : least;
}

/* --- what is shown --- */

static int bounds_of(const struct view *view, int kind, char (*name)[64]) {
  const json_t *list = json_object_get(json_object_get(view->arm[0].bundle.meta, "groups"),
                                       kinds[kind].list);
  int count = 0;
  size_t index;
  json_t *bounds;
  json_array_foreach(list, index, bounds) {
    const char *named = json_string_value(json_object_get(bounds, "name"));
    if (count == GROUPS) break;
    const long long from = json_integer_value(json_object_get(bounds, "from"));
    const long long to = json_integer_value(json_object_get(bounds, "to"));
    if (named)
      l4r_text_set(name[count], sizeof *name, "%.40s", named);
    else if (from == to)
      l4r_text_set(name[count], sizeof *name, "%lld", from);
    else
      l4r_text_set(name[count], sizeof *name, "%lld to %lld", from, to);
    count++;
  }
  return count;
}

static struct l4r_shown gain(const struct view *view, int a, int kind, int64_t group) {
  return l4r_gain_of(view->arm[a].rank->value, view->arm[view->base].rank->value,
                     view->arm[a].place[kind]->value, view->arm[a].rank->count, group);
}

static void put_figure(struct l4r_report *report, int g, const struct view *view, int kind) {
  char name[GROUPS][64], what[256], caption[900];
  struct l4r_tick tick[GROUPS];
  const int groups = bounds_of(view, kind, name);
  for (int i = 0; i < groups; i++) tick[i] = (struct l4r_tick){i, name[i]};
  struct l4r_chart chart = {.x = {.title = kinds[kind].axis, .tick = tick, .ticks = groups},
                            .y = {.title = "gain in HR@10, points"}};
  for (int a = 0; a < view->arms; a++) {
    if (a == view->base) continue;
    const char *label = view->arm[a].row->label;
    const int series = l4r_chart_series(&chart, l4r_figures_look(&report->figures, label),
                                        L4R_LINE_SOLID, "%s", label);
    for (int i = 0; i < groups; i++) {
      const struct l4r_shown y = gain(view, a, kind, i);
      struct l4r_mark *mark = l4r_chart_mark(&chart, series, l4r_alone(i), y);
      if (mark)
        l4r_text_set(mark->says, sizeof mark->says, "%.340s, %s: %+.2f (%+.2f to %+.2f) points",
                     label, name[i], y.value, y.lo, y.hi);
    }
  }
  const int none = l4r_chart_series(&chart, -1, L4R_LINE_SOLID, "no gain over %.300s",
                                    view->arm[view->base].row->label);
  l4r_chart_mark(&chart, none, l4r_alone(0), l4r_alone(0));
  l4r_chart_mark(&chart, none, l4r_alone(groups - 1), l4r_alone(0));
  l4r_text_set(what, sizeof what, "Gain over %.120s %s", view->arm[view->base].row->label,
               kinds[kind].what);
  l4r_figure_caption(&report->figures, g, what, caption, sizeof caption);
  l4r_chart_put(&chart, report->page, caption);
}

static int put_table(struct l4r_report *report, int g, const struct view *view) {
  struct l4r_table table = {.layout = {.gap = 2}};
  struct l4r_sheet sheet;
  char name[GROUPS][64], prefix[32];
  int groups[KINDS];
  l4r_text_set(prefix, sizeof prefix, "users-%d", g);
  l4r_sheet_begin(&sheet, &l4r_print_html, report->page, prefix);
  l4r_table_title(&table,
                  "Gain in HR@10 (mask) over " L4R_CODE "%s" L4R_CODE
                  ", percentage points; below each its paired 95 %% interval",
                  view->arm[view->base].row->label);
  l4r_table_column(&table, (struct l4r_column){"arm", "arm", .align = L4R_LEFT});
  l4r_table_column(&table, (struct l4r_column){"all", "all users", .align = L4R_FIGURE});
  for (int k = 0; k < KINDS; k++) {
    groups[k] = bounds_of(view, k, name);
    for (int i = 0; i < groups[k]; i++)
      l4r_table_column(
          &table,
          (struct l4r_column){l4r_table_text(&table, "%d_%d", k, i),
                              l4r_table_text(&table, "%s%s", k ? "target " : "history ", name[i]),
                              .align = L4R_FIGURE});
  }
  for (int a = 0; a < view->arms; a++) {
    if (a == view->base) continue;
    l4r_row(&table);
    l4r_cell(&table, L4R_CODE "%s" L4R_CODE, view->arm[a].row->label);
    for (int k = 0; k < KINDS; k++)
      for (int i = k ? 0 : -1; i < groups[k]; i++) {
        const struct l4r_shown y = gain(view, a, k, i);
        l4r_cell_fixed(&table, y.value, 2, "");
        if (!isnan(y.lo)) l4r_cell_interval(&table, 0, "%.2f to %.2f", y.lo, y.hi);
      }
  }
  l4r_sheet_table(&sheet, &table);
  return l4r_sheet_end(&sheet, L4R_OK);
}

/* Arms of a data set are the same whatever the scenario: the group with the most of them shows. */
static int is_shown(const struct l4r_report *report, int g) {
  const struct l4r_rows *rows = &report->rows;
  const char *data = l4r_text_or_none(rows->group[g].first->data.dataset.sha256);
  const int mine = l4r_report_rows(report, g, L4R_ROWS_NEWEST);
  for (int other = 0; other < rows->groups; other++) {
    const int theirs = l4r_report_rows(report, other, L4R_ROWS_NEWEST);
    if (!strcmp(l4r_text_or_none(rows->group[other].first->data.dataset.sha256), data) &&
        (theirs > mine || (theirs == mine && other < g)))
      return 0;
  }
  return 1;
}

static int put_group(struct l4r_report *report, struct l4r_fold *fold, int g, int *shown) {
  struct view view = {.arms = 0};
  int status = L4R_OK;
  for (int64_t r = 0; r < report->rows.count && !status; r++) {
    const struct l4r_row *row = &report->rows.row[r];
    if (row->group == g && row->arm >= 0) status = add_arm(&view, row);
  }
  if (!status && view.arms > 1) {
    ++*shown;
    choose_base(&view);
    l4r_group_begin(report, fold, g);
    fputs("<div class=\"figures\">\n", report->page);
    for (int k = 0; k < KINDS; k++) put_figure(report, g, &view, k);
    fputs("</div>\n", report->page);
    status = put_table(report, g, &view);
    if (view.more)
      l4r_lead(report, "More arms of this group are not shown: a figure has room for %d.", ARMS);
    l4r_group_end(report);
  }
  for (int a = 0; a < view.arms; a++) l4r_bundle_free(&view.arm[a].bundle);
  return status;
}

int l4r_report_users(struct l4r_report *report) {
  struct l4r_fold fold = {.rows = L4R_FOLD_FIRST};
  int status = L4R_OK, shown = 0;
  l4r_section(report, "users", "Who gains");
  l4r_lead(report, "How much more often an arm's ten best hold the user's next item than those of "
                   "the best simple recommender, by group of users; both answered for the same "
                   "users, so differences are paired. Seen items are masked.");
  for (int n = 0; n < report->rows.groups && !status; n++)
    if (is_shown(report, report->group[n]))
      status = put_group(report, &fold, report->group[n], &shown);
  if (!shown && !status)
    l4r_lead(report, "Not shown: no two arms of a data set have samples with groups of users.");
  l4r_section_end(report);
  return status;
}
