/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare/rows.h"

#include "bench/derive/user_ranks.h"
#include "bench/stats/paired.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <string.h>

const char *l4r_compared_place(const struct l4r_record *record) {
  static _Thread_local char text[4][1100];
  static _Thread_local int next;
  char *out = text[next++ % 4];
  return l4r_record_where(record, out, sizeof text[0]);
}

static const char *remedy_of(enum l4r_round_metric metric) {
  switch (metric) {
  case L4R_ROUND_P50:
  case L4R_ROUND_P99:
    return "--metric mean needs no percentiles";
  default:
    return "'lite4rec export csv' shows what the records have; measure both anew";
  }
}

static int round_figure(const struct l4r_compared *row, int s, int64_t index, double *value) {
  static const char *const members[L4R_ROUND_METRICS] = {
      "mean_ns", "p50_ns",       "p99_ns",         "users_per_second",
      "cold_ns", "open_seconds", "peak_rss_bytes", "instructions"};
  const char *reason;
  *value = l4r_round_figure(row->record[s], index, row->figure->round, &reason);
  if (*value > 0) return L4R_OK;
  return l4r_fail(L4R_INPUT, "%s: rounds[%lld].%s: %s; %s", l4r_compared_place(row->record[s]),
                  (long long)index, members[row->figure->round], reason,
                  remedy_of(row->figure->round));
}

static int pair_rounds(struct l4r_compared *row) {
  int64_t i = 0, j = 0;
  int status = L4R_OK;
  while (!status && i < row->rounds[0] && j < row->rounds[1]) {
    const int64_t a = l4r_round_number(row->record[0], i), b = l4r_round_number(row->record[1], j);
    if (a == b) {
      status = round_figure(row, 0, i, &row->value[0][row->pairs]);
      if (!status) status = round_figure(row, 1, j, &row->value[1][row->pairs]);
      row->pairs++;
    }
    i += a <= b;
    j += b <= a;
  }
  for (int64_t r = 0; !status && r < row->rounds[0]; r++)
    status = round_figure(row, 0, r, &row->all[r]);
  if (status || row->pairs >= L4R_COMPARE_ROUNDS) return status;
  return l4r_fail(L4R_INPUT,
                  "%s and %s have %lld rounds in common; a comparison needs %d at least: measure "
                  "again with --rounds %d or more",
                  l4r_compared_place(row->record[0]), l4r_compared_place(row->record[1]),
                  (long long)row->pairs, L4R_COMPARE_ROUNDS, L4R_COMPARE_ROUNDS);
}

static int take(struct l4r_compared *row, size_t room) {
  for (int s = 0; s < 2; s++) row->value[s] = l4r_alloc(room, sizeof(double), "figures");
  row->all = l4r_alloc(room, sizeof(double), "rounds of A");
  return row->value[0] && row->value[1] && row->all ? L4R_OK : L4R_ENVIRONMENT;
}

static int fill_rounds(struct l4r_compared *row) {
  int status = take(row, (size_t)(row->rounds[0] + row->rounds[1]) + 1);
  if (!status) status = pair_rounds(row);
  for (int s = 0; s < 2 && !status; s++) {
    double sum = 0;
    for (int64_t p = 0; p < row->pairs; p++) sum += log(row->value[s][p]);
    row->mean[s] = exp(sum / (double)row->pairs);
  }
  return status;
}

static int fill_weights(struct l4r_compared *row) {
  for (int s = 0; s < 2; s++) {
    const int64_t bytes = row->record[s]->data.resources.weights_bytes;
    if (bytes == L4R_NONE || bytes < 1)
      return l4r_fail(L4R_INPUT, "%s: resources.weights_bytes: the engine states no weights",
                      l4r_compared_place(row->record[s]));
    row->mean[s] = row->least[s] = row->most[s] = (double)bytes;
  }
  row->pairs = 1;
  return L4R_OK;
}

static int same_text(const char *a, const char *b) {
  return a && b && !strcmp(a, b);
}

/* Counts of two kinds say nothing about each other. */
static int check_counted(const struct l4r_compared *row) {
  const struct l4r_record_instructions *a = &row->record[0]->data.instructions,
                                       *b = &row->record[1]->data.instructions;
  const char *member = !same_text(a->source, b->source)     ? "source"
                       : !same_text(a->counter, b->counter) ? "counter"
                       : !same_text(a->isa, b->isa)         ? "isa"
                       : a->users != b->users               ? "users"
                                                            : NULL;
  if (!member) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "%s and %s differ in instructions.%s, so their counts cannot be compared; count "
                  "both in one way (--counters callgrind)",
                  l4r_compared_place(row->record[0]), l4r_compared_place(row->record[1]), member);
}

static int fill_instructions(struct l4r_compared *row) {
  for (int s = 0; s < 2; s++) {
    const struct l4r_record_instructions *counted = &row->record[s]->data.instructions;
    if (!counted->is_there || !(counted->per_user > 0) || counted->counts.count < 1)
      return l4r_fail(L4R_INPUT,
                      "%s: instructions: the record has no such figure; 'lite4rec run --counters "
                      "instructions' counts them, in A and in B",
                      l4r_compared_place(row->record[s]));
    row->mean[s] = counted->per_user;
    for (int64_t c = 0; c < counted->counts.count; c++) {
      const double one = (double)counted->counts.at[c] / (double)counted->users;
      row->least[s] = c ? fmin(row->least[s], one) : one;
      row->most[s] = c ? fmax(row->most[s], one) : one;
    }
  }
  row->pairs = row->record[0]->data.instructions.counts.count;
  return check_counted(row);
}

