/* SPDX-License-Identifier: BSD-3-Clause */
/* The second time of engines that state one: what they say, and what of ours it leaves open. */
#include "bench/derive/derive.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

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
  return l4r_fail(L4R_INPUT, "samples whose own times do not fit their calls");
}

/* The call itself, without waiting for its turn. */
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

/* `value` is scratch. */
static json_int_t median_of(const struct both *both, int64_t *value) {
  const int64_t n = both->own->count;
  for (int64_t i = 0; i < n; i++) value[i] = both->own->value[i];
  l4r_sort_i64(value, n);
  return value[l4r_quantile_rank(n, .5) - 1];
}

static double usage_ns(const json_t *round, const char *key) {
  return 1e9 * json_number_value(json_object_get(json_object_get(round, "usage"), key));
}

/* What of a call the own times leave open: by our clock, without waiting for a processor; and by
 * the processor time of the engine's processes, which a busy machine does not change. */
static int add_to_round(json_t *round, const struct summary *sums, int open) {
  const json_t *processes = json_object_get(json_object_get(round, "usage"), "processes");
  /* An engine in our process has our own time in its own, which is waiting in the open loop. */
  const char *cpu = json_integer_value(processes) > 1 || open ? "others_cpu_seconds"
                                                              : "cpu_seconds";
  const double threads = usage_ns(round, "threads") * 1e-9, own = sums->own / sums->calls;
  const double novel = json_number_value(json_object_get(round, "novel_inside"));
  const double by_clock = (sums->rest - usage_ns(round, "wait_seconds")) / sums->calls;
  const double by_cpu = usage_ns(round, cpu) / (sums->calls + novel) - own * threads;
  const double rest = by_clock > by_cpu ? by_clock : by_cpu;
  return json_object_set_new(round, "own_mean_ns", json_real(own)) ||
                 json_object_set_new(round, "unexplained_mean_ns", json_real(rest > 0 ? rest : 0))
             ? l4r_fail(L4R_ENVIRONMENT, "no memory for own times")
             : L4R_OK;
}

int l4r_derive_own(const struct l4r_bundle *samples, json_t *rounds, json_t **own) {
  struct both both = {.own = l4r_bundle_find(samples, "own")};
  *own = NULL;
  if (!both.own) return L4R_OK;
  int status = both_of(samples, &both);
  if (status) return status;
  int64_t *value = l4r_alloc((size_t)both.ns->count, sizeof *value, "own times");
  if (!value) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r + 1 < both.start->count && !status; r++) {
    const struct summary sums = sums_of(&both, both.start->value[r], both.start->value[r + 1]);
    status = add_to_round(json_array_get(rounds, (size_t)r), &sums, both.wait != NULL);
  }
  const struct summary all = sums_of(&both, 0, both.ns->count);
  *own = json_pack("{s:I, s:f, s:f}", "p50_ns", median_of(&both, value), "mean_ns",
                   all.own / all.users, "share_of_wall", all.own / (all.own + all.rest));
  l4r_free(value);
  return status || *own ? status : l4r_fail(L4R_ENVIRONMENT, "no memory for own times");
}

int64_t l4r_derive_novel(const json_t *rounds) {
  int64_t novel = 0;
  size_t index;
  const json_t *round;
  json_array_foreach(rounds, index, round)
    novel += json_integer_value(json_object_get(round, "novel_inside"));
  return novel;
}
