/* SPDX-License-Identifier: BSD-3-Clause */
/* What a server's record says, from samples made by hand. */
#include "bench/derive/derive.h"
#include "impl/base/error.h"
#include "tests/support/models.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <string.h>

enum { USERS = 400 };

/* Two rounds of USERS arrivals, one a millisecond; each served `service` ns after waiting for the
 * one before and `late` ns more; the second round's are twice as late. */
static struct l4r_bundle samples_of(int64_t service, int64_t late, int64_t distinct,
                                    double bound_ns) {
  struct l4r_bundle samples;
  cr_assert_eq(l4r_bundle_init(&samples), 0);
  int64_t *start = l4r_bundle_add(&samples, "round_start", 3);
  int64_t *ns = l4r_bundle_add(&samples, "ns", 2 * USERS);
  int64_t *served = l4r_bundle_add(&samples, "served", 2 * USERS);
  int64_t *due = l4r_bundle_add(&samples, "due", 2 * USERS);
  int64_t *wait = l4r_bundle_add(&samples, "wait", 2 * USERS);
  for (int r = 0; r < 2; r++) {
    int64_t free_at = 0;
    for (int i = 0; i < USERS; i++) {
      const int at = r * USERS + i;
      due[at] = (int64_t)1000000 * (i + 1);
      wait[at] = (free_at > due[at] ? free_at - due[at] : 0) + late * (1 + r);
      ns[at] = wait[at] + service;
      free_at = due[at] + ns[at];
      served[at] = 1;
    }
    start[r + 1] = (r + 1) * USERS;
  }
  json_object_set_new(samples.meta, "distinct_users", json_integer(distinct));
  json_object_set_new(samples.meta, "per_query", json_integer(1));
  json_object_set_new(samples.meta, "tick_ns", json_real(1));
  json_object_set_new(samples.meta, "rate", json_real(1000));
  json_object_set_new(samples.meta, "bound_ns", json_real(bound_ns));
  return samples;
}

static json_t *server_of(struct l4r_bundle *samples) {
  json_t *latency, *server = NULL;
  cr_assert_eq(test_derive_latency(samples, &latency), 0, "%s", l4r_error_message());
  cr_assert_eq(test_derive_server(samples, latency, &server), 0, "%s", l4r_error_message());
  return server;
}

static double at(const json_t *object, const char *name) {
  return json_number_value(json_object_get(object, name));
}

static void verdict_is(const json_t *server, const char *verdict, const char *reason) {
  const char *why = json_string_value(json_object_get(server, "reason"));
  cr_expect_str_eq(json_string_value(json_object_get(server, "verdict")), verdict, "%s", why);
  cr_expect(strstr(why, reason), "%s", why);
}

Test(server, figures_by_hand) {
  struct l4r_bundle samples = samples_of(400000, 100, USERS, 1e6);
  json_t *server = server_of(&samples), *schedule = json_object_get(server, "schedule");
  verdict_is(server, "PASS", "p99 0.4002 ms is below the bound of 1 ms");
  cr_expect_float_eq(at(server, "load"), .4, 1e-12);
  cr_expect_eq(at(json_object_get(server, "service_p99_ns"), "value"), 400000);
  cr_expect_float_eq(at(server, "rate_scheduled"), 1000, 1e-9);
  cr_expect_float_eq(at(server, "rate_achieved"), 800 / (.40040010 + .40040020), 1e-6);
  cr_expect_eq(at(schedule, "arrivals_idle"), 800);
  cr_expect_eq(at(schedule, "p50_ns"), 100);
  cr_expect_eq(at(schedule, "p99_ns"), 200);
  cr_expect(json_is_true(json_object_get(schedule, "kept")));
  /* Users/s: a second from begin to the last answer, not a second of latency. */
  json_t *throughput, *serving, *rounds = json_pack("[{}, {}]");
  cr_assert_eq(test_derive_throughput(&samples, &throughput), 0);
  cr_expect_float_eq(at(throughput, "value"), 999, .1);
  cr_assert_eq(test_derive_serving(&samples, &serving), 0);
  cr_expect_float_eq(at(serving, "value"), 2500, 1e-6);
  cr_assert_eq(test_derive_rounds(&samples, rounds), 0);
  cr_expect_float_eq(at(json_array_get(rounds, 1), "mean_ns"), 400200, 1e-6);
  cr_expect_float_eq(at(json_array_get(rounds, 0), "users_per_second"), 400 / .4004001, 1e-6);
}

