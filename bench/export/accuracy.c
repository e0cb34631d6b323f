/* SPDX-License-Identifier: BSD-3-Clause */
/* Accuracy of trained rows, a row a way of training: records that differ in the training seed alone
 * become one row, mean and range, never the best. A row that says what it must reach is held
 * against it, because a baseline that was trained too little makes everything beside it look good.
 */
#include "bench/export/export.h"

#include "bench/table/units.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 16, TEXT = 224 };
enum {
  ROW,
  LOSS,
  SEED,
  HR_KEEP,
  NDCG_KEEP,
  HR_MASK,
  NDCG_MASK,
  VALIDATION,
  EPOCH,
  MINUTES,
  TRIED,
  CURVE,
  FLOOR,
  CELLS
};
static const char *const heads[CELLS] = {
    "row",          "loss",       "seeds",          "HR@10 keep",
    "NDCG@10 keep", "HR@10 mask", "NDCG@10 mask",   "validation NDCG@10",
    "epoch",        "minutes",    "settings tried", "curve at its end",
    "must reach"};

struct line {
  const struct l4r_row *seed[SEEDS]; /* the newest record of each training seed */
  int seeds;
  char cell[CELLS][TEXT];
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
  const json_t *x = l4r_row_at(a, path), *y = l4r_row_at(b, path);
  return x == y || (x && y && json_equal(x, y));
}

/* Whether two records are of one way of training, served one way. A record that does not say how
 * its model was trained (counts; records of older versions) is told apart by the model's name. */
static int same_row(const struct l4r_row *a, const struct l4r_row *b) {
  static const char *const paths[] = {"row.name",   "engine",         "options",       "precision",
                                      "model.kind", "model.size",     "model.init",    "model.loss",
                                      "controls",   "model.settings", "dataset.sha256"};
  for (size_t p = 0; p < sizeof paths / sizeof *paths; p++)
    if (!same_at(a, b, paths[p])) return 0;
  return l4r_row_at(a, "model.settings.training") || l4r_row_at(a, "row.name") ||
         same_at(a, b, "model.name");
}

static int by_time(const void *a, const void *b) {
  const struct l4r_row *const *x = a, *const *y = b;
  const int order = strcmp(l4r_row_text(*x, "manifest.time"), l4r_row_text(*y, "manifest.time"));
  return order ? order : ((*x)->order > (*y)->order) - ((*x)->order < (*y)->order);
}

/* Later records of a seed take the place of earlier ones. */
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

static void print_figure(char cell[TEXT], const struct line *line, int convention,
                         const char *metric, const char *between) {
  double value[SEEDS];
  for (int s = 0; s < line->seeds; s++)
    value[s] = l4r_row_accuracy(line->seed[s], convention, metric).value;
  const struct range range = range_of(value, line->seeds);
  const struct l4r_figure one = l4r_row_accuracy(line->seed[0], convention, metric);
  if (!range.count)
    snprintf(cell, TEXT, "-");
  else if (line->seeds > 1)
    l4r_text_set(cell, TEXT, "%.4f%s[%.4f, %.4f]", range.mean, between, range.least, range.most);
  else if (isnan(one.lo))
    snprintf(cell, TEXT, "%.4f", range.mean);
  else
    l4r_text_set(cell, TEXT, "%.4f%s%.4f–%.4f", range.mean, between, one.lo, one.hi);
}

/* A figure of each seed, the mean or in full. */
static void print_numbers(char cell[TEXT], const struct line *line, const char *path, double scale,
                          int digits, int listed) {
  double value[SEEDS];
  size_t used = 0;
  for (int s = 0; s < line->seeds; s++) value[s] = l4r_row_number(line->seed[s], path) * scale;
  const struct range range = range_of(value, line->seeds);
  snprintf(cell, TEXT, "-");
  if (!range.count) return;
  if (!listed) {
    snprintf(cell, TEXT, "%.*f", digits, range.mean);
    return;
  }
  for (int s = 0; s < line->seeds; s++)
    if (isnan(value[s]))
      l4r_text_add(cell, TEXT, &used, "%s-", s ? ", " : "");
    else
      l4r_text_add(cell, TEXT, &used, "%s%.*f", s ? ", " : "", digits, value[s]);
}

