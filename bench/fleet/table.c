/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/fleet/table.h"

#include "bench/compare/across.h"
#include "bench/compare/manifests.h"
#include "bench/derive/figures.h"
#include "bench/fleet/spread.h"
#include "bench/record/text.h"
#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

enum { ROUNDS_MOST = 1000 };

struct fleet {
  const struct l4r_fleet_host *hosts;
  int count;
  const struct l4r_record **record;  /* [count] of one combination; NULL: the host has none */
  double *value;                     /* [count] */
  const struct l4r_record **typical; /* [count] beside whom a host is off; NULL: it is not */
  const struct l4r_record **odd;     /* [count] its own record there */
  const char **typical_name;         /* [count] */
};

/* --- figures -------------------------------------------------------------------------------------
 */

static int is_open(const struct l4r_record *record) {
  return !strcmp(l4r_text_or_none(record->data.scenario), "server");
}

static int64_t rounds_of(const struct l4r_record *record, double *ns) {
  return l4r_round_figures(record, is_open(record) ? L4R_ROUND_P99 : L4R_ROUND_MEAN, ns,
                           ROUNDS_MOST);
}

static struct l4r_shown figure_of(const struct l4r_record *record) {
  double ns[ROUNDS_MOST];
  struct l4r_shown shown = {NAN, NAN, NAN};
  const int64_t n = record ? rounds_of(record, ns) : 0;
  if (!n) return shown;
  for (int64_t i = 0; i < n; i++) ns[i] = log(ns[i]);
  const struct l4r_estimate mean = l4r_geometric_estimate(ns, n, .95);
  shown.value = mean.value;
  if (mean.withheld == L4R_WITHHELD_NOTHING) shown.lo = mean.lo;
  if (mean.withheld == L4R_WITHHELD_NOTHING) shown.hi = mean.hi;
  return shown;
}

/* One host's time over another's. */
static struct l4r_shown ratio_of(const struct l4r_record *host, const struct l4r_record *other) {
  double a[ROUNDS_MOST], b[ROUNDS_MOST];
  const int64_t n = rounds_of(other, a), m = rounds_of(host, b);
  return n && m ? l4r_welch_ratio(a, n, b, m) : (struct l4r_shown){NAN, NAN, NAN};
}

static int is_alike(const struct l4r_record *left, const struct l4r_record *right) {
  const struct l4r_record_record *a = &left->data, *b = &right->data;
  const int rates = (isnan(a->server.rate_asked) && isnan(b->server.rate_asked)) ||
                    fabs(a->server.rate_asked - b->server.rate_asked) < 1e-9;
  return !strcmp(l4r_text_or_none(a->arm), l4r_text_or_none(b->arm)) && a->threads == b->threads &&
         !strcmp(l4r_text_or_none(a->scenario), l4r_text_or_none(b->scenario)) &&
         (!is_open(left) || rates);
}

/* The records that every host has of what `like` measures. */
static void find(struct fleet *fleet, const struct l4r_record *like) {
  for (int h = 0; h < fleet->count; h++) {
    const struct l4r_records *records = &fleet->hosts[h].records;
    fleet->record[h] = NULL;
    for (int64_t r = 0; r < records->count; r++)
      if (is_alike(&records->at[r], like)) fleet->record[h] = &records->at[r];
    fleet->value[h] = figure_of(fleet->record[h]).value;
  }
}

/* 1 when a host before `host` has the same combination, which is in the table then. */
static int was_shown(const struct fleet *fleet, int host, const struct l4r_record *record) {
  for (int h = 0; h < host; h++)
    for (int64_t r = 0; r < fleet->hosts[h].records.count; r++)
      if (is_alike(&fleet->hosts[h].records.at[r], record)) return 1;
  return 0;
}

/* --- the table -----------------------------------------------------------------------------------
 */

static void add_columns(struct l4r_table *table) {
  static const struct l4r_column columns[] = {
      {"host", "host", .align = L4R_LEFT},
      {"time_ns", "time", "ns", .align = L4R_FIGURE, .interval = 1},
      {"beside_median", "beside the median", "", .align = L4R_RIGHT},
      {"sigmas", "deviations", "", .align = L4R_RIGHT},
      {"off", "", .align = L4R_LEFT}};
  l4r_table_title(table, "Hosts beside each other: the time of a user with its 95 %% interval over "
                         "rounds (scenario server: p99)");
  l4r_table_columns(table, columns, sizeof columns / sizeof *columns);
}

