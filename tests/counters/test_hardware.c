/* SPDX-License-Identifier: BSD-3-Clause */
/* Counters against work whose counts are known, on a real PMU: that of the machine, or the emulated
 * one of `make pmu-guest`. Where the kernel shows no counters of a processor they are skipped. */
#include "bench/counters/pmu_events.h"
#include "bench/counters/pmu_none.h"
#include "tests/counters/hardware.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct l4r_pmu_value value[L4R_GROUP_EVENTS + L4R_GROUP_METRICS];

Test(hardware, a_loop_of_known_length_is_counted) {
  test_needs_pmu();
  struct l4r_pmu_session *session = test_pmu_session(
      (const char *[]){"EVENTS\ncycles perf::CPU-CYCLES\ninstructions perf::INSTRUCTIONS\n"}, 1);
  l4r_pmu_start(session);
  test_pmu_turn(5000000);
  l4r_pmu_stop(session);
  test_pmu_near("a loop", test_pmu_counted(session, 0, "instructions", L4R_PMU_HARDWARE),
                A_TURN * 5e6, .001);
  cr_assert_gt(test_pmu_counted(session, 0, "cycles", L4R_PMU_HARDWARE), 0);
  l4r_pmu_session_close(session);
}

/* The seam counts what the user's code does unless an event says otherwise. */
Test(hardware, the_kernels_work_is_counted_where_it_is_asked_for_alone) {
  enum { CALLS = 20000, TURNS = 2000000, KERNEL_LEAST = 50 };
  test_needs_pmu();
  struct l4r_pmu_session *session = test_pmu_session(
      (const char *[]){"EVENTS\nuser perf::INSTRUCTIONS\n"
                       "both perf::INSTRUCTIONS:u=1:k=1\n"},
      1);
  l4r_pmu_start(session);
  test_pmu_turn(TURNS);
  l4r_pmu_stop(session);
  if (test_pmu_find(session, 0, "both")->source == L4R_PMU_ABSENT)
    cr_skip_test("this user may not count the kernel: %s",
                 test_pmu_find(session, 0, "both")->reason);
  const double user = test_pmu_counted(session, 0, "user", L4R_PMU_HARDWARE);
  test_pmu_near("user code alone", user, A_TURN * (double)TURNS, .001);
  l4r_pmu_reset(session);
  l4r_pmu_start(session);
  test_pmu_turn(TURNS);
  for (int i = 0; i < CALLS; ++i) syscall(SYS_getppid);
  l4r_pmu_stop(session);
  const double with_calls = test_pmu_counted(session, 0, "user", L4R_PMU_HARDWARE);
  const double both = test_pmu_counted(session, 0, "both", L4R_PMU_HARDWARE);
  printf("%d system calls: %.0f instructions of the user's, %.0f of the kernel's\n", (int)CALLS,
         with_calls - user, both - with_calls);
  cr_assert_lt(with_calls - user, KERNEL_LEAST * (double)CALLS);
  cr_assert_gt(both - with_calls, KERNEL_LEAST * (double)CALLS);
  l4r_pmu_session_close(session);
}

/* One event in many spellings, which nobody takes for one: `events` of them over groups of 16. */
static int spell(char text[][2048], int events) {
#if defined(__aarch64__)
  static const char *const codes[] = {"8", "11"};
#else
  static const char *const codes[] = {"c0", "3c"};
#endif
  static const char *const who[] = {"", ":u=1", ":u=1:k=1"};
  static const char zeros[] = "0000000";
  int made = 0;
  for (int z = 0; z < 8; ++z)
    for (int w = 0; w < 3; ++w)
      for (int c = 0; c < 2 && made < events; ++c, ++made) {
        char *to = text[made / L4R_GROUP_EVENTS];
        if (made % L4R_GROUP_EVENTS == 0) strcpy(to, "EVENTS\n");
        sprintf(to + strlen(to), "%c%d perf_raw::r%.*s%s%s\n", c ? 'c' : 'i', made, z, zeros,
                codes[c], who[w]);
      }
  return made;
}

static struct l4r_pmu_session *session_of_spelled(int events) {
  static char text[4][2048];
  const char *texts[4];
  const int made = spell(text, events), groups = (made - 1) / L4R_GROUP_EVENTS + 1;
  cr_assert_eq(made, events);
  for (int g = 0; g < groups; ++g) texts[g] = text[g];
  return test_pmu_session(texts, groups);
}

