/* SPDX-License-Identifier: BSD-3-Clause */
/* gnuplot draws figures from tables that hold everything a figure shows: which records are in it,
 * which colour (place) an arm has, and which points are on the Pareto front. So plot files compute
 * nothing that a test could not check. */
#include "bench/export/plot_tables.h"
#include "bench/export/load.h"

#include "bench/export/quantiles.h"
#include "bench/record/text.h"
#include "bench/table/tsv.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/ceiling/peak.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct arm {
  const char *label;
  double hits;
  int front; /* 1: one of its points is on a front */
};
struct group_plan { /* one for each rows->group */
  struct arm *arm;  /* [arms] by number */
  int arms, threads;
  int64_t longest; /* bytes of the longest label */
  int64_t points, curves, stages, loads;
  const char *latency; /* "p50", or "mean" where no call is one query */
  char counts[128];    /* "1 2 4" */
};
struct plan {
  struct l4r_rows *rows;
  struct l4r_row **pick; /* [picks] by group, label, threads: the newest of each */
  int64_t picks;
  struct group_plan *group;
};

static int compare_cells(const struct l4r_row *a, const struct l4r_row *b) {
  if (a->group != b->group) return a->group < b->group ? -1 : 1;
  int order = strcmp(a->label, b->label);
  if (order) return order;
  if (a->threads != b->threads) return a->threads < b->threads ? -1 : 1;
  return (a->rate > b->rate) - (a->rate < b->rate);
}

static int compare_rows(const void *left, const void *right) {
  const struct l4r_row *a = *(struct l4r_row *const *)left, *b = *(struct l4r_row *const *)right;
  int order = compare_cells(a, b);
  if (!order) order = strcmp(l4r_row_text(a, "manifest.time"), l4r_row_text(b, "manifest.time"));
  return order ? order : (a->order > b->order) - (a->order < b->order);
}

static int pick_newest(struct plan *plan) {
  struct l4r_rows *rows = plan->rows;
  plan->pick = l4r_alloc((size_t)rows->count, sizeof *plan->pick, "rows to draw");
  plan->group = l4r_alloc((size_t)rows->groups, sizeof *plan->group, "groups to draw");
  if (!plan->pick || !plan->group) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < rows->count; r++) plan->pick[r] = &rows->row[r];
  qsort(plan->pick, (size_t)rows->count, sizeof *plan->pick, compare_rows);
  for (int64_t r = 0; r < rows->count; r++) {
    const int last = r + 1 == rows->count || compare_cells(plan->pick[r], plan->pick[r + 1]) != 0;
    if (last) plan->pick[plan->picks++] = plan->pick[r];
  }
  if (plan->picks < rows->count)
    l4r_warn("%lld of %lld records are older ones of an arm and thread count (and rate) that was "
             "measured again; the newest is drawn",
             (long long)(rows->count - plan->picks), (long long)rows->count);
  return L4R_OK;
}

static int compare_arms(const void *left, const void *right) {
  const struct arm *a = left, *b = right;
  const double x = isnan(a->hits) ? -1 : a->hits, y = isnan(b->hits) ? -1 : b->hits;
  if (x != y) return x > y ? -1 : 1;
  return strcmp(a->label, b->label);
}

/* Numbers the arms of picks [begin, end), the best first. */
static int place_arms(struct plan *plan, int64_t begin, int64_t end) {
  struct arm *arm = l4r_alloc((size_t)(end - begin), sizeof *arm, "arms");
  if (!arm) return L4R_ENVIRONMENT;
  struct group_plan *place = &plan->group[plan->pick[begin]->group];
  place->arm = arm;
  for (int64_t p = begin; p < end; p++) {
    const double hits = l4r_row_accuracy(plan->pick[p], L4R_MASK, "HR@10").value;
    if (p == begin || strcmp(arm[place->arms - 1].label, plan->pick[p]->label) != 0)
      arm[place->arms++] = (struct arm){plan->pick[p]->label, NAN, 0};
    if (!isnan(hits)) arm[place->arms - 1].hits = hits;
  }
  qsort(arm, (size_t)place->arms, sizeof *arm, compare_arms);
  for (int a = 0; a < place->arms; a++) {
    const int64_t length = (int64_t)strlen(arm[a].label);
    if (length > place->longest) place->longest = length;
    for (int64_t p = begin; p < end; p++)
      if (!strcmp(plan->pick[p]->label, arm[a].label)) plan->pick[p]->arm = a;
  }
  return L4R_OK;
}

