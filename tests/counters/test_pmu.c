/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/counters/pmu.h"
#include "bench/counters/pmu_events.h"
#include "bench/counters/pmu_load.h"
#include "bench/counters/pmu_none.h"
#include "impl/base/error.h"
#include "tests/counters/fake_pmu.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

Test(pmu, hardware_counts_are_summed_over_workers) {
  struct l4r_team *team;
  cr_assert_eq(l4r_team_create(2, NULL, &team), 0);
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 8, team);
  cr_assert_eq(l4r_pmu_passes(session), 1);
  test_fake_serve(session, 3);
  test_fake_counts(session, "a", 6); /* three units of two workers */
  test_fake_counts(session, "e", 30);
  test_fake_counts(session, "ratio", 2);
  cr_assert_eq(test_fake_find(session, 0, "a")->source, L4R_PMU_HARDWARE);
  cr_assert_eq(test_fake_find(session, 0, "ratio")->source, L4R_PMU_HARDWARE);
  cr_assert_str_eq(test_fake_find(session, 0, "a")->note, "");
  cr_assert_str_eq(test_fake_find(session, 0, "e")->reason, "K5"); /* the name that worked */
  l4r_pmu_session_close(session);
  l4r_team_free(team);
}

Test(pmu, spans_add_up) {
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 8, NULL);
  test_fake_serve(session, 1);
  test_fake_serve(session, 2);
  test_fake_counts(session, "b", 6);
  l4r_pmu_session_close(session);
}

/* Five events, two registers: three sets, of which each sees every third unit. */
Test(pmu, more_events_than_registers_take_turns) {
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 2, NULL);
  cr_assert_eq(l4r_pmu_passes(session), 3);
  test_fake_serve(session, 7);
  test_fake_counts(session, "a", 7); /* as if it had counted all */
  test_fake_counts(session, "c", 21);
  test_fake_counts(session, "e", 35);
  test_fake_counts(session, "ratio", 2); /* of two sets */
  cr_assert_eq(test_fake_find(session, 0, "a")->source, L4R_PMU_HARDWARE);
  cr_assert_str_eq(test_fake_find(session, 0, "a")->note, "counted in 3 of 7 permutations, scaled");
  cr_assert_str_eq(test_fake_find(session, 0, "c")->note, "counted in 2 of 7 permutations, scaled");
  l4r_pmu_session_close(session);
}

Test(pmu, a_turn_that_never_came_is_absent) {
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 2, NULL);
  test_fake_serve(session, 2);
  test_fake_counts(session, "a", 2);
  test_fake_absent(session, "e", "its turn never came");
  l4r_pmu_session_close(session);
}

Test(pmu, too_many_sets_are_multiplexed_and_say_so) {
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 1, NULL);
  cr_assert_eq(l4r_pmu_passes(session), 1);
  test_fake_serve(session, 2);
  test_fake_counts(session, "e", 10);
  cr_assert_eq(test_fake_find(session, 0, "e")->source, L4R_PMU_MULTIPLEXED);
  cr_assert_eq(test_fake_find(session, 0, "ratio")->source, L4R_PMU_MULTIPLEXED);
  l4r_pmu_session_close(session);
}

/* Two groups in one thread: one set for both, an event of both counted once. */
Test(pmu, groups_share_their_events) {
  static const char other[] = "EVENTS\nmine K2\nmore K6\n";
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five, other}, 2, 6,
                                                      NULL);
  cr_assert_eq(l4r_pmu_passes(session), 1);
  test_fake_serve(session, 2);
  test_fake_counts(session, "b", 4);
  cr_assert_float_eq(test_fake_find(session, 1, "mine")->value, 4, 0);
  cr_assert_float_eq(test_fake_find(session, 1, "more")->value, 12, 0);
  l4r_pmu_session_close(session);
}

Test(pmu, an_event_that_reads_zero_is_absent_and_nothing_stands_in_for_ipc) {
  test_fake.silent = 2;
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 8, NULL);
  test_fake_serve(session, 1);
  test_fake_absent(session, "b", "reads 0 in a loop");
  test_fake_absent(session, "ratio", "'b' has no value");
  test_fake_counts(session, "a", 1);
  l4r_pmu_session_close(session);
}

/* "rare" allows 0 of the timed part, of an event that was seen alive; one that never moved is dead.
 */
