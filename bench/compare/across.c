/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare/across.h"

#include "bench/compare/manifests.h"
#include "bench/derive/figures.h"
#include "bench/record/distinct.h"
#include "bench/record/machine.h"
#include "bench/record/text.h"
#include "bench/stats/quantile.h"
#include "bench/table/cells.h"
#include "bench/table/units.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

enum { ROUNDS_MOST = 1000 };

/* --- statistics ---------------------------------------------------------------------------------
 */

struct moments {       /* of logarithms */
  double mean, square; /* square: the variance of the mean */
  int64_t n;
};

static struct moments moments_of(const double *value, int64_t n) {
  struct moments m = {.n = n};
  double square = 0;
  for (int64_t i = 0; i < n; i++) m.mean += log(value[i]) / (double)n;
  for (int64_t i = 0; i < n; i++) square += (log(value[i]) - m.mean) * (log(value[i]) - m.mean);
  m.square = n > 1 ? square / (double)(n - 1) / (double)n : 0;
  return m;
}

struct l4r_shown l4r_welch_ratio(const double *a, int64_t n, const double *b, int64_t m) {
  const struct moments x = moments_of(a, n), y = moments_of(b, m);
  const double square = x.square + y.square, difference = y.mean - x.mean;
  struct l4r_shown ratio = {exp(difference), NAN, NAN};
  if (n < L4R_LEAST_ROUNDS || m < L4R_LEAST_ROUNDS) return ratio;
  /* Welch and Satterthwaite's degrees of freedom */
  const double freedom = square * square /
                         (x.square * x.square / (double)(n - 1) +
                          y.square * y.square / (double)(m - 1));
  const double half = square > 0 ? l4r_student_quantile(.975, freedom) * sqrt(square) : 0;
  ratio.lo = exp(difference - half);
  ratio.hi = exp(difference + half);
  return ratio;
}

static int64_t times_of(const struct l4r_record *record, double *ns) {
  return record ? l4r_round_figures(record, L4R_ROUND_MEAN, ns, ROUNDS_MOST) : 0;
}

/* --- grouping -----------------------------------------------------------------------------------
 */

static int is_newer(const struct l4r_record *a, const struct l4r_record *b) {
  return strcmp(l4r_text_or_none(a->data.manifest.time), l4r_text_or_none(b->data.manifest.time)) >=
         0;
}

static int machine_of(struct l4r_across *across, const struct l4r_record *record) {
  for (int m = 0; m < across->machines; m++)
    if (l4r_machine_same(across->newest[m], record)) {
      if (is_newer(record, across->newest[m])) across->newest[m] = record;
      return m;
    }
  if (across->machines == L4R_ACROSS_MACHINES)
    return l4r_fail(L4R_INPUT, "records of more than %d machines: name fewer files",
                    L4R_ACROSS_MACHINES);
  across->newest[across->machines] = record;
  return across->machines++;
}

static void name_machines(struct l4r_across *across) {
  for (int m = 0; m < across->machines; m++)
    l4r_machine_name(across->newest[m], across->name[m], L4R_ACROSS_NAME);
  for (int m = 0; m < across->machines; m++) /* one label on two machines */
    for (int o = 0; o < m; o++)
      if (!strcmp(across->name[m], across->name[o]))
        l4r_text_set(across->name[m], L4R_ACROSS_NAME, "%.80s (%d)",
                     l4r_text_or_none(across->newest[m]->data.manifest.label), m + 1);
}

/* Measured alike, on whichever machine. */
static int is_alike(const struct l4r_record *left, const struct l4r_record *right) {
  const struct l4r_record_record *a = &left->data, *b = &right->data;
  char x[L4R_DISTINCT_KEY], y[L4R_DISTINCT_KEY];
  l4r_distinct_key(left, L4R_BY_MODEL | L4R_BY_DATA | L4R_BY_K, x);
  l4r_distinct_key(right, L4R_BY_MODEL | L4R_BY_DATA | L4R_BY_K, y);
  return !strcmp(x, y) && l4r_text_same(a->arm, b->arm) &&
         l4r_text_same(a->scenario, b->scenario) && l4r_text_same(a->precision, b->precision) &&
         a->threads == b->threads && a->batch == b->batch &&
         l4r_text_same(a->requests.sha256, b->requests.sha256) &&
         a->settings.users == b->settings.users && a->settings.seed == b->settings.seed;
}

