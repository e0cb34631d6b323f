/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/counters/formula.h"
#include "bench/counters/pmu.h"
#include "bench/counters/pmu_events.h"
#include "bench/counters/pmu_load.h"
#include "bench/counters/pmu_none.h"
#include "bench/counters/stages.h"
#include "impl/base/error.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* A processor that plays what this machine cannot. Event Kn counts n for every unit of work; the
 * calibration loop is a unit. A thread runs one set at a time, as PAPI has it. */
static struct {
  const char *component;
  int open_fails, registers, silent; /* event `silent` reads 0 */
  int starts_left, stops_left;       /* until they fail; 0: never */
  int wraps;                         /* event whose count comes back negative */
  int calibrating, dead;             /* event `dead` reads 0 once calibration is over */
  long long work;
} fake;
static struct {
  int events, kind[16], multiplexed, running;
  long long since;
} sets[256];
static int next_set;
static __thread int running;

enum { UNKNOWN = -7, FULL = -8, REFUSED = -9, BUSY = -10 };

static int fake_open(void) {
  return fake.open_fails;
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
  if (sets[*set].events == fake.registers && !sets[*set].multiplexed) return FULL;
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
  if (fake.starts_left && --fake.starts_left == 0) return REFUSED;
  running = 1;
  sets[set].since = fake.work;
  return 0;
}
static int fake_read(int set, long long *values) {
  for (int i = 0; i < sets[set].events; ++i) {
    const int kind = sets[set].kind[i];
    values[i] = kind * (fake.work - sets[set].since + fake.calibrating);
    if (kind == fake.silent || (kind == fake.dead && !fake.calibrating)) values[i] = 0;
    if (kind == fake.wraps && !fake.calibrating) values[i] = -values[i];
  }
  return 0;
}
static int fake_stop(int set, long long *values) {
  running = 0;
  if (fake.stops_left && --fake.stops_left == 0) return REFUSED;
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
  return fake.component;
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

static const char five[] = "EVENTS\na K1\nb K2\nc K3\nd K4\ne NOPE K5\nMETRICS\n"
                           "ratio = d / b [x]\nspeed = a / seconds [1/s]\n";

static struct l4r_pmu_session *session_of(const char *const *text, int groups, int registers,
                                          struct l4r_team *team) {
  static struct l4r_group group[4];
  struct l4r_pmu_session *session;
  for (int g = 0; g < groups; ++g)
    cr_assert_eq(l4r_group_parse("g", text[g], &group[g]), 0, "%s", l4r_error_message());
  if (!fake.component) fake.component = "";
  fake.registers = registers;
  fake.calibrating = 1;
  cr_assert_eq(l4r_pmu_session_open(&pmu, group, groups, team, &session), 0);
  fake.calibrating = 0;
  return session;
}

static void serve(struct l4r_pmu_session *session, int units) {
  cr_assert_eq(l4r_pmu_start(session), 0);
  for (int u = 0; u < units; ++u) {
    if (u) l4r_pmu_next(session);
    fake.work++;
  }
  cr_assert_eq(l4r_pmu_stop(session), 0);
}

static struct l4r_pmu_value value[32];

static const struct l4r_pmu_value *find(const struct l4r_pmu_session *session, int group,
                                        const char *name) {
  const int n = l4r_pmu_values(session, group, value, 32);
  for (int i = 0; i < n; ++i)
    if (strcmp(value[i].name, name) == 0) return &value[i];
  cr_assert_fail("no counter %s", name);
  return NULL;
}

static void counts(const struct l4r_pmu_session *session, const char *name, double want) {
  const struct l4r_pmu_value *one = find(session, 0, name);
  cr_assert_neq(one->source, L4R_PMU_ABSENT, "%s: %s", name, one->reason);
  cr_assert_float_eq(one->value, want, 1e-9, "%s: %g", name, one->value);
}

static void absent(const struct l4r_pmu_session *session, const char *name, const char *why) {
  const struct l4r_pmu_value *one = find(session, 0, name);
  cr_assert_eq(one->source, L4R_PMU_ABSENT, "%s counts %g", name, one->value);
  cr_assert(strstr(one->reason, why), "%s: %s", name, one->reason);
}

Test(pmu, hardware_counts_are_summed_over_workers) {
  struct l4r_team *team;
  cr_assert_eq(l4r_team_create(2, NULL, &team), 0);
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 8, team);
  cr_assert_eq(l4r_pmu_passes(session), 1);
  serve(session, 3);
  counts(session, "a", 6); /* three units of two workers */
  counts(session, "e", 30);
  counts(session, "ratio", 2);
  cr_assert_eq(find(session, 0, "a")->source, L4R_PMU_HARDWARE);
  cr_assert_eq(find(session, 0, "ratio")->source, L4R_PMU_HARDWARE);
  cr_assert_str_eq(find(session, 0, "a")->note, "");
  cr_assert_str_eq(find(session, 0, "e")->reason, "K5"); /* the name that worked */
  l4r_pmu_session_close(session);
  l4r_team_free(team);
}

