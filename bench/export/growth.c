/* SPDX-License-Identifier: BSD-3-Clause */
/* How time and memory grow with history, catalogue, beams, batch and threads. A sweep is found
 * automatically: it is a set of records with the same way of serving that agree in all of these
 * dimensions but one, in which they have at least three values (two of threads, because a machine
 * may not have more). Beside the measured time is the time that the roofline allows (each stage at
 * the slower of its two ceilings, as measured in the same rounds), and the exponents of both: the
 * slope of a straight line through the logarithms. */
#include "bench/export/growth.h"

#include "bench/table/tsv.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HISTORY, ITEMS, BEAMS, BATCH, THREADS, DIMENSIONS, LEAST_VALUES = 3, LEAST_THREADS = 2 };
static const char *const names[DIMENSIONS] = {"history", "items", "beams", "batch", "threads"};

struct point {
  const struct l4r_row *row;
  double at[DIMENSIONS]; /* NaN: the arm does not have it */
  double ns, lo, hi, users_per_second, allowed_ns, resident, weights;
  char series[320];
};

/* Returns the number after "key=" in a text of settings; NaN where there is none. */
static double setting_of(const char *settings, const char *key) {
  const size_t n = strlen(key);
  for (const char *at = settings; at && (at = strstr(at, key)); at += n)
    if ((at == settings || at[-1] == ',') && at[n] == '=') return strtod(at + n + 1, NULL);
  return NAN;
}

/* Names what a sweep does not vary: engine, kind, size, precision, scenario, other options. */
static void name_series(const struct l4r_row *row, char *out, size_t size) {
  size_t used = 0;
  l4r_text_add(out, size, &used, "%s, %s %s, %s, %s", l4r_row_text(row, "engine"),
               l4r_row_text(row, "model.kind"), l4r_row_text(row, "model.size"),
               l4r_row_text(row, "scenario"), l4r_row_text(row, "precision"));
  const char *key;
  json_t *value;
  json_object_foreach(row->record->data.options, key, value) {
    if (!strcmp(key, "beams") || !strcmp(key, "precision") || !strcmp(key, "fallback")) continue;
    l4r_text_add(out, size, &used, ", %s=%s", key, l4r_text_of(value));
  }
}

/* Returns the time of a user when every stage runs at its ceiling; NaN where a stage has none. */
static double allowed_ns(const struct l4r_row *row) {
  double sum = 0;
  for (int64_t s = 0; s < row->record->data.stages.count; s++) {
    const struct l4r_record_stage *stage = &row->record->data.stages.at[s];
    /* of what was read from caches the level's own speed is the ceiling */
    const double reached = fmax(
        isnan(stage->peak_fraction) ? stage->sgemm_fraction : stage->peak_fraction,
        isnan(stage->read_fraction) ? stage->memory_fraction : stage->read_fraction);
    if (stage->ns_per_user.value > 0 && reached > 0) sum += stage->ns_per_user.value * reached;
  }
  return sum > 0 ? sum : NAN;
}

static void read_point(const struct l4r_row *row, struct point *point) {
  const struct l4r_shown ns = l4r_row_latency(row, "mean");
  const char *settings = l4r_row_text(row, "description.settings");
  *point = (struct point){.row = row,
                          .ns = ns.value,
                          .lo = ns.lo,
                          .hi = ns.hi,
                          .users_per_second = l4r_row_number(row, "users_per_second.value"),
                          .allowed_ns = allowed_ns(row),
                          .resident = l4r_row_number(row, "resources.peak_rss_bytes"),
                          .weights = l4r_row_number(row, "resources.weights_bytes")};
  point->at[HISTORY] = setting_of(settings, "history");
  point->at[ITEMS] = l4r_row_number(row, "dataset.items");
  point->at[BEAMS] = setting_of(settings, "beams");
  point->at[BATCH] = l4r_row_number(row, "batch");
  point->at[THREADS] = (double)row->threads;
  name_series(row, point->series, sizeof point->series);
}

static int same(double a, double b) {
  return a == b || (isnan(a) && isnan(b));
}