Test(hardware, more_events_than_registers_take_turns) {
  enum { EVENTS = 12, TURNS = 1000000 };
  test_needs_pmu();
  struct l4r_pmu_session *session = session_of_spelled(EVENTS);
  const int passes = l4r_pmu_passes(session);
  if (passes == 1) cr_skip_test("this processor counts %d events at once", (int)EVENTS);
  l4r_pmu_start(session);
  for (int unit = 0; unit < 2 * passes; ++unit) {
    if (unit) l4r_pmu_next(session);
    test_pmu_turn(TURNS);
  }
  l4r_pmu_stop(session);
  printf("%d events in %d sets: %s\n", (int)EVENTS, passes, test_pmu_find(session, 0, "i0")->note);
  cr_assert(strstr(test_pmu_find(session, 0, "i0")->note, "permutations, scaled"));
  for (int e = 0; e < EVENTS; e += 2) {
    char name[16];
    snprintf(name, sizeof name, "i%d", e);
    /* with the kernel's part there is some more of it */
    test_pmu_near(name, test_pmu_counted(session, 0, name, L4R_PMU_HARDWARE),
                  2.0 * passes * A_TURN * TURNS, e % 6 == 4 ? .05 : .001);
  }
  l4r_pmu_session_close(session);
}

Test(hardware, more_sets_than_turns_are_multiplexed_by_the_kernel_and_say_so) {
  enum { EVENTS = 40, TURNS = 300000000 };
  test_needs_pmu();
  struct l4r_pmu_session *session = session_of_spelled(EVENTS);
  cr_assert_eq(l4r_pmu_passes(session), 1, "%d sets are not left to the kernel",
               l4r_pmu_passes(session));
  if (test_pmu_find(session, 0, "i0")->source == L4R_PMU_HARDWARE)
    cr_skip_test("this processor counts %d events at once", (int)EVENTS);
  l4r_pmu_start(session);
  test_pmu_turn(TURNS);
  l4r_pmu_stop(session);
  test_pmu_near("multiplexed", test_pmu_counted(session, 0, "i0", L4R_PMU_MULTIPLEXED),
                A_TURN * (double)TURNS, .05);
  test_pmu_near("multiplexed", test_pmu_counted(session, 2, "i38", L4R_PMU_MULTIPLEXED),
                A_TURN * (double)TURNS, .05);
  l4r_pmu_session_close(session);
}

Test(hardware, a_set_that_does_not_fit_is_refused) {
  static char text[4][2048];
  struct l4r_group group[3];
  int set = -1, status = 0, added = 0;
  test_needs_pmu();
  spell(text, 40);
  for (int g = 0; g < 3; ++g) test_ok(l4r_group_parse("g", text[g], &group[g]));
  for (int e = 0; !status && e < 40; ++e, ++added)
    status = l4r_pmu_here->add(&set,
                               group[e / L4R_GROUP_EVENTS].event[e % L4R_GROUP_EVENTS].native[0]);
  l4r_pmu_here->close(&set);
  printf("event %d is refused: %s\n", added, l4r_pmu_here->why(status));
  cr_assert(status, "%d events in one set", added);
}

/* PMUv3 has no event for memory of another node. */
Test(hardware, an_event_that_the_kernel_refuses_is_absent_by_its_name) {
  test_needs_pmu();
  struct l4r_pmu_session *session = test_pmu_session(
      (const char *[]){"EVENTS\ninstructions perf::INSTRUCTIONS\nfar perf::NODE-PREFETCHES\n"}, 1);
  const struct l4r_pmu_value *far = test_pmu_find(session, 0, "far");
  if (far->source != L4R_PMU_ABSENT) cr_skip_test("this processor has the event");
  printf("refused: %s\n", far->reason);
  cr_assert(!strncmp(far->reason, "perf::NODE-PREFETCHES: ", 23), "%s", far->reason);
  test_pmu_turn(1);
  l4r_pmu_start(session);
  test_pmu_turn(1000000);
  l4r_pmu_stop(session);
  test_pmu_near("beside it", test_pmu_counted(session, 0, "instructions", L4R_PMU_HARDWARE),
                A_TURN * 1e6, .001);
  l4r_pmu_session_close(session);
}

/* Every event of every group counts something or is absent with a reason: one that opens and stays
 * at 0 while work runs is not 0. */
