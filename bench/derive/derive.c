/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/derive.h"

#include "bench/record/text.h"
#include "bench/stats/crossed.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char l4r_interval_crossed[] = "users and rounds";

static const double level = .95;
static const struct {
  const char *name;
  double p;
} percentiles[] = {{"p50", .5}, {"p90", .9}, {"p95", .95}, {"p99", .99}};
enum { PERCENTILES = sizeof percentiles / sizeof *percentiles };

struct view { /* samples, checked */
  const struct l4r_array *start, *ns, *served;
  const struct l4r_array *due, *wait; /* of an open loop; else NULL */
  const struct l4r_array *request;    /* or NULL */
  int64_t rounds, distinct;           /* distinct: queries that share no user */
  int64_t query_users;
  int per_query, crossed; /* crossed: by the rule of users and rounds */
  double tick_ns;
};

/* Times of a clock: none negative, none that a sum could not hold, some in each round. */
static int check_times(const struct view *view) {
  const int64_t longest = INT64_C(1) << 53; /* ns: 104 days; and a double holds it exactly */
  for (int64_t r = 0; r < view->rounds; r++) {
    int64_t ns = 0, users = 0, inside = 0;
    for (int64_t i = view->start->value[r]; i < view->start->value[r + 1]; i++) {
      const int64_t took = view->ns->value[i], served = view->served->value[i];
      const int64_t due = view->due ? view->due->value[i] : 0;
      const int64_t wait = view->due ? view->wait->value[i] : 0;
      if (took < 0 || took > longest || served < 0 || served > longest || due < 0 ||
          due > longest || wait < 0 || wait > took || __builtin_add_overflow(ns, took, &ns) ||
          __builtin_add_overflow(users, served, &users))
        return l4r_fail(L4R_INPUT,
                        "samples hold times or numbers of users that no run measures "
                        "(call %lld of round %lld)",
                        (long long)(i + 1 - view->start->value[r]), (long long)r + 1);
      inside += took - wait;
    }
    if (!users || !inside)
      return l4r_fail(L4R_INPUT, "round %lld of the samples served nobody or took no time",
                      (long long)r + 1);
  }
  return L4R_OK;
}

static int is_crossed(const json_t *object) {
  const char *rule = json_string_value(json_object_get(object, "interval"));
  return rule && !strcmp(rule, l4r_interval_crossed);
}

static int names_users(const struct l4r_array *request, int64_t users) {
  for (int64_t i = 0; i < request->count; i++)
    if (request->value[i] < 0 || request->value[i] >= users) return 0;
  return 1;
}

static int view_of(const struct l4r_bundle *samples, struct view *view) {
  if (l4r_bundle_need(samples, "round_start", &view->start) ||
      l4r_bundle_need(samples, "ns", &view->ns) ||
      l4r_bundle_need(samples, "served", &view->served))
    return L4R_INPUT;
  view->rounds = view->start->count - 1;
  view->due = l4r_bundle_find(samples, "due");
  view->wait = l4r_bundle_find(samples, "wait");
  view->request = l4r_bundle_find(samples, "request");
  view->crossed = is_crossed(samples->meta);
  view->query_users = json_integer_value(json_object_get(samples->meta, "query_users"));
  if (view->query_users < 1) view->query_users = 1;
  view->distinct = json_integer_value(json_object_get(samples->meta, "distinct_users")) /
                   view->query_users;
  view->per_query = json_integer_value(json_object_get(samples->meta, "per_query")) != 0;
  view->tick_ns = json_number_value(json_object_get(samples->meta, "tick_ns"));
  const int64_t *start = view->start->value;
  int fits = view->rounds >= 1 && view->served->count == view->ns->count && start[0] == 0 &&
             start[view->rounds] == view->ns->count && !view->due == !view->wait;
  if (fits && view->due)
    fits = view->due->count == view->ns->count && view->wait->count == view->ns->count;
  for (int64_t r = 0; fits && r < view->rounds; r++) fits = start[r] < start[r + 1];
  if (fits && view->request)
    fits = view->request->count == view->ns->count && view->query_users == 1 &&
           view->distinct <= view->ns->count && names_users(view->request, view->distinct);
  if (!fits) return l4r_fail(L4R_INPUT, "samples whose rounds do not fit their calls");
  /* no more users than calls, or an interval would rest on observations that are not there */
  if (view->distinct > view->ns->count) view->distinct = view->ns->count;
  return check_times(view);
}

