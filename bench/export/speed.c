/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints speed by stage, and compares arms of one run that differ in one option, by which
 * optimisations and precisions are judged. Ratios are formed round by round, because the arms of a
 * run take turns and so meet the same state of the machine. */
#include "bench/export/speed.h"
#include "bench/export/paired.h"
#include "bench/record/text.h"
#include "bench/engines.h"
#include "bench/table/share.h"
#include "bench/table/units.h"
#include "impl/base/error.h"

#include <math.h>
#include <string.h>

/* Adds a rate of work per second, in units of 10^9. */
static void add_rate(struct l4r_table *table, double rate) {
  l4r_cell_digits(table, (struct l4r_shown){rate * 1e-9, NAN, NAN}, 2, L4R_WORDS);
}

/* Adds a line for the whole user and one for each stage. */
static void add_stages(struct l4r_table *table, const struct l4r_row *row) {
  const struct l4r_record_record *data = &row->record->data;
  const double share = data->ceiling.fraction;
  l4r_row(table);
  l4r_cell(table, L4R_CODE "%s" L4R_CODE, row->label);
  l4r_cell_count(table, row->threads);
  l4r_cell(table, "user");
  l4r_cell_time(table, l4r_row_latency(row, "mean"), L4R_WORDS);
  add_rate(table, share > 0 ? share * data->ceiling.value : NAN);
  l4r_cell_absent(table, NULL);
  if (data->ceiling.precision)
    l4r_cell_share(table, share);
  else if (isnan(share))
    l4r_cell_absent(table, NULL);
  else
    l4r_cell(table, "%.2f x sgemm", share);
  l4r_cell_ceiling(table, &data->ceiling);
  l4r_cell_absent(table, NULL);
  for (int64_t s = 0; s < data->stages.count; s++) {
    const struct l4r_record_stage *stage = &data->stages.at[s];
    l4r_row(table);
    l4r_cell(table, "%s", "");
    l4r_cell(table, "%s", "");
    l4r_cell(table, "%s", l4r_text_or_none(stage->name));
    l4r_cell_time(table, l4r_figure_of(&stage->ns_per_user), L4R_WORDS);
    add_rate(table, stage->flops_per_second);
    add_rate(table, stage->bytes_per_second);
    l4r_cell_stage_share(table, stage);
    l4r_cell(table, "%s", "");
    l4r_cell_stage_read(table, stage);
  }
}

/* Counts keys of `a` that are missing in `b` or have another value there; `found` is the last one.
 * `fallback` is skipped: it matters only on other processors. */
static int differences(const json_t *a, const json_t *b, int absent_alone, const char **found) {
  const char *key;
  json_t *value;
  int count = 0;
  json_object_foreach((json_t *)a, key, value) {
    const json_t *other = json_object_get(b, key);
    if (!strcmp(key, "fallback") || (other && (absent_alone || json_equal(value, other)))) continue;
    *found = key;
    count++;
  }
  return count;
}

/* Returns the only key in which two sets of options differ; NULL when they differ in none or
 * several. */
static const char *only_difference(const json_t *a, const json_t *b) {
  const char *found = NULL;
  return differences(a, b, 0, &found) + differences(b, a, 1, &found) == 1 ? found : NULL;
}

static int is_same(const char *a, const char *b) {
  return a && b && !strcmp(a, b);
}

static int is_peer(const struct l4r_record *record) {
  return l4r_engine_is_foreign(l4r_text_or_none(record->data.engine));
}

/* Returns the only difference between two rows of one run on one model: the key of an option, or
 * "engine" when one of them is a peer with the same precision. NULL when they differ in more. */
static const char *pair_key(const struct l4r_row *a, const struct l4r_row *b) {
  const struct l4r_record_record *x = &a->record->data, *y = &b->record->data;
  if (a->group != b->group || a->threads != b->threads) return NULL;
  if (a->rate > 0 || b->rate > 0) return NULL; /* their times include waiting */
  if (!l4r_paired_run(a->record, b->record)) return NULL;
  if (!is_same(x->scenario, y->scenario) || x->batch != y->batch) return NULL;
  if (!is_same(x->model.sha256, y->model.sha256)) return NULL;
  if (is_peer(a->record) != is_peer(b->record))
    return is_same(x->precision, y->precision) ? "engine" : NULL;
  return is_same(x->engine, y->engine) ? only_difference(x->options, y->options) : NULL;
}