/* Adds the arms with their priority in figures that do not have room for all: those on a front
 * first, because its line runs through them, then the others; both in the order of their
 * numbers. */
static void add_arms(const struct plan *plan, int g, struct l4r_table *table) {
  const struct group_plan *place = &plan->group[g];
  int fronts = 0, front = 0;
  for (int a = 0; a < place->arms; a++) fronts += place->arm[a].front;
  for (int a = 0; a < place->arms; a++) {
    const int priority = place->arm[a].front ? front : fronts + a - front;
    l4r_row(table);
    l4r_cell(table, "%s", plan->rows->group[g].slug);
    l4r_cell_count(table, a);
    l4r_cell(table, "%s", place->arm[a].label);
    l4r_cell_count(table, priority);
    front += place->arm[a].front;
  }
}

/* Numbers the thread counts of picks [begin, end) in ascending order. */
static void place_threads(struct plan *plan, int64_t begin, int64_t end) {
  struct group_plan *place = &plan->group[plan->pick[begin]->group];
  int64_t before = -1;
  size_t used = 0;
  for (;;) {
    int64_t next = INT64_MAX;
    for (int64_t p = begin; p < end; p++)
      if (plan->pick[p]->threads > before && plan->pick[p]->threads < next)
        next = plan->pick[p]->threads;
    if (next == INT64_MAX) return;
    for (int64_t p = begin; p < end; p++)
      if (plan->pick[p]->threads == next) plan->pick[p]->thread = place->threads;
    l4r_text_add(place->counts, sizeof place->counts, &used, "%s%lld", used ? " " : "",
                 (long long)next);
    place->threads++;
    before = next;
  }
}

/* Returns 1 when no other pick of the group is at least as fast and as accurate, and better in
 * one. */
static int on_front(const struct plan *plan, int64_t begin, int64_t end, const struct l4r_row *row,
                    int convention) {
  const char *latency = plan->group[row->group].latency;
  const double x = l4r_row_latency(row, latency).value;
  const double y = l4r_row_accuracy(row, convention, "HR@10").value;
  if (isnan(x) || isnan(y)) return 0;
  for (int64_t p = begin; p < end; p++) {
    const double a = l4r_row_latency(plan->pick[p], latency).value;
    const double b = l4r_row_accuracy(plan->pick[p], convention, "HR@10").value;
    if (a <= x && b >= y && (a < x || b > y)) return 0;
  }
  return 1;
}

static int compare_latency(const void *left, const void *right) {
  const struct l4r_row *a = *(struct l4r_row *const *)left, *b = *(struct l4r_row *const *)right;
  const char *name = isnan(l4r_row_latency(a, "p50").value) ? "mean" : "p50";
  const double x = l4r_row_latency(a, name).value, y = l4r_row_latency(b, name).value;
  if (x != y) return x < y ? -1 : 1;
  return (a->order > b->order) - (a->order < b->order);
}

static int has_point(const struct l4r_row *row, const char *latency) {
  const char *missing = NULL;
  if (row->rate > 0) return 0; /* it is in the figure of latency against load */
  if (isnan(l4r_row_latency(row, latency).value))
    missing = l4r_row_withheld(row, latency);
  else if (isnan(l4r_row_accuracy(row, L4R_KEEP, "HR@10").value) ||
           isnan(l4r_row_accuracy(row, L4R_MASK, "HR@10").value))
    missing = "the record holds no HR@10";
  if (missing)
    l4r_warn("%s with %lld threads is not in the figure of accuracy against latency: %s",
             row->label, (long long)row->threads, missing);
  return !missing;
}

