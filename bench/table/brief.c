/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/brief.h"

#include "bench/derive/figures.h"
#include "bench/record/distinct.h"
#include "bench/record/text.h"
#include "bench/stats/compare.h"
#include "bench/table/cells.h"
#include "bench/table/units.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { ROUNDS = 3, ROUNDS_MOST = 1000 }; /* least for an interval; most that a run measures */

/* --- the sentence --------------------------------------------------------------------------------
 */

static int is_one_of(const char *text, const char *const *words) {
  for (; *words; words++)
    if (!strcmp(l4r_text_or_none(text), *words)) return 1;
  return 0;
}

static int has_head(const struct l4r_record *record) {
  static const char *const kinds[] = {"lite", "sasrec", NULL};
  return is_one_of(record->data.model.kind, kinds);
}

static int generates(const struct l4r_record *record) {
  static const char *const kinds[] = {"p5", "lite-beam", NULL};
  return is_one_of(record->data.model.kind, kinds);
}

static double hr10(const struct l4r_record *record) {
  const double value = record->data.accuracy.keep.hr10;
  return isnan(value) ? 0 : value;
}

/* 1 when `a` is to be told rather than `b`: more accurate, else faster. */
static int is_before(const struct l4r_record *a, const struct l4r_record *b) {
  if (hr10(a) > hr10(b)) return 1;
  return hr10(a) >= hr10(b) && a->data.users_per_second.value > b->data.users_per_second.value;
}

static const struct l4r_record *best(const struct l4r_records *records,
                                     int (*is_of)(const struct l4r_record *), int64_t threads) {
  const struct l4r_record *found = NULL;
  for (int64_t r = 0; r < records->count; r++) {
    const struct l4r_record *at = &records->at[r];
    if (is_of(at) && at->data.threads == threads && (!found || is_before(at, found))) found = at;
  }
  return found;
}

/* Finds the two; returns 1 when there are two. */
static int pair_of(const struct l4r_records *records, const struct l4r_record *pair[2]) {
  if (records->count < 2) return 0;
  int64_t threads = records->at[0].data.threads;
  for (int64_t r = 0; r < records->count; r++) {
    const struct l4r_record_record *data = &records->at[r].data, *first = &records->at[0].data;
    if (!l4r_text_same(data->dataset.sha256, first->dataset.sha256) ||
        !l4r_text_same(data->scenario, first->scenario))
      return 0;
    if (data->threads < threads) threads = data->threads;
  }
  pair[0] = best(records, has_head, threads);
  pair[1] = best(records, generates, threads);
  if (pair[0] && pair[1]) return 1;
  pair[0] = pair[1] = NULL;
  for (int64_t r = 0; r < records->count; r++)
    if (records->at[r].data.threads == threads) {
      if (!pair[1]) pair[1] = &records->at[r];
      pair[0] = &records->at[r];
    }
  return pair[0] != pair[1] && !l4r_text_same(pair[0]->data.arm, pair[1]->data.arm);
}

/* Mean times of rounds with the same number on both sides, of `pair[1]` and of `pair[0]`; returns
 * how many pairs there are. */
static int64_t paired(const struct l4r_record *const pair[2], double *base, double *other) {
  int64_t pairs = 0;
  const struct l4r_record_record *a = &pair[1]->data, *b = &pair[0]->data;
  for (int64_t r = 0; r < a->rounds.count; r++)
    for (int64_t q = 0; q < b->rounds.count && pairs < ROUNDS_MOST; q++) {
      const char *reason;
      if (l4r_round_number(pair[1], r) != l4r_round_number(pair[0], q)) continue;
      base[pairs] = l4r_round_figure(pair[1], r, L4R_ROUND_MEAN, &reason);
      other[pairs] = l4r_round_figure(pair[0], q, L4R_ROUND_MEAN, &reason);
      if (base[pairs] > 0 && other[pairs] > 0) pairs++;
      break;
    }
  return pairs;
}

/* "7.2" and "14", "140": two digits or all before the point. */
static const char *times_text(char out[32], double times) {
  l4r_text_set(out, 32, "%.*f", times < 9.95 ? times < 1.095 ? 2 : 1 : 0, times);
  return out;
}