/* Returns 1 when two points may belong to one sweep of that dimension. */
static int is_beside(const struct point *a, const struct point *b, int dimension) {
  if (strcmp(a->series, b->series) || isnan(a->at[dimension]) || isnan(b->at[dimension])) return 0;
  for (int d = 0; d < DIMENSIONS; d++)
    if (d != dimension && !same(a->at[d], b->at[d])) return 0;
  return 1;
}

struct sweep {
  int dimension;
  int64_t count;
  const struct point **point; /* ascending in the dimension; of equal ones the newest */
};

static int compare_points(const void *left, const void *right, void *context) {
  const int dimension = *(const int *)context;
  const struct point *a = *(const struct point *const *)left;
  const struct point *b = *(const struct point *const *)right;
  const double x = a->at[dimension], y = b->at[dimension];
  if (x != y) return x < y ? -1 : 1;
  return (a->row->order > b->row->order) - (a->row->order < b->row->order);
}

/* Finds the sweep that begins with `first`; count is 0 when it begins earlier or has too few
 * points. */
static void find_sweep(const struct point *point, int64_t points, int64_t first, int dimension,
                       struct sweep *sweep) {
  int64_t count = 0;
  for (int64_t p = 0; p < points; p++) {
    if (!is_beside(&point[first], &point[p], dimension)) continue;
    if (!count && p != first) return; /* not its first point: sweep->count stays 0 */
    sweep->point[count++] = &point[p];
  }
  sweep->dimension = dimension;
  qsort_r(sweep->point, (size_t)count, sizeof *sweep->point, compare_points, &dimension);
  int64_t kept = 0;
  for (int64_t p = 0; p < count; p++) {
    const int last = p + 1 == count ||
                     sweep->point[p]->at[dimension] != sweep->point[p + 1]->at[dimension];
    if (last) sweep->point[kept++] = sweep->point[p];
  }
  if (kept >= (dimension == THREADS ? LEAST_THREADS : LEAST_VALUES)) sweep->count = kept;
}

/* Fits log(time) over log(value) by least squares; NaN where a time is missing. */
static double exponent_of(const struct sweep *sweep, int allowed) {
  double x = 0, y = 0, xx = 0, xy = 0;
  const double n = (double)sweep->count;
  for (int64_t p = 0; p < sweep->count; p++) {
    const struct point *point = sweep->point[p];
    const double a = log(point->at[sweep->dimension]);
    const double b = log(allowed ? point->allowed_ns : point->ns);
    x += a, y += b, xx += a * a, xy += a * b;
  }
  return (n * xy - x * y) / (n * xx - x * x);
}

/* Describes what all points share, such as " (items 50, batch 1)". */
static void describe_fixed(const struct sweep *sweep, char *out, size_t size) {
  const struct point *point = sweep->point[0];
  size_t used = 0;
  *out = '\0';
  for (int d = 0; d < DIMENSIONS; d++)
    if (d != sweep->dimension && !isnan(point->at[d]))
      l4r_text_add(out, size, &used, "%s%s %.0f", used ? ", " : " (", names[d], point->at[d]);
  l4r_text_add(out, size, &used, ")");
}

