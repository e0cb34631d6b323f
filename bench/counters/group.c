/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/counters/group.h"

#include "bench/counters/formula.h"
#include "impl/base/error.h"
#include "impl/base/lines.h"
#include "impl/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EMBED(symbol, file)                                                                        \
  __asm__(".section .rodata\n" #symbol ":\n.incbin \"" file "\"\n.byte 0\n.text\n");               \
  extern const char symbol[] __attribute__((visibility("hidden")))
#define FAMILY(id, folder)                                                                         \
  EMBED(l4r_group_##id##_cache, "bench/groups/" folder "/cache.txt");                              \
  EMBED(l4r_group_##id##_flops, "bench/groups/" folder "/flops.txt");                              \
  EMBED(l4r_group_##id##_tlb, "bench/groups/" folder "/tlb.txt");                                  \
  EMBED(l4r_group_##id##_memory, "bench/groups/" folder "/memory.txt")
/* PAPI has presets for x86 processors; for these, default and branch are named too. */
#define FAMILY_WITHOUT_PRESETS(id, folder)                                                         \
  FAMILY(id, folder);                                                                              \
  EMBED(l4r_group_##id##_default, "bench/groups/" folder "/default.txt");                          \
  EMBED(l4r_group_##id##_branch, "bench/groups/" folder "/branch.txt")
EMBED(l4r_group_default, "bench/groups/default.txt");
EMBED(l4r_group_cache, "bench/groups/cache.txt");
EMBED(l4r_group_flops, "bench/groups/flops.txt");
EMBED(l4r_group_branch, "bench/groups/branch.txt");
EMBED(l4r_group_tlb, "bench/groups/tlb.txt");
EMBED(l4r_group_memory, "bench/groups/memory.txt");
EMBED(l4r_group_os, "bench/groups/os.txt");
EMBED(l4r_group_basic, "bench/groups/basic.txt");
EMBED(l4r_group_instructions, "bench/groups/instructions.txt");
FAMILY(zen3, "zen3");
FAMILY(zen4, "zen4");
FAMILY(zen5, "zen5");
FAMILY(icelake, "icelake-server");
FAMILY(sapphire, "sapphire-rapids");
FAMILY(emerald, "emerald-rapids");
FAMILY(granite, "granite-rapids");
FAMILY_WITHOUT_PRESETS(n1, "neoverse-n1");
FAMILY_WITHOUT_PRESETS(v1, "neoverse-v1");
FAMILY_WITHOUT_PRESETS(v2, "neoverse-v2");

#define GENERIC(id) {#id, "generic", l4r_group_##id}
#define OF_FAMILY(id, family)                                                                      \
  {"cache", family, l4r_group_##id##_cache}, {"flops", family, l4r_group_##id##_flops},            \
      {"tlb", family, l4r_group_##id##_tlb}, {                                                     \
    "memory", family, l4r_group_##id##_memory                                                      \
  }
#define OF_FAMILY_WITHOUT_PRESETS(id, family)                                                      \
  OF_FAMILY(id, family), {"default", family, l4r_group_##id##_default}, {                          \
    "branch", family, l4r_group_##id##_branch                                                      \
  }
/* Generic ones first: their order is that of the names. */
static const struct {
  const char *name, *family, *text;
} built_in[] = {GENERIC(default),
                GENERIC(cache),
                GENERIC(flops),
                GENERIC(branch),
                GENERIC(tlb),
                GENERIC(memory),
                GENERIC(os),
                GENERIC(basic),
                GENERIC(instructions),
                OF_FAMILY(zen3, "zen3"),
                OF_FAMILY(zen4, "zen4"),
                OF_FAMILY(zen5, "zen5"),
                OF_FAMILY(icelake, "icelake-server"),
                OF_FAMILY(sapphire, "sapphire-rapids"),
                OF_FAMILY(emerald, "emerald-rapids"),
                OF_FAMILY(granite, "granite-rapids"),
                OF_FAMILY_WITHOUT_PRESETS(n1, "neoverse-n1"),
                OF_FAMILY_WITHOUT_PRESETS(v1, "neoverse-v1"),
                OF_FAMILY_WITHOUT_PRESETS(v2, "neoverse-v2")};
enum { BUILT_IN = sizeof built_in / sizeof built_in[0], GENERIC_GROUPS = 9 };

const char *l4r_group_name(int i) {
  return i >= 0 && i < GENERIC_GROUPS ? built_in[i].name : NULL;
}

const char *l4r_group_names(void) {
  return "default, cache, flops, branch, tlb, memory, os, basic, instructions";
}

int l4r_group_at(int i, struct l4r_group *group) {
  if (i < 0 || i >= BUILT_IN) return L4R_CHECK;
  int status = l4r_group_parse(built_in[i].name, built_in[i].text, group);
  if (!status) snprintf(group->family, sizeof group->family, "%s", built_in[i].family);
  return status;
}

int l4r_group_fits(const char *cpus, const struct l4r_cpu_id *cpu) {
  char vendor[32], models[64];
  int family;
  if (sscanf(cpus, "%31s %d %63s", vendor, &family, models) != 3) return 0;
  /* Arm's kernels give the numbers of MIDR_EL1 and no vendor */
  if (strcmp(vendor, *cpu->vendor ? cpu->vendor : "Arm") != 0 || family != cpu->family) return 0;
  char *state, *range = strtok_r(models, ",", &state);
  for (; range; range = strtok_r(NULL, ",", &state)) {
    char *end;
    const long from = strtol(range, &end, 16), to = *end == '-' ? strtol(end + 1, NULL, 16) : from;
    if (cpu->model >= from && cpu->model <= to) return 1;
  }
  return 0;
}

int l4r_group_find(const char *name, const struct l4r_cpu_id *cpu, struct l4r_group *group) {
  struct l4r_cpu_id mine;
  int generic = -1;
  if (!cpu) {
    l4r_cpu_id_read("", &mine);
    cpu = &mine;
  }
  for (int i = 0; i < BUILT_IN; ++i) {
    if (strcmp(built_in[i].name, name) != 0) continue;
    if (i < GENERIC_GROUPS) {
      generic = i;
      continue;
    }
    int status = l4r_group_at(i, group);
    if (status || l4r_group_fits(group->cpus, cpu)) return status;
  }
  if (generic >= 0) return l4r_group_at(generic, group);
  return l4r_fail(L4R_USAGE, "unknown counter group '%s'; there are: %s, and auto, none", name,
                  l4r_group_names());
}

enum section { NOWHERE, EVENTS, METRICS, PROSE };

static int zero_rule(const char *word, enum l4r_event_zero *zero) {
  const int rare = !strcmp(word, "rare"), unproven = !strcmp(word, "unproven");
  if (rare) *zero = L4R_ZERO_RARE;
  if (unproven) *zero = L4R_ZERO_UNPROVEN;
  return rare || unproven;
}

static int parse_event(struct l4r_group *group, char *line) {
  if (group->events == L4R_GROUP_EVENTS) return l4r_fail(L4R_INPUT, "too many events");
  struct l4r_event *event = &group->event[group->events];
  char *state, *word = strtok_r(line, " \t", &state);
  snprintf(event->name, sizeof event->name, "%.31s", word);
  while ((word = strtok_r(NULL, " \t", &state))) {
    if (!event->natives && zero_rule(word, &event->zero)) continue;
    if (event->natives == L4R_EVENT_NAMES || strlen(word) >= sizeof event->native[0])
      return l4r_fail(L4R_INPUT, "too many or too long names for event %s", event->name);
    strcpy(event->native[event->natives++], word);
  }
  if (!event->natives)
    return l4r_fail(L4R_INPUT, "event %s gives no PAPI name to try", event->name);
  ++group->events;
  return L4R_OK;
}

/* Any value will do when a formula is only checked for its names. */
static int known_name(void *context, const char *name, double *value) {
  const struct l4r_group *group = context;
  *value = 1;
  if (strcmp(name, "seconds") == 0) return 1;
  for (int i = 0; i < group->events; ++i)
    if (strcmp(group->event[i].name, name) == 0) return 1;
  return 0;
}

static int parse_metric(struct l4r_group *group, const char *line) {
  if (group->metrics == L4R_GROUP_METRICS) return l4r_fail(L4R_INPUT, "too many metrics");
  struct l4r_metric *metric = &group->metric[group->metrics];
  if (sscanf(line, " %31[^= ] = %127[^[] [%39[^]]]", metric->name, metric->formula, metric->unit) !=
      3)
    return l4r_fail(L4R_INPUT, "a metric is written 'name = formula [unit]', not '%s'", line);
  double ignored;
  const int status = l4r_formula(metric->formula, known_name, group, &ignored);
  if (status && status != L4R_CHECK) return status;
  if (status) return l4r_fail_context(L4R_INPUT, "metric %s", metric->name);
  ++group->metrics;
  return L4R_OK;
}

static int parse_line(struct l4r_group *group, char *line, enum section *section) {
  if (*section != PROSE && line[strspn(line, " \t")] == '\0') return L4R_OK;
  if (strncmp(line, "SHORT ", 6) == 0) {
    snprintf(group->about, sizeof group->about, "%.127s", line + 6);
  } else if (strncmp(line, "CPUS ", 5) == 0) {
    snprintf(group->cpus, sizeof group->cpus, "%.95s", line + 5);
  } else if (strcmp(line, "EVENTS") == 0) {
    *section = EVENTS;
  } else if (strcmp(line, "METRICS") == 0) {
    *section = METRICS;
  } else if (strcmp(line, "LONG") == 0) {
    *section = PROSE;
  } else if (*section == EVENTS) {
    return parse_event(group, line);
  } else if (*section == METRICS) {
    return parse_metric(group, line);
  } else if (*section == NOWHERE) {
    return l4r_fail(L4R_INPUT, "expected SHORT, CPUS, EVENTS, METRICS or LONG, not '%.40s'", line);
  }
  return L4R_OK;
}

int l4r_group_parse(const char *name, const char *text, struct l4r_group *group) {
  *group = (struct l4r_group){0};
  snprintf(group->name, sizeof group->name, "%s", name);
  strcpy(group->family, "generic");
  const char *prose = strstr(text, "\nLONG\n");
  group->explanation = prose ? prose + strlen("\nLONG\n") : "";
  char *copy = l4r_strdup(text);
  if (!copy) return L4R_ENVIRONMENT;
  struct l4r_lines lines;
  l4r_lines_init(&lines, name, copy, strlen(copy));
  enum section section = NOWHERE;
  int status = L4R_OK;
  char *line;
  while (!status && l4r_lines_next(&lines, &line)) status = parse_line(group, line, &section);
  if (status)
    l4r_fail_context(status, "counter group %s, line %lld", name, (long long)lines.number);
  l4r_free(copy);
  return status;
}