static void add_speed(const struct l4r_record *const pair[2], char *out, size_t *used) {
  double base[ROUNDS_MOST], other[ROUNDS_MOST];
  const int64_t pairs = paired(pair, base, other);
  struct l4r_comparison ratio; /* of the other's time to the base's: below 1, it is faster */
  char times[32], lo[32], hi[32];
  if (!pairs) return;
  if (pairs >= 2)
    l4r_compare_rounds(base, other, pairs, 1, &ratio);
  else
    ratio = (struct l4r_comparison){.ratio = other[0] / base[0]};
  const int faster = ratio.ratio < 1;
  if (pairs >= ROUNDS && ratio.lo < 1 && ratio.hi > 1) {
    l4r_text_add(out, L4R_SENTENCE, used, "is between %s times faster and %s times slower than",
                 times_text(lo, 1 / ratio.lo), times_text(hi, ratio.hi));
    return;
  }
  l4r_text_add(out, L4R_SENTENCE, used, "is %s times ",
               times_text(times, faster ? 1 / ratio.ratio : ratio.ratio));
  if (pairs >= ROUNDS)
    l4r_text_add(out, L4R_SENTENCE, used, "(%s to %s) ",
                 times_text(lo, faster ? 1 / ratio.hi : ratio.lo),
                 times_text(hi, faster ? 1 / ratio.lo : ratio.hi));
  l4r_text_add(out, L4R_SENTENCE, used, "%s than", faster ? "faster" : "slower");
}

/* Half of an interval, 0 where there is none. */
static double half(const struct l4r_pair *interval) {
  return isnan(interval->lo) ? 0 : (interval->hi - interval->lo) / 2;
}

/* ".05": the digits that the difference has. */
static const char *share_text(char out[32], double share) {
  char text[32];
  l4r_text_set(text, sizeof text, "%.*f", share < .01 ? 4 : share < .1 ? 3 : 2, share);
  l4r_text_set(out, 32, "%s", *text == '0' ? text + 1 : text);
  return out;
}

static void add_accuracy(const struct l4r_record *const pair[2], char *out, size_t *used) {
  const struct l4r_record_accuracy *a = &pair[1]->data.accuracy, *b = &pair[0]->data.accuracy;
  const double difference = b->keep.hr10 - a->keep.hr10;
  const double width = hypot(half(&a->ci95.keep.hr10), half(&b->ci95.keep.hr10));
  char by[32], most[32];
  if (isnan(difference)) return;
  if (fabs(difference) <= width)
    l4r_text_add(out, L4R_SENTENCE, used,
                 " and as accurate as far as %lld users tell (HR@10 differs by %s, chance by up to "
                 "%s)",
                 (long long)b->users, share_text(by, fabs(difference)), share_text(most, width));
  else
    l4r_text_add(out, L4R_SENTENCE, used, " and %s %s accurate (HR@10)",
                 share_text(by, fabs(difference)), difference > 0 ? "more" : "less");
}

const char *l4r_brief_sentence(const struct l4r_records *records, char out[L4R_SENTENCE]) {
  const struct l4r_record *pair[2];
  size_t used = 0;
  *out = '\0';
  if (!pair_of(records, pair)) return out;
  const char *scenario = l4r_text_or_none(pair[0]->data.scenario);
  l4r_text_add(out, L4R_SENTENCE, &used, "%.100s ", l4r_text_or_none(pair[0]->data.arm));
  const size_t named = used;
  if (strcmp(scenario, "server") != 0) add_speed(pair, out, &used);
  if (used == named) {
    *out = '\0';
    return out;
  }
  l4r_text_add(out, L4R_SENTENCE, &used, " %.100s", l4r_text_or_none(pair[1]->data.arm));
  add_accuracy(pair, out, &used);
  const int64_t threads = pair[0]->data.threads;
  l4r_text_add(out, L4R_SENTENCE, &used, ", %s on %lld thread%s", scenario, (long long)threads,
               threads == 1 ? "" : "s");
  if (pair[0]->data.rounds.count < ROUNDS || pair[1]->data.rounds.count < ROUNDS)
    l4r_text_add(out, L4R_SENTENCE, &used, "; fewer than three rounds have no interval");
  l4r_text_add(out, L4R_SENTENCE, &used, ".");
  return out;
}