struct sums {
  double ns, users;
  double span, inside; /* from begin to end, and in the engine: ns itself in a closed loop */
};

static struct sums sums_of(const struct view *view, int64_t round) {
  int64_t ns = 0, users = 0, wait = 0, end = 0;
  for (int64_t i = view->start->value[round]; i < view->start->value[round + 1]; i++) {
    ns += view->ns->value[i];
    users += view->served->value[i];
    if (!view->due) continue;
    wait += view->wait->value[i];
    if (view->due->value[i] + view->ns->value[i] > end)
      end = view->due->value[i] + view->ns->value[i];
  }
  return (struct sums){(double)ns, (double)users, (double)(view->due ? end : ns),
                       (double)(ns - wait)};
}

static int sorted_copy(const struct view *view, int64_t begin, int64_t end, int64_t **sorted) {
  *sorted = l4r_alloc((size_t)(end - begin), sizeof **sorted, "sorted latencies");
  if (!*sorted) return L4R_ENVIRONMENT;
  memcpy(*sorted, view->ns->value + begin, (size_t)(end - begin) * sizeof **sorted);
  l4r_sort_i64(*sorted, end - begin);
  return L4R_OK;
}

int l4r_derive_rounds(const struct l4r_bundle *samples, json_t *rounds) {
  struct view view;
  int status = view_of(samples, &view);
  if (status) return status;
  if ((int64_t)json_array_size(rounds) != view.rounds)
    return l4r_fail(L4R_INPUT, "the record has %zu rounds, its samples have %lld",
                    json_array_size(rounds), (long long)view.rounds);
  for (int64_t r = 0; r < view.rounds && !status; r++) {
    json_t *round = json_array_get(rounds, (size_t)r), *p50 = json_null(), *p99 = json_null();
    struct sums sums = sums_of(&view, r);
    int64_t begin = view.start->value[r], end = view.start->value[r + 1], *sorted = NULL;
    if (view.per_query) {
      status = sorted_copy(&view, begin, end, &sorted);
      if (status) return status;
      p50 = json_integer(sorted[l4r_quantile_rank(end - begin, .5) - 1]);
      p99 = json_integer(sorted[l4r_quantile_rank(end - begin, .99) - 1]);
      l4r_free(sorted);
    }
    json_object_set_new(round, "mean_ns", json_real(sums.ns / sums.users));
    json_object_set_new(round, "p50_ns", p50);
    json_object_set_new(round, "p99_ns", p99);
    json_object_set_new(round, "users_per_second", json_real(sums.users / (sums.span * 1e-9)));
    if (json_object_get(round, "tails"))
      status = l4r_derive_slowest(round, view.ns->value + begin, end - begin);
    size_t index;
    json_t *timer;
    json_array_foreach(json_object_get(round, "timers"), index, timer) {
      const double ns = json_number_value(json_object_get(timer, "ns"));
      json_object_set_new(timer, "ns_per_user", json_real(ns / sums.users));
    }
  }
  return status;
}

static struct l4r_estimate estimate_of(const double *logarithm, int64_t n, int crossed) {
  return crossed ? l4r_geometric_estimate(logarithm, n, level)
                 : l4r_geometric_estimate_of_two(logarithm, n, level);
}

enum mean { NS_PER_USER, USERS_PER_SECOND, USERS_PER_SECOND_INSIDE };

/* Mean over rounds. */
static int round_means(const struct view *view, enum mean mean, struct l4r_estimate *estimate) {
  double *value = l4r_alloc((size_t)view->rounds, sizeof *value, "round means");
  if (!value) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < view->rounds; r++) {
    struct sums sums = sums_of(view, r);
    const double span = mean == USERS_PER_SECOND ? sums.span : sums.inside;
    value[r] = log(mean == NS_PER_USER ? sums.ns / sums.users : sums.users / (span * 1e-9));
  }
  *estimate = estimate_of(value, view->rounds, view->crossed);
  l4r_free(value);
  return L4R_OK;
}

