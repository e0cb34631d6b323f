/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/usage.h"
#include "bench/machine/warnings.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

static struct l4r_cpu_usage before, after;
static const struct l4r_pin pin = {.threads = 1, .bound = 1, .processor = {3}};
static const struct l4r_pin two = {.threads = 2, .bound = 0};

/* A second in which a thread of this process (10) and, if `other`, one of another did their parts,
 * on processor 3. */
static void second(double own, double other) {
  memset(&before, 0, sizeof before);
  memset(&after, 0, sizeof after);
  after.at_ns = 1000000000;
  after.tasks = after.processes = before.tasks = before.processes = 1 + (other > 0);
  for (int t = 0; t < 2; t++) {
    after.task[t] = (struct l4r_usage_task){.process = t ? 20 : 10, .thread = t ? 20 : 10};
    after.task[t].last = 3;
    CPU_SET(3, &after.task[t].affinity);
    before.task[t] = after.task[t];
    after.task[t].ns = (int64_t)(1e9 * (t ? other : own));
  }
  after.cpu_ns = (int64_t)(1e9 * (own + other));
  after.others_ns = (int64_t)(1e9 * other);
}

static int judge(const struct l4r_pin *plan, struct l4r_usage_span *span) {
  return l4r_usage_judge(&before, &after, plan, span);
}

Test(usage, what_keeps_to_its_threads_passes) {
  struct l4r_usage_span span;
  second(.3, .7);
  cr_assert_eq(judge(&pin, &span), L4R_OK, "%s", l4r_error_message());
  cr_assert_float_eq(span.cpu_seconds, 1, 1e-9);
  cr_assert_float_eq(span.others_cpu_seconds, .7, 1e-9);
  cr_assert_eq(span.busy, 1, "the harness beside a peer is not the engine's");
}

Test(usage, more_processor_time_than_threads_have_is_refused) {
  struct l4r_usage_span span;
  second(.9, .9);
  cr_assert_eq(judge(&two, &span), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(judge(&pin, &span), L4R_CHECK);
  cr_assert(strstr(l4r_error_message(), "1.80 s of processor time in a timed part of 1.00 s on 1"),
            "%s", l4r_error_message());
}

Test(usage, a_thread_that_may_run_elsewhere_is_refused_if_it_ran) {
  struct l4r_usage_span span;
  second(.5, .3);
  CPU_SET(4, &after.task[1].affinity);
  cr_assert_eq(judge(&pin, &span), L4R_CHECK);
  cr_assert(strstr(l4r_error_message(), "thread 20 of process 20"), "%s", l4r_error_message());
  cr_assert(strstr(l4r_error_message(), "on processor 4,"), "%s", l4r_error_message());
  cr_assert_eq(judge(&two, &span), L4R_OK, "nothing is pinned");
  after.task[1].ns = 1000; /* a library's thread that sleeps */
  cr_assert_eq(judge(&pin, &span), L4R_OK, "%s", l4r_error_message());
  second(.5, .3);
  after.task[1].last = 7;
  cr_assert_eq(judge(&pin, &span), L4R_CHECK);
}

Test(usage, this_process_is_read) {
  l4r_usage_read(&before);
  const int64_t until = l4r_now_ns() + 20000000;
  while (l4r_now_ns() < until) continue;
  l4r_usage_read(&after);
  cr_assert_eq(after.task[0].process, getpid());
  cr_assert_gt(after.cpu_ns, before.cpu_ns);
  cr_assert_gt(after.task[0].ns, before.task[0].ns);
  cr_assert_geq(after.task[0].last, 0);
  cr_assert_gt(CPU_COUNT(&after.task[0].affinity), 0);
  cr_assert_eq(after.processes, 1);
}

/* Half the truth of a call of 10 ms, with an echo of 0.05 ms: 5 ms are open, 0.75 ms would do. */
Test(usage, what_an_own_time_leaves_open_is_a_warning_of_its_rounds) {
  json_t *rounds = json_pack("[{s:f, s:f, s:i, s:{s:i}}, {s:f, s:f, s:i, s:{s:i}}]", "own_mean_ns",
                             9.8e6, "unexplained_mean_ns", 1e5, "echo_ns", 50000, "usage",
                             "busy_threads", 1, "own_mean_ns", 5e6, "unexplained_mean_ns", 5e6,
                             "echo_ns", 50000, "usage", "busy_threads", 3);
  json_t *warnings = json_array();
  test_warnings_of_engine(rounds, 1, warnings);
  cr_assert_eq(json_array_size(warnings), 2);
  static const char *const kinds[] = {"unexplained-wall-time", "more-threads"};
  for (size_t w = 0; w < 2; w++) {
    const json_t *warning = json_array_get(warnings, w),
                 *which = json_object_get(warning, "rounds");
    cr_expect_str_eq(json_string_value(json_object_get(warning, "kind")), kinds[w]);
    cr_expect(json_is_true(json_object_get(warning, "spoils")));
    cr_assert_eq(json_array_size(which), 1);
    cr_expect_eq(json_integer_value(json_array_get(which, 0)), 1);
  }
  json_array_clear(warnings);
  test_warnings_of_engine(rounds, 3, warnings);
  cr_assert_eq(json_array_size(warnings), 1);
  json_decref(warnings);
  json_decref(rounds);
}