Test(pmu, an_event_that_never_moves_is_absent_even_where_0_is_rare) {
  static const char rare[] = "EVENTS\ncycles K1\nrare rare K3\ndead rare K9\nMETRICS\n"
                             "d = dead / cycles [x]\n";
  test_fake.silent = 9; /* opens, starts, and stays at 0 */
  test_fake.dead = 3;   /* lives, and has nothing to count in the timed part */
  struct l4r_pmu_session *session = test_fake_session((const char *[]){rare}, 1, 8, NULL);
  test_fake_serve(session, 2);
  test_fake_counts(session, "rare", 0);
  cr_assert_eq(test_fake_find(session, 0, "rare")->source, L4R_PMU_HARDWARE);
  test_fake_absent(session, "dead", "reads 0 in a loop");
  test_fake_absent(session, "d", "'dead' has no value");
  l4r_pmu_session_close(session);
}

/* A width of vectors that nobody uses reads 0 and means it; alone it means nothing. */
Test(pmu, zero_counts_only_where_the_group_says_so) {
  test_fake.silent = 9;
  static const char wide[] =
      "EVENTS\ncycles K1\nwide unproven K9\nMETRICS\nw = wide / cycles [x]\n";
  static const char alone[] = "EVENTS\nwide unproven K9\n";
  struct l4r_pmu_session *session = test_fake_session((const char *[]){wide, alone}, 2, 8, NULL);
  test_fake_serve(session, 1);
  test_fake_counts(session, "wide", 0);
  test_fake_counts(session, "w", 0);
  cr_assert_eq(test_fake_find(session, 1, "wide")->source, L4R_PMU_ABSENT);
  cr_assert(strstr(test_fake_find(session, 1, "wide")->reason, "would say nothing"));
  l4r_pmu_session_close(session);
}

Test(pmu, the_kernels_events_are_not_hardware) {
  static const char mixed[] = "EVENTS\nfaults rare perf::PAGE-FAULTS\na K1\n"
                              "all rare perf::PAGE-FAULTS:u=1:k=1\nMETRICS\n"
                              "f = faults / a [x]\ng = faults / seconds [1/s]\n";
  struct l4r_pmu_session *session = test_fake_session((const char *[]){mixed}, 1, 8, NULL);
  test_fake_serve(session, 1);
  cr_assert_eq(test_fake_find(session, 0, "faults")->source, L4R_PMU_KERNEL);
  cr_assert_eq(test_fake_find(session, 0, "all")->source, L4R_PMU_KERNEL);
  cr_assert_eq(test_fake_find(session, 0, "f")->source, L4R_PMU_HARDWARE);
  cr_assert_eq(test_fake_find(session, 0, "g")->source, L4R_PMU_KERNEL);
  l4r_pmu_session_close(session);
}

Test(pmu, a_machine_without_a_pmu_gives_its_reason_in_every_cell) {
  test_fake.component = "no default PMU found";
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 8, NULL);
  cr_assert_eq(l4r_pmu_passes(session), 0);
  test_fake_serve(session, 3);
  test_fake_absent(session, "a", "no default PMU found");
  test_fake_absent(session, "ratio", "has no value");
  l4r_pmu_session_close(session);
}

Test(pmu, a_library_that_does_not_open_is_a_state) {
  test_fake.open_fails = TEST_FAKE_REFUSED;
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 8, NULL);
  test_fake_serve(session, 1);
  test_fake_absent(session, "a", "no processor counters here (refused)");
  l4r_pmu_session_close(session);
}

Test(pmu, a_name_nobody_knows_is_absent_by_its_first_name) {
  static const char unknown[] = "EVENTS\na FIRST SECOND\n";
  struct l4r_pmu_session *session = test_fake_session((const char *[]){unknown}, 1, 8, NULL);
  test_fake_absent(session, "a", "FIRST: event does not exist");
  l4r_pmu_session_close(session);
}

Test(pmu, a_set_refused_in_mid_run_takes_its_own_events_only) {
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 2, NULL);
  test_fake.starts_left = 2; /* the second set's start */
  test_fake_serve(session, 6);
  test_fake_absent(session, "c", "refused");
  test_fake_absent(session, "ratio", "'d' has no value");
  test_fake_counts(session, "a", 6);
  test_fake_counts(session, "e", 30);
  l4r_pmu_session_close(session);
}

Test(pmu, a_counter_that_cannot_be_read_back_is_absent) {
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 8, NULL);
  test_fake.stops_left = 1;
  test_fake_serve(session, 1);
  test_fake_absent(session, "a", "refused");
  l4r_pmu_session_close(session);
}

Test(pmu, a_counter_that_disappears_or_runs_over_is_absent_alone) {
  test_fake.dead = 1;
  test_fake.wraps = 2;
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 8, NULL);
  test_fake_serve(session, 2);
  test_fake_absent(session, "a", "it disappeared");
  test_fake_absent(session, "b", "ran over");
  test_fake_absent(session, "ratio", "'b' has no value");
  test_fake_counts(session, "c", 6);
  l4r_pmu_session_close(session);
}

