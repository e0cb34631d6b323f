/* SPDX-License-Identifier: BSD-3-Clause */
/* Accuracy of trained rows, one row per way of training. Records that differ only in the training
 * seed become one row with mean and range, never the best seed. A row with a required accuracy
 * (floor) is checked against it, because an under-trained baseline makes everything beside it look
 * good. */
#include "bench/export/accuracy.h"

#include "bench/record/text.h"
#include "bench/table/units.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 16, TEXT = 224 };
static const struct l4r_column columns[] = {
    {"row", "row", .align = L4R_LEFT},
    {"ties", "ties", .align = L4R_LEFT},
    {"clock", "clock", .align = L4R_LEFT},
    {"loss", "loss", .align = L4R_LEFT},
    {"seeds", "seeds", .align = L4R_FIGURE},
    {"hr10_keep", "HR@10 keep", .align = L4R_FIGURE, .interval = 1},
    {"ndcg10_keep", "NDCG@10 keep", .align = L4R_FIGURE, .interval = 1},
    {"hr10_mask", "HR@10 mask", .align = L4R_FIGURE, .interval = 1},
    {"ndcg10_mask", "NDCG@10 mask", .align = L4R_FIGURE, .interval = 1},
    {"validation_ndcg10", "validation NDCG@10", .align = L4R_FIGURE},
    {"epoch", "epoch", .align = L4R_FIGURE},
    {"minutes", "minutes", .align = L4R_FIGURE},
    {"settings_tried", "settings tried", .align = L4R_FIGURE},
    {"curve", "curve at its end", .align = L4R_LEFT},
    {"floor", "must reach", .align = L4R_LEFT}};

static const char TIES_AND_CLOCK[] =
    "Ties: how interactions of one time are ordered; figures under different rules are of "
    "different "
    "data sets. Clock: the times that a model sees; no request holds any.";
static const char CURVES[] =
    "The value that a curve would reach extrapolates validation NDCG@10: limit - drop × exp(-t / "
    "tau), fitted by least squares to the last half of the training time, assuming that the "
    "learning "
    "rate continues its course.";

struct line {
  const struct l4r_row *seed[SEEDS]; /* the newest record of each training seed */
  int seeds;
};

struct range {
  double mean, least, most;
  int count;
};

static struct range range_of(const double *value, int n) {
  struct range range = {0, INFINITY, -INFINITY, 0};
  for (int i = 0; i < n; i++) {
    if (isnan(value[i])) continue;
    range.mean += value[i];
    range.least = fmin(range.least, value[i]);
    range.most = fmax(range.most, value[i]);
    range.count++;
  }
  range.mean = range.count ? range.mean / range.count : NAN;
  return range;
}

static int same_at(const struct l4r_row *a, const struct l4r_row *b, const char *path) {
  return l4r_member_same(l4r_shape_record(), &a->record->data, &b->record->data, path);
}

/* Returns 1 when two records have the same way of training and of serving. Records that do not say
 * how their model was trained (counts; older versions) are told apart by the model's name. */
static int same_row(const struct l4r_row *a, const struct l4r_row *b) {
  static const char *const paths[] = {"row.name",   "engine",         "options",       "precision",
                                      "model.kind", "model.size",     "model.init",    "model.loss",
                                      "controls",   "model.settings", "dataset.sha256"};
  for (size_t p = 0; p < sizeof paths / sizeof *paths; p++)
    if (!same_at(a, b, paths[p])) return 0;
  return *l4r_row_text(a, "model.settings.training") || *l4r_row_text(a, "row.name") ||
         same_at(a, b, "model.name");
}

static int by_time(const void *a, const void *b) {
  const struct l4r_row *const *x = a, *const *y = b;
  const int order = strcmp(l4r_row_text(*x, "manifest.time"), l4r_row_text(*y, "manifest.time"));
  return order ? order : ((*x)->order > (*y)->order) - ((*x)->order < (*y)->order);
}