static void add_host(struct fleet *fleet, struct l4r_table *table, int h,
                     const struct l4r_spread *spread) {
  const struct l4r_record *record = fleet->record[h], *typical = NULL;
  const struct l4r_shown figure = figure_of(record);
  if (spread->typical >= 0) typical = fleet->record[spread->typical];
  l4r_row(table);
  l4r_cell(table, "%s", fleet->hosts[h].name);
  if (isnan(figure.value)) {
    for (int c = 0; c < 3; c++) l4r_cell_absent(table, NULL);
    l4r_cell(table, "%s", record ? "no time" : "not measured");
    return;
  }
  const double sigmas = l4r_spread_sigmas(spread, figure.value);
  const struct l4r_shown ratio = ratio_of(record, typical);
  const int is_off = l4r_spread_is_off(spread, figure.value, ratio.lo, ratio.hi);
  l4r_cell_time(table, figure, L4R_BRACKETS);
  l4r_cell(table, "%+.1f %%", 100 * (figure.value / spread->median - 1));
  if (isnan(sigmas))
    l4r_cell_absent(table, NULL);
  else
    l4r_cell(table, isinf(sigmas) ? "%+.0f" : "%+.1f", sigmas);
  l4r_cell(table, "%s", is_off ? L4R_STRONG "off" L4R_STRONG : "");
  if (!is_off || fleet->typical[h]) return;
  fleet->typical[h] = typical;
  fleet->typical_name[h] = fleet->hosts[spread->typical].name;
  fleet->odd[h] = record;
}

static int add_combination(struct fleet *fleet, struct l4r_table *table,
                           const struct l4r_record *record) {
  struct l4r_spread spread;
  find(fleet, record);
  const int status = l4r_spread_of(fleet->value, fleet->count, &spread);
  if (status) return status;
  char rate[48] = "";
  if (is_open(record))
    l4r_text_set(rate, sizeof rate, " at %g users/s", record->data.server.rate_asked);
  l4r_row_across(table, "%s, %lld thread%s, %s%s", l4r_text_or_none(record->data.arm),
                 (long long)record->data.threads, record->data.threads == 1 ? "" : "s",
                 l4r_text_or_none(record->data.scenario), rate);
  for (int h = 0; h < fleet->count; h++) add_host(fleet, table, h, &spread);
  if (spread.measured > 1)
    l4r_row_remark(table, "spread: the slowest takes %.1f %% of the median more than the fastest%s",
                   100 * spread.range,
                   spread.measured < L4R_SPREAD_HOSTS ? "; from three hosts on, one can be off"
                                                      : "");
  return L4R_OK;
}

static int add_combinations(struct fleet *fleet, struct l4r_sheet *sheet) {
  struct l4r_table table = {.layout = {.gap = 2, .wrap = 100}};
  int status = L4R_OK;
  add_columns(&table);
  for (int h = 0; h < fleet->count && !status; h++)
    for (int64_t r = 0; r < fleet->hosts[h].records.count && !status; r++)
      if (!was_shown(fleet, h, &fleet->hosts[h].records.at[r]))
        status = add_combination(fleet, &table, &fleet->hosts[h].records.at[r]);
  if (status)
    l4r_table_free(&table);
  else
    l4r_sheet_table(sheet, &table);
  return status;
}

/* --- who is off
 * ------------------------------------------------------------------------------------
 */

static void tell_off(const struct fleet *fleet, struct l4r_sheet *sheet, int h) {
  struct l4r_across two = {.machines = 2, .newest = {fleet->typical[h], fleet->odd[h]}};
  const struct l4r_shown ratio = ratio_of(fleet->odd[h], fleet->typical[h]);
  l4r_text_set(two.name[0], L4R_ACROSS_NAME, "%s", fleet->typical_name[h]);
  l4r_text_set(two.name[1], L4R_ACROSS_NAME, "%s", fleet->hosts[h].name);
  l4r_sheet_text(
      sheet,
      "Host %s is off: with %s it takes %.3g times the time of %s [%.3g, %.3g], which is "
      "the most typical.",
      fleet->hosts[h].name, l4r_text_or_none(fleet->odd[h]->data.arm), ratio.value,
      fleet->typical_name[h], ratio.lo, ratio.hi);
  l4r_manifests_print(sheet, &two);
}

int l4r_fleet_print(struct l4r_sheet *sheet, const struct l4r_fleet_host *hosts, int count,
                    int *off) {
  const size_t n = (size_t)count;
  struct fleet fleet = {.hosts = hosts, .count = count};
  fleet.record = l4r_alloc(n, sizeof *fleet.record, "hosts");
  fleet.value = l4r_alloc(n, sizeof *fleet.value, "hosts");
  fleet.typical = l4r_alloc(n, sizeof *fleet.typical, "hosts");
  fleet.typical_name = l4r_alloc(n, sizeof *fleet.typical_name, "hosts");
  fleet.odd = l4r_alloc(n, sizeof *fleet.odd, "hosts");
  const int there = fleet.record && fleet.value && fleet.typical && fleet.typical_name && fleet.odd;
  int status = there ? add_combinations(&fleet, sheet) : L4R_ENVIRONMENT;
  *off = 0;
  for (int h = 0; h < count && !status; h++)
    if (fleet.typical[h] && fleet.odd[h]) {
      tell_off(&fleet, sheet, h);
      ++*off;
    }
  l4r_free(fleet.record);
  l4r_free(fleet.value);
  l4r_free(fleet.typical);
  l4r_free(fleet.typical_name);
  l4r_free(fleet.odd);
  return status;
}
