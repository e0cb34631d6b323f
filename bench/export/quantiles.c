/* SPDX-License-Identifier: BSD-3-Clause */
/* Latency curves from raw samples. A quantile is drawn only as far as the users support it: with n
 * distinct users, the 95 % order-statistic interval of the p-quantile has an upper end when p^n <=
 * 2.5 %, so a curve runs from 1 - .025^(1/n) to .025^(1/n). Records withhold percentiles by the
 * same rule, and also spans of too few clock ticks. */
#include "bench/export/quantiles.h"

#include "bench/record/bundle.h"
#include "bench/derive/derive.h"
#include "bench/record/read.h"
#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"

#include <math.h>
#include <unistd.h>

/* Points are evenly spaced on the figure's axis, that of a normal distribution: 24 per
 * deviation. */
enum { PER_DEVIATION = 24 };
static const double half_level = .025;

static double normal_below(double z) {
  return .5 * erfc(-z / sqrt(2));
}

/* Returns the largest z, in whole steps, that `distinct` users support; 0 when it is less than a
 * step. */
static int64_t last_step(int64_t distinct) {
  const double top = pow(half_level, 1 / (double)distinct);
  int64_t step = 0;
  /* Beyond 8 deviations, which need more users than there are people, a double equals 1. */
  while (step < 8 * PER_DEVIATION && normal_below((double)(step + 1) / PER_DEVIATION) <= top)
    step++;
  return step;
}

static void write_curve(const struct l4r_row *row, const char *group, const struct l4r_array *ns,
                        int64_t distinct, double least, struct l4r_table *table, int64_t *points) {
  const int64_t last = last_step(distinct);
  for (int64_t step = -last; step <= last && last > 0; step++) {
    const double p = normal_below((double)step / PER_DEVIATION);
    const int64_t value = ns->value[l4r_quantile_rank(ns->count, p) - 1];
    if ((double)value < least) continue;
    l4r_row(table);
    l4r_row_place(table, row, group);
    l4r_cell(table, "%.8f", p);
    l4r_cell_count(table, value);
    l4r_cell(table, "%s", row->label);
    ++*points;
  }
}

static int draw(const struct l4r_row *row, const char *group, struct l4r_bundle *samples,
                const char *path, struct l4r_table *table, int64_t *points, const char **missing) {
  const struct l4r_array *ns;
  if (l4r_bundle_need(samples, "ns", &ns)) return l4r_fail_context(L4R_INPUT, "%s", path);
  int64_t distinct = json_integer_value(json_object_get(samples->meta, "distinct_users"));
  if (distinct > ns->count) distinct = ns->count;
  /* Calls of many requests have no latency of one request, so nothing is missing. */
  if (!json_integer_value(json_object_get(samples->meta, "per_query"))) return L4R_OK;
  if (ns->count < 1 || distinct < 1)
    *missing = "its samples are empty";
  else {
    l4r_sort_i64(ns->value, ns->count);
    const double tick = json_number_value(json_object_get(samples->meta, "tick_ns"));
    write_curve(row, group, ns, distinct, L4R_LEAST_TICKS * tick, table, points);
    if (!*points) *missing = "too few distinct users, or too few clock ticks, for any percentile";
  }
  return L4R_OK;
}

int l4r_export_quantiles(const struct l4r_row *row, const char *group, struct l4r_table *table,
                         int64_t *points) {
  char path[L4R_PATH_MAX];
  const char *name = row->record->data.samples;
  const char *missing = NULL;
  int status = L4R_OK;
  *points = 0;
  if (!name)
    missing = "the record names no raw samples";
  else
    status = l4r_record_sibling_path(row->record, name, path);
  if (status) return status;
  if (name && access(path, F_OK)) missing = "the raw samples are not beside the record";
  if (!missing) {
    struct l4r_bundle samples = {0};
    status = l4r_bundle_read(path, &samples);
    if (!status) status = draw(row, group, &samples, path, table, points, &missing);
    l4r_bundle_free(&samples);
  }
  if (!status && missing)
    l4r_warn("%s with %lld threads has no latency curve: %s%s%s", row->label,
             (long long)row->threads, missing, name ? ": " : "", name ? name : "");
  return status;
}
