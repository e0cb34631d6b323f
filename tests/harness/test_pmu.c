#include "bench/harness/pmu.h"
#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <string.h>

/* A fake processor: knows three events, two registers; what it does is set by the test. */
static struct {
  const char *component;
  int registers, zero_instructions, fail_start_after;
  int starts;
} fake;
static struct { int events, kind[8], multiplexed, used; } sets[64];
static int next_set;

static int fake_open(void) {
  return 0;
}
static int fake_new(int *set) {
  if (*set == -1) {
    *set = __atomic_fetch_add(&next_set, 1, __ATOMIC_SEQ_CST);
    memset(&sets[*set], 0, sizeof sets[*set]);
  }
  return 0;
}
static int fake_add(int *set, const char *event) {
  fake_new(set);
  const int kind = strcmp(event, "PAPI_TOT_CYC") == 0   ? 1
                   : strcmp(event, "PAPI_TOT_INS") == 0 ? 2
                   : strcmp(event, "PAPI_L3_TCM") == 0  ? 3
                                                        : 0;
  if (!kind) return -7;
  if (sets[*set].events == fake.registers && !sets[*set].multiplexed) return -8;
  sets[*set].kind[sets[*set].events++] = kind;
  return 0;
}
static int fake_multiplex(int *set) {
  fake_new(set);
  sets[*set].multiplexed = 1;
  return 0;
}
static int fake_start(int set) {
  if (fake.fail_start_after && ++fake.starts > fake.fail_start_after) return -9;
  return 0;
}
static int fake_stop(int set, long long *values) {
  for (int i = 0; i < sets[set].events; ++i)
    values[i] = sets[set].kind[i] == 2 ? (fake.zero_instructions ? 0 : 3000)
                                       : 1000 / sets[set].kind[i];
  return 0;
}
static void fake_close(int *set) {
  *set = -1;
}
static const char *fake_why(int status) {
  return status == -7 ? "event does not exist" : status == -8 ? "no register left" : "refused";
}
static const char *fake_component(void) {
  return fake.component;
}
static const struct l4r_pmu pmu = {fake_open, fake_add,   fake_multiplex, fake_start,
                                   fake_stop, fake_close, fake_why,       fake_component};

static int count(struct l4r_team *team, struct l4r_pmu_value *value) {
  struct l4r_group group;
  struct l4r_pmu_session *session;
  cr_assert_eq(l4r_group_find("default", &group), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_pmu_session_open(&pmu, &group, team, &session), 0);
  cr_assert_eq(l4r_pmu_start(session), 0);
  cr_assert_eq(l4r_pmu_stop(session), 0);
  const int n = l4r_pmu_values(session, value, 16);
  l4r_pmu_session_close(session);
  return n;
}

static const struct l4r_pmu_value *find(const struct l4r_pmu_value *value, int n,
                                        const char *name) {
  for (int i = 0; i < n; ++i)
    if (strcmp(value[i].name, name) == 0) return &value[i];
  cr_assert_fail("no counter %s", name);
  return NULL;
}

Test(pmu, hardware_counts_are_summed_over_workers) {
  fake.component = "";
  fake.registers = 8;
  struct l4r_team *team;
  struct l4r_pmu_value value[16];
  cr_assert_eq(l4r_team_create(2, NULL, &team), 0);
  const int n = count(team, value);
  cr_assert_eq(find(value, n, "cycles")->source, L4R_PMU_HARDWARE);
  cr_assert_float_eq(find(value, n, "cycles")->value, 2000, 0);
  cr_assert_float_eq(find(value, n, "IPC")->value, 3.0, 1e-12);
  const struct l4r_pmu_value *branch = find(value, n, "branch_misses");
  cr_assert_eq(branch->source, L4R_PMU_ABSENT);
  cr_assert_not_null(strstr(branch->reason, "event does not exist"));
  l4r_team_free(team);
}

Test(pmu, more_events_than_registers_are_multiplexed_and_say_so) {
  fake.component = "";
  fake.registers = 2;
  struct l4r_pmu_value value[16];
  const int n = count(NULL, value);
  cr_assert_eq(find(value, n, "cycles")->source, L4R_PMU_MULTIPLEXED);
  cr_assert_eq(find(value, n, "IPC")->source, L4R_PMU_MULTIPLEXED);
}

