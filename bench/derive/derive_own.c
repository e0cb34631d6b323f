/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares the times that engines state themselves with the harness's clock. */
#include "bench/derive/derive_own.h"

#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>

struct both { /* samples, checked to be of one length */
  const struct l4r_array *start, *ns, *served, *own, *wait;
};

static int both_of(const struct l4r_bundle *samples, struct both *both) {
  both->wait = l4r_bundle_find(samples, "wait");
  if (l4r_bundle_need(samples, "round_start", &both->start) ||
      l4r_bundle_need(samples, "ns", &both->ns) ||
      l4r_bundle_need(samples, "served", &both->served))
    return L4R_INPUT;
  const int64_t calls = both->ns->count;
  if (both->own->count == calls && both->served->count == calls &&
      (!both->wait || both->wait->count == calls))
    return L4R_OK;
  return l4r_fail(L4R_INPUT, "the samples do not have one own time for each call");
}

/* Returns the time of the call itself, without the wait before it began. */
static int64_t wall_at(const struct both *both, int64_t i) {
  return both->ns->value[i] - (both->wait ? both->wait->value[i] : 0);
}

struct summary {
  double own, rest, users, calls;
};

static struct summary sums_of(const struct both *both, int64_t begin, int64_t end) {
  struct summary sums = {.calls = (double)(end - begin)};
  for (int64_t i = begin; i < end; i++) {
    sums.own += (double)both->own->value[i];
    sums.rest += (double)(wall_at(both, i) - both->own->value[i]);
    sums.users += (double)both->served->value[i];
  }
  return sums;
}

/* Sorts `value`, which is scratch. */
static int64_t median_of(const struct both *both, int64_t *value) {
  const int64_t n = both->own->count;
  for (int64_t i = 0; i < n; i++) value[i] = both->own->value[i];
  l4r_sort_i64(value, n);
  return value[l4r_quantile_rank(n, .5) - 1];
}

/* Returns 0 where the round does not say. */
static double number(double value) {
  return isnan(value) ? 0 : value;
}

static double whole(int64_t value) {
  return value == L4R_NONE ? 0 : (double)value;
}

/* Computes how much of a call the own times leave open: by our clock, without waiting for a
 * processor, and by the processor time of the engine's processes, which a busy machine does not
 * change. */
static void add_to_round(struct l4r_record_round *round, const struct summary *sums, int open) {
  const struct l4r_record_usage *usage = &round->usage;
  /* An engine in our process has our own processor time in its own; in the open loop that is
   * waiting. */
  const double cpu = usage->processes > 1 || open ? usage->others_cpu_seconds : usage->cpu_seconds;
  const double threads = whole(usage->threads), own = sums->own / sums->calls;
  const double novel = whole(round->novel_inside);
  const double by_clock = (sums->rest - 1e9 * number(usage->wait_seconds)) / sums->calls;
  const double by_cpu = 1e9 * number(cpu) / (sums->calls + novel) - own * threads;
  const double rest = by_clock > by_cpu ? by_clock : by_cpu;
  round->own_mean_ns = own;
  round->unexplained_mean_ns = rest > 0 ? rest : 0;
}

int l4r_derive_own(const struct l4r_bundle *samples, struct l4r_record *record) {
  struct both both = {.own = l4r_bundle_find(samples, "own")};
  if (!both.own) return L4R_OK;
  int status = both_of(samples, &both);
  if (status) return status;
  int64_t *value = l4r_alloc((size_t)both.ns->count, sizeof *value, "own times");
  if (!value) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r + 1 < both.start->count; r++) {
    const struct summary sums = sums_of(&both, both.start->value[r], both.start->value[r + 1]);
    add_to_round(&record->data.rounds.at[r], &sums, both.wait != NULL);
  }
  const struct summary all = sums_of(&both, 0, both.ns->count);
  record->data.own_time = (struct l4r_record_own_time){
      1, median_of(&both, value), all.own / all.users, all.own / (all.own + all.rest)};
  l4r_free(value);
  return L4R_OK;
}

int64_t l4r_derive_novel(const struct l4r_record *record) {
  int64_t novel = 0;
  for (int64_t r = 0; r < record->data.rounds.count; r++)
    if (record->data.rounds.at[r].novel_inside > 0) novel += record->data.rounds.at[r].novel_inside;
  return novel;
}