/* A later record of a seed replaces an earlier one. */
static int take(struct line *line, const struct l4r_row *row) {
  for (int s = 0; s < line->seeds; s++) {
    if (!same_at(line->seed[s], row, "model.seed")) continue;
    if (!same_at(line->seed[s], row, "model.sha256"))
      l4r_warn("%s: records of two models trained with the same seed; the newer one is shown",
               row->label);
    line->seed[s] = row;
    return L4R_OK;
  }
  if (line->seeds == SEEDS)
    return l4r_fail(L4R_INPUT, "%s: more than %d training seeds", row->label, SEEDS);
  line->seed[line->seeds++] = row;
  return L4R_OK;
}

static void add_figure(struct l4r_table *table, const struct line *line, int convention,
                       const char *metric) {
  double value[SEEDS];
  for (int s = 0; s < line->seeds; s++)
    value[s] = l4r_row_accuracy(line->seed[s], convention, metric).value;
  const struct range range = range_of(value, line->seeds);
  const struct l4r_shown one = l4r_row_accuracy(line->seed[0], convention, metric);
  l4r_cell_fixed(table, range.mean, 4, "");
  if (line->seeds > 1 && range.count) {
    l4r_cell_value(table, (struct l4r_shown){range.mean, range.least, range.most});
    l4r_cell_interval(table, 0, L4R_BRACKET "%.4f, %.4f]", range.least, range.most);
  } else if (range.count && !isnan(one.lo)) {
    l4r_cell_value(table, one);
    l4r_cell_interval(table, 0, "%.4f–%.4f", one.lo, one.hi);
  }
}

/* Adds a figure of each seed: the mean in text, all values for programs. */
static void add_numbers(struct l4r_table *table, const struct line *line, const char *path,
                        double scale, int digits, int listed) {
  double value[SEEDS];
  for (int s = 0; s < line->seeds; s++) value[s] = l4r_row_number(line->seed[s], path) * scale;
  const struct range range = range_of(value, line->seeds);
  l4r_cell_fixed(table, range.mean, digits, "");
  if (!range.count || !listed || line->seeds == 1) return;
  char text[TEXT] = "";
  size_t used = 0;
  for (int s = 0; s < line->seeds; s++)
    if (isnan(value[s]))
      l4r_text_add(text, TEXT, &used, "%s-", s ? ", " : "");
    else
      l4r_text_add(text, TEXT, &used, "%s%.*f", s ? ", " : "", digits, value[s]);
  l4r_cell_text(table, "%s", text);
}

/* Adds "rising: ~.1821 at twice the time, limit ~.19", or a range for several seeds. Returns 1 when
 * the curve rises. */
static int add_curve(struct l4r_table *table, const struct line *line) {
  double twice[SEEDS], limit[SEEDS];
  int rising = 0, same = 1;
  const char *first = l4r_row_text(line->seed[0], "model.curve.state");
  for (int s = 0; s < line->seeds; s++) {
    const char *state = l4r_row_text(line->seed[s], "model.curve.state");
    twice[s] = l4r_row_number(line->seed[s], "model.curve.at_twice_the_time");
    limit[s] = l4r_row_number(line->seed[s], "model.curve.limit");
    rising += !strcmp(state, "rising");
    same &= !strcmp(state, first);
  }
  if (!rising) {
    l4r_cell(table, "%s", !*first ? "-" : same ? first : "flat or falling");
    return 0;
  }
  const struct range at = range_of(twice, line->seeds), end = range_of(limit, line->seeds);
  l4r_cell(table, "still rising");
  if (rising < line->seeds) l4r_cell_add(table, " (%d of %d)", rising, line->seeds);
  l4r_cell_add(table, ": would reach ~%.4f", at.least);
  if (at.count > 1) l4r_cell_add(table, "–%.4f", at.most);
  l4r_cell_add(table, " in twice the time");
  if (end.count == rising)
    l4r_cell_add(table, ", ~%.4f at last", end.mean);
  else
    l4r_cell_add(table, ", no bend yet");
  return 1;
}

