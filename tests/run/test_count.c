/* SPDX-License-Identifier: BSD-3-Clause */
/* Counting instructions, and two builds in turns: what is refused before anything is measured.
 * tests/people/ci.sh counts. */
#include "bench/counters/counters.h"
#include "bench/run/build.h"
#include "bench/run/count.h"
#include "tests/support/command.h"

static struct l4r_arm arm;

static struct l4r_run_options options(const char *text, const char *counters) {
  cr_assert_eq(l4r_arm_parse(text, &arm), 0, "%s", l4r_error_message());
  return (struct l4r_run_options){.arm = &arm,
                                  .arms = 1,
                                  .counters = counters,
                                  .threads = {{1}, 1},
                                  .scenario = L4R_SINGLE_STREAM};
}

Test(count, what_cannot_be_counted_is_refused_with_the_reason) {
  struct l4r_run_options asked = options("blis@m", "default,instructions");
  cr_expect(l4r_counters_ask_counts(asked.counters));
  OK(l4r_count_check(&asked));
  asked.threads = (struct l4r_argument_ints){{1, 2}, 2};
  FAILS(l4r_count_check(&asked), L4R_USAGE, "on one thread");
  asked = options("blis@m", "callgrind");
  asked.scenario = L4R_SERVER;
  FAILS(l4r_count_check(&asked), L4R_USAGE, "has a schedule");
  asked = options("peer:./x@m", "callgrind");
  FAILS(l4r_count_check(&asked), L4R_USAGE, "a peer is");
  asked = options("peer:./x@m", "default,cache"); /* nothing is asked for */
  cr_expect(!l4r_counters_ask_counts(asked.counters));
  OK(l4r_count_check(&asked));
  asked = options("blis@m", "callgrinder");
  cr_expect(!l4r_counters_ask_counts(asked.counters));
}

Test(build, what_is_no_lite4rec_is_refused) {
  struct l4r_build build;
  FAILS(l4r_build_read("/nowhere", &build), L4R_USAGE, "--ab /nowhere");
  FAILS(l4r_build_read("/bin/false", &build), L4R_USAGE, "cannot be run");
  FAILS(l4r_build_read("/bin/echo", &build), L4R_USAGE, "no lite4rec");
}

Test(arms, engines_of_others_need_no_model) {
  OK(l4r_arm_parse("peer:./a/engine.py", &arm));
  cr_expect_str_eq(arm.label, "peer:engine.py");
  cr_expect_str_eq(arm.model, "");
  OK(l4r_arm_parse("so:./engine.so:work=3,x=y", &arm));
  cr_expect_str_eq(arm.label, "so:engine.so:work=3,x=y");
  cr_expect_str_eq(arm.file, "./engine.so");
  cr_expect_eq(arm.options, 2);
  FAILS(l4r_arm_parse("blis", &arm), L4R_USAGE, "is not an arm");
  FAILS(l4r_arm_parse("so:./engine.so:work=", &arm), L4R_USAGE, "write key=value");
}