Test(hardware, nothing_is_zero_for_ever) {
  struct l4r_group group;
  test_needs_pmu();
  for (int i = 0; l4r_group_name(i); ++i) {
    struct l4r_pmu_session *session;
    test_ok(l4r_group_find(l4r_group_name(i), NULL, &group));
    test_ok(l4r_pmu_session_open(l4r_pmu_here, &group, 1, NULL, &session));
    l4r_pmu_start(session);
    for (int p = 0; p < l4r_pmu_passes(session); ++p) {
      if (p) l4r_pmu_next(session);
      l4r_pmu_load();
    }
    l4r_pmu_stop(session);
    const int n = l4r_pmu_values(session, 0, value, sizeof value / sizeof *value);
    for (int e = 0; e < group.events && e < n; ++e) {
      const int absent = value[e].source == L4R_PMU_ABSENT;
      printf("%s %s: %s\n", group.name, value[e].name, absent ? value[e].reason : "counts");
      cr_assert(!absent || *value[e].reason, "%s: no reason", value[e].name);
      cr_assert(absent || value[e].value > 0 || group.event[e].zero != L4R_ZERO_NEVER, "%s is %g",
                value[e].name, value[e].value);
    }
    l4r_pmu_session_close(session);
  }
}

Test(hardware, the_basic_group_is_counted_whole) {
  struct l4r_group group;
  struct l4r_pmu_session *session;
  test_needs_pmu();
  test_ok(l4r_group_find("basic", NULL, &group));
  test_ok(l4r_pmu_session_open(l4r_pmu_here, &group, 1, NULL, &session));
  l4r_pmu_start(session);
  l4r_pmu_load();
  l4r_pmu_stop(session);
  if (test_pmu_find(session, 0, "cycles_all")->source == L4R_PMU_ABSENT)
    cr_skip_test("this user may not count the kernel: %s",
                 test_pmu_find(session, 0, "cycles_all")->reason);
  for (int e = 0; e < group.events; ++e)
    cr_assert_gt(test_pmu_counted(session, 0, group.event[e].name, L4R_PMU_HARDWARE), 0);
  for (int m = 0; m < group.metrics; ++m)
    cr_assert_eq(test_pmu_find(session, 0, group.metric[m].name)->source, L4R_PMU_HARDWARE);
  l4r_pmu_session_close(session);
}

/* --- overflow --- */

/* Registers of 32 bits run over at 4.3 billion, which the kernel is told by an interrupt. */
Test(hardware, counts_go_on_past_32_bits) {
  const uint64_t turns = UINT64_C(2150000000);
  test_needs_pmu();
  struct l4r_pmu_session *session = test_pmu_session(
      (const char *[]){"EVENTS\ninstructions perf::INSTRUCTIONS\n"}, 1);
  l4r_pmu_start(session);
  test_pmu_turn(turns);
  l4r_pmu_stop(session);
  test_pmu_near("past 32 bits", test_pmu_counted(session, 0, "instructions", L4R_PMU_HARDWARE),
                A_TURN * (double)turns, .001);
  l4r_pmu_session_close(session);
}

static volatile sig_atomic_t overflows;
static void count_overflow(int signal) {
  (void)signal;
  overflows++;
}

/* The kernel's own interface: every million instructions the counter overflows and a signal comes.
 * A late interrupt, of an emulated counter above all, covers several periods; the count stays
 * right.
 */
Test(hardware, a_counter_that_overflows_interrupts_and_counts_on) {
  enum { PERIOD = 1000000, PERIODS = 20 };
  test_needs_pmu();
  struct perf_event_attr attr = {.type = PERF_TYPE_HARDWARE,
                                 .size = sizeof attr,
                                 .config = PERF_COUNT_HW_INSTRUCTIONS,
                                 .sample_period = PERIOD,
                                 .disabled = 1,
                                 .exclude_kernel = 1,
                                 .exclude_hv = 1,
                                 .wakeup_events = 1};
  const int event = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
  uint64_t count = 0;
  cr_assert_geq(event, 0, "perf_event_open: %m");
  signal(SIGIO, count_overflow);
  cr_assert_eq(fcntl(event, F_SETOWN, getpid()), 0);
  cr_assert_eq(fcntl(event, F_SETFL, O_ASYNC), 0);
  cr_assert_eq(ioctl(event, PERF_EVENT_IOC_ENABLE, 0), 0);
  test_pmu_turn((uint64_t)PERIODS * PERIOD / A_TURN);
  cr_assert_eq(ioctl(event, PERF_EVENT_IOC_DISABLE, 0), 0);
  cr_assert_eq(read(event, &count, sizeof count), (ssize_t)sizeof count);
  close(event);
  printf("%d overflows in %d periods of %d instructions\n", (int)overflows, (int)PERIODS,
         (int)PERIOD);
  cr_assert(overflows >= PERIODS / 4 && overflows <= PERIODS + 1, "%d overflows in %d periods",
            (int)overflows, (int)PERIODS);
  test_pmu_near("past overflows", (double)count, (double)PERIODS * PERIOD, .001);
}