/* Returns 1 when the row's mean is below its floor. */
static int add_floor(struct l4r_table *table, const struct line *line) {
  const struct l4r_row *newest = line->seed[line->seeds - 1];
  const double least = l4r_row_number(newest, "row.floor.at_least");
  const char *convention = l4r_row_text(newest, "row.floor.convention");
  const char *metric = l4r_row_text(newest, "row.floor.metric");
  double value[SEEDS];
  if (isnan(least)) {
    l4r_cell_absent(table, NULL);
    return 0;
  }
  for (int s = 0; s < line->seeds; s++)
    value[s] = l4r_row_accuracy(line->seed[s], !strcmp(convention, "mask"), metric).value;
  const int below = !(range_of(value, line->seeds).mean >= least);
  l4r_cell(table, "%.80s %.80s %.4g: %s", metric, convention, least,
           below ? L4R_STRONG "BELOW" L4R_STRONG : "yes");
  return below;
}

static void add_name(struct l4r_table *table, const struct l4r_row *first) {
  const char *name = l4r_row_text(first, "row.name");
  if (*name)
    l4r_cell(table, L4R_CODE "%.80s" L4R_CODE " (" L4R_CODE "%.100s" L4R_CODE ")", name,
             l4r_row_text(first, "model.kind"));
  else
    l4r_cell(table, L4R_CODE "%.200s" L4R_CODE, first->label);
}

struct tables {
  struct l4r_sheet *sheet;
  const struct l4r_row **sorted; /* [count] by time */
  int64_t count, untrained;
  struct line *line;
  int lines;
  char below[2048]; /* names of the rows that are below their floor */
};

/* Remembers a row below its floor for the final error, which quotes names as documents do. */
static void add_below(struct tables *tables, const struct l4r_row *first) {
  const char *name = l4r_row_text(first, "row.name");
  const char *quote = tables->sheet->printer->document ? "`" : "";
  size_t used = strlen(tables->below);
  l4r_text_add(tables->below, sizeof tables->below, &used, "%s%s%.200s%s", used ? ", " : "", quote,
               *name ? name : first->label, quote);
  if (*name)
    l4r_text_add(tables->below, sizeof tables->below, &used, " (%s%.100s%s)", quote,
                 l4r_row_text(first, "model.kind"), quote);
  l4r_text_add(tables->below, sizeof tables->below, &used, " (%s)",
               l4r_row_text(first, "dataset.name"));
}

/* Returns 1 when the row's curve rises. */
static int add_line(struct tables *tables, struct l4r_table *table, const struct line *line) {
  const struct l4r_row *first = line->seed[0];
  const char *loss = l4r_row_text(first, "model.loss");
  l4r_row(table);
  add_name(table, first);
  l4r_cell(table, "%.64s", l4r_tie_words(l4r_row_text(first, "dataset.tie")));
  l4r_cell(table, "none"); /* a request (impl/engine.h) holds items, and no times */
  l4r_cell(table, "%s", *loss ? loss : "-");
  if (*loss)
    add_numbers(table, line, "model.seed", 1, 0, 1);
  else
    l4r_cell_absent(table, NULL); /* counts have no learning curve */
  for (int c = 0; c < L4R_CONVENTIONS; c++) {
    add_figure(table, line, c, "HR@10");
    add_figure(table, line, c, "NDCG@10");
  }
  add_numbers(table, line, "model.validation.NDCG@10", 1, 4, 0);
  add_numbers(table, line, "model.epoch", 1, 0, 1);
  add_numbers(table, line, "model.training_seconds", 1 / 60.0, 1, 1);
  add_numbers(table, line, "row.settings_tried", 1, 0, 0);
  const int rises = add_curve(table, line);
  if (add_floor(table, line)) add_below(tables, first);
  return rises;
}