/* --- the table -----------------------------------------------------------------------------------
 */

static void add_columns(struct l4r_table *table, int arm_width) {
  enum { FIGURE = 11 };
  const struct l4r_column columns[] = {
      {"arm", "arm", .align = L4R_LEFT, .width = arm_width},
      {"threads", "thr", .align = L4R_RIGHT, .width = 3},
      {"hr10_keep", "HR@10", .align = L4R_FIGURE, .width = FIGURE},
      {"ndcg10_keep", "NDCG@10", .align = L4R_FIGURE, .width = FIGURE},
      {"p50_ns", "p50", "ns", .align = L4R_FIGURE, .width = FIGURE},
      {"p99_ns", "p99", "ns", .align = L4R_FIGURE, .width = FIGURE},
      {"users_per_second", "users/s", .align = L4R_FIGURE}};
  l4r_table_columns(table, columns, sizeof columns / sizeof *columns);
}

/* ".1495" with ".1335–.1655": without the zeros, so that both fit. */
static void add_share(struct l4r_table *table, double value, const struct l4r_pair *interval) {
  char text[3][32];
  const double number[3] = {value, interval->lo, interval->hi};
  if (isnan(value)) {
    l4r_cell_absent(table, "the record holds no accuracy");
    return;
  }
  for (int i = 0; i < 3; i++) {
    l4r_text_set(text[i], sizeof text[i], "%.4f", number[i]);
    if (*text[i] == '0') memmove(text[i], text[i] + 1, strlen(text[i]));
  }
  l4r_cell(table, "%s", text[0]);
  l4r_cell_value(table, (struct l4r_shown){value, interval->lo, interval->hi});
  if (!isnan(interval->lo)) l4r_cell_interval(table, 0, "%s–%s", text[1], text[2]);
}

/* The unit of a rate: 95.7 k users/s. */
static struct l4r_unit unit_of_rate(double rate) {
  static const struct l4r_unit units[] = {{1e6, 1, " M"}, {1e3, 1, " k"}, {1, 1, ""}};
  return units[rate >= 1e6 ? 0 : rate >= 1e4 ? 1 : 2];
}

/* One figure with its interval below it. Records of before 2026-11-28 have intervals of fewer than
 * three rounds, which are withheld here as those of today are where they are made. */
static void add_figure(struct l4r_table *table, const struct l4r_record_estimate *estimate,
                       struct l4r_unit unit, int64_t rounds) {
  char value[32], lo[32], hi[32];
  if (isnan(estimate->value)) {
    l4r_cell_absent(table, estimate->withheld ? estimate->withheld : "the record does not hold it");
    return;
  }
  l4r_cell(table, "%s%s", l4r_digits(value, estimate->value / unit.scale, 2), unit.name);
  if (isnan(estimate->lo) || rounds < ROUNDS) return;
  l4r_cell_interval(table, 0, "%s–%s", l4r_digits(lo, estimate->lo / unit.scale, 2),
                    l4r_digits(hi, estimate->hi / unit.scale, 2));
}

static void add_time(struct l4r_table *table, const struct l4r_record_estimate *estimate,
                     int64_t rounds) {
  struct l4r_unit unit = l4r_unit_of_time(estimate->value);
  char name[8];
  l4r_text_set(name, sizeof name, " %s", unit.name);
  unit.name = name;
  add_figure(table, estimate, unit, rounds);
}

