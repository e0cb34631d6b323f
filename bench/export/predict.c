/* SPDX-License-Identifier: BSD-3-Clause */
/* Predicts, from records of few cores, how a machine with more cores would perform. The result is
 * always labelled as a prediction.
 *
 *   time of a user on n cores of one socket = alone + shared / n, but never less than
 *     work / (n * sgemm of one core)    and    bytes / (speed of reading memory of a socket)
 *
 * `alone` and `shared` are the least-squares line through the measured times over 1/n (Amdahl
 * 1967), both at least 0. The range is that of this line and of the four lines through the ends of
 * the 95 % intervals of the least and of the most threads. Each socket serves its own requests from
 * its own copy of the weights, so a second one doubles users/s and leaves the time of a user as it
 * is. The model ignores clocks that fall with active cores, the cost of a barrier among many cores,
 * different caches, and traffic between sockets. */
#include "bench/export/predict.h"
#include "bench/table/units.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

enum { COUNTS_MAX = 64 };

struct line { /* ns per user as a function of 1/n */
  double alone, shared;
};

struct series {
  const struct l4r_row *row[COUNTS_MAX]; /* ascending in threads, the newest of each */
  int counts;
};

static double time_of(const struct l4r_row *row, int end) {
  if (row->rate > 0) return NAN; /* a server's speed is the rate that was asked for */
  const struct l4r_shown users = l4r_figure_of(&row->record->data.users_per_second);
  const double rate = end == 0 ? users.value : end < 0 ? users.hi : users.lo;
  return 1e9 / rate;
}

static void add_row(struct series *series, const struct l4r_row *row) {
  int at = 0;
  while (at < series->counts && series->row[at]->threads < row->threads) at++;
  if (at < series->counts && series->row[at]->threads == row->threads) {
    series->row[at] = row; /* rows are in the order of records, so this one is newer */
    return;
  }
  if (series->counts == COUNTS_MAX) return;
  for (int i = series->counts++; i > at; i--) series->row[i] = series->row[i - 1];
  series->row[at] = row;
}

static int is_one_series(const struct l4r_row *a, const struct l4r_row *b) {
  return a->group == b->group && !strcmp(a->label, b->label);
}

/* Returns 0 when an earlier row has begun this series. */
static int gather(const struct l4r_rows *rows, int64_t first, struct series *series) {
  *series = (struct series){.counts = 0};
  for (int64_t r = 0; r < rows->count; r++) {
    const struct l4r_row *row = &rows->row[r];
    if (!is_one_series(row, &rows->row[first]) || row->threads < 1 || isnan(time_of(row, 0)))
      continue;
    if (r < first) return 0;
    add_row(series, row);
  }
  return series->counts >= 2;
}

/* Fits a line through the values (0), the upper ends (1) or the lower ends (-1) of the intervals,
 * chosen separately for fewer and for more threads. */
static struct line fit(const struct series *series, int fewer, int more) {
  double x = 0, y = 0, xx = 0, xy = 0;
  const double n = series->counts;
  for (int i = 0; i < series->counts; i++) {
    const double a = 1 / (double)series->row[i]->threads;
    const int end = 2 * i < series->counts - 1 ? fewer : 2 * i > series->counts - 1 ? more : 0;
    const double b = time_of(series->row[i], end);
    x += a, y += b, xx += a * a, xy += a * b;
  }
  struct line line = {.shared = (n * xy - x * y) / (n * xx - x * x)};
  if (line.shared < 0) line.shared = 0;
  line.alone = (y - line.shared * x) / n;
  if (line.alone < 0) line = (struct line){0, xy / xx};
  return line;
}

/* `what` is the offset of flops or of bytes. */
static double sum_of_stages(const struct l4r_row *row, size_t what) {
  double sum = 0;
  for (int64_t s = 0; s < row->record->data.description.stages.count; s++) {
    const char *stage = (const char *)&row->record->data.description.stages.at[s];
    const double work = *(const double *)(stage + what);
    sum += isnan(work) ? 0 : work;
  }
  return sum;
}

struct bounds { /* ns per user; 0 where unknown */
  double compute, memory;
};

static struct bounds bounds_of(const struct series *series, const struct l4r_machine *machine,
                               double cores) {
  const struct l4r_row *row = series->row[0];
  const double sgemm = l4r_row_number(row, "ceiling.value") / (double)row->threads; /* per core */
  const double compute = sum_of_stages(row, offsetof(struct l4r_record_described_stage, flops)) /
                         (cores * sgemm) * 1e9;
  return (struct bounds){
      .compute = compute > 0 ? compute : 0,
      .memory = machine->gb_per_s > 0
                    ? sum_of_stages(row, offsetof(struct l4r_record_described_stage, bytes)) /
                          machine->gb_per_s
                    : 0};
}