/* Gathers the rows of one data set, in the order of their first records. */
static int gather(struct tables *tables, const char *dataset) {
  tables->lines = 0;
  for (int64_t r = 0; r < tables->count; r++) {
    const struct l4r_row *row = tables->sorted[r];
    if (strcmp(l4r_row_text(row, "dataset.sha256"), dataset)) continue;
    int at = 0;
    while (at < tables->lines && !same_row(tables->line[at].seed[0], row)) at++;
    if (at == tables->lines) tables->line[tables->lines++] = (struct line){.seeds = 0};
    const int status = take(&tables->line[at], row);
    if (status) return status;
  }
  return L4R_OK;
}

static int add_dataset(struct tables *tables, const struct l4r_row *first) {
  struct l4r_table table = {.layout = {.gap = 2}};
  int curves = 0;
  const int status = gather(tables, l4r_row_text(first, "dataset.sha256"));
  if (status) return status;
  l4r_table_title(&table,
                  L4R_STRONG "%s, %.0f users, %.0f items, ties by %s" L4R_STRONG
                             ". Several training seeds: mean and " L4R_BRACKET
                             "least, largest]. One: its 95 %% interval over users.",
                  l4r_row_text(first, "dataset.name"), l4r_row_number(first, "dataset.users"),
                  l4r_row_number(first, "dataset.items"),
                  l4r_tie_words(l4r_row_text(first, "dataset.tie")));
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  for (int l = 0; l < tables->lines; l++) curves |= add_line(tables, &table, &tables->line[l]);
  l4r_table_foot(&table, "%s", TIES_AND_CLOCK);
  if (curves) l4r_table_foot(&table, "%s", CURVES);
  l4r_sheet_table(tables->sheet, &table);
  return L4R_OK;
}

static int seen_before(const struct tables *tables, int64_t r) {
  for (int64_t i = 0; i < r; i++)
    if (same_at(tables->sorted[i], tables->sorted[r], "dataset.sha256")) return 1;
  return 0;
}

static int add_all(struct tables *tables) {
  int status = L4R_OK;
  for (int64_t r = 0; !status && r < tables->count; r++) {
    if (seen_before(tables, r)) continue;
    status = add_dataset(tables, tables->sorted[r]);
  }
  if (status) return status;
  if (!tables->count && tables->untrained)
    return l4r_fail(L4R_INPUT, "no record is of a trained model: the weights are as drawn");
  if (!tables->count) return l4r_fail(L4R_INPUT, "no record has an accuracy");
  if (tables->untrained)
    l4r_sheet_remark(tables->sheet,
                     "Left out: %lld record%s of models whose weights are as drawn, untrained.",
                     (long long)tables->untrained, tables->untrained == 1 ? "" : "s");
  if (!*tables->below) return L4R_OK;
  return l4r_fail(L4R_CHECK,
                  "below what they must reach: %s; a row that was trained too little is no "
                  "evidence: train it longer or with better settings",
                  tables->below);
}

int l4r_export_accuracy(const struct l4r_rows *rows, struct l4r_sheet *sheet) {
  struct tables tables = {.sheet = sheet};
  const size_t count = (size_t)rows->count;
  tables.sorted = l4r_alloc(count, sizeof(struct l4r_row *), "rows");
  tables.line = l4r_alloc(count, sizeof *tables.line, "rows of accuracy");
  int status = tables.sorted && tables.line ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t r = 0; !status && r < rows->count; r++) {
    const struct l4r_row *row = &rows->row[r];
    if (isnan(l4r_row_accuracy(row, L4R_MASK, "HR@10").value)) continue;
    if (l4r_row_untrained(row))
      tables.untrained++;
    else
      tables.sorted[tables.count++] = row;
  }
  if (!status) {
    qsort(tables.sorted, (size_t)tables.count, sizeof *tables.sorted, by_time);
    status = add_all(&tables);
  }
  l4r_free(tables.sorted);
  l4r_free(tables.line);
  return status;
}