/* "rising: ~.1821 at twice the time, limit ~.19"; several seeds give their range. */
static void print_curve(char cell[TEXT], const struct line *line) {
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
    l4r_text_set(cell, TEXT, "%s", !*first ? "-" : same ? first : "flat or falling");
    l4r_make_markdown(cell);
    return;
  }
  const struct range at = range_of(twice, line->seeds), end = range_of(limit, line->seeds);
  size_t used = 0;
  l4r_text_add(cell, TEXT, &used, "still rising");
  if (rising < line->seeds) l4r_text_add(cell, TEXT, &used, " (%d of %d)", rising, line->seeds);
  l4r_text_add(cell, TEXT, &used, ": would reach ~%.4f", at.least);
  if (at.count > 1) l4r_text_add(cell, TEXT, &used, "–%.4f", at.most);
  l4r_text_add(cell, TEXT, &used, " in twice the time");
  if (end.count == rising)
    l4r_text_add(cell, TEXT, &used, ", ~%.4f at last", end.mean);
  else
    l4r_text_add(cell, TEXT, &used, ", no bend yet");
}

/* 1 when the row's mean is below what it must reach. */
static int print_floor(char cell[TEXT], const struct line *line) {
  const struct l4r_row *newest = line->seed[line->seeds - 1];
  const double least = l4r_row_number(newest, "row.floor.at_least");
  const char *convention = l4r_row_text(newest, "row.floor.convention");
  const char *metric = l4r_row_text(newest, "row.floor.metric");
  double value[SEEDS];
  snprintf(cell, TEXT, "-");
  if (isnan(least)) return 0;
  for (int s = 0; s < line->seeds; s++)
    value[s] = l4r_row_accuracy(line->seed[s], !strcmp(convention, "mask"), metric).value;
  const int below = !(range_of(value, line->seeds).mean >= least);
  size_t used = 0;
  l4r_text_add(cell, TEXT, &used, "%.80s %.80s", metric, convention);
  l4r_make_markdown(cell);
  l4r_text_add(cell, TEXT, &used, " %.4g: %s", least, below ? "**BELOW**" : "yes");
  return below;
}

static int fill(struct line *line, int markdown) {
  const char *between = markdown ? "<br>" : " ", *name = l4r_row_text(line->seed[0], "row.name");
  const struct l4r_row *first = line->seed[0];
  const char *quote = markdown ? "`" : "";
  char own[TEXT], kind[TEXT]; /* names may hold anything, and are in the middle of a table here */
  l4r_text_set(own, sizeof own, *name ? "%.80s" : "%.200s", *name ? name : first->label);
  l4r_text_set(kind, sizeof kind, "%.100s", l4r_row_text(first, "model.kind"));
  l4r_make_markdown(own);
  l4r_make_markdown(kind);
  if (*name)
    l4r_text_set(line->cell[ROW], TEXT, "%s%s%s (%s%s%s)", quote, own, quote, quote, kind, quote);
  else
    l4r_text_set(line->cell[ROW], TEXT, "%s%s%s", quote, own, quote);
  l4r_text_set(line->cell[LOSS], TEXT, "%s",
               *l4r_row_text(first, "model.loss") ? l4r_row_text(first, "model.loss") : "-");
  l4r_make_markdown(line->cell[LOSS]);
  print_numbers(line->cell[SEED], line, "model.seed", 1, 0, 1);
  if (!*l4r_row_text(first, "model.loss"))
    snprintf(line->cell[SEED], TEXT, "-"); /* counts draw none */
  for (int c = 0; c < L4R_CONVENTIONS; c++) {
    print_figure(line->cell[HR_KEEP + 2 * c], line, c, "HR@10", between);
    print_figure(line->cell[NDCG_KEEP + 2 * c], line, c, "NDCG@10", between);
  }
  print_numbers(line->cell[VALIDATION], line, "model.validation.NDCG@10", 1, 4, 0);
  print_numbers(line->cell[EPOCH], line, "model.epoch", 1, 0, 1);
  print_numbers(line->cell[MINUTES], line, "model.training_seconds", 1 / 60.0, 1, 1);
  print_numbers(line->cell[TRIED], line, "row.settings_tried", 1, 0, 0);
  print_curve(line->cell[CURVE], line);
  return print_floor(line->cell[FLOOR], line);
}

/* Characters, not bytes. */
static int width_of(const char *text) {
  int width = 0;
  for (; *text; text++) width += ((unsigned char)*text & 0xc0) != 0x80;
  return width;
}

static void print_cells(FILE *stream, const char *const cell[CELLS], const int width[CELLS],
                        int markdown) {
  for (int c = 0; c < CELLS; c++) {
    if (markdown)
      fprintf(stream, "%s%s |", c ? " " : "| ", cell[c]);
    else
      fprintf(stream, "%s%*s", cell[c], c + 1 < CELLS ? width[c] + 2 - width_of(cell[c]) : 0, "");
  }
  fputc('\n', stream);
}