static void add_option(struct l4r_table *table, const struct l4r_record *record, const char *key) {
  const char *value = json_string_value(json_object_get(record->data.options, key));
  if (!strcmp(key, "engine"))
    l4r_cell(table, L4R_CODE "%s" L4R_CODE, l4r_text_or_none(record->data.arm));
  else if (value)
    l4r_cell(table, L4R_CODE "%s=%s" L4R_CODE, key, value);
  else
    l4r_cell(table, L4R_CODE "%s" L4R_CODE " as by default", key);
}

static void add_pair(struct l4r_table *table, const struct l4r_row *one,
                     const struct l4r_row *other, const char *key) {
  struct l4r_estimate ratio = l4r_paired_ratio(one->record, other->record, -1);
  const int turned = !ratio.withheld && ratio.value < 1;
  const struct l4r_row *slow = turned ? other : one, *fast = turned ? one : other;
  /* a peer's stages are unknown */
  const int64_t stages = strcmp(key, "engine") ? slow->record->data.stages.count : 0;
  l4r_row(table);
  l4r_cell(table, L4R_CODE "%s" L4R_CODE, slow->label);
  l4r_cell_count(table, slow->threads);
  add_option(table, fast->record, key);
  l4r_cell_digits(table, l4r_paired_figure(l4r_paired_ratio(slow->record, fast->record, -1)), 2,
                  L4R_WORDS);
  l4r_cell(table, "%s", stages ? "" : "-");
  for (int64_t stage = 0; stage < stages; stage++) {
    const struct l4r_shown part = l4r_paired_figure(
        l4r_paired_ratio(slow->record, fast->record, stage));
    char digits[32];
    l4r_cell_add(table, "%s%s %s", stage ? ", " : "",
                 l4r_text_or_none(slow->record->data.stages.at[stage].name),
                 isnan(part.value) ? "-" : l4r_digits(digits, part.value, 2));
  }
}

static void add_pairs(struct l4r_sheet *sheet, const struct l4r_rows *rows, int group) {
  static const struct l4r_column columns[] = {
      {"arm", "arm", .align = L4R_LEFT},
      {"threads", "threads", .align = L4R_RIGHT},
      {"with", "times faster with", .align = L4R_LEFT},
      {"times", "a user", .align = L4R_FIGURE, .interval = 1},
      {"stages", "by stage", .align = L4R_LEFT}};
  struct l4r_table table = {.layout = {.gap = 2}};
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  for (int64_t i = 0; i < rows->count; i++)
    for (int64_t j = i + 1; j < rows->count; j++) {
      const char *key = rows->row[i].group == group ? pair_key(&rows->row[i], &rows->row[j]) : NULL;
      if (key) add_pair(&table, &rows->row[i], &rows->row[j], key);
    }
  if (table.rows || table.status)
    l4r_sheet_table(sheet, &table);
  else
    l4r_table_free(&table);
}

int l4r_export_speed(const struct l4r_rows *rows, struct l4r_sheet *sheet) {
  static const struct l4r_column columns[] = {
      {"arm", "arm", .align = L4R_LEFT},
      {"threads", "threads", .align = L4R_RIGHT},
      {"of", "of", .align = L4R_LEFT},
      {"ns", "time", "ns", .align = L4R_FIGURE, .interval = 1},
      {"gflops", "GFLOP/s", "GFLOP/s", .align = L4R_RIGHT},
      {"gb_per_s", "GB/s", "GB/s", .align = L4R_RIGHT},
      {"ceiling_share", "of the ceiling", "%", .align = L4R_RIGHT},
      {"ceiling", "which is", .align = L4R_LEFT},
      {"read_share", "of reading", .align = L4R_RIGHT}};
  for (int g = 0; g < rows->groups; g++) {
    const struct l4r_row_group *group = &rows->group[g];
    struct l4r_table table = {.layout = {.gap = 2}};
    l4r_table_title(&table,
                    L4R_STRONG "%s" L4R_STRONG "%s%s, mean times, 95 %% intervals over rounds.",
                    group->title, *group->cpu ? " on " : "", group->cpu);
    l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
    for (int64_t r = 0; r < rows->count; r++)
      if (rows->row[r].group == g) add_stages(&table, &rows->row[r]);
    l4r_sheet_table(sheet, &table);
    add_pairs(sheet, rows, g);
  }
  return L4R_OK;
}