Test(pmu, an_event_that_reads_zero_is_absent_and_nothing_stands_in_for_ipc) {
  fake.component = "";
  fake.registers = 8;
  fake.zero_instructions = 1;
  struct l4r_pmu_value value[16];
  const int n = count(NULL, value);
  cr_assert_eq(find(value, n, "instructions")->source, L4R_PMU_ABSENT);
  cr_assert_not_null(strstr(find(value, n, "instructions")->reason, "reads 0"));
  cr_assert_eq(find(value, n, "IPC")->source, L4R_PMU_ABSENT);
  cr_assert_eq(find(value, n, "cycles")->source, L4R_PMU_HARDWARE);
}

Test(pmu, a_machine_without_a_pmu_gives_its_reason_in_every_cell) {
  fake.component = "no default PMU found";
  struct l4r_pmu_value value[16];
  const int n = count(NULL, value);
  for (int i = 0; i < n; ++i) cr_assert_eq(value[i].source, L4R_PMU_ABSENT);
  cr_assert_not_null(strstr(find(value, n, "cycles")->reason, "no default PMU found"));
}

Test(pmu, a_counter_that_disappears_in_mid_run_is_absent_not_an_error) {
  fake.component = "";
  fake.registers = 8;
  fake.fail_start_after = 3; /* calibration works, the run does not */
  struct l4r_pmu_value value[16];
  const int n = count(NULL, value);
  cr_assert_eq(find(value, n, "cycles")->source, L4R_PMU_ABSENT);
  cr_assert_str_eq(find(value, n, "cycles")->reason, "refused");
}

Test(pmu, papi_itself_opens_whatever_the_machine_has) {
  struct l4r_group group;
  struct l4r_pmu_session *session;
  struct l4r_pmu_value value[16];
  cr_assert_eq(l4r_group_find("default", &group), 0);
  cr_assert_eq(l4r_pmu_session_open(&l4r_pmu_papi, &group, NULL, &session), 0);
  cr_assert_eq(l4r_pmu_start(session), 0);
  cr_assert_eq(l4r_pmu_stop(session), 0);
  const int n = l4r_pmu_values(session, value, 16);
  cr_assert_eq(n, group.events + group.metrics);
  for (int i = 0; i < n; ++i)
    cr_assert(value[i].source != L4R_PMU_ABSENT || value[i].reason[0], "%s: no reason",
              value[i].name);
  l4r_pmu_session_close(session);
}

Test(group, every_built_in_group_parses) {
  struct l4r_group group;
  for (int i = 0; i < 3; ++i)
    cr_assert_eq(l4r_group_find((const char *[]){"default", "cache", "os"}[i], &group), 0, "%s",
                 l4r_error_message());
  cr_assert_eq(l4r_group_find("nonsense", &group), L4R_USAGE);
}

Test(group, errors_name_the_line) {
  struct l4r_group group;
  cr_assert_eq(l4r_group_parse("g", "SHORT x\nEVENTS\na PAPI_A\nMETRICS\nm = a / b [u]\n", &group),
               L4R_INPUT);
  cr_assert_not_null(strstr(l4r_error_message(), "line 5"));
  cr_assert_not_null(strstr(l4r_error_message(), "'b'"));
  cr_assert_eq(l4r_group_parse("g", "what\n", &group), L4R_INPUT);
  cr_assert_eq(l4r_group_parse("g", "EVENTS\nlonely\n", &group), L4R_INPUT);
}

static int constant(void *context, const char *name, double *value) {
  *value = name[0] == 'a' ? 6 : 0;
  return 1;
}

Test(group, formulas) {
  double x;
  cr_assert_eq(l4r_formula("2 + a * (1.5 - 0.5) / 3", constant, NULL, &x), 0);
  cr_assert_float_eq(x, 4, 1e-12);
  cr_assert_eq(l4r_formula("a / b", constant, NULL, &x), L4R_CHECK);
  cr_assert_eq(l4r_formula("a +", constant, NULL, &x), L4R_INPUT);
  cr_assert_eq(l4r_formula("(a", constant, NULL, &x), L4R_INPUT);
  cr_assert_eq(l4r_formula("a a", constant, NULL, &x), L4R_INPUT);
}
