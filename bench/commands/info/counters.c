/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/commands/info/counters.h"

#include "bench/counters/pmu_events.h"
#include "bench/counters/pmu_none.h"
#include "bench/record/text.h"
#include "impl/base/error.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EVERYTHING = L4R_GROUP_EVENTS + L4R_GROUP_METRICS };

static const char *source_name(enum l4r_pmu_source source) {
  static const char *const names[] = {[L4R_PMU_HARDWARE] = "hardware",
                                      [L4R_PMU_MULTIPLEXED] = "multiplexed",
                                      [L4R_PMU_KERNEL] = "kernel",
                                      [L4R_PMU_ABSENT] = "absent"};
  return names[source];
}

/* A session without a span has no values. */
static void count_something(struct l4r_pmu_session *session) {
  l4r_pmu_start(session);
  for (int p = 0; p < l4r_pmu_passes(session); p++) {
    if (p) l4r_pmu_next(session);
    l4r_pmu_load();
  }
  l4r_pmu_stop(session);
}

static json_t *events_of(const struct l4r_group *group, const struct l4r_pmu_value *value) {
  json_t *events = json_array();
  for (int i = 0; i < group->events; i++) {
    const int counts = value[i].source != L4R_PMU_ABSENT;
    json_array_append_new(events,
                          json_pack("{s:s, s:b, s:s, s:o, s:o}", "name", value[i].name, "counts",
                                    counts, "source", source_name(value[i].source), "event",
                                    counts ? json_string(value[i].reason) : json_null(), "reason",
                                    counts ? json_null() : json_string(value[i].reason)));
  }
  return events;
}

static json_t *metrics_of(const struct l4r_group *group, const struct l4r_pmu_value *value) {
  json_t *metrics = json_array();
  for (int i = 0; i < group->metrics; i++) {
    const int counts = value[i].source != L4R_PMU_ABSENT;
    json_array_append_new(metrics, json_pack("{s:s, s:s, s:s, s:b, s:o}", "name", value[i].name,
                                             "formula", group->metric[i].formula, "unit",
                                             value[i].unit, "counts", counts, "reason",
                                             counts ? json_null() : json_string(value[i].reason)));
  }
  return metrics;
}

static int add_group(const struct l4r_pmu *pmu, const char *name, json_t *groups) {
  struct l4r_group group;
  struct l4r_pmu_session *session;
  struct l4r_pmu_value value[EVERYTHING];
  int status = l4r_group_find(name, NULL, &group);
  if (!status) status = l4r_pmu_session_open(pmu, &group, 1, NULL, &session);
  if (status) return status;
  count_something(session);
  l4r_pmu_values(session, 0, value, EVERYTHING);
  json_array_append_new(groups,
                        json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:o}", "name", group.name,
                                  "about", group.about, "family", group.family, "cpus", group.cpus,
                                  "explanation", group.explanation, "passes",
                                  l4r_pmu_passes(session), "events", events_of(&group, value),
                                  "metrics", metrics_of(&group, value + group.events)));
  l4r_pmu_session_close(session);
  return L4R_OK;
}

json_t *l4r_info_counters_of(const struct l4r_pmu *pmu) {
  char advice[256], level[32] = "";
  struct l4r_cpu_id cpu;
  json_t *groups = json_array();
  FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "r");
  if (file && fgets(level, sizeof level, file)) level[strcspn(level, "\n")] = '\0';
  if (file) fclose(file);
  l4r_pmu_advice("", geteuid() == 0, advice, sizeof advice);
  l4r_cpu_id_read("", &cpu);
  for (int i = 0; l4r_group_name(i); i++)
    if (add_group(pmu, l4r_group_name(i), groups)) {
      json_decref(groups);
      return NULL;
    }
  return json_pack("{s:o, s:s, s:o, s:o}", "perf_event_paranoid",
                   *level ? json_string(level) : json_null(), "advice", advice, "cpu",
                   l4r_cpu_id_json(&cpu), "groups", groups);
}

static const char *text_of(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text ? text : "-";
}

static void add_explanation(struct l4r_table *table, const char *text) {
  for (const char *end; *text; text = *end ? end + 1 : end) {
    end = strchrnul(text, '\n');
    if (end > text || end[1]) l4r_table_foot(table, "  | %.*s", (int)(end - text), text);
  }
}

void l4r_info_group_print(struct l4r_sheet *sheet, const json_t *group) {
  static const struct l4r_column columns[] = {
      {"name", "name", .align = L4R_LEFT, .width = 20},
      {"source", "source", .align = L4R_LEFT, .width = 8},
      {"how", "event or formula; why not", .align = L4R_LEFT}};
  struct l4r_table table = {.layout = {.indent = 2, .gap = 1}};
  const json_t *entry;
  const char *cpus = l4r_text_at(group, "cpus");
  size_t index;
  l4r_table_title(&table, "%s: %s", text_of(group, "name"), text_of(group, "about"));
  l4r_table_columns(&table, columns, 3);
  if (*cpus) l4r_row_across(&table, "for %s (%s)", text_of(group, "family"), cpus);
  json_array_foreach(json_object_get(group, "events"), index, entry) {
    const int counts = json_is_true(json_object_get(entry, "counts"));
    l4r_row(&table);
    l4r_cell(&table, "%s", text_of(entry, "name"));
    l4r_cell(&table, "%s", text_of(entry, "source"));
    l4r_cell(&table, "%s", text_of(entry, counts ? "event" : "reason"));
  }
  json_array_foreach(json_object_get(group, "metrics"), index, entry) {
    l4r_row(&table);
    l4r_cell(&table, "%s", text_of(entry, "name"));
    l4r_cell(&table, "%s", json_is_true(json_object_get(entry, "counts")) ? "" : "absent");
    l4r_cell(&table, "= %s " L4R_BRACKET "%s]", text_of(entry, "formula"), text_of(entry, "unit"));
  }
  const json_int_t passes = json_integer_value(json_object_get(group, "passes"));
  if (passes > 1) l4r_table_foot(&table, "  its events take turns: %lld sets", (long long)passes);
  add_explanation(&table, text_of(group, "explanation"));
  l4r_sheet_table(sheet, &table);
}

static int print(const json_t *all) {
  const json_t *group;
  const char *advice = text_of(all, "advice");
  struct l4r_sheet sheet;
  size_t index;
  l4r_sheet_begin(&sheet, &l4r_print_text, stdout, "counters");
  l4r_sheet_text(&sheet, "perf_event_paranoid %s%s%s", text_of(all, "perf_event_paranoid"),
                 *advice ? L4R_LINE "to count more: " : "", advice);
  json_array_foreach(json_object_get(all, "groups"), index, group)
    l4r_info_group_print(&sheet, group);
  l4r_sheet_text(&sheet, "always counted, by the kernel: cpu_time (CLOCK_THREAD_CPUTIME_ID), "
                         "context switches and page faults" L4R_LINE "(getrusage of each worker)");
  return l4r_sheet_end(&sheet, L4R_OK);
}

int l4r_info_counters(int json) {
  json_t *all = l4r_info_counters_of(l4r_pmu_here);
  if (!all) return L4R_ENVIRONMENT;
  int status = L4R_OK;
  if (json && !json_dumpf(all, stdout, JSON_INDENT(1)))
    printf("\n");
  else if (json)
    status = l4r_fail(L4R_ENVIRONMENT, "the counters could not be written as JSON");
  else
    status = print(all);
  json_decref(all);
  return status;
}