/* Adds points in the order of latency, along which a front is drawn. */
static int add_points(struct plan *plan, int64_t begin, int64_t end, struct l4r_table *table) {
  struct l4r_row **sorted = l4r_alloc((size_t)(end - begin), sizeof *sorted, "points");
  if (!sorted) return L4R_ENVIRONMENT;
  struct group_plan *place = &plan->group[plan->pick[begin]->group];
  place->latency = "mean";
  for (int64_t p = begin; p < end; p++)
    if (!isnan(l4r_row_latency(plan->pick[p], "p50").value)) place->latency = "p50";
  for (int64_t p = begin; p < end; p++)
    if (has_point(plan->pick[p], place->latency)) sorted[place->points++] = plan->pick[p];
  qsort(sorted, (size_t)place->points, sizeof *sorted, compare_latency);
  for (int64_t p = 0; p < place->points; p++) {
    const struct l4r_row *row = sorted[p];
    l4r_row(table);
    l4r_row_place(table, row, plan->rows->group[row->group].slug);
    l4r_cell_exact(table, l4r_row_latency(row, place->latency));
    for (int c = 0; c < L4R_CONVENTIONS; c++) {
      const int front = on_front(plan, begin, end, row, c);
      l4r_cell_exact(table, l4r_row_accuracy(row, c, "HR@10"));
      l4r_cell_exact(table, l4r_row_accuracy(row, c, "NDCG@10"));
      l4r_cell_count(table, front);
      place->arm[row->arm].front |= front;
    }
    l4r_cell_count(table, p);
    l4r_cell(table, "%s", row->label);
  }
  l4r_free(sorted);
  return L4R_OK;
}

static int add_curves(struct plan *plan, int64_t begin, int64_t end, struct l4r_tsv *tsv) {
  int status = L4R_OK;
  for (int64_t p = begin; p < end && !status; p++) {
    const struct l4r_row *row = plan->pick[p];
    int64_t points;
    if (row->rate > 0) continue;
    status = l4r_export_quantiles(row, plan->rows->group[row->group].slug, &tsv->table, &points);
    l4r_tsv_flush(tsv); /* some hundred rows each */
    if (!status) plan->group[row->group].curves += points > 0;
  }
  return status;
}

/* Which roof a figure draws for a record: the precision's number, after them sgemm's. */
static int roof_of(const struct l4r_record *record) {
  enum l4r_peak_precision precision;
  const char *name = record->data.ceiling.precision;
  return name && !l4r_peak_precision_named(name, &precision) ? (int)precision : L4R_PEAK_PRECISIONS;
}

/* Adds each stage as a point of a roofline: work per byte, speed, and the two ceilings. */
static void add_stages(struct plan *plan, int64_t begin, int64_t end, struct l4r_table *table) {
  for (int64_t p = begin; p < end; p++) {
    const struct l4r_row *row = plan->pick[p];
    for (int64_t s = 0; s < row->record->data.stages.count; s++) {
      const struct l4r_record_stage *stage = &row->record->data.stages.at[s];
      const double flops = stage->flops, bytes = stage->bytes, speed = stage->flops_per_second;
      const double peak = stage->peak_fraction > 0 ? stage->peak_fraction : stage->sgemm_fraction;
      const double memory = stage->memory_fraction;
      const double figures[] = {flops / bytes, speed, speed / peak, speed / flops * bytes / memory};
      if (!(flops > 0 && bytes > 0 && speed > 0 && peak > 0 && memory > 0)) continue;
      l4r_row(table);
      l4r_row_place(table, row, plan->rows->group[row->group].slug);
      l4r_cell(table, "%s", l4r_text_or_none(stage->name));
      for (int f = 0; f < 4; f++) l4r_cell_alone(table, figures[f]);
      l4r_cell_count(table, roof_of(row->record));
      l4r_cell(table, "%s", row->label);
      plan->group[row->group].stages++;
    }
  }
}

static void add_loads(struct plan *plan, int64_t begin, int64_t end, struct l4r_table *table) {
  for (int64_t p = begin; p < end; p++) {
    const struct l4r_row *row = plan->pick[p];
    plan->group[row->group].loads += l4r_export_load(row, plan->rows->group[row->group].slug,
                                                     table);
  }
}

/* Adds what needs no training, pop and itemknn, a row a data set and kind, the better of several:
 * learning curves draw them as lines. */
