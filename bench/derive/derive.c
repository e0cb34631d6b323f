/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/derive.h"

#include "bench/derive/ceiling.h"
#include "bench/derive/derive_own.h"
#include "bench/derive/derive_server.h"
#include "bench/derive/estimate.h"
#include "bench/stats/crossed.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double level = .95;
enum { PERCENTILES = 4 };
static const double percentiles[PERCENTILES] = {.5, .9, .95, .99};

struct view { /* the samples after their checks */
  const struct l4r_array *start, *ns, *served;
  const struct l4r_array *due, *wait; /* NULL in a closed loop */
  const struct l4r_array *request;    /* may be NULL */
  int64_t rounds, distinct;           /* distinct counts queries that share no user */
  int64_t query_users;
  int per_query, crossed; /* crossed: intervals follow the rule of users and rounds */
  double tick_ns;
};

/* Checks times of a clock: none is negative, their sum cannot overflow, and each round has some. */
static int check_times(const struct view *view) {
  const int64_t longest = INT64_C(1) << 53; /* in ns: 104 days, which a double holds exactly */
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
  view->crossed = l4r_interval_is_crossed(
      json_string_value(json_object_get(samples->meta, "interval")));
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
  /* With more users than calls the interval would rest on observations that do not exist. */
  if (view->distinct > view->ns->count) view->distinct = view->ns->count;
  return check_times(view);
}

struct sums {
  double ns, users;
  double span, inside; /* span: from begin to end; inside: in the engine, which is ns itself in a
                          closed loop */
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

static int derive_round(const struct view *view, int64_t r, struct l4r_record *record) {
  struct l4r_record_round *round = &record->data.rounds.at[r];
  const struct sums sums = sums_of(view, r);
  const int64_t begin = view->start->value[r], end = view->start->value[r + 1];
  int64_t *sorted = NULL;
  round->p50_ns = round->p99_ns = L4R_NONE;
  if (view->per_query) {
    const int status = sorted_copy(view, begin, end, &sorted);
    if (status) return status;
    round->p50_ns = sorted[l4r_quantile_rank(end - begin, .5) - 1];
    round->p99_ns = sorted[l4r_quantile_rank(end - begin, .99) - 1];
    l4r_free(sorted);
  }
  round->mean_ns = sums.ns / sums.users;
  round->users_per_second = sums.users / (sums.span * 1e-9);
  for (int64_t t = 0; t < round->timers.count; t++) {
    struct l4r_record_timer *timer = &round->timers.at[t];
    timer->ns_per_user = timer->ns == L4R_NONE ? 0 : (double)timer->ns / sums.users;
  }
  if (!round->tails.is_there) return L4R_OK;
  return l4r_derive_slowest(record, round, view->ns->value + begin, end - begin);
}

int l4r_derive_rounds(const struct l4r_bundle *samples, struct l4r_record *record) {
  struct view view;
  int status = view_of(samples, &view);
  if (status) return status;
  if (record->data.rounds.count != view.rounds)
    return l4r_fail(L4R_INPUT, "the record has %lld rounds, its samples have %lld",
                    (long long)record->data.rounds.count, (long long)view.rounds);
  for (int64_t r = 0; r < view.rounds && !status; r++) status = derive_round(&view, r, record);
  return status;
}

enum mean { NS_PER_USER, USERS_PER_SECOND, USERS_PER_SECOND_INSIDE };

static int round_means(const struct view *view, enum mean mean, struct l4r_estimate *estimate) {
  double *value = l4r_alloc((size_t)view->rounds, sizeof *value, "round means");
  if (!value) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < view->rounds; r++) {
    struct sums sums = sums_of(view, r);
    const double span = mean == USERS_PER_SECOND ? sums.span : sums.inside;
    value[r] = log(mean == NS_PER_USER ? sums.ns / sums.users : sums.users / (span * 1e-9));
  }
  *estimate = l4r_rounds_estimate(value, view->rounds, view->crossed);
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

static int withhold(const char *why, struct l4r_record_estimate *out) {
  *out = (struct l4r_record_estimate){
      .is_there = 1, .value = NAN, .lo = NAN, .hi = NAN, .withheld = why};
  return why ? L4R_OK : L4R_ENVIRONMENT;
}

static int percentile(const struct view *view, const int64_t *sorted, double p,
                      struct l4r_record *record, struct l4r_record_estimate *out) {
  struct l4r_estimate estimate;
  if (!view->per_query) return withhold("calls of many requests have no latency of one", out);
  const int status = estimate_percentile(view, sorted, p, &estimate);
  if (status) return status;
  if (estimate.withheld != L4R_WITHHELD_VALUE && estimate.value < L4R_LEAST_TICKS * view->tick_ns)
    return withhold(l4r_record_format(record, "below %d ticks of a clock of %g ns", L4R_LEAST_TICKS,
                                      view->tick_ns),
                    out);
  return l4r_estimate_put(&estimate, view->query_users, record, out);
}

/* Sets the lag-1 correlation of the rounds' means, which two rounds do not have. */
static int put_correlation(const struct view *view, struct l4r_record_latency *latency) {
  double *value = l4r_alloc((size_t)view->rounds, sizeof *value, "round means");
  if (!value) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < view->rounds; r++) {
    const struct sums sums = sums_of(view, r);
    value[r] = log(sums.ns / sums.users);
  }
  const struct l4r_neighbours neighbours = l4r_neighbours_of(value, view->rounds);
  l4r_free(value);
  latency->interval = l4r_interval_crossed;
  if (view->rounds >= L4R_LEAST_ROUNDS)
    latency->round_correlation = (struct l4r_record_correlation){1, neighbours.correlation,
                                                                 neighbours.bound};
  return L4R_OK;
}

