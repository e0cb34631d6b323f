/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/counters/fake_pmu.h"

#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct test_fake_pmu test_fake;
static struct {
  int events, kind[16], multiplexed, running;
  long long since;
} sets[256];
static int next_set;
static __thread int running;

enum { UNKNOWN = -7, FULL = -8, REFUSED = TEST_FAKE_REFUSED, BUSY = -10 };

static int fake_open(void) {
  return test_fake.open_fails;
}
static void fake_new(int *set) {
  if (*set != -1) return;
  *set = __atomic_fetch_add(&next_set, 1, __ATOMIC_SEQ_CST);
  cr_assert_lt(*set, 256);
  memset(&sets[*set], 0, sizeof sets[*set]);
}
static int fake_add(int *set, const char *event) {
  fake_new(set);
  int kind = 0;
  if (sscanf(event, "K%d", &kind) != 1 && !strncmp(event, "perf::PAGE-FAULTS", 17)) kind = 5;
  if (!kind) return UNKNOWN;
  if (sets[*set].events == test_fake.registers && !sets[*set].multiplexed) return FULL;
  sets[*set].kind[sets[*set].events++] = kind;
  return 0;
}
static int fake_multiplex(int *set) {
  fake_new(set);
  sets[*set].multiplexed = 1;
  return 0;
}
static int fake_start(int set) {
  if (running) return BUSY;
  if (test_fake.starts_left && --test_fake.starts_left == 0) return REFUSED;
  running = 1;
  sets[set].since = test_fake.work;
  return 0;
}
static int fake_read(int set, long long *values) {
  for (int i = 0; i < sets[set].events; ++i) {
    const int kind = sets[set].kind[i];
    values[i] = kind * (test_fake.work - sets[set].since + test_fake.calibrating);
    if (kind == test_fake.silent || (kind == test_fake.dead && !test_fake.calibrating))
      values[i] = 0;
    if (kind == test_fake.wraps && !test_fake.calibrating) values[i] = -values[i];
  }
  return 0;
}
static int fake_stop(int set, long long *values) {
  running = 0;
  if (test_fake.stops_left && --test_fake.stops_left == 0) return REFUSED;
  return fake_read(set, values);
}
static void fake_close(int *set) {
  *set = -1;
}
static const char *fake_why(int status) {
  return status == UNKNOWN ? "event does not exist"
         : status == FULL  ? "no register left"
         : status == BUSY  ? "another set is running"
                           : "refused";
}
static const char *fake_component(void) {
  return test_fake.component;
}
static const struct l4r_pmu pmu = {.open = fake_open,
                                   .add = fake_add,
                                   .multiplex = fake_multiplex,
                                   .start = fake_start,
                                   .stop = fake_stop,
                                   .read = fake_read,
                                   .close = fake_close,
                                   .why = fake_why,
                                   .component = fake_component};

const char test_fake_five[] = "EVENTS\na K1\nb K2\nc K3\nd K4\ne NOPE K5\nMETRICS\n"
                              "ratio = d / b [x]\nspeed = a / seconds [1/s]\n";

struct l4r_pmu_session *test_fake_session(const char *const *text, int groups, int registers,
                                          struct l4r_team *team) {
  static struct l4r_group group[4];
  struct l4r_pmu_session *session;
  for (int g = 0; g < groups; ++g)
    cr_assert_eq(l4r_group_parse("g", text[g], &group[g]), 0, "%s", l4r_error_message());
  if (!test_fake.component) test_fake.component = "";
  test_fake.registers = registers;
  test_fake.calibrating = 1;
  cr_assert_eq(l4r_pmu_session_open(&pmu, group, groups, team, &session), 0);
  test_fake.calibrating = 0;
  return session;
}

void test_fake_serve(struct l4r_pmu_session *session, int units) {
  cr_assert_eq(l4r_pmu_start(session), 0);
  for (int u = 0; u < units; ++u) {
    if (u) l4r_pmu_next(session);
    test_fake.work++;
  }
  cr_assert_eq(l4r_pmu_stop(session), 0);
}

static struct l4r_pmu_value value[32];

const struct l4r_pmu_value *test_fake_find(const struct l4r_pmu_session *session, int group,
                                           const char *name) {
  const int n = l4r_pmu_values(session, group, value, 32);
  for (int i = 0; i < n; ++i)
    if (strcmp(value[i].name, name) == 0) return &value[i];
  cr_assert_fail("no counter %s", name);
  return NULL;
}

void test_fake_counts(const struct l4r_pmu_session *session, const char *name, double want) {
  const struct l4r_pmu_value *one = test_fake_find(session, 0, name);
  cr_assert_neq(one->source, L4R_PMU_ABSENT, "%s: %s", name, one->reason);
  cr_assert_float_eq(one->value, want, 1e-9, "%s: %g", name, one->value);
}

void test_fake_absent(const struct l4r_pmu_session *session, const char *name, const char *why) {
  const struct l4r_pmu_value *one = test_fake_find(session, 0, name);
  cr_assert_eq(one->source, L4R_PMU_ABSENT, "%s counts %g", name, one->value);
  cr_assert(strstr(one->reason, why), "%s: %s", name, one->reason);
}