static void add_simple(const struct plan *plan, struct l4r_table *table) {
  for (int64_t p = 0; p < plan->picks; p++) {
    const struct l4r_row *row = plan->pick[p];
    const char *kind = l4r_row_text(row, "model.kind"), *data = l4r_row_text(row, "dataset.name");
    const double hits = l4r_row_accuracy(row, L4R_MASK, "HR@10").value;
    int best = (!strcmp(kind, "pop") || !strcmp(kind, "itemknn")) && !isnan(hits);
    for (int64_t q = 0; q < plan->picks && best; q++) {
      const struct l4r_row *other = plan->pick[q];
      const double theirs = l4r_row_accuracy(other, L4R_MASK, "HR@10").value;
      if (!strcmp(l4r_row_text(other, "model.kind"), kind) &&
          !strcmp(l4r_row_text(other, "dataset.name"), data))
        best = !(theirs > hits || (theirs == hits && q < p));
    }
    if (!best) continue;
    l4r_row(table);
    l4r_cell(table, "%s", data);
    l4r_cell(table, "%s", kind);
    l4r_cell_alone(table, hits);
    l4r_cell_alone(table, l4r_row_accuracy(row, L4R_MASK, "NDCG@10").value);
    l4r_cell(table, "%s", row->label);
  }
}

enum { ARMS, POINTS, CURVES, STAGES, LOADS, SIMPLE, GROUPS, TABLES };
static const struct l4r_tsv_file tables[TABLES] = {
    {"arms.tsv", "group arm label priority"},
    {"accuracy_latency.tsv",
     "group arm thread threads ns+ keep_hr+ keep_ndcg+ keep_front mask_hr+ mask_ndcg+ mask_front "
     "place label"},
    {"latency_quantiles.tsv", "group arm thread threads p ns label"},
    {"stages.tsv",
     "group arm thread threads stage flops_per_byte flops_per_second roof memory roof_of label"},
    {"load.tsv", l4r_load_columns},
    {"simple.tsv", "dataset kind mask_hr mask_ndcg label"},
    {"groups.tsv", "group arms longest threads latency points curves stages loads title cpu"},
};

static void add_group(const struct plan *plan, int g, struct l4r_table *table) {
  const struct l4r_row_group *group = &plan->rows->group[g];
  const struct group_plan *place = &plan->group[g];
  l4r_row(table);
  l4r_cell(table, "%s", group->slug);
  l4r_cell_count(table, place->arms);
  l4r_cell_count(table, place->longest);
  l4r_cell(table, "%s", place->counts);
  l4r_cell(table, "%s", place->latency);
  l4r_cell_count(table, place->points);
  l4r_cell_count(table, place->curves);
  l4r_cell_count(table, place->stages);
  l4r_cell_count(table, place->loads);
  l4r_cell(table, "%s", group->title);
  l4r_cell(table, "%s", group->cpu);
}

static int add_all(struct plan *plan, struct l4r_tsv *tsv) {
  int status = L4R_OK;
  for (int64_t begin = 0, end; begin < plan->picks && !status; begin = end) {
    const int g = plan->pick[begin]->group;
    for (end = begin; end < plan->picks && plan->pick[end]->group == g;) end++;
    place_threads(plan, begin, end);
    status = place_arms(plan, begin, end);
    if (!status) status = add_points(plan, begin, end, &tsv[POINTS].table);
    if (!status) status = add_curves(plan, begin, end, &tsv[CURVES]);
    if (status) break;
    add_arms(plan, g, &tsv[ARMS].table);
    add_stages(plan, begin, end, &tsv[STAGES].table);
    add_loads(plan, begin, end, &tsv[LOADS].table);
    add_group(plan, g, &tsv[GROUPS].table);
  }
  return status;
}

int l4r_export_plot_tables(struct l4r_rows *rows, const char *folder) {
  struct plan plan = {.rows = rows};
  struct l4r_tsv_files files = {.count = 0};
  int status = pick_newest(&plan);
  if (!status) status = l4r_tsv_files_open(&files, folder, tables, TABLES);
  if (!status) status = add_all(&plan, files.tsv);
  if (!status) add_simple(&plan, &files.tsv[SIMPLE].table);
  status = l4r_tsv_files_end(&files, status);
  for (int g = 0; plan.group && g < rows->groups; g++) l4r_free(plan.group[g].arm);
  l4r_free(plan.pick);
  l4r_free(plan.group);
  return status;
}