int l4r_derive_correlation_warning(struct l4r_record *record, const char **text) {
  const struct l4r_record_correlation *found = &record->data.latency_ns.round_correlation;
  *text = NULL;
  if (!found->is_there || !(found->lag1 > found->bound)) return L4R_OK;
  *text = l4r_record_format(record,
                            "neighbouring rounds are alike (correlation %.2f, chance gives up to "
                            "%.2f): the machine drifts, and intervals over rounds are too narrow; "
                            "measure more rounds, or when the machine is quiet",
                            found->lag1, found->bound);
  return *text ? L4R_OK : L4R_ENVIRONMENT;
}

int l4r_derive_latency(const struct l4r_bundle *samples, struct l4r_record *record) {
  struct view view;
  struct l4r_estimate mean;
  struct l4r_record_latency latency;
  struct l4r_record_estimate *const of[] = {&latency.p50, &latency.p90, &latency.p95, &latency.p99};
  int64_t *sorted, n, queries = 0;
  int status = view_of(samples, &view);
  if (!status) status = round_means(&view, NS_PER_USER, &mean);
  n = status ? 0 : view.ns->count;
  if (!status) status = sorted_copy(&view, 0, n, &sorted);
  if (status) return status;
  for (int64_t i = 0; i < n; i++) queries += view.served->value[i];
  l4r_shape_blank(l4r_shape_latency(), &latency);
  latency.is_there = 1;
  latency.count = queries;
  for (int p = 0; p < PERCENTILES && !status; p++)
    status = percentile(&view, sorted, percentiles[p], record, of[p]);
  l4r_free(sorted);
  if (!status) status = l4r_estimate_put(&mean, 1, record, &latency.mean);
  if (!status && view.crossed) status = put_correlation(&view, &latency);
  if (!status) record->data.latency_ns = latency;
  return status;
}

int l4r_derive_over_rounds(const struct l4r_bundle *samples, struct l4r_record *record) {
  const struct l4r_record_latency *latency = &record->data.latency_ns;
  const struct l4r_record_estimate *const pooled[] = {&latency->p50, &latency->p90, &latency->p95,
                                                      &latency->p99};
  struct l4r_record_percentiles *out = &record->data.latency_over_rounds_ns;
  struct l4r_record_estimate *const of[] = {&out->p50, &out->p90, &out->p95, &out->p99};
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
      value[p * view.rounds + r] = log(l4r_quantile_unbiased(sorted, n, percentiles[p]));
    l4r_free(sorted);
  }
  out->is_there = !status;
  for (int p = 0; p < PERCENTILES && !status; p++) {
    const struct l4r_estimate estimate = l4r_rounds_estimate(value + p * view.rounds, view.rounds,
                                                             view.crossed);
    if (pooled[p]->withheld)
      *of[p] = *pooled[p];
    else
      status = l4r_estimate_put(&estimate, 1, record, of[p]);
  }
  l4r_free(value);
  return status;
}

static int derive_speed(const struct l4r_bundle *samples, enum mean mean,
                        struct l4r_estimate *speed) {
  struct view view;
  const int status = view_of(samples, &view);
  return status ? status : round_means(&view, mean, speed);
}

int l4r_derive_throughput(const struct l4r_bundle *samples, struct l4r_record *record) {
  struct l4r_estimate speed;
  const int status = derive_speed(samples, USERS_PER_SECOND, &speed);
  return status ? status : l4r_estimate_put(&speed, 1, record, &record->data.users_per_second);
}

int l4r_derive_serving(const struct l4r_bundle *samples, double *users_per_second) {
  struct l4r_estimate speed;
  const int status = derive_speed(samples, USERS_PER_SECOND_INSIDE, &speed);
  if (!status) *users_per_second = speed.withheld == L4R_WITHHELD_VALUE ? 0 : speed.value;
  return status;
}