Test(pmu, sums_can_be_read_while_it_counts) {
  double now[L4R_GROUP_EVENTS];
  struct l4r_pmu_session *session = test_fake_session((const char *[]){test_fake_five}, 1, 8, NULL);
  l4r_pmu_start(session);
  test_fake.work += 4;
  l4r_pmu_now(session, now);
  cr_assert_float_eq(now[0], 4, 0);
  cr_assert_float_eq(now[4], 20, 0);
  test_fake.work++;
  l4r_pmu_now(session, now);
  cr_assert_float_eq(now[0], 5, 0);
  l4r_pmu_session_close(session); /* while it runs */
  test_fake.component = "gone";
  session = test_fake_session((const char *[]){test_fake_five}, 1, 8, NULL);
  l4r_pmu_now(session, now);
  cr_assert(isnan(now[0]));
  l4r_pmu_session_close(session);
}

Test(pmu, a_build_without_papi_says_so_in_every_cell) {
  struct l4r_group group;
  struct l4r_pmu_session *session;
  cr_assert_eq(l4r_group_find("os", NULL, &group), 0);
  cr_assert_eq(l4r_pmu_session_open(&l4r_pmu_none, &group, 1, NULL, &session), 0);
  cr_assert_eq(l4r_pmu_passes(session), 0);
  test_fake_serve(session, 3);
  for (int e = 0; e < group.events; ++e)
    test_fake_absent(session, group.event[e].name, "without PAPI");
  l4r_pmu_session_close(session);
  cr_assert(strstr(l4r_pmu_none.version(), "without PAPI"));
  cr_assert(*l4r_pmu_here->version());
}

Test(pmu, papi_itself_opens_whatever_the_machine_has) {
  struct l4r_group group[2];
  struct l4r_pmu_value value[32];
  struct l4r_pmu_session *session;
  cr_assert_eq(l4r_group_find("default", NULL, &group[0]), 0);
  cr_assert_eq(l4r_group_find("os", NULL, &group[1]), 0);
  cr_assert_eq(l4r_pmu_session_open(l4r_pmu_here, group, 2, NULL, &session), 0);
  cr_assert_eq(l4r_pmu_start(session), 0);
  l4r_pmu_next(session);
  cr_assert_eq(l4r_pmu_stop(session), 0);
  for (int g = 0; g < 2; ++g) {
    const int n = l4r_pmu_values(session, g, value, 32);
    cr_assert_eq(n, group[g].events + group[g].metrics);
    for (int i = 0; i < n; ++i)
      cr_assert(value[i].source != L4R_PMU_ABSENT || value[i].reason[0], "%s: no reason",
                value[i].name);
  }
  l4r_pmu_session_close(session);
}

/* Memory that an allocator kept would fault the first time only. */
Test(pmu, the_load_touches_new_pages_each_time) {
  struct rusage before, after;
  for (int i = 0; i < 3; ++i) {
    getrusage(RUSAGE_THREAD, &before);
    cr_assert_eq(l4r_pmu_work(1000), 0);
    getrusage(RUSAGE_THREAD, &after);
    cr_assert_gt(after.ru_minflt, before.ru_minflt, "no page fault the %d. time", i + 1);
  }
}

static void advises(const char *paranoid, const char *device, int is_root, const char *want) {
  char command[1024], text[256];
  snprintf(command, sizeof command,
           "rm -rf '%s/sys' '%s/proc'; mkdir -p '%s/proc/sys/kernel' "
           "'%s/sys/bus/event_source/devices/%s'",
           test_folder(), test_folder(), test_folder(), test_folder(), device);
  cr_assert_eq(system(command), 0);
  if (paranoid) test_file("proc/sys/kernel/perf_event_paranoid", paranoid);
  l4r_pmu_advice(test_folder(), is_root, text, sizeof text);
  cr_assert(*want ? strstr(text, want) != NULL : !*text, "%s", text);
}

Test(pmu, advice_names_the_line_that_mends_it) {
  advises(NULL, "cpu", 0, "CONFIG_PERF_EVENTS");
  advises("2\n", "software", 0, "virtual machine");
  advises("4\n", "cpu", 0, "from counting anything: sudo sysctl kernel.perf_event_paranoid=1");
  advises("2\n", "cpu", 0, "group os): sudo sysctl kernel.perf_event_paranoid=1");
  advises("3\n", "cpu", 0, "from counting anything");
  advises("3\n", "cpu", 1, "not even for root: sudo sysctl kernel.perf_event_paranoid=1");
  advises("4\n", "cpu", 1, "");
  advises("2\n", "cpu", 1, "");
  advises("1\n", "cpu_core", 0, "");
  advises("1\n", "armv8_pmuv3_0", 0, "");
}