static void print_lines(FILE *stream, const struct line *line, int lines, int markdown) {
  int width[CELLS];
  for (int c = 0; c < CELLS; c++) {
    width[c] = width_of(heads[c]);
    for (int l = 0; l < lines; l++)
      if (width_of(line[l].cell[c]) > width[c]) width[c] = width_of(line[l].cell[c]);
  }
  print_cells(stream, heads, width, markdown);
  for (int c = 0; c < CELLS && markdown; c++)
    fputs(c > LOSS && c < CURVE ? "|--:" : "|---", stream);
  if (markdown) fputs("|\n", stream);
  for (int l = 0; l < lines; l++) {
    const char *cell[CELLS];
    for (int c = 0; c < CELLS; c++) cell[c] = line[l].cell[c];
    print_cells(stream, cell, width, markdown);
  }
}

struct tables {
  FILE *stream;
  int markdown;
  const struct l4r_row **sorted; /* [count] by time */
  int64_t count;
  struct line *line;
  int lines;
  char below[2048]; /* names of the rows that are below their floor */
};

/* Rows of one data set, in the order of their first record. */
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

static void print_title(FILE *stream, const struct l4r_row *row, int markdown) {
  const char *bold = markdown ? "**" : "", *tie = l4r_row_text(row, "dataset.tie");
  fputs(bold, stream);
  l4r_print_plain(stream, l4r_row_text(row, "dataset.name"));
  fprintf(stream, ", %.0f users, %.0f items, ties by ", l4r_row_number(row, "dataset.users"),
          l4r_row_number(row, "dataset.items"));
  l4r_print_plain(stream, *tie ? tie : "an unnamed rule");
  fprintf(stream, "%s. ", bold);
  fputs("Several training seeds: mean and [least, largest]. One: its 95 % interval over users.\n\n",
        stream);
}

static int print_dataset(struct tables *tables, const struct l4r_row *first) {
  int curves = 0, status = gather(tables, l4r_row_text(first, "dataset.sha256"));
  if (status) return status;
  for (int l = 0; l < tables->lines; l++) {
    struct line *line = &tables->line[l];
    size_t used = strlen(tables->below);
    if (fill(line, tables->markdown))
      l4r_text_add(tables->below, sizeof tables->below, &used, "%s%s (%s)", used ? ", " : "",
                   line->cell[ROW], l4r_row_text(first, "dataset.name"));
    curves |= !strncmp(line->cell[CURVE], "still", 5);
  }
  print_title(tables->stream, first, tables->markdown);
  print_lines(tables->stream, tables->line, tables->lines, tables->markdown);
  if (curves)
    fputs("\nWhat a curve would reach is an extrapolation of validation NDCG@10: "
          "limit - drop * exp(-t / tau), fitted by least squares to the last half of the training "
          "time, as if the learning rate went on as it did.\n",
          tables->stream);
  return L4R_OK;
}

static int seen_before(const struct tables *tables, int64_t r) {
  for (int64_t i = 0; i < r; i++)
    if (same_at(tables->sorted[i], tables->sorted[r], "dataset.sha256")) return 1;
  return 0;
}

static int print_all(struct tables *tables) {
  int status = L4R_OK;
  for (int64_t r = 0; !status && r < tables->count; r++) {
    if (seen_before(tables, r)) continue;
    if (r) fputc('\n', tables->stream);
    status = print_dataset(tables, tables->sorted[r]);
  }
  if (status) return status;
  if (ferror(tables->stream)) return l4r_fail(L4R_ENVIRONMENT, "the table cannot be written");
  if (!tables->count) return l4r_fail(L4R_INPUT, "no record holds an accuracy");
  if (!*tables->below) return L4R_OK;
  return l4r_fail(L4R_CHECK,
                  "below what they must reach: %s; a row that was trained too little is no "
                  "evidence: train it longer or with better settings",
                  tables->below);
}

int l4r_export_accuracy(const struct l4r_rows *rows, FILE *stream, int markdown) {
  struct tables tables = {.stream = stream, .markdown = markdown};
  const size_t count = (size_t)rows->count;
  tables.sorted = l4r_alloc(count, sizeof(struct l4r_row *), "rows");
  tables.line = l4r_alloc(count, sizeof *tables.line, "rows of accuracy");
  int status = tables.sorted && tables.line ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t r = 0; !status && r < rows->count; r++)
    if (!isnan(l4r_row_accuracy(&rows->row[r], L4R_MASK, "HR@10").value))
      tables.sorted[tables.count++] = &rows->row[r];
  if (!status) {
    qsort(tables.sorted, (size_t)tables.count, sizeof *tables.sorted, by_time);
    status = print_all(&tables);
  }
  l4r_free(tables.sorted);
  l4r_free(tables.line);
  return status;
}