static void add_row(struct l4r_table *table, const struct l4r_named *named) {
  const struct l4r_record_record *data = &named->record->data;
  const struct l4r_record_accuracy *accuracy = &data->accuracy;
  l4r_row(table);
  l4r_cell(table, "%.200s%s", named->name, named->suffix);
  l4r_cell_count(table, data->threads == L4R_NONE ? 0 : data->threads);
  add_share(table, accuracy->keep.hr10, &accuracy->ci95.keep.hr10);
  add_share(table, accuracy->keep.ndcg10, &accuracy->ci95.keep.ndcg10);
  add_time(table, &data->latency_ns.p50, data->rounds.count);
  add_time(table, &data->latency_ns.p99, data->rounds.count);
  add_figure(table, &data->users_per_second, unit_of_rate(data->users_per_second.value),
             data->rounds.count);
  if (data->server.is_there)
    l4r_row_remark(table, "%.4g users/s asked: %s", data->server.rate_asked,
                   l4r_text_or_none(data->server.reason));
  if (data->failures.count)
    l4r_row_remark(table, "%lld rounds failed: see -v", (long long)data->failures.count);
}

static void add_heading(struct l4r_table *table, const struct l4r_records *records) {
  const struct l4r_record_record *first = &records->at[0].data;
  int64_t least = first->rounds.count;
  for (int64_t r = 1; r < records->count; r++)
    if (records->at[r].data.rounds.count < least) least = records->at[r].data.rounds.count;
  l4r_table_title(table,
                  "%s: %lld users, %lld items, ties by %s; %s, pin %s; history items stay in the "
                  "ranking (keep)%s",
                  l4r_text_or_none(first->dataset.name), (long long)first->dataset.users,
                  (long long)first->dataset.items, l4r_text_or_none(first->dataset.tie),
                  l4r_text_or_none(first->scenario), l4r_text_or_none(first->pinned.asked),
                  least < ROUNDS ? "; fewer than three rounds have no interval of times (--rounds)"
                                 : "; below each figure its 95 % interval");
}

/* How many warnings there are, and one of them in its own words: the rest are with -v. */
static void add_warnings(struct l4r_table *table, const struct l4r_records *records) {
  int64_t warnings = 0, rows = 0;
  const char *first = NULL;
  for (int64_t r = 0; r < records->count; r++) {
    const struct l4r_record_record *data = &records->at[r].data;
    for (int64_t w = 0; w < data->warnings.count && !first; w++)
      first = l4r_text_or_none(data->warnings.at[w].text);
    warnings += data->warnings.count;
    rows += data->warnings.count > 0;
  }
  if (warnings)
    l4r_table_foot(table, "%lld warning%s on %lld of %lld rows (-v shows each), the first: %s",
                   (long long)warnings, warnings == 1 ? "" : "s", (long long)rows,
                   (long long)records->count, first);
}

static int arm_width(const struct l4r_named *named, int64_t n) {
  enum { LEAST = 8, MOST = 17 }; /* what the other columns leave; a longer name has its own line */
  int width = LEAST;
  for (int64_t r = 0; r < n; r++) {
    const int of = l4r_text_width(named[r].name) + l4r_text_width(named[r].suffix);
    if (of > width) width = of;
  }
  return width < MOST ? width : MOST;
}

int l4r_table_brief(FILE *stream, const struct l4r_records *records) {
  struct l4r_sheet sheet;
  struct l4r_table table = {.layout = {.gap = 1, .below = 1, .wrap = L4R_BRIEF_WIDTH}};
  char sentence[L4R_SENTENCE];
  if (!records->count) return L4R_OK;
  struct l4r_named *named = l4r_alloc((size_t)records->count, sizeof *named, "rows of a table");
  if (!named) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < records->count; r++)
    named[r] = (struct l4r_named){.record = &records->at[r],
                                  .name = l4r_text_or_none(records->at[r].data.arm)};
  const int status = l4r_distinguish_by(named, records->count,
                                        L4R_BY_MODEL | L4R_BY_DATA | L4R_BY_MACHINE);
  l4r_sheet_begin(&sheet, &l4r_print_text, stream, "run");
  add_heading(&table, records);
  add_columns(&table, arm_width(named, records->count));
  for (int64_t r = 0; r < records->count && !status; r++) add_row(&table, &named[r]);
  add_warnings(&table, records);
  if (*l4r_brief_sentence(records, sentence)) l4r_table_foot(&table, "%s", sentence);
  l4r_sheet_table(&sheet, &table);
  l4r_free(named);
  return l4r_sheet_end(&sheet, status);
}
