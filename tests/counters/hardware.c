/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/counters/hardware.h"

#include "bench/counters/pmu_events.h"
#include "bench/counters/pmu_none.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct l4r_pmu_value value[L4R_GROUP_EVENTS + L4R_GROUP_METRICS];

void test_needs_pmu(void) {
  if (!l4r_pmu_exists("")) cr_skip_test("the kernel sees no counters of the processor");
  const int status = l4r_pmu_here->open();
  const char *why = status ? l4r_pmu_here->why(status) : l4r_pmu_here->component();
  if (*why) cr_skip_test("no processor counters for this user: %s", why);
}

void test_pmu_turn(uint64_t turns) {
#if defined(__x86_64__)
  __asm__ volatile("1: dec %0\n jnz 1b" : "+r"(turns)::"cc");
#elif defined(__aarch64__)
  __asm__ volatile("1: subs %0, %0, #1\n b.ne 1b" : "+r"(turns)::"cc");
#else
  cr_skip_test("no loop of known length is written for this processor");
#endif
}

struct l4r_pmu_session *test_pmu_session(const char *const *text, int groups) {
  static struct l4r_group group[L4R_PMU_GROUPS];
  struct l4r_pmu_session *session;
  for (int g = 0; g < groups; ++g) test_ok(l4r_group_parse("g", text[g], &group[g]));
  test_ok(l4r_pmu_session_open(l4r_pmu_here, group, groups, NULL, &session));
  return session;
}

const struct l4r_pmu_value *test_pmu_find(const struct l4r_pmu_session *session, int group,
                                          const char *name) {
  const int n = l4r_pmu_values(session, group, value, sizeof value / sizeof *value);
  for (int i = 0; i < n; ++i)
    if (!strcmp(value[i].name, name)) return &value[i];
  cr_assert_fail("no counter %s", name);
  return NULL;
}

double test_pmu_counted(const struct l4r_pmu_session *session, int group, const char *name,
                        enum l4r_pmu_source source) {
  const struct l4r_pmu_value *one = test_pmu_find(session, group, name);
  cr_assert_eq(one->source, source, "%s is of source %d: %s", name, (int)one->source, one->reason);
  return one->value;
}

void test_pmu_near(const char *what, double got, double want, double share) {
  printf("%s: counted %.0f of %.0f (%+.4f %%)\n", what, got, want, 100 * (got / want - 1));
  cr_assert_leq(fabs(got - want), share * want, "%s: counted %.0f, expected %.0f +- %.2f %%", what,
                got, want, 100 * share);
}