static const struct l4r_record *first_of(const struct l4r_across_row *row) {
  for (int m = 0; m < L4R_ACROSS_MACHINES; m++)
    if (row->cell[m].record) return row->cell[m].record;
  return NULL;
}

static int add_record(struct l4r_across *across, int machine, const struct l4r_record *record) {
  struct l4r_across_row *row = NULL;
  for (int64_t r = 0; r < across->rows && !row; r++)
    if (is_alike(first_of(&across->row[r]), record)) row = &across->row[r];
  if (!row) {
    const int status = l4r_grow(&across->row, &across->room, (size_t)across->rows + 1,
                                sizeof *across->row, "rows of machines");
    if (status) return status;
    row = &across->row[across->rows++];
    *row = (struct l4r_across_row){.cell = {{.record = NULL}}};
  }
  struct l4r_across_cell *cell = &row->cell[machine];
  if (!cell->record || is_newer(record, cell->record)) cell->record = record;
  return L4R_OK;
}

/* The ratio is of speeds: the first machine's time over this one's. */
static void compare_row(struct l4r_across_row *row, int machines) {
  double first[ROUNDS_MOST], other[ROUNDS_MOST];
  const int64_t n = times_of(row->cell[0].record, first);
  for (int m = 0; m < machines; m++) {
    struct l4r_across_cell *cell = &row->cell[m];
    cell->ns = cell->ratio = cell->lo = cell->hi = NAN;
    const int64_t k = times_of(cell->record, other);
    if (!k) continue;
    cell->ns = exp(moments_of(other, k).mean);
    if (!m || !n) continue;
    const struct l4r_shown ratio = l4r_welch_ratio(other, k, first, n);
    cell->ratio = ratio.value;
    cell->lo = ratio.lo;
    cell->hi = ratio.hi;
  }
}

/* Drops rows of one machine alone. */
static void drop_alone(struct l4r_across *across) {
  int64_t kept = 0;
  for (int64_t r = 0; r < across->rows; r++) {
    int measured = 0;
    for (int m = 0; m < across->machines; m++) measured += across->row[r].cell[m].record != NULL;
    if (measured > 1) {
      across->row[kept++] = across->row[r];
      continue;
    }
    across->alone++;
    across->untold += first_of(&across->row[r])->data.requests.sha256 == NULL;
  }
  across->rows = kept;
}

int l4r_across_make(const struct l4r_records *records, struct l4r_across *across) {
  *across = (struct l4r_across){.machines = 0};
  for (int64_t r = 0; r < records->count; r++) {
    const int machine = machine_of(across, &records->at[r]);
    if (machine < 0) return machine;
    if (!strcmp(l4r_text_or_none(records->at[r].data.scenario), "server")) continue;
    const int status = add_record(across, machine, &records->at[r]);
    if (status) return status;
  }
  name_machines(across);
  drop_alone(across);
  for (int64_t r = 0; r < across->rows; r++) compare_row(&across->row[r], across->machines);
  return L4R_OK;
}

void l4r_across_free(struct l4r_across *across) {
  l4r_free(across->row);
  *across = (struct l4r_across){.machines = 0};
}

/* --- the page ------------------------------------------------------------------------------------
 */

static void add_columns(struct l4r_table *table, const struct l4r_across *across) {
  l4r_table_column(table, (struct l4r_column){"arm", "arm", .align = L4R_LEFT});
  l4r_table_column(table, (struct l4r_column){"how", "scenario, threads", .align = L4R_LEFT});
  for (int m = 0; m < across->machines; m++) {
    char key[48];
    l4r_text_set(key, sizeof key, "machine%d_ns", m + 1);
    l4r_table_column(table, (struct l4r_column){key, across->name[m], "ns", .align = L4R_FIGURE});
    if (!m) continue;
    l4r_text_set(key, sizeof key, "ratio%d", m + 1);
    l4r_table_column(
        table, (struct l4r_column){key, "speed, first = 1", .align = L4R_LEFT, .interval = 1});
  }
}

