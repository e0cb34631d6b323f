/* SPDX-License-Identifier: BSD-3-Clause */
/* The timed loops on a clock of the test's own, where a queue's course is known: against Lindley's
 * recursion query by query, and against Pollaczek and Khinchine's mean. */
#include "bench/run/session/arrivals.h"
#include "bench/run/session/overhead.h"
#include "bench/run/session/serve.h"
#include "bench/run/session/time_source.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <malloc.h>
#include <math.h>
#include <string.h>

enum { USERS = 1024, K = 4, STEP = 50, N_MOST = 20 * USERS };

/* --- the clock: every reading takes STEP --- */

static int64_t now_ns = 1000000000, sleeps, jump_at, jump_by;

static int64_t fake_now(void) {
  now_ns += STEP;
  if (jump_at && now_ns >= jump_at) {
    now_ns += jump_by;
    jump_at = 0;
  }
  return now_ns;
}

static void fake_sleep(int64_t when) {
  sleeps++;
  if (when > now_ns) now_ns = when;
}

/* --- the engine: takes a stated time of that clock, once a longer one --- */

static int64_t service_ns, calls, stall_at, stall_ns, most_served, served_users[USERS];

static int serve(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                 struct l4r_ranking *ranking) {
  (void)handle;
  for (int64_t r = 0; r < n; r++) {
    served_users[request[r].user]++;
    ranking[r].count = k;
  }
  if (n > most_served) most_served = n;
  now_ns += service_ns + (++calls == stall_at ? stall_ns : 0);
  return 0;
}

static const struct l4r_engine engine = {.name = "fake", .recommend = serve};
static struct l4r_request sample[USERS];
static l4r_item items[USERS], history[8];
static float scores[USERS];
static struct l4r_ranking rankings[64];
static struct l4r_session session;
static struct l4r_serving serving;
static int64_t due[N_MOST];

/* Work of a tenth of a millisecond between permutations. */
static int turns;
static void between(void *context) {
  ++*(int *)context;
  now_ns += 100000;
}

static void open_serving(int64_t users, int64_t batch, int equal, int64_t longest) {
  l4r_time = (struct l4r_time_source){fake_now, fake_sleep};
  for (int u = 0; u < USERS; u++) sample[u] = (struct l4r_request){u, history, u % 8};
  for (int r = 0; r < 64; r++) rankings[r] = (struct l4r_ranking){items + r, scores + r, 0};
  session = (struct l4r_session){.engine = &engine,
                                 .max_batch = batch,
                                 .max_k = K + 8,
                                 .ranking = rankings,
                                 .item = items,
                                 .score = scores};
  strcpy(session.arm.text, "fake@model");
  const struct l4r_serving_options options = {&session, sample, users, batch,   K,    equal,
                                              longest,  3,      0,     between, NULL, &turns};
  cr_assert_eq(l4r_serving_open(&options, &serving), 0);
}

static void serve_open(double rate, int64_t permutations, int64_t users) {
  const int64_t n = permutations * users;
  open_serving(users, 1, 0, n);
  l4r_arrivals_make(7, 0, rate, due, n);
  cr_assert_eq(l4r_serving_prepare(&serving, permutations, n, 1), 0);
  const uint64_t before = l4r_alloc_count();
  const size_t heap = mallinfo2().uordblks;
  cr_assert_eq(l4r_serve_arrivals(&serving, due, n), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_alloc_count(), before, "the open loop took memory");
  cr_assert_eq(mallinfo2().uordblks, heap, "the open loop took memory");
  cr_assert_eq(serving.samples.count, n);
  cr_assert_eq(serving.permutations, permutations);
}