static int estimate_percentile(const struct view *view, const int64_t *sorted, double p,
                               struct l4r_estimate *estimate) {
  if (!view->crossed) {
    *estimate = l4r_quantile_estimate(sorted, view->ns->count, view->distinct, p, level);
    return L4R_OK;
  }
  const struct l4r_crossed queries = {.rounds = view->rounds,
                                      .start = view->start->value,
                                      .ns = view->ns->value,
                                      .user = view->request ? view->request->value : NULL,
                                      .users = view->distinct,
                                      .distinct = view->distinct};
  return l4r_crossed_quantile(&queries, p, level, estimate);
}

/* NULL when memory is short. */
static json_t *percentile(const struct view *view, const int64_t *sorted, double p) {
  struct l4r_estimate estimate;
  if (!view->per_query)
    return json_pack("{s:s}", "withheld", "calls of many requests have no latency of one");
  if (estimate_percentile(view, sorted, p, &estimate)) return NULL;
  if (estimate.withheld == L4R_WITHHELD_VALUE)
    return json_pack("{s:o}", "withheld", l4r_needed_json(estimate.needed, view->query_users));
  if (estimate.value < L4R_LEAST_TICKS * view->tick_ns)
    return json_pack(
        "{s:o}", "withheld",
        json_sprintf("below %d ticks of a clock of %g ns", L4R_LEAST_TICKS, view->tick_ns));
  return l4r_estimate_json(&estimate);
}

/* The lag-1 correlation of the rounds' means; with two rounds there is none. */
static int put_correlation(const struct view *view, json_t *latency) {
  double *value = l4r_alloc((size_t)view->rounds, sizeof *value, "round means");
  if (!value) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < view->rounds; r++) {
    const struct sums sums = sums_of(view, r);
    value[r] = log(sums.ns / sums.users);
  }
  const struct l4r_neighbours neighbours = l4r_neighbours_of(value, view->rounds);
  l4r_free(value);
  json_object_set_new(latency, "interval", json_string(l4r_interval_crossed));
  if (view->rounds >= L4R_LEAST_ROUNDS)
    json_object_set_new(
        latency, "round_correlation",
        json_pack("{s:f, s:f}", "lag1", neighbours.correlation, "bound", neighbours.bound));
  return L4R_OK;
}

json_t *l4r_derive_correlation_warning(const json_t *latency) {
  const json_t *correlation = json_object_get(latency, "round_correlation");
  const double lag1 = json_number_value(json_object_get(correlation, "lag1"));
  const double bound = json_number_value(json_object_get(correlation, "bound"));
  if (!correlation || lag1 <= bound) return NULL;
  return json_pack("{s:s, s:n, s:o}", "kind", "rounds-alike", "rounds", "text",
                   json_sprintf("neighbouring rounds are alike (correlation %.2f, chance gives up "
                                "to %.2f): the machine drifts, and intervals over rounds are too "
                                "narrow; measure more rounds, or when the machine is quiet",
                                lag1, bound));
}

int l4r_derive_latency(const struct l4r_bundle *samples, json_t **latency) {
  struct view view;
  struct l4r_estimate mean;
  int64_t *sorted, n, queries = 0;
  int status = view_of(samples, &view);
  if (!status) status = round_means(&view, NS_PER_USER, &mean);
  n = status ? 0 : view.ns->count;
  if (!status) status = sorted_copy(&view, 0, n, &sorted);
  if (status) return status;
  for (int64_t i = 0; i < n; i++) queries += view.served->value[i];
  json_t *object = json_object();
  json_object_set_new(object, "count", json_integer(queries));
  for (int p = 0; p < PERCENTILES; p++)
    json_object_set_new(object, percentiles[p].name, percentile(&view, sorted, percentiles[p].p));
  json_object_set_new(object, "mean", l4r_estimate_json(&mean));
  l4r_free(sorted);
  if (view.crossed) status = put_correlation(&view, object);
  if (!status && json_object_size(object) < PERCENTILES + 2)
    status = l4r_fail(L4R_ENVIRONMENT, "no memory for percentiles");
  *latency = status ? NULL : object;
  if (status) json_decref(object);
  return status;
}