Test(server, verdicts) {
  struct l4r_bundle slow = samples_of(400000, 100, USERS, 3e5);
  verdict_is(server_of(&slow), "FAIL", "is not below the bound of 0.3 ms");
  struct l4r_bundle few = samples_of(400000, 100, 367, 1e6);
  verdict_is(server_of(&few), "WITHHELD", "not PASS: p99 is withheld, it needs 368 distinct users");
  /* A bound so wide that 400 arrivals do not reach it at a load above 1. */
  struct l4r_bundle over = samples_of(1100000, 0, USERS, 1e9);
  json_t *server = server_of(&over);
  verdict_is(server, "FAIL", "the load is 1.10, the queue only grows");
  cr_expect_eq(at(json_object_get(server, "schedule"), "arrivals_idle"), 2); /* the first of each */
  struct l4r_bundle late = samples_of(400000, 15000, USERS, 1e6);
  server = server_of(&late);
  verdict_is(server, "PASS", "below");
  cr_expect(json_is_false(json_object_get(json_object_get(server, "schedule"), "kept")));
}

Test(server, nothing_of_closed_loops_and_damage_is_refused) {
  struct l4r_bundle closed = samples_of(1000, 0, USERS, 1e6);
  closed.arrays = 3; /* due and wait are the last two */
  cr_expect_null(server_of(&closed));
  struct l4r_bundle half = samples_of(1000, 0, USERS, 1e6), unbound = samples_of(1, 0, USERS, 0);
  json_t *latency = NULL, *server = NULL;
  half.arrays = 4;
  test_fails(test_derive_latency(&half, &latency), L4R_INPUT, "do not fit");
  test_fails(test_derive_server(&unbound, json_null(), &server), L4R_INPUT, "rate or bound");
}

/* Queries of 8 users: 400 users make 50 that share none. */
Test(server, percentiles_of_queries_count_queries) {
  struct l4r_bundle samples = samples_of(400000, 0, USERS, 1e6);
  samples.arrays = 3;
  for (int i = 0; i < 2 * USERS; i++) samples.array[2].value[i] = 8;
  json_object_set_new(samples.meta, "query_users", json_integer(8));
  json_t *latency;
  cr_assert_eq(test_derive_latency(&samples, &latency), 0);
  cr_expect_eq(at(json_object_get(latency, "p90"), "value"), 400000);
  cr_expect_str_eq(json_string_value(json_object_get(json_object_get(latency, "p95"), "withheld")),
                   "needs 72 distinct queries of 8 users");
  cr_expect_float_eq(at(json_object_get(latency, "mean"), "value"), 50000, 1e-6); /* a user's */
  cr_expect_eq(at(latency, "count"), 8 * 2 * USERS);
}

Test(server, overheads_are_medians_and_old_records_have_none) {
  json_t *rounds = json_pack("[{s:f, s:f}, {s:f, s:f}, {s:f, s:f}]", "overhead_ns", 90.0,
                             "overhead_inside_ns", 20.0, "overhead_ns", 5000.0,
                             "overhead_inside_ns", 30.0, "overhead_ns", 80.0, "overhead_inside_ns",
                             25.0);
  json_t *overhead = test_derive_overhead(rounds);
  cr_expect_eq(at(overhead, "every"), 90);
  cr_expect_eq(at(overhead, "inside"), 25);
  json_object_del(json_array_get(rounds, 1), "overhead_ns");
  cr_expect_null(test_derive_overhead(rounds));
  cr_expect_null(test_derive_overhead(json_array()));
}
