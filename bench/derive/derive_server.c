/* SPDX-License-Identifier: BSD-3-Clause */
/* What follows from the samples of an open loop, and the slowest calls of any loop. */
#include "bench/derive/derive.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 1024, TAILS = 10 };

struct open_loop { /* samples, checked by l4r_derive_latency before */
  const struct l4r_array *start, *ns, *due, *wait;
  int64_t rounds, queries;
  double rate, bound_ns;
};

static int open_loop_of(const struct l4r_bundle *samples, struct open_loop *loop) {
  if (l4r_bundle_need(samples, "round_start", &loop->start) ||
      l4r_bundle_need(samples, "ns", &loop->ns) || l4r_bundle_need(samples, "due", &loop->due) ||
      l4r_bundle_need(samples, "wait", &loop->wait))
    return L4R_INPUT;
  loop->rounds = loop->start->count - 1;
  loop->queries = loop->ns->count;
  loop->rate = json_number_value(json_object_get(samples->meta, "rate"));
  loop->bound_ns = json_number_value(json_object_get(samples->meta, "bound_ns"));
  if (loop->rate > 0 && loop->bound_ns > 0) return L4R_OK;
  return l4r_fail(L4R_INPUT, "samples of an open loop without its rate or bound");
}

/* Into error[queries]: how late the arrivals were taken that found the worker idle; how many. */
static int64_t idle_errors(const struct open_loop *loop, int64_t *error) {
  int64_t count = 0;
  for (int64_t r = 0; r < loop->rounds; r++) {
    int64_t free_at = 0;
    for (int64_t i = loop->start->value[r]; i < loop->start->value[r + 1]; i++) {
      if (loop->due->value[i] >= free_at) error[count++] = loop->wait->value[i];
      free_at = loop->due->value[i] + loop->ns->value[i];
    }
  }
  return count;
}

static json_t *schedule_of(const struct open_loop *loop, int64_t *scratch) {
  static const struct {
    const char *name;
    double p;
  } parts[] = {{"p50_ns", .5}, {"p90_ns", .9}, {"p99_ns", .99}, {"max_ns", 1}};
  const int64_t idle = idle_errors(loop, scratch);
  json_t *schedule = json_pack("{s:I, s:i}", "arrivals_idle", (json_int_t)idle, "limit_ns",
                               L4R_SCHEDULE_NS);
  l4r_sort_i64(scratch, idle);
  for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
    json_object_set_new(schedule, parts[p].name,
                        idle ? json_integer(scratch[l4r_quantile_rank(idle, parts[p].p) - 1])
                             : json_null());
  json_object_set_new(
      schedule, "kept",
      idle ? json_boolean(scratch[l4r_quantile_rank(idle, .99) - 1] <= L4R_SCHEDULE_NS)
           : json_null());
  return schedule;
}

/* Verdict and its reason in a sentence. */
static void put_verdict(json_t *server, const struct open_loop *loop, double load) {
  const json_t *p99 = json_object_get(server, "p99_ns"), *value = json_object_get(p99, "value");
  const double ns = json_number_value(value);
  const char *verdict = "WITHHELD", *why = json_string_value(json_object_get(p99, "withheld"));
  json_t *reason = NULL;
  if (!json_is_number(value)) {
    reason = json_sprintf("not PASS: p99 is withheld, it %s", why ? why : "is not there");
  } else if (load >= 1) {
    verdict = "FAIL";
    reason = json_sprintf("FAIL: the load is %.2f, the queue only grows (p99 %.4g ms so far)", load,
                          ns * 1e-6);
  } else {
    const int below = ns < loop->bound_ns;
    verdict = below ? "PASS" : "FAIL";
    reason = json_sprintf("%s: p99 %.4g ms is %s the bound of %.4g ms", verdict, ns * 1e-6,
                          below ? "below" : "not below", loop->bound_ns * 1e-6);
  }
  json_object_set_new(server, "verdict", json_string(verdict));
  json_object_set_new(server, "reason", reason);
}