/* Combines the counter at place `c` of all rounds. */
static int fold_counter(struct l4r_record *record, int64_t c, int64_t queries,
                        struct l4r_record_counter *folded) {
  double sum = 0;
  *folded = record->data.rounds.at[0].counters.at[c];
  const int total = folded->total == 1;
  folded->total = -1;
  for (int64_t r = 0; r < record->data.rounds.count; r++) {
    const struct l4r_record_round *round = &record->data.rounds.at[r];
    const struct l4r_record_counter *one = c < round->counters.count ? &round->counters.at[c]
                                                                     : NULL;
    if (!one || isnan(one->value)) {
      if (one && one->source) folded->source = one->source;
      if (one && one->reason) folded->reason = one->reason;
      folded->value = NAN;
      return L4R_OK;
    }
    sum += one->value;
  }
  folded->value = sum / (total ? (double)queries : (double)record->data.rounds.count);
  if (!total) return L4R_OK;
  folded->unit = l4r_record_format(record, "%s/query", folded->unit ? folded->unit : "");
  return folded->unit ? L4R_OK : L4R_ENVIRONMENT;
}

/* A counter computed from the model's shapes, so that a machine without counters still has a figure
 * beside its time. Its source says that it is modelled. */
static struct l4r_record_counter modelled(const char *name, const char *unit, double value) {
  return (struct l4r_record_counter){.is_there = 1,
                                     .name = name,
                                     .unit = unit,
                                     .source = "modelled",
                                     .reason = "",
                                     .value = value,
                                     .total = -1};
}

int l4r_derive_counters(struct l4r_record *record, int64_t queries) {
  const int64_t rounds = record->data.rounds.count;
  const int64_t count = rounds ? record->data.rounds.at[0].counters.count : 0;
  const struct l4r_modelled_work work = l4r_work_of(record, -1);
  const int64_t more = count ? (work.flops > 0) + (work.bytes > 0) : 0; /* 0: --counters none */
  int status = l4r_record_list(record, l4r_shape_counter(), &record->data.counters, count + more);
  struct l4r_record_counter *counter = record->data.counters.at;
  for (int64_t c = 0; c < count && !status; c++)
    status = fold_counter(record, c, queries, counter++);
  if (status || !more) return status;
  if (work.flops > 0) *counter++ = modelled("flops", "flop/query", work.flops);
  if (work.bytes > 0) *counter = modelled("bytes", "byte/query", work.bytes);
  return L4R_OK;
}

/* Forgets what an earlier derivation wrote. */
static void blank_derived(struct l4r_record *record) {
  struct l4r_record_record *data = &record->data;
  l4r_shape_blank(l4r_shape_latency(), &data->latency_ns);
  l4r_shape_blank(l4r_shape_percentiles(), &data->latency_over_rounds_ns);
  l4r_shape_blank(l4r_shape_estimate(), &data->users_per_second);
  l4r_shape_blank(l4r_shape_server(), &data->server);
  l4r_shape_blank(l4r_shape_own_time(), &data->own_time);
  l4r_shape_blank(l4r_shape_overhead(), &data->overhead_ns);
  data->stages.is_there = 0;
  data->stages.count = 0;
}

int l4r_derive(const struct l4r_bundle *samples, struct l4r_record *record) {
  struct l4r_record_record *data = &record->data;
  /* Older records lack some derived members; those stay absent. */
  const int has_over_rounds = data->latency_over_rounds_ns.is_there ||
                              data->schema >= L4R_SCHEMA_BOUND;
  double serving = 0;
  blank_derived(record);
  int status = l4r_derive_rounds(samples, record);
  if (!status) status = l4r_derive_latency(samples, record);
  if (!status && has_over_rounds) status = l4r_derive_over_rounds(samples, record);
  if (!status) status = l4r_derive_throughput(samples, record);
  if (!status) status = l4r_derive_serving(samples, &serving);
  if (!status) status = l4r_derive_server(samples, record);
  if (!status) status = l4r_derive_own(samples, record);
  if (!status)
    status = l4r_derive_counters(record, data->latency_ns.count + l4r_derive_novel(record));
  if (!status) status = l4r_derive_ceiling(record, serving);
  if (status) return status;
  l4r_derive_overhead(record);
  data->resources.is_there = 1;
  data->resources.peak_rss_bytes = 0;
  for (int64_t r = 0; r < data->rounds.count; r++)
    if (data->rounds.at[r].peak_rss_bytes > data->resources.peak_rss_bytes)
      data->resources.peak_rss_bytes = data->rounds.at[r].peak_rss_bytes;
  /* Records made before there were timers have no stages. */
  if (data->rounds.at[0].timers.is_there) status = l4r_derive_stages(record);
  return status ? status : l4r_derive_fault(record);
}