static double predict(const struct line line, double cores, const struct bounds *bounds) {
  const double time = line.alone + line.shared / cores; /* NaN where there are no intervals */
  return isnan(time) ? time : fmax(time, fmax(bounds->compute, bounds->memory));
}

static const char *bound_by(double time, const struct bounds *bounds) {
  if (time == bounds->compute) return "arithmetic";
  return time == bounds->memory ? "memory" : "the serial part";
}

struct range {
  double lo, hi; /* NaN where an interval is missing */
};

static struct range range_of(const struct series *series, double cores,
                             const struct bounds *bounds) {
  const double middle = predict(fit(series, 0, 0), cores, bounds);
  struct range range = {middle, middle};
  for (int fewer = -1; fewer <= 1; fewer += 2)
    for (int more = -1; more <= 1; more += 2) {
      const double time = predict(fit(series, fewer, more), cores, bounds);
      if (isnan(time)) return (struct range){time, time};
      range.lo = fmin(range.lo, time);
      range.hi = fmax(range.hi, time);
    }
  return range;
}

static void add_series(struct l4r_table *table, const struct series *series,
                       const struct l4r_machine *machine) {
  const double cores = (double)machine->cores / (double)machine->sockets;
  const struct line line = fit(series, 0, 0);
  const struct bounds bounds = bounds_of(series, machine, cores);
  const double time = predict(line, cores, &bounds);
  const struct range range = range_of(series, cores, &bounds);
  char text[32];
  l4r_row(table);
  l4r_cell(table, "%s, %s", series->row[0]->label, l4r_row_text(series->row[0], "scenario"));
  l4r_cell(table, "%s", "");
  for (int i = 0; i < series->counts; i++)
    l4r_cell_add(table, "%s%s on %lld", i ? "; " : "",
                 l4r_time_text(text, time_of(series->row[i], 0)),
                 (long long)series->row[i]->threads);
  l4r_cell_fixed(table, 100 * line.alone / (line.alone + line.shared), 0, " %");
  l4r_cell_time(table, (struct l4r_shown){time, range.lo, range.hi}, L4R_WORDS);
  l4r_cell_digits(table, (struct l4r_shown){(double)machine->sockets * 1e9 / time, NAN, NAN}, 2,
                  L4R_WORDS);
  l4r_cell(table, "%s", bound_by(time, &bounds));
}

static void begin_table(struct l4r_table *table, const struct l4r_machine *machine) {
  static const struct l4r_column columns[] = {
      {"arm", "arm", .align = L4R_LEFT},
      {"measured", "measured, a user", .align = L4R_LEFT},
      {"alone_share", "serial", "%", .align = L4R_RIGHT},
      {"ns", "predicted, a user", "ns", .align = L4R_FIGURE, .interval = 1},
      {"users_per_second", "users/s", .align = L4R_RIGHT},
      {"bound_by", "bound by", .align = L4R_LEFT}};
  char memory[80] = "; the memory's speed was not given, so it bounds nothing";
  *table = (struct l4r_table){.layout = {.gap = 2}};
  if (machine->gb_per_s > 0)
    l4r_text_set(memory, sizeof memory, "; memory read at %g GB/s a socket", machine->gb_per_s);
  l4r_table_title(table,
                  L4R_STRONG "Prediction, not a measurement" L4R_STRONG
                             ": %lld cores on %lld socket%s, each socket serving requests of its "
                             "own%s.",
                  (long long)machine->cores, (long long)machine->sockets,
                  machine->sockets == 1 ? "" : "s", memory);
  l4r_table_columns(table, columns, sizeof columns / sizeof *columns);
  l4r_table_foot(
      table, "Time of a user = serial + shared / cores, fitted to the measured times; the column "
             "\"serial\" is the share of the first part on one core.");
  l4r_table_foot(table, "The model ignores clocks under load, barriers among many cores, other "
                        "caches, traffic between sockets.");
}

int l4r_export_predict(const struct l4r_rows *rows, const struct l4r_machine *machine,
                       struct l4r_sheet *sheet) {
  struct series series;
  struct l4r_table table;
  if (machine->cores < 1 || machine->sockets < 1 || machine->cores % machine->sockets ||
      !(machine->gb_per_s >= 0))
    return l4r_fail(L4R_USAGE,
                    "--cores %lld, --sockets %lld, --gb-per-s %g: a prediction needs as many "
                    "cores, one or more, in every socket, and a speed of 0 (unknown) or more",
                    (long long)machine->cores, (long long)machine->sockets, machine->gb_per_s);
  begin_table(&table, machine);
  for (int64_t r = 0; r < rows->count; r++)
    if (gather(rows, r, &series)) add_series(&table, &series, machine);
  if (!table.rows && !table.status) {
    l4r_table_free(&table);
    return l4r_fail(L4R_INPUT, "nothing to predict from: no arm was measured with two or more "
                               "numbers of threads (lite4rec run --threads 1,2)");
  }
  l4r_sheet_table(sheet, &table);
  return L4R_OK;
}