static void add_ratio(struct l4r_table *table, const struct l4r_across_cell *cell) {
  if (isnan(cell->ratio)) {
    l4r_cell_absent(table, cell->record ? "the first machine did not measure it"
                                        : "this machine did not measure it");
    return;
  }
  l4r_cell_fixed(table, cell->ratio, 2, "");
  l4r_cell_value(table, (struct l4r_shown){cell->ratio, cell->lo, cell->hi});
  if (!isnan(cell->lo)) l4r_cell_interval(table, 1, L4R_BRACKET "%.2f, %.2f]", cell->lo, cell->hi);
}

static void add_row(struct l4r_table *table, const struct l4r_across *across,
                    const struct l4r_across_row *row) {
  const struct l4r_record_record *data = &first_of(row)->data;
  l4r_row(table);
  l4r_cell(table, table->layout.gap ? "%.200s" : L4R_CODE "%.200s" L4R_CODE,
           l4r_text_or_none(data->arm));
  l4r_cell(table, "%s %s, %lld thread%s, %s", l4r_text_or_none(data->scenario),
           l4r_text_or_none(data->precision), (long long)data->threads,
           data->threads == 1 ? "" : "s", l4r_text_or_none(data->dataset.name));
  for (int m = 0; m < across->machines; m++) {
    const struct l4r_across_cell *cell = &row->cell[m];
    if (cell->record)
      l4r_cell_time(table, (struct l4r_shown){cell->ns, NAN, NAN}, L4R_UNDER);
    else
      l4r_cell_absent(table, "this machine did not measure it");
    if (cell->record && cell->record->data.warnings.count)
      l4r_cell_note(table, l4r_text_or_none(cell->record->data.warnings.at[0].text));
    if (m) add_ratio(table, cell);
  }
}

/* "A is 1.31 times B on blis@lite, offline int8, 2 threads", of the faster one. */
static void tell(struct l4r_sheet *sheet, const struct l4r_across *across,
                 const struct l4r_across_row *row, int m) {
  const struct l4r_across_cell *cell = &row->cell[m];
  const struct l4r_record_record *data = &first_of(row)->data;
  const int faster = cell->ratio >= 1;
  char between[64] = "";
  if (isnan(cell->ratio)) return;
  if (!isnan(cell->lo))
    l4r_text_set(between, sizeof between, " (%.2f to %.2f)", faster ? cell->lo : 1 / cell->hi,
                 faster ? cell->hi : 1 / cell->lo);
  const int undecided = !isnan(cell->lo) && cell->lo < 1 && cell->hi > 1;
  l4r_sheet_item(sheet, "%s is %.2f times%s %s on %s, %s %s, %lld thread%s%s",
                 across->name[faster ? m : 0], faster ? cell->ratio : 1 / cell->ratio, between,
                 across->name[faster ? 0 : m], l4r_text_or_none(data->arm),
                 l4r_text_or_none(data->scenario), l4r_text_or_none(data->precision),
                 (long long)data->threads, data->threads == 1 ? "" : "s",
                 undecided ? ": the rounds do not tell them apart" : "");
}

void l4r_across_print(struct l4r_sheet *sheet, const struct l4r_across *across) {
  struct l4r_table table = {.layout = {.gap = sheet->printer->document ? 0 : 2}};
  l4r_table_title(&table,
                  "Time of a user on %d machines, and how many times as fast as the first; "
                  "95 %% intervals over rounds",
                  across->machines);
  add_columns(&table, across);
  for (int64_t r = 0; r < across->rows; r++) add_row(&table, across, &across->row[r]);
  l4r_sheet_table(sheet, &table);
  for (int64_t r = 0; r < across->rows; r++)
    for (int m = 1; m < across->machines; m++) tell(sheet, across, &across->row[r], m);
  if (across->alone)
    l4r_sheet_item(sheet,
                   "%lld measurements have no counterpart on another machine (same arm, "
                   "model, data, requests, scenario and threads)",
                   (long long)across->alone);
  if (across->untold)
    l4r_sheet_item(sheet,
                   "%lld of these do not state their requests, as records of schema 1 do not, so "
                   "that nothing counts as the same: measure them again with this version",
                   (long long)across->untold);
  l4r_manifests_print(sheet, across);
}
