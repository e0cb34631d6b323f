/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes the figures of an open loop, and the slowest calls of any loop. */
#include "bench/derive/derive_server.h"

#include "bench/derive/estimate.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>

enum { ROUNDS_MAX = 1024, TAILS = 10 };

struct open_loop { /* samples that l4r_derive_latency has checked */
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
  return l4r_fail(L4R_INPUT, "the samples of an open loop lack its rate or bound");
}

/* Fills error[queries] with how late the arrivals that found the worker idle were taken; returns
 * how many there were. */
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

static struct l4r_record_schedule schedule_of(const struct open_loop *loop, int64_t *scratch) {
  const int64_t idle = idle_errors(loop, scratch);
  struct l4r_record_schedule schedule = {.is_there = 1,
                                         .arrivals_idle = idle,
                                         .p50_ns = L4R_NONE,
                                         .p90_ns = L4R_NONE,
                                         .p99_ns = L4R_NONE,
                                         .max_ns = L4R_NONE,
                                         .limit_ns = L4R_SCHEDULE_NS,
                                         .kept = -1};
  if (!idle) return schedule;
  l4r_sort_i64(scratch, idle);
  schedule.p50_ns = scratch[l4r_quantile_rank(idle, .5) - 1];
  schedule.p90_ns = scratch[l4r_quantile_rank(idle, .9) - 1];
  schedule.p99_ns = scratch[l4r_quantile_rank(idle, .99) - 1];
  schedule.max_ns = scratch[idle - 1];
  schedule.kept = schedule.p99_ns <= L4R_SCHEDULE_NS;
  return schedule;
}

/* Sets the verdict and its reason in a sentence. */
static int put_verdict(struct l4r_record *record, const struct open_loop *loop) {
  struct l4r_record_server *server = &record->data.server;
  const double ns = server->p99_ns.value;
  if (isnan(ns)) {
    server->verdict = "WITHHELD";
    server->reason = l4r_record_format(record, "not PASS: p99 is withheld, it %s",
                                       server->p99_ns.withheld ? server->p99_ns.withheld
                                                               : "is not there");
  } else if (server->load >= 1) {
    server->verdict = "FAIL";
    server->reason = l4r_record_format(
        record, "FAIL: the load is %.2f, the queue only grows (p99 %.4g ms so far)", server->load,
        ns * 1e-6);
  } else {
    const int below = ns < loop->bound_ns;
    server->verdict = below ? "PASS" : "FAIL";
    server->reason = l4r_record_format(record, "%s: p99 %.4g ms is %s the bound of %.4g ms",
                                       server->verdict, ns * 1e-6, below ? "below" : "not below",
                                       loop->bound_ns * 1e-6);
  }
  return server->reason ? L4R_OK : L4R_ENVIRONMENT;
}

static void put_rates(struct l4r_record_server *server, const struct open_loop *loop) {
  double scheduled = 0, achieved = 0;
  for (int64_t r = 0; r < loop->rounds; r++) {
    const int64_t last = loop->start->value[r + 1] - 1;
    scheduled += (double)loop->due->value[last];
    achieved += (double)(loop->due->value[last] + loop->ns->value[last]);
  }
  server->rate_asked = loop->rate;
  server->rate_scheduled = (double)loop->queries / (scheduled * 1e-9);
  server->rate_achieved = (double)loop->queries / (achieved * 1e-9);
}

int l4r_derive_server(const struct l4r_bundle *samples, struct l4r_record *record) {
  struct l4r_record_server *server = &record->data.server;
  struct open_loop loop;
  if (!l4r_bundle_find(samples, "due")) return L4R_OK;
  int status = open_loop_of(samples, &loop);
  if (status) return status;
  int64_t *scratch = l4r_alloc((size_t)loop.queries, sizeof *scratch, "service times");
  if (!scratch) return L4R_ENVIRONMENT;
  const int64_t distinct = json_integer_value(json_object_get(samples->meta, "distinct_users"));
  double sum = 0;
  for (int64_t i = 0; i < loop.queries; i++) {
    scratch[i] = loop.ns->value[i] - loop.wait->value[i];
    sum += (double)scratch[i];
  }
  l4r_sort_i64(scratch, loop.queries);
  server->is_there = 1;
  server->load = loop.rate * sum / (double)loop.queries * 1e-9;
  for (int p = 0; p < 2 && !status; p++) {
    const struct l4r_estimate estimate = l4r_quantile_estimate(scratch, loop.queries, distinct,
                                                               p ? .99 : .5, .95);
    status = l4r_estimate_put(&estimate, 1, record,
                              p ? &server->service_p99_ns : &server->service_p50_ns);
  }
  put_rates(server, &loop);
  server->bound_ns = loop.bound_ns;
  server->p99_ns = record->data.latency_ns.p99;
  if (!status) status = put_verdict(record, &loop);
  server->schedule = schedule_of(&loop, scratch);
  l4r_free(scratch);
  return status;
}

void l4r_derive_overhead(struct l4r_record *record) {
  struct l4r_record_overhead *out = &record->data.overhead_ns;
  double every[ROUNDS_MAX], inside[ROUNDS_MAX];
  const int64_t rounds = record->data.rounds.count;
  *out = (struct l4r_record_overhead){.every = NAN, .inside = NAN};
  for (int64_t r = 0; r < rounds && r < ROUNDS_MAX; r++) {
    every[r] = record->data.rounds.at[r].overhead_ns;
    inside[r] = record->data.rounds.at[r].overhead_inside_ns;
    if (isnan(every[r]) || isnan(inside[r])) return;
  }
  if (!rounds || rounds > ROUNDS_MAX) return;
  *out = (struct l4r_record_overhead){1, l4r_median(every, rounds), l4r_median(inside, rounds)};
}

int l4r_derive_slowest(struct l4r_record *record, struct l4r_record_round *round, const int64_t *ns,
                       int64_t n) {
  const struct l4r_record_tail *said = round->tails.at;
  const int64_t told = round->tails.count;
  int64_t place[TAILS];
  int count = 0;
  for (int64_t i = 0; i < n; i++) { /* slowest first, among equals the earlier */
    if (count == TAILS && ns[place[TAILS - 1]] >= ns[i]) continue;
    int at = count < TAILS ? count++ : TAILS - 1;
    for (; at > 0 && ns[place[at - 1]] < ns[i]; at--) place[at] = place[at - 1];
    place[at] = i;
  }
  const int status = l4r_record_list(record, l4r_shape_tail(), &round->tails, count);
  for (int t = 0; t < count && !status; t++) {
    struct l4r_record_tail *tail = &round->tails.at[t];
    if (t < told) *tail = said[t];
    tail->is_there = 1;
    tail->query = place[t];
    tail->ns = ns[place[t]];
  }
  return status;
}