int l4r_derive_over_rounds(const struct l4r_bundle *samples, const json_t *latency,
                           json_t **over_rounds) {
  struct view view;
  int64_t *sorted;
  int status = view_of(samples, &view);
  double *value = status ? NULL
                         : l4r_alloc((size_t)view.rounds * PERCENTILES, sizeof *value,
                                     "percentiles of rounds");
  if (!value) return status ? status : L4R_ENVIRONMENT;
  for (int64_t r = 0; r < view.rounds && !status; r++) {
    const int64_t begin = view.start->value[r], n = view.start->value[r + 1] - begin;
    if ((status = sorted_copy(&view, begin, begin + n, &sorted))) break;
    for (int p = 0; p < PERCENTILES; p++)
      value[p * view.rounds + r] = log(l4r_quantile_unbiased(sorted, n, percentiles[p].p));
    l4r_free(sorted);
  }
  if (!status) *over_rounds = json_object();
  for (int p = 0; p < PERCENTILES && !status; p++) {
    json_t *pooled = json_object_get(latency, percentiles[p].name);
    const struct l4r_estimate estimate = estimate_of(value + p * view.rounds, view.rounds,
                                                     view.crossed);
    json_object_set_new(*over_rounds, percentiles[p].name,
                        json_object_get(pooled, "withheld") ? json_deep_copy(pooled)
                                                            : l4r_estimate_json(&estimate));
  }
  l4r_free(value);
  return status;
}

static int derive_speed(const struct l4r_bundle *samples, enum mean mean, json_t **speed) {
  struct view view;
  struct l4r_estimate estimate;
  int status = view_of(samples, &view);
  if (!status) status = round_means(&view, mean, &estimate);
  if (!status) *speed = l4r_estimate_json(&estimate);
  return status;
}

int l4r_derive_throughput(const struct l4r_bundle *samples, json_t **users_per_second) {
  return derive_speed(samples, USERS_PER_SECOND, users_per_second);
}

int l4r_derive_serving(const struct l4r_bundle *samples, json_t **users_per_second) {
  return derive_speed(samples, USERS_PER_SECOND_INSIDE, users_per_second);
}

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The median of what the rounds measured under that name; 0 where none has it. */
static double median_ceiling(const json_t *rounds, const char *name) {
  enum { ROUNDS_MAX = 1024 };
  double gflops[ROUNDS_MAX];
  size_t n = 0, index;
  const json_t *entry;
  json_array_foreach(rounds, index, entry) {
    const double value = json_number_value(json_object_get(entry, name));
    if (value > 0 && n < ROUNDS_MAX) gflops[n++] = value;
  }
  if (!n) return 0;
  qsort(gflops, n, sizeof *gflops, by_value);
  return gflops[n / 2];
}

json_t *l4r_derive_ceiling(const json_t *rounds, const json_t *description,
                           const json_t *users_per_second) {
  double flops = 0;
  size_t index;
  const json_t *entry;
  const double ceiling = median_ceiling(rounds, "sgemm_gflops") * 1e9;
  if (!(ceiling > 0)) return json_pack("{s:n, s:n, s:n}", "name", "value", "fraction");
  json_array_foreach(json_object_get(description, "stages"), index, entry) {
    flops += json_number_value(json_object_get(entry, "flops"));
  }
  const double speed = json_number_value(json_object_get(users_per_second, "value"));
  return json_pack("{s:s, s:f, s:o}", "name", "sgemm, flop/s", "value", ceiling, "fraction",
                   flops > 0 ? json_real(flops * speed / ceiling) : json_null());
}

/* Work worked out from the model's shapes, so that a machine without counters still has a figure
 * beside its time; says so in its source. */
static void add_modelled(json_t *cells, const json_t *description, const char *field,
                         const char *unit) {
  double sum = 0;
  size_t index;
  const json_t *stage;
  json_array_foreach(json_object_get(description, "stages"), index, stage) {
    sum += json_number_value(json_object_get(stage, field));
  }
  if (sum > 0)
    json_array_append_new(cells, json_pack("{s:s, s:s, s:s, s:s, s:f}", "name", field, "unit", unit,
                                           "source", "modelled", "reason", "", "value", sum));
}

