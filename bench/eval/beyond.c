/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/eval/beyond.h"

#include "bench/derive/user_ranks.h"
#include "bench/record/text.h"
#include "bench/stats/significance.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *left, const void *right) {
  const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  return (a > b) - (a < b);
}

int l4r_beyond_open(const char *data, const int64_t *depth, int depths, struct l4r_beyond *beyond) {
  *beyond = (struct l4r_beyond){.depths = depths};
  memcpy(beyond->depth, depth, (size_t)depths * sizeof *depth);
  qsort(beyond->depth, (size_t)depths, sizeof *depth, ascending);
  for (int d = 0; d < depths; d++) {
    if (beyond->depth[d] < 1 || beyond->depth[d] > L4R_DEPTH_MOST)
      return l4r_fail(L4R_USAGE, "--at takes depths from 1 to %d, not %lld", L4R_DEPTH_MOST,
                      (long long)beyond->depth[d]);
    if (d && beyond->depth[d] == beyond->depth[d - 1])
      return l4r_fail(L4R_USAGE, "--at names %lld twice", (long long)beyond->depth[d]);
  }
  int status = l4r_dataset_open(data, L4R_PART_TRAIN | L4R_PART_TEXT, &beyond->dataset);
  if (!status && beyond->depth[depths - 1] > beyond->dataset->items)
    status = l4r_fail(L4R_USAGE, "--at %lld: the data set has %lld items",
                      (long long)beyond->depth[depths - 1], (long long)beyond->dataset->items);
  return status ? status : l4r_text_vectors_make(beyond->dataset, &beyond->vectors);
}

void l4r_beyond_close(struct l4r_beyond *beyond) {
  for (int64_t a = 0; a < beyond->arms; a++) {
    l4r_free(beyond->arm[a].name);
    l4r_free(beyond->arm[a].rank[0]);
    l4r_free(beyond->arm[a].rank[1]);
  }
  l4r_free(beyond->arm);
  l4r_text_vectors_free(&beyond->vectors);
  if (beyond->dataset) l4r_dataset_close(beyond->dataset);
  *beyond = (struct l4r_beyond){.arms = 0};
}

static json_t *number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

static json_t *figures_json(const struct l4r_depth_figures *f) {
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:o, s:o, s:o}", "HR", f->hr, "NDCG", f->ndcg, "MRR",
                   f->mrr, "coverage", f->coverage, "gini", f->gini, "popularity",
                   number(f->popularity), "popularity_bias", number(f->bias), "diversity",
                   number(f->diversity));
}

static int keep_ranks(const struct l4r_bundle *result, int mask, struct l4r_beyond_arm *arm) {
  const struct l4r_array *rank;
  const int status = l4r_bundle_need(result, mask ? "mask" : "keep", &rank);
  if (status) return status;
  arm->users = rank->count;
  arm->rank[mask] = l4r_alloc((size_t)rank->count, sizeof *rank->value, "ranks");
  if (!arm->rank[mask]) return L4R_ENVIRONMENT;
  memcpy(arm->rank[mask], rank->value, (size_t)rank->count * sizeof *rank->value);
  return L4R_OK;
}

int l4r_beyond_add(struct l4r_beyond *beyond, const char *name, int is_control,
                   const struct l4r_bundle *result, int64_t k, json_t *row) {
  int status = l4r_grow(&beyond->arm, &beyond->room, (size_t)beyond->arms + 1, sizeof *beyond->arm,
                        "arms");
  if (status) return status;
  struct l4r_beyond_arm *arm = &beyond->arm[beyond->arms++];
  arm->is_control = is_control;
  if (!(arm->name = l4r_strdup(name))) return L4R_ENVIRONMENT;
  for (int mask = 0; mask < 2 && !status; mask++) {
    status = keep_ranks(result, mask, arm);
    if (!status)
      status = l4r_depths_of(result, beyond->dataset, &beyond->vectors, mask, k, beyond->depth,
                             beyond->depths, arm->figures[mask]);
  }
  json_t *depths = json_array();
  for (int d = 0; d < beyond->depths && !status; d++)
    json_array_append_new(depths, json_pack("{s:I, s:o, s:o}", "n", (json_int_t)beyond->depth[d],
                                            "keep", figures_json(&arm->figures[0][d]), "mask",
                                            figures_json(&arm->figures[1][d])));
  json_object_set_new(row, "depths", depths);
  return status;
}

static int test_one(const struct l4r_beyond_arm *first, const struct l4r_beyond_arm *other,
                    const struct l4r_figure *figure, json_t *out) {
  struct l4r_significance found;
  const size_t users = (size_t)first->users;
  double *a = l4r_alloc(users, sizeof *a, "users"), *b = l4r_alloc(users, sizeof *b, "users");
  int status = a && b ? L4R_OK : L4R_ENVIRONMENT;
  for (size_t u = 0; u < users && !status; u++) {
    a[u] = l4r_figure_of_rank(figure, first->rank[1][u]);
    b[u] = l4r_figure_of_rank(figure, other->rank[1][u]);
  }
  if (!status)
    status = l4r_significance_of(a, b, first->users, L4R_EVAL_RESAMPLES, L4R_EVAL_SEED, &found);
  if (!status)
    json_array_append_new(out,
                          json_pack("{s:s, s:s, s:s, s:I, s:f, s:[f, f], s:f}", "arm", other->name,
                                    "against", first->name, "metric", figure->name, "users",
                                    (json_int_t)first->users, "difference", found.difference,
                                    "ci95", found.lo, found.hi, "p", found.permutation));
  l4r_free(a);
  l4r_free(b);
  return status;
}