Test(pmu, spans_add_up) {
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 8, NULL);
  serve(session, 1);
  serve(session, 2);
  counts(session, "b", 6);
  l4r_pmu_session_close(session);
}

/* Five events, two registers: three sets, of which each sees every third unit. */
Test(pmu, more_events_than_registers_take_turns) {
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 2, NULL);
  cr_assert_eq(l4r_pmu_passes(session), 3);
  serve(session, 7);
  counts(session, "a", 7); /* as if it had counted all */
  counts(session, "c", 21);
  counts(session, "e", 35);
  counts(session, "ratio", 2); /* of two sets */
  cr_assert_eq(find(session, 0, "a")->source, L4R_PMU_HARDWARE);
  cr_assert_str_eq(find(session, 0, "a")->note, "counted in 3 of 7 permutations, scaled");
  cr_assert_str_eq(find(session, 0, "c")->note, "counted in 2 of 7 permutations, scaled");
  l4r_pmu_session_close(session);
}

Test(pmu, a_turn_that_never_came_is_absent) {
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 2, NULL);
  serve(session, 2);
  counts(session, "a", 2);
  absent(session, "e", "its turn never came");
  l4r_pmu_session_close(session);
}

Test(pmu, too_many_sets_are_multiplexed_and_say_so) {
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 1, NULL);
  cr_assert_eq(l4r_pmu_passes(session), 1);
  serve(session, 2);
  counts(session, "e", 10);
  cr_assert_eq(find(session, 0, "e")->source, L4R_PMU_MULTIPLEXED);
  cr_assert_eq(find(session, 0, "ratio")->source, L4R_PMU_MULTIPLEXED);
  l4r_pmu_session_close(session);
}

/* Two groups in one thread: one set for both, an event of both counted once. */
Test(pmu, groups_share_their_events) {
  static const char other[] = "EVENTS\nmine K2\nmore K6\n";
  struct l4r_pmu_session *session = session_of((const char *[]){five, other}, 2, 6, NULL);
  cr_assert_eq(l4r_pmu_passes(session), 1);
  serve(session, 2);
  counts(session, "b", 4);
  cr_assert_float_eq(find(session, 1, "mine")->value, 4, 0);
  cr_assert_float_eq(find(session, 1, "more")->value, 12, 0);
  l4r_pmu_session_close(session);
}

Test(pmu, an_event_that_reads_zero_is_absent_and_nothing_stands_in_for_ipc) {
  fake.silent = 2;
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 8, NULL);
  serve(session, 1);
  absent(session, "b", "reads 0 in a loop");
  absent(session, "ratio", "'b' has no value");
  counts(session, "a", 1);
  l4r_pmu_session_close(session);
}

/* "rare" allows 0 of the timed part, of an event that was seen alive; one that never moved is dead.
 */
Test(pmu, an_event_that_never_moves_is_absent_even_where_0_is_rare) {
  static const char rare[] = "EVENTS\ncycles K1\nrare rare K3\ndead rare K9\nMETRICS\n"
                             "d = dead / cycles [x]\n";
  fake.silent = 9; /* opens, starts, and stays at 0 */
  fake.dead = 3;   /* lives, and has nothing to count in the timed part */
  struct l4r_pmu_session *session = session_of((const char *[]){rare}, 1, 8, NULL);
  serve(session, 2);
  counts(session, "rare", 0);
  cr_assert_eq(find(session, 0, "rare")->source, L4R_PMU_HARDWARE);
  absent(session, "dead", "reads 0 in a loop");
  absent(session, "d", "'dead' has no value");
  l4r_pmu_session_close(session);
}