static void put_rates(json_t *server, const struct open_loop *loop) {
  double scheduled = 0, achieved = 0;
  for (int64_t r = 0; r < loop->rounds; r++) {
    const int64_t last = loop->start->value[r + 1] - 1;
    scheduled += (double)loop->due->value[last];
    achieved += (double)(loop->due->value[last] + loop->ns->value[last]);
  }
  json_object_set_new(server, "rate_asked", json_real(loop->rate));
  json_object_set_new(server, "rate_scheduled",
                      json_real((double)loop->queries / (scheduled * 1e-9)));
  json_object_set_new(server, "rate_achieved",
                      json_real((double)loop->queries / (achieved * 1e-9)));
}

int l4r_derive_server(const struct l4r_bundle *samples, const json_t *latency, json_t **server) {
  struct open_loop loop;
  if (!l4r_bundle_find(samples, "due")) return L4R_OK;
  int status = open_loop_of(samples, &loop);
  if (status) return status;
  int64_t *scratch = l4r_alloc((size_t)loop.queries, sizeof *scratch, "service times");
  if (!scratch) return L4R_ENVIRONMENT;
  const int64_t distinct = json_integer_value(json_object_get(samples->meta, "distinct_users"));
  json_t *out = json_object();
  double sum = 0;
  for (int64_t i = 0; i < loop.queries; i++) {
    scratch[i] = loop.ns->value[i] - loop.wait->value[i];
    sum += (double)scratch[i];
  }
  l4r_sort_i64(scratch, loop.queries);
  const double load = loop.rate * sum / (double)loop.queries * 1e-9;
  for (int p = 0; p < 2; p++) {
    const struct l4r_estimate estimate = l4r_quantile_estimate(scratch, loop.queries, distinct,
                                                               p ? .99 : .5, .95);
    json_object_set_new(out, p ? "service_p99_ns" : "service_p50_ns", l4r_estimate_json(&estimate));
  }
  put_rates(out, &loop);
  json_object_set_new(out, "bound_ns", json_real(loop.bound_ns));
  json_object_set(out, "p99_ns", json_object_get(latency, "p99"));
  json_object_set_new(out, "load", json_real(load));
  put_verdict(out, &loop, load);
  json_object_set_new(out, "schedule", schedule_of(&loop, scratch));
  l4r_free(scratch);
  *server = out;
  return L4R_OK;
}

json_t *l4r_derive_overhead(const json_t *rounds) {
  double every[ROUNDS_MAX], inside[ROUNDS_MAX];
  int64_t n = 0;
  size_t index;
  const json_t *round;
  json_array_foreach(rounds, index, round) {
    const json_t *a = json_object_get(round, "overhead_ns");
    const json_t *b = json_object_get(round, "overhead_inside_ns");
    if (!json_is_number(a) || !json_is_number(b) || n == ROUNDS_MAX) return NULL;
    every[n] = json_number_value(a);
    inside[n++] = json_number_value(b);
  }
  if (!n) return NULL;
  return json_pack("{s:f, s:f}", "every", l4r_median(every, n), "inside", l4r_median(inside, n));
}

int l4r_derive_slowest(json_t *round, const int64_t *ns, int64_t n) {
  const json_t *said = json_object_get(round, "tails");
  int64_t place[TAILS];
  int count = 0;
  for (int64_t i = 0; i < n; i++) { /* slowest first, of equals the earlier */
    if (count == TAILS && ns[place[TAILS - 1]] >= ns[i]) continue;
    int at = count < TAILS ? count++ : TAILS - 1;
    for (; at > 0 && ns[place[at - 1]] < ns[i]; at--) place[at] = place[at - 1];
    place[at] = i;
  }
  json_t *tails = json_array();
  for (int t = 0; t < count; t++) {
    json_t *entry = json_array_get(said, (size_t)t);
    entry = json_is_object(entry) ? json_copy(entry) : json_object();
    json_object_set_new(entry, "query", json_integer(place[t]));
    json_object_set_new(entry, "ns", json_integer(ns[place[t]]));
    json_array_append_new(tails, entry);
  }
  if (json_object_set_new(round, "tails", tails))
    return l4r_fail(L4R_ENVIRONMENT, "no memory for the slowest calls");
  return L4R_OK;
}