/* L4R_INPUT unless both records ranked for the same users, deep enough. */
static int check_ranks(const struct l4r_compared *row, const struct l4r_user_ranks ranks[2]) {
  const struct l4r_record *a = row->record[0], *b = row->record[1];
  const char *left = a->data.dataset.evaluated.sha256, *right = b->data.dataset.evaluated.sha256;
  int same = ranks[0].rank[0]->count == ranks[1].rank[0]->count &&
             !(left && right && strcmp(left, right) != 0);
  if (same && ranks[0].user && ranks[1].user)
    same = ranks[0].user->count == ranks[1].user->count &&
           !memcmp(ranks[0].user->value, ranks[1].user->value,
                   (size_t)ranks[0].user->count * sizeof(int64_t));
  if (!same)
    return l4r_fail(L4R_INPUT, "%s and %s did not rank for the same users, so %s cannot be paired",
                    l4r_compared_place(a), l4r_compared_place(b), row->figure->name);
  for (int s = 0; s < 2; s++)
    if (ranks[s].depth < row->figure->depth)
      return l4r_fail(L4R_INPUT,
                      "%s: accuracy.samples: rankings end at %lld, before %s; run --k %d asks "
                      "for as many items",
                      l4r_compared_place(row->record[s]), (long long)ranks[s].depth,
                      row->figure->name, row->figure->depth);
  return ranks[0].rank[0]->count > 1
             ? L4R_OK
             : l4r_fail(L4R_INPUT, "%s: accuracy.samples: one user alone", l4r_compared_place(a));
}

static int fill_users(struct l4r_compared *row) {
  struct l4r_user_ranks ranks[2] = {{.depth = 0}, {.depth = 0}};
  int status = L4R_OK;
  for (int s = 0; s < 2 && !status; s++) status = l4r_user_ranks_read(row->record[s], &ranks[s]);
  if (!status) status = check_ranks(row, ranks);
  if (!status) status = take(row, (size_t)ranks[0].rank[0]->count);
  for (int s = 0; s < 2 && !status; s++) {
    const struct l4r_array *rank = ranks[s].rank[row->figure->mask];
    row->pairs = rank->count;
    row->mean[s] = 0;
    for (int64_t u = 0; u < row->pairs; u++) {
      row->value[s][u] = l4r_figure_of_rank(row->figure, rank->value[u]);
      row->mean[s] += row->value[s][u] / (double)row->pairs;
    }
  }
  for (int s = 0; s < 2; s++) l4r_user_ranks_free(&ranks[s]);
  return status;
}

int l4r_compared_fill(struct l4r_compared *row) {
  for (int s = 0; s < 2; s++) row->rounds[s] = row->record[s]->data.rounds.count;
  switch (row->figure->source) {
  case L4R_OF_ROUNDS:
    return fill_rounds(row);
  case L4R_OF_RECORD:
    return row->figure->round == L4R_ROUND_INSTRUCTIONS ? fill_instructions(row)
                                                        : fill_weights(row);
  case L4R_OF_USERS:
    return fill_users(row);
  }
  return L4R_OK;
}

void l4r_compared_free(struct l4r_compared *row) {
  l4r_free(row->value[0]);
  l4r_free(row->value[1]);
  l4r_free(row->all);
  *row = (struct l4r_compared){.pairs = 0};
}

static struct l4r_comparison inverse(const struct l4r_comparison *c) {
  return (struct l4r_comparison){1 / c->ratio, 1 / c->hi, 1 / c->lo, 1 / c->same_hi,
                                 1 / c->same_lo};
}

/* Of what has no noise of time: the ends are those of the counts. */
static struct l4r_comparison exact(const struct l4r_compared *row) {
  const double lo = row->least[1] / row->most[0], hi = row->most[1] / row->least[0];
  return (struct l4r_comparison){row->mean[1] / row->mean[0], lo, hi, lo, hi};
}

void l4r_compared_compare(struct l4r_compared *row, int64_t rows) {
  struct l4r_comparison *c = &row->comparison;
  if (row->figure->source == L4R_OF_ROUNDS)
    l4r_compare_rounds(row->value[0], row->value[1], row->pairs, rows, c);
  else if (row->figure->source == L4R_OF_USERS)
    l4r_compare_users(row->value[0], row->value[1], row->pairs, rows, c);
  else
    *c = exact(row);
  row->cost = row->figure->more_is_better ? inverse(c) : *c;
  l4r_compared_judge(row);
}

const char *l4r_verdict(const struct l4r_compared *row) {
  static const char *const words[][2] = {[L4R_UNIT_NS] = {"SLOWER", "FASTER"},
                                         [L4R_UNIT_RATE] = {"SLOWER", "FASTER"},
                                         [L4R_UNIT_BYTES] = {"LARGER", "SMALLER"},
                                         [L4R_UNIT_COUNT] = {"MORE", "FEWER"},
                                         [L4R_UNIT_SHARE] = {"WORSE", "BETTER"}};
  if (row->change != L4R_SLOWER && row->change != L4R_FASTER) return l4r_change_name(row->change);
  return words[row->figure->unit][row->change == L4R_FASTER];
}

void l4r_compared_judge(struct l4r_compared *row) {
  row->change = l4r_change_of(&row->cost, row->margin);
}