/* A width of vectors that nobody uses reads 0 and means it; alone it means nothing. */
Test(pmu, zero_counts_only_where_the_group_says_so) {
  fake.silent = 9;
  static const char wide[] =
      "EVENTS\ncycles K1\nwide unproven K9\nMETRICS\nw = wide / cycles [x]\n";
  static const char alone[] = "EVENTS\nwide unproven K9\n";
  struct l4r_pmu_session *session = session_of((const char *[]){wide, alone}, 2, 8, NULL);
  serve(session, 1);
  counts(session, "wide", 0);
  counts(session, "w", 0);
  cr_assert_eq(find(session, 1, "wide")->source, L4R_PMU_ABSENT);
  cr_assert(strstr(find(session, 1, "wide")->reason, "would say nothing"));
  l4r_pmu_session_close(session);
}

Test(pmu, the_kernels_events_are_not_hardware) {
  static const char mixed[] = "EVENTS\nfaults rare perf::PAGE-FAULTS\na K1\n"
                              "all rare perf::PAGE-FAULTS:u=1:k=1\nMETRICS\n"
                              "f = faults / a [x]\ng = faults / seconds [1/s]\n";
  struct l4r_pmu_session *session = session_of((const char *[]){mixed}, 1, 8, NULL);
  serve(session, 1);
  cr_assert_eq(find(session, 0, "faults")->source, L4R_PMU_KERNEL);
  cr_assert_eq(find(session, 0, "all")->source, L4R_PMU_KERNEL);
  cr_assert_eq(find(session, 0, "f")->source, L4R_PMU_HARDWARE);
  cr_assert_eq(find(session, 0, "g")->source, L4R_PMU_KERNEL);
  l4r_pmu_session_close(session);
}

Test(pmu, a_machine_without_a_pmu_gives_its_reason_in_every_cell) {
  fake.component = "no default PMU found";
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 8, NULL);
  cr_assert_eq(l4r_pmu_passes(session), 0);
  serve(session, 3);
  absent(session, "a", "no default PMU found");
  absent(session, "ratio", "has no value");
  l4r_pmu_session_close(session);
}

Test(pmu, a_library_that_does_not_open_is_a_state) {
  fake.open_fails = REFUSED;
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 8, NULL);
  serve(session, 1);
  absent(session, "a", "no processor counters here (refused)");
  l4r_pmu_session_close(session);
}

Test(pmu, a_name_nobody_knows_is_absent_by_its_first_name) {
  static const char unknown[] = "EVENTS\na FIRST SECOND\n";
  struct l4r_pmu_session *session = session_of((const char *[]){unknown}, 1, 8, NULL);
  absent(session, "a", "FIRST: event does not exist");
  l4r_pmu_session_close(session);
}

Test(pmu, a_set_refused_in_mid_run_takes_its_own_events_only) {
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 2, NULL);
  fake.starts_left = 2; /* the second set's start */
  serve(session, 6);
  absent(session, "c", "refused");
  absent(session, "ratio", "'d' has no value");
  counts(session, "a", 6);
  counts(session, "e", 30);
  l4r_pmu_session_close(session);
}

Test(pmu, a_counter_that_cannot_be_read_back_is_absent) {
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 8, NULL);
  fake.stops_left = 1;
  serve(session, 1);
  absent(session, "a", "refused");
  l4r_pmu_session_close(session);
}

Test(pmu, a_counter_that_disappears_or_runs_over_is_absent_alone) {
  fake.dead = 1;
  fake.wraps = 2;
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 8, NULL);
  serve(session, 2);
  absent(session, "a", "it disappeared");
  absent(session, "b", "ran over");
  absent(session, "ratio", "'b' has no value");
  counts(session, "c", 6);
  l4r_pmu_session_close(session);
}

Test(pmu, sums_can_be_read_while_it_counts) {
  double now[L4R_GROUP_EVENTS];
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 8, NULL);
  l4r_pmu_start(session);
  fake.work += 4;
  l4r_pmu_now(session, now);
  cr_assert_float_eq(now[0], 4, 0);
  cr_assert_float_eq(now[4], 20, 0);
  fake.work++;
  l4r_pmu_now(session, now);
  cr_assert_float_eq(now[0], 5, 0);
  l4r_pmu_session_close(session); /* while it runs */
  fake.component = "gone";
  session = session_of((const char *[]){five}, 1, 8, NULL);
  l4r_pmu_now(session, now);
  cr_assert(isnan(now[0]));
  l4r_pmu_session_close(session);
}