Test(serve, an_open_loop_is_the_queue_that_theory_knows, .timeout = 240) {
  service_ns = 1000000;
  const double rate = 500; /* load 1/2 */
  serve_open(rate, 20, USERS);
  /* Lindley: an arrival begins when it is due or when the one before has ended. A query reads the
   * clock three times, so it takes three steps more. */
  int64_t free_at = 0, waits = 0;
  double sum = 0;
  for (int64_t i = 0; i < N_MOST; i++) {
    const int64_t begins = due[i] > free_at ? due[i] : free_at;
    const int64_t wait = serving.samples.wait[i];
    cr_assert_leq(llabs(wait - (begins - due[i])), 200 * STEP, "query %d waits %d, not %d", (int)i,
                  (int)wait, (int)(begins - due[i]));
    cr_assert_geq(wait, 0, "served before it was due");
    cr_assert_eq(serving.samples.ns[i], wait + service_ns + STEP);
    free_at = due[i] + wait + service_ns + 2 * STEP;
    waits += begins > due[i];
    sum += (double)wait;
  }
  /* Pollaczek and Khinchine for constant service: load/2/(1 - load) of a service, here a half. The
   * deviation of a wait is .76 services, of the mean of 20,480 with a correlation time of about 8
   * some 3 %; four of them. As many wait as the load says, to the same precision. */
  cr_expect_float_eq(sum / N_MOST, .5e6, .12 * .5e6, "mean wait %g", sum / N_MOST);
  cr_expect_float_eq((double)waits / N_MOST, .5, .03, "%g wait", (double)waits / N_MOST);
  cr_expect_gt(sleeps, N_MOST / 10); /* far arrivals are slept for, not spun */
  for (int u = 0; u < USERS; u++) cr_assert_eq(served_users[u], 20);
  cr_assert_eq(turns, 19); /* and it disturbed nobody, because there was time */
}

Test(serve, a_stall_delays_all_who_came_meanwhile) {
  int late[2] = {0, 0};
  service_ns = 100000;
  stall_at = 200;
  stall_ns = 100000000;
  serve_open(1000, 1, USERS);
  for (int i = 0; i < USERS; i++) late[0] += serving.samples.ns[i] > 10000000;
  l4r_serving_close(&serving);
  calls = 0;
  open_serving(USERS, 1, 0, USERS);
  cr_assert_eq(l4r_serving_prepare(&serving, 1, USERS, 0), 0);
  cr_assert_eq(l4r_serve_permutation(&serving), 0);
  for (int i = 0; i < USERS; i++) late[1] += serving.samples.ns[i] > 10000000;
  /* About a hundred came in the 100 ms, and all but the last 10 ms' of them and what was worked off
   * waited longer than 10 ms; a closed loop sees one. */
  cr_expect(late[0] > 60 && late[0] < 140, "%d", late[0]);
  cr_expect_eq(late[1], 1);
}

Test(serve, an_overloaded_queue_grows_and_ends) {
  service_ns = 1000000;
  serve_open(2000, 1, 512);
  /* Every second one is worked off: the last waits about half of 512 services. */
  cr_expect_float_eq((double)serving.samples.wait[511], 256e6, 40e6);
  cr_expect_float_eq((double)serving.serving_ns, 512 * (1e6 + STEP), 1);
}

Test(serve, closed_loops_serve_equal_queries_and_allocate_nothing) {
  service_ns = 5000;
  open_serving(100, 16, 1, 100);
  cr_assert_eq(l4r_serving_prepare(&serving, 1, 7, 0), 0);
  const uint64_t before = l4r_alloc_count();
  const size_t heap = mallinfo2().uordblks;
  cr_assert_eq(l4r_serve_permutation(&serving), 0);
  cr_assert_eq(l4r_alloc_count(), before);
  cr_assert_eq(mallinfo2().uordblks, heap, "the loop took memory");
  cr_assert_eq(serving.samples.count, 7);
  int twice = 0;
  for (int q = 0; q < 7; q++) cr_assert_eq(serving.samples.served[q], 16);
  for (int u = 0; u < 100; u++) {
    cr_assert(served_users[u] == 1 || served_users[u] == 2);
    twice += served_users[u] == 2;
  }
  cr_assert_eq(twice, 12); /* the last query's, so that it is not a shorter one */
  cr_assert_eq(serving.logged.count, 24);
  l4r_serving_close(&serving);
  memset(served_users, 0, sizeof served_users);
  open_serving(100, 16, 0, 100); /* offline: what is left is served as it is */
  cr_assert_eq(l4r_serving_prepare(&serving, 1, 7, 0), 0);
  cr_assert_eq(l4r_serve_permutation(&serving), 0);
  cr_assert_eq(serving.samples.served[6], 4);
  for (int u = 0; u < 100; u++) cr_assert_eq(served_users[u], 1);
}