/* The cell at place `c` of all rounds as one. */
static json_t *fold_cell(const json_t *rounds, size_t c, int64_t queries) {
  json_t *first = json_array_get(json_object_get(json_array_get(rounds, 0), "counters"), c);
  json_t *folded = json_pack("{s:O, s:O, s:O, s:O}", "name", json_object_get(first, "name"), "unit",
                             json_object_get(first, "unit"), "source",
                             json_object_get(first, "source"), "reason",
                             json_object_get(first, "reason"));
  int total = json_is_true(json_object_get(first, "total"));
  double sum = 0;
  size_t index;
  const json_t *round;
  json_array_foreach(rounds, index, round) {
    json_t *cell = json_array_get(json_object_get(round, "counters"), c);
    json_t *value = json_object_get(cell, "value");
    if (!json_is_number(value)) {
      json_object_set(folded, "source", json_object_get(cell, "source"));
      json_object_set(folded, "reason", json_object_get(cell, "reason"));
      json_object_set_new(folded, "value", json_null());
      return folded;
    }
    sum += json_number_value(value);
  }
  double over = total ? (double)queries : (double)json_array_size(rounds);
  json_object_set_new(folded, "value", json_real(sum / over));
  if (total)
    json_object_set_new(folded, "unit", json_sprintf("%s/query", l4r_text_at(first, "unit")));
  return folded;
}

json_t *l4r_derive_counters(const json_t *rounds, const json_t *description, int64_t queries) {
  json_t *cells = json_array();
  size_t count = json_array_size(json_object_get(json_array_get(rounds, 0), "counters"));
  for (size_t c = 0; c < count; c++) json_array_append_new(cells, fold_cell(rounds, c, queries));
  if (count) { /* none where `--counters none` was asked for */
    add_modelled(cells, description, "flops", "flop/query");
    add_modelled(cells, description, "bytes", "byte/query");
  }
  return cells;
}

/* The mean over rounds of a timer's ns_per_user, on logarithms as all times. */
static json_t *timer_estimate(const json_t *rounds, size_t timer, int crossed, double *value) {
  enum { ROUNDS_MAX = 1024 };
  double logarithm[ROUNDS_MAX];
  int64_t n = 0;
  size_t index;
  const json_t *round;
  json_array_foreach(rounds, index, round) {
    const json_t *entry = json_array_get(json_object_get(round, "timers"), timer);
    const double ns = json_number_value(json_object_get(entry, "ns_per_user"));
    if (ns > 0 && n < ROUNDS_MAX) logarithm[n++] = log(ns);
  }
  *value = 0;
  if (n < (int64_t)json_array_size(rounds)) return json_null();
  const struct l4r_estimate estimate = estimate_of(logarithm, n, crossed);
  *value = estimate.value;
  return l4r_estimate_json(&estimate);
}

static json_t *per_second(double work, double ns) {
  return ns > 0 && work > 0 ? json_real(work / ns * 1e9) : json_null();
}

json_t *l4r_derive_stages(const json_t *rounds, const json_t *description, const json_t *latency) {
  json_t *stages = json_array();
  const json_t *timers = json_object_get(json_array_get(rounds, 0), "timers"), *timer, *stage;
  const double ceiling = median_ceiling(rounds, "sgemm_gflops") * 1e9;
  const double memory = median_ceiling(rounds, "memory_gb_per_s") * 1e9;
  size_t t, s;
  json_array_foreach(timers, t, timer) {
    double flops = 0, bytes = 0, ns;
    json_t *names = json_array();
    json_array_foreach(json_object_get(description, "stages"), s, stage) {
      const json_t *of = json_object_get(stage, "timer");
      if (!of || json_integer_value(of) != (json_int_t)t) continue;
      json_array_append(names, json_object_get(stage, "name"));
      flops += json_number_value(json_object_get(stage, "flops"));
      bytes += json_number_value(json_object_get(stage, "bytes"));
    }
    json_t *estimate = timer_estimate(rounds, t, is_crossed(latency), &ns);
    json_array_append_new(
        stages,
        json_pack("{s:O, s:o, s:o, s:f, s:f, s:o, s:o, s:o, s:o}", "name",
                  json_object_get(timer, "name"), "stages", names, "ns_per_user", estimate, "flops",
                  flops, "bytes", bytes, "flops_per_second", per_second(flops, ns),
                  "bytes_per_second", per_second(bytes, ns), "sgemm_fraction",
                  ceiling > 0 ? per_second(flops / ceiling, ns) : json_null(), "memory_fraction",
                  memory > 0 ? per_second(bytes / memory, ns) : json_null()));
  }
  return stages;
}