/* Two stages of 3 and 1 units, called twice. */
static void serve_stages(struct l4r_pmu_session *session, const struct l4r_group *group,
                         struct l4r_stages *stages, int64_t serving_ns) {
  l4r_pmu_start(session);
  l4r_stages_begin(stages, session, group);
  for (int call = 0; call < 2; ++call) {
    l4r_stages_note(stages, 0);
    fake.work += 3;
    l4r_stages_note(stages, 1);
    fake.work += 1;
    l4r_stages_note(stages, -1);
    fake.work += 100; /* between calls: nobody's */
  }
  l4r_stages_end(stages, serving_ns < 0 ? 2 * stages->cost_ns : serving_ns);
  l4r_pmu_stop(session);
  l4r_stages_note(stages, 0); /* nobody listens any more */
}

static const json_t *stage_cell(const json_t *json, size_t stage, size_t cell) {
  const json_t *one = json_array_get(json_object_get(json, "stages"), stage);
  return json_array_get(json_object_get(one, "counters"), cell);
}

Test(stages, counts_belong_to_the_stage_they_fell_into) {
  static const struct l4r_timer timers[2] = {{.name = "first"}, {.name = "second"}};
  struct l4r_stages stages;
  struct l4r_group group;
  cr_assert_eq(l4r_group_parse("g", five, &group), 0);
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 8, NULL);
  serve_stages(session, &group, &stages, (int64_t)1e15);
  json_t *json = l4r_stages_json(&stages, timers, 2);
  cr_assert_str_eq(stages.reason, "");
  cr_assert_float_eq(json_number_value(json_object_get(stage_cell(json, 0, 0), "value")), 3, 0);
  cr_assert_float_eq(json_number_value(json_object_get(stage_cell(json, 1, 0), "value")), 1, 0);
  cr_assert_float_eq(json_number_value(json_object_get(stage_cell(json, 1, 4), "value")), 5, 0);
  cr_assert_str_eq(json_string_value(json_object_get(stage_cell(json, 0, 1), "source")),
                   "hardware");
  cr_assert_gt(json_number_value(json_object_get(json, "cost")), 0);
  cr_assert_lt(json_number_value(json_object_get(json, "cost")), L4R_STAGES_COST);
  json_decref(json);
  l4r_pmu_reset(session);
  serve(session, 1);
  counts(session, "a", 1); /* what the trial counted is forgotten */
  l4r_pmu_session_close(session);
}

Test(stages, that_cost_too_much_or_cannot_count_are_refused) {
  static const struct l4r_timer timers[2] = {{.name = "first"}, {.name = "second"}};
  struct l4r_stages stages;
  struct l4r_group group;
  cr_assert_eq(l4r_group_parse("g", five, &group), 0);
  struct l4r_pmu_session *session = session_of((const char *[]){five}, 1, 8, NULL);
  serve_stages(session, &group, &stages, -1); /* half of the serving is reading */
  cr_assert(strstr(stages.reason, "more than 5 %"), "%s", stages.reason);
  json_t *json = l4r_stages_json(&stages, timers, 2);
  cr_assert(json_is_null(json_object_get(stage_cell(json, 0, 0), "value")));
  cr_assert_str_eq(json_string_value(json_object_get(stage_cell(json, 0, 0), "source")), "absent");
  json_decref(json);
  l4r_stages_begin(&stages, session, &group);
  l4r_stages_end(&stages, 1000);
  cr_assert(strstr(stages.reason, "does not say where stages begin"));
  l4r_pmu_session_close(session);
  fake.component = "no PMU";
  session = session_of((const char *[]){five}, 1, 8, NULL);
  serve_stages(session, &group, &stages, (int64_t)1e15);
  cr_assert(strstr(stages.reason, "no event of group g counts here"), "%s", stages.reason);
  l4r_pmu_session_close(session);
}