Test(serve, a_clock_that_goes_backwards_fails_the_loop) {
  service_ns = 100000;
  open_serving(USERS, 1, 0, USERS);
  cr_assert_eq(l4r_serving_prepare(&serving, 1, USERS, 0), 0);
  jump_at = now_ns + 20 * service_ns; /* on the reading after an answer */
  jump_by = -3 * service_ns;
  test_fails(l4r_serve_permutation(&serving), L4R_ENVIRONMENT, "the clock went backwards by");
  cr_assert_eq(serving.samples.count, 19);
  jump_at = now_ns + 1; /* between two queries */
  jump_by = -1000;
  test_fails(l4r_serve_permutation(&serving), L4R_ENVIRONMENT, "went backwards");
  l4r_serving_close(&serving);
  l4r_arrivals_make(7, 0, 1000, due, USERS);
  open_serving(USERS, 1, 0, USERS);
  cr_assert_eq(l4r_serving_prepare(&serving, 1, USERS, 1), 0);
  jump_at = now_ns + 100 * 1000000;
  jump_by = -50 * 1000000;
  test_fails(l4r_serve_arrivals(&serving, due, USERS), L4R_ENVIRONMENT, "went backwards");
}

Test(serve, the_loops_own_cost_is_that_of_an_engine_that_does_nothing) {
  struct l4r_overhead closed, open;
  service_ns = 1000000;
  open_serving(200, 1, 0, 200);
  cr_assert_eq(l4r_serving_overhead(&serving, 0, &closed), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_serving_overhead(&serving, 1, &open), 0, "%s", l4r_error_message());
  cr_assert_eq(calls, 0, "the engine was asked");
  /* Of this clock only its readings take time: two around the call, a third before it in the open
   * loop; one of them falls inside. One more at begin and end of a pass of 200. */
  cr_expect_float_eq(closed.inside_ns, STEP, 1e-9);
  cr_expect_float_eq(open.inside_ns, STEP, 1e-9);
  cr_expect_float_eq(closed.every_ns, 2 * STEP, STEP / 50., "%g", closed.every_ns);
  cr_expect_float_eq(open.every_ns, 3 * STEP, STEP / 50., "%g", open.every_ns);
}

/* --- the slowest calls --- */

Test(slowest, keep_the_slowest_in_order_and_tell_over_how_many_calls) {
  struct l4r_slowest slowest;
  l4r_slowest_init(&slowest, 1);
  cr_assert_geq(slowest.every, 1);
  cr_assert_geq(slowest.every * L4R_SLOWEST_BUDGET_NS, slowest.read_ns);
  slowest.every = 7;
  l4r_slowest_open(&slowest);
  for (int i = 0; i < 1000; i++) {
    /* 37 and 1009: all different; then some equals, of which the earlier stays. */
    const struct l4r_slow_call call = {.query = i, .ns = i < 900 ? (i * 37) % 1009 : 1000};
    l4r_slowest_add(&slowest, &call);
  }
  l4r_slowest_close(&slowest);
  cr_assert_eq(slowest.count, L4R_SLOWEST);
  for (int t = 0; t < L4R_SLOWEST; t++) {
    const struct l4r_slow_call *call = &slowest.call[t];
    cr_expect(call->over >= 1 && call->over <= 7, "%d", (int)call->over);
    if (!t) continue;
    const struct l4r_slow_call *before = call - 1;
    cr_expect(before->ns > call->ns || (before->ns == call->ns && before->query < call->query));
  }
  cr_expect_geq(slowest.call[L4R_SLOWEST - 1].ns, 1000);
}

Test(slowest, a_fault_inside_is_told) {
  struct l4r_slowest slowest;
  l4r_slowest_init(&slowest, 2);
  slowest.every = 4;
  l4r_slowest_open(&slowest);
  const size_t bytes = 64 << 12;
  for (int i = 0; i < 8; i++) {
    const struct l4r_slow_call call = {.query = i, .ns = 100 + i};
    if (i == 5) { /* fresh pages, each touched once */
      volatile char *page = l4r_alloc(bytes, 4, "pages");
      for (size_t b = 0; b < 4 * bytes; b += 4096) page[b] = 1;
    }
    l4r_slowest_add(&slowest, &call);
  }
  int64_t minor[2] = {0, 0};
  for (int t = 0; t < slowest.count; t++) {
    cr_assert_eq(slowest.call[t].over, 4);
    minor[slowest.call[t].query / 4] = slowest.call[t].events[2];
  }
  if (!minor[0] && !minor[1]) cr_skip_test("this kernel counts no page faults");
  cr_expect_gt(minor[1], minor[0]);
}