int l4r_beyond_significance(const struct l4r_beyond *beyond, json_t **out) {
  const struct l4r_beyond_arm *first = NULL;
  int status = (*out = json_array()) ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t a = 0; a < beyond->arms && !status; a++) {
    const struct l4r_beyond_arm *arm = &beyond->arm[a];
    if (arm->is_control) continue;
    if (!first) first = arm;
    if (first == arm || arm->users != first->users) continue;
    for (int d = 0; d < beyond->depths && !status; d++)
      for (int ndcg = 0; ndcg < 2 && !status; ndcg++) {
        char name[32];
        struct l4r_figure figure;
        l4r_text_set(name, sizeof name, "%s@%lld", ndcg ? "NDCG" : "HR",
                     (long long)beyond->depth[d]);
        status = l4r_figure_parse(name, &figure);
        if (!status) status = test_one(first, arm, &figure, *out);
      }
  }
  return status;
}

static const struct l4r_column depth_columns[] = {{"arm", "arm", .align = L4R_LEFT},
                                                  {"seen", "seen", .align = L4R_LEFT},
                                                  {"n", "at", .align = L4R_RIGHT},
                                                  {"hr", "HR", .align = L4R_RIGHT},
                                                  {"ndcg", "NDCG", .align = L4R_RIGHT},
                                                  {"mrr", "MRR", .align = L4R_RIGHT},
                                                  {"coverage", "coverage", .align = L4R_RIGHT},
                                                  {"gini", "Gini", .align = L4R_RIGHT},
                                                  {"bias", "pop. bias", .align = L4R_RIGHT},
                                                  {"diversity", "diversity", .align = L4R_RIGHT}};

static void add_depth(struct l4r_table *table, const struct l4r_beyond_arm *arm, int mask, int d) {
  const struct l4r_depth_figures *f = &arm->figures[mask][d];
  l4r_row(table);
  l4r_cell(table, "%s", arm->name);
  l4r_cell(table, "%s", mask ? "mask" : "keep");
  l4r_cell_count(table, f->n);
  l4r_cell_fixed(table, f->hr, 4, "");
  l4r_cell_fixed(table, f->ndcg, 4, "");
  l4r_cell_fixed(table, f->mrr, 4, "");
  l4r_cell_fixed(table, f->coverage, 3, "");
  l4r_cell_fixed(table, f->gini, 3, "");
  l4r_cell_fixed(table, f->bias, 2, "");
  l4r_cell_fixed(table, f->diversity, 3, "");
}

static const struct l4r_column test_columns[] = {
    {"arm", "arm", .align = L4R_LEFT},
    {"against", "against", .align = L4R_LEFT},
    {"metric", "metric", .align = L4R_LEFT},
    {"difference", "difference, 95 %", .align = L4R_LEFT, .interval = 1},
    {"p", "p", .align = L4R_RIGHT}};

static void add_test(struct l4r_table *table, const json_t *one) {
  const json_t *interval = json_object_get(one, "ci95");
  const double lo = json_number_value(json_array_get(interval, 0));
  const double hi = json_number_value(json_array_get(interval, 1));
  const double difference = json_number_value(json_object_get(one, "difference"));
  l4r_row(table);
  l4r_cell(table, "%s", l4r_text_at(one, "arm"));
  l4r_cell(table, "%s", l4r_text_at(one, "against"));
  l4r_cell(table, "%s", l4r_text_at(one, "metric"));
  l4r_cell(table, "%+.4f", difference);
  l4r_cell_value(table, (struct l4r_shown){difference, lo, hi});
  l4r_cell_interval(table, 1, L4R_BRACKET "%+.4f, %+.4f]", lo, hi);
  l4r_cell_fixed(table, json_number_value(json_object_get(one, "p")), 4, "");
}

void l4r_beyond_print(struct l4r_sheet *sheet, const struct l4r_beyond *beyond,
                      const json_t *significance) {
  struct l4r_table table = {.layout = {.gap = 2}};
  size_t index;
  const json_t *one;
  l4r_table_columns(&table, depth_columns, sizeof depth_columns / sizeof *depth_columns);
  for (int64_t a = 0; a < beyond->arms; a++)
    for (int mask = 0; mask < 2; mask++)
      for (int d = 0; d < beyond->depths; d++) add_depth(&table, &beyond->arm[a], mask, d);
  l4r_table_foot(&table,
                 "coverage: share of items recommended to anybody; Gini: 0 all alike, 1 one "
                 "item alone; pop. bias: training count of recommendations over that of "
                 "histories; diversity: 1 - cosine of texts, over pairs of a list");
  l4r_sheet_table(sheet, &table);
  if (!json_array_size(significance)) return;
  table = (struct l4r_table){.layout = {.gap = 2}};
  l4r_table_columns(&table, test_columns, sizeof test_columns / sizeof *test_columns);
  json_array_foreach(significance, index, one) add_test(&table, one);
  l4r_table_foot(&table,
                 "seen items removed; paired over the same users: interval by bootstrap, p by sign "
                 "flips, two-sided, %d resamples each; not corrected for the number of rows",
                 L4R_EVAL_RESAMPLES);
  l4r_sheet_table(sheet, &table);
}