Test(pmu, a_build_without_papi_says_so_in_every_cell) {
  struct l4r_group group;
  struct l4r_pmu_session *session;
  cr_assert_eq(l4r_group_find("os", NULL, &group), 0);
  cr_assert_eq(l4r_pmu_session_open(&l4r_pmu_none, &group, 1, NULL, &session), 0);
  cr_assert_eq(l4r_pmu_passes(session), 0);
  serve(session, 3);
  for (int e = 0; e < group.events; ++e) absent(session, group.event[e].name, "without PAPI");
  l4r_pmu_session_close(session);
  cr_assert(strstr(l4r_pmu_none.version(), "without PAPI"));
  cr_assert(*l4r_pmu_here->version());
}

Test(pmu, papi_itself_opens_whatever_the_machine_has) {
  struct l4r_group group[2];
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

/* "perf_raw::r01d3": the unit's mask and the event of a processor, as perf has them. */
static void codes_are_codes(const struct l4r_group *group) {
  static const char raw[] = "perf_raw::r";
  for (int e = 0; e < group->events; ++e)
    for (int n = 0; n < group->event[e].natives; ++n) {
      const char *native = group->event[e].native[n], *code = native + strlen(raw);
      if (strncmp(native, "perf_raw", 8) != 0) continue;
      cr_assert(!strncmp(native, raw, strlen(raw)) && strlen(code) == 4 &&
                    strspn(code, "0123456789abcdef") == 4,
                "%s of %s: %s", group->name, group->family, native);
    }
}

Test(group, every_built_in_group_parses_and_is_reached) {
  struct l4r_group group;
  const struct l4r_cpu_id none = {.vendor = "nobody", .family = 1, .model = 1};
  int i = 0, families = 0;
  for (const char *name; (name = l4r_group_name(i)); ++i) {
    cr_assert(strstr(l4r_group_names(), name));
    cr_assert_eq(l4r_group_find(name, NULL, &group), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_group_find(name, &none, &group), 0, "%s", l4r_error_message());
    cr_assert_str_eq(group.family, "generic");
  }
  cr_assert_eq(i, 8);
  for (i = 0; !l4r_group_at(i, &group); ++i) {
    families += strcmp(group.family, "generic") != 0;
    cr_assert(*group.about && *group.explanation, "%s of %s explains nothing", group.name,
              group.family);
    cr_assert_eq(*group.cpus != 0, strcmp(group.family, "generic") != 0);
    codes_are_codes(&group);
  }
  cr_assert_eq(families, 46);
  cr_assert_eq(l4r_group_find("nonsense", NULL, &group), L4R_USAGE);
}

static void is_of(const char *vendor, int family, int model, const char *want) {
  struct l4r_cpu_id cpu = {.family = family, .model = model};
  struct l4r_group group;
  snprintf(cpu.vendor, sizeof cpu.vendor, "%s", vendor);
  cr_assert_eq(l4r_group_find("flops", &cpu, &group), 0);
  cr_assert_str_eq(group.family, want, "%s %d %x: %s", vendor, family, model, group.family);
}

Test(group, processors_get_the_group_of_their_family) {
  is_of("AuthenticAMD", 25, 0x01, "zen3");
  is_of("AuthenticAMD", 25, 0x50, "zen3");
  is_of("AuthenticAMD", 25, 0x11, "zen4");
  is_of("AuthenticAMD", 25, 0xa0, "zen4");
  is_of("AuthenticAMD", 26, 0x02, "zen5");
  is_of("AuthenticAMD", 23, 0x31, "generic"); /* Zen 2 */
  is_of("GenuineIntel", 6, 0x6a, "icelake-server");
  is_of("GenuineIntel", 6, 0x8f, "sapphire-rapids");
  is_of("GenuineIntel", 6, 0xcf, "emerald-rapids");
  is_of("GenuineIntel", 6, 0xad, "granite-rapids");
  is_of("GenuineIntel", 6, 0xae, "granite-rapids");
  is_of("", 0x41, 0xd0c, "neoverse-n1");
  is_of("", 0x41, 0xd40, "neoverse-v1");
  is_of("", 0x41, 0xd4f, "neoverse-v2");
  is_of("", 0x41, 0xd49, "generic");         /* Neoverse N2 */
  is_of("", 0xc0, 0xd0c, "generic");         /* another maker's part of that number */
  is_of("GenuineIntel", 6, 0x55, "generic"); /* Skylake server */
  is_of("", -1, -1, "generic");
}

/* libpfm, which PAPI asks, knows the names it stands for on processors that are not here: an
 * independent reader of the tables. A name it does not know would only ever be absent. */
static void known_to_libpfm(const char *family, const char *unit, int want) {
#if defined(__aarch64__)
  const int here = !strncmp(unit, "arm_", 4);
#else
  const int here = strncmp(unit, "arm_", 4) != 0;
#endif
  if (!here) cr_skip_test("this processor's libpfm names no events of %s", family);
  setenv("LIBPFM_FORCE_PMU", unit, 1);
  void *library = dlopen("libpfm.so.4", RTLD_NOW);
  if (!library) cr_skip_test("libpfm is not installed");
  int (*begin)(void), (*find_event)(const char *);
  *(void **)&begin = dlsym(library, "pfm_initialize");
  *(void **)&find_event = dlsym(library, "pfm_find_event");
  if (!begin || !find_event || begin()) cr_skip_test("libpfm does not start");
  if (find_event("no::SUCH_EVENT") >= 0) cr_skip_test("this libpfm knows every name");
  struct l4r_group group;
  int names = 0;
  for (int g = 0; !l4r_group_at(g, &group); ++g) {
    if (strcmp(group.family, family) != 0) continue;
    for (int e = 0; e < group.events; ++e)
      for (int n = 0; n < group.event[e].natives; ++n) {
        const char *native = group.event[e].native[n];
        if (strncmp(native, unit, strlen(unit)) != 0) continue;
        cr_assert_geq(find_event(native), 0, "%s: %s", family, native);
        names++;
      }
  }
  cr_assert_eq(names, want, "%d", names);
}

Test(group, names_of_zen3_are_those_of_libpfm) {
  known_to_libpfm("zen3", "amd64_fam19h_zen3", 13);
}
Test(group, names_of_zen4_are_those_of_libpfm) {
  known_to_libpfm("zen4", "amd64_fam19h_zen4", 13);
}
Test(group, names_of_ice_lake_are_those_of_libpfm) {
  known_to_libpfm("icelake-server", "icx", 15);
}
Test(group, names_of_sapphire_rapids_are_those_of_libpfm) {
  known_to_libpfm("sapphire-rapids", "spr", 16);
}
Test(group, names_of_neoverse_n1_are_those_of_libpfm) {
  known_to_libpfm("neoverse-n1", "arm_n1", 20);
}
Test(group, names_of_neoverse_v1_are_those_of_libpfm) {
  known_to_libpfm("neoverse-v1", "arm_v1", 20);
}
Test(group, names_of_neoverse_v2_are_those_of_libpfm) {
  known_to_libpfm("neoverse-v2", "arm_v2", 20);
}

Test(group, errors_name_the_line) {
  struct l4r_group group;
  cr_assert_eq(l4r_group_parse("g", "SHORT x\nEVENTS\na PAPI_A\nMETRICS\nm = a / b [u]\n", &group),
               L4R_INPUT);
  cr_assert_not_null(strstr(l4r_error_message(), "line 5"));
  cr_assert_not_null(strstr(l4r_error_message(), "'b'"));
  cr_assert_eq(l4r_group_parse("g", "what\n", &group), L4R_INPUT);
  cr_assert_eq(l4r_group_parse("g", "EVENTS\nlonely\n", &group), L4R_INPUT);
  cr_assert_eq(l4r_group_parse("g", "EVENTS\nlonely rare\n", &group), L4R_INPUT);
}

static int constant(void *context, const char *name, double *result) {
  *result = name[0] == 'a' ? 6 : 0;
  return 1;
}

Test(group, formulas) {
  double x;
  cr_assert_eq(l4r_formula("2 + a * (1.5 - 0.5) / 3", constant, NULL, &x), 0);
  cr_assert_float_eq(x, 4, 1e-12);
  cr_assert_eq(l4r_formula("64 * a / 1e9", constant, NULL, &x), 0);
  cr_assert_float_eq(x, 384e-9, 1e-18);
  cr_assert_eq(l4r_formula("a / b", constant, NULL, &x), L4R_CHECK);
  cr_assert_eq(l4r_formula("a +", constant, NULL, &x), L4R_INPUT);
  cr_assert_eq(l4r_formula("(a", constant, NULL, &x), L4R_INPUT);
  cr_assert_eq(l4r_formula("a a", constant, NULL, &x), L4R_INPUT);
}
