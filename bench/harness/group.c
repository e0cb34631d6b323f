#include "bench/harness/group.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"

#include <stdio.h>
#include <string.h>

#define EMBED(symbol, file)                                                                        \
  __asm__(".section .rodata\n" #symbol ":\n.incbin \"" file "\"\n.byte 0\n.text\n");               \
  extern const char symbol[] __attribute__((visibility("hidden")))
EMBED(l4r_group_default, "bench/groups/default.txt");
EMBED(l4r_group_cache, "bench/groups/cache.txt");
EMBED(l4r_group_os, "bench/groups/os.txt");

static const struct {
  const char *name, *text;
} built_in[] = {{"default", l4r_group_default}, {"cache", l4r_group_cache}, {"os", l4r_group_os}};
enum { BUILT_IN = sizeof built_in / sizeof built_in[0] };

const char *l4r_group_names(void) {
  return "default, cache, os";
}

int l4r_group_find(const char *name, struct l4r_group *group) {
  for (int i = 0; i < BUILT_IN; ++i)
    if (strcmp(built_in[i].name, name) == 0) return l4r_group_parse(name, built_in[i].text, group);
  return l4r_fail(L4R_USAGE, "unknown counter group '%s'; there are: %s, and auto, none", name,
                  l4r_group_names());
}

enum section { NOWHERE, EVENTS, METRICS, PROSE };

static int parse_event(struct l4r_group *group, char *line) {
  if (group->events == L4R_GROUP_EVENTS) return l4r_fail(L4R_INPUT, "too many events");
  struct l4r_event *event = &group->event[group->events];
  char *state, *word = strtok_r(line, " \t", &state);
  snprintf(event->name, sizeof event->name, "%.31s", word);
  while ((word = strtok_r(NULL, " \t", &state))) {
    if (event->natives == L4R_EVENT_NAMES || strlen(word) > 63)
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
    return l4r_fail(L4R_INPUT, "expected SHORT, EVENTS, METRICS or LONG, not '%.40s'", line);
  }
  return L4R_OK;
}

int l4r_group_parse(const char *name, const char *text, struct l4r_group *group) {
  *group = (struct l4r_group){0};
  snprintf(group->name, sizeof group->name, "%s", name);
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