static void add_sweep(struct l4r_sheet *sheet, const struct sweep *sweep) {
  static const struct l4r_column columns[] = {
      {"ms", "ms a user", "ms", .align = L4R_RIGHT},
      {"users_per_second", "users/s", .align = L4R_RIGHT},
      {"roofline_ms", "roofline, ms", "ms", .align = L4R_RIGHT},
      {"times", "times the roofline", .align = L4R_RIGHT},
      {"weights_mb", "MB of weights", "MB", .align = L4R_RIGHT},
      {"resident_mb", "MB resident", "MB", .align = L4R_RIGHT}};
  const char *name = names[sweep->dimension];
  struct l4r_table table = {.layout = {.gap = 2}};
  char fixed[256], allows[64] = "";
  describe_fixed(sweep, fixed, sizeof fixed);
  l4r_table_title(&table, L4R_STRONG "%s, by %s" L4R_STRONG "%s", sweep->point[0]->series, name,
                  fixed);
  l4r_table_column(&table, (struct l4r_column){name, name, .align = L4R_RIGHT});
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  for (int64_t p = 0; p < sweep->count; p++) {
    const struct point *point = sweep->point[p];
    const double figures[] = {point->ns * 1e-6,         point->users_per_second,
                              point->allowed_ns * 1e-6, point->ns / point->allowed_ns,
                              point->weights * 1e-6,    point->resident * 1e-6};
    l4r_row(&table);
    l4r_cell_fixed(&table, point->at[sweep->dimension], 0, "");
    for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
      l4r_cell_digits(&table, (struct l4r_shown){figures[f], NAN, NAN}, 3, L4R_UNDER);
  }
  const double measured = exponent_of(sweep, 0), allowed = exponent_of(sweep, 1);
  if (!isnan(allowed))
    l4r_text_set(allows, sizeof allows, ", the roofline's as %s^%.2f", name, allowed);
  l4r_table_foot(&table, "Time grows as %s^%.2f%s.", name, measured, allows);
  l4r_sheet_table(sheet, &table);
}

static void add_points(struct l4r_table *table, const struct sweep *sweep, int number) {
  for (int64_t p = 0; p < sweep->count; p++) {
    const struct point *point = sweep->point[p];
    l4r_row(table);
    l4r_cell(table, "%s", names[sweep->dimension]);
    l4r_cell_count(table, number);
    l4r_cell_alone(table, point->at[sweep->dimension]);
    l4r_cell_exact(table, (struct l4r_shown){point->ns, point->lo, point->hi});
    l4r_cell_alone(table, point->allowed_ns);
    l4r_cell_alone(table, point->resident);
    l4r_cell(table, "%s", point->series);
    l4r_cell(table, "%s", l4r_row_text(point->row, "dataset.name"));
    l4r_cell(table, "%s", l4r_row_text(point->row, "manifest.cpu"));
  }
}

static int export_sweeps(const struct point *point, int64_t points, struct sweep *sweep,
                         struct l4r_sheet *sheet, struct l4r_table *table) {
  int sweeps = 0;
  for (int d = 0; d < DIMENSIONS; d++)
    for (int64_t p = 0; p < points; p++) {
      sweep->count = 0;
      find_sweep(point, points, p, d, sweep);
      if (!sweep->count) continue;
      add_sweep(sheet, sweep);
      if (table) add_points(table, sweep, sweeps);
      sweeps++;
    }
  if (!sweeps)
    return l4r_fail(
        L4R_INPUT,
        "there is no sweep: no %d records differ in history, items, beams, batch or threads alone",
        LEAST_VALUES);
  return L4R_OK;
}

int l4r_export_growth(const struct l4r_rows *rows, struct l4r_sheet *sheet, const char *folder) {
  static const struct l4r_tsv_file file = {
      "growth.tsv", "dimension sweep value ns+ roofline_ns resident_bytes label data cpu"};
  struct l4r_tsv_files files = {.count = 0};
  struct point *point = l4r_alloc((size_t)rows->count, sizeof *point, "points");
  struct sweep sweep = {
      .point = l4r_alloc((size_t)rows->count, sizeof *sweep.point, "points of a sweep")};
  int status = point && sweep.point ? L4R_OK : L4R_ENVIRONMENT;
  int64_t points = 0;
  for (int64_t r = 0; r < rows->count && !status; r++) {
    if (rows->row[r].rate > 0) continue; /* its times include waiting */
    read_point(&rows->row[r], &point[points]);
    if (!isnan(point[points].ns)) points++;
  }
  if (!status && folder) status = l4r_tsv_files_open(&files, folder, &file, 1);
  if (!status)
    status = export_sweeps(point, points, &sweep, sheet, folder ? &files.tsv[0].table : NULL);
  status = l4r_tsv_files_end(&files, status);
  l4r_free(sweep.point);
  l4r_free(point);
  return status;
}
