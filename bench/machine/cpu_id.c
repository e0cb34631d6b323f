/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/cpu_id.h"
#include "bench/machine/cpu_arm.h"

#include "impl/base/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct field {
  const char *key;
  char *text;
  size_t size;
  int *number;
};

/* "key   : value" into the field of that key, the first time it is seen. */
static void take(const char *line, const struct field *field, int fields) {
  const char *colon = strchr(line, ':');
  if (!colon) return;
  size_t n = (size_t)(colon - line);
  while (n && (line[n - 1] == ' ' || line[n - 1] == '\t')) n--;
  const char *value = colon + 1 + strspn(colon + 1, " \t");
  for (int f = 0; f < fields; f++) {
    if (strlen(field[f].key) != n || strncmp(field[f].key, line, n)) continue;
    if (field[f].text && !*field[f].text)
      snprintf(field[f].text, field[f].size, "%.*s", (int)strcspn(value, "\n"), value);
    if (field[f].number && *field[f].number < 0) *field[f].number = (int)strtol(value, NULL, 0);
  }
}

void l4r_cpu_id_read(const char *root, struct l4r_cpu_id *cpu) {
  *cpu = (struct l4r_cpu_id){.family = -1, .model = -1, .stepping = -1};
  const struct field field[] = {{"vendor_id", cpu->vendor, sizeof cpu->vendor, NULL},
                                {"model name", cpu->name, sizeof cpu->name, NULL},
                                {"cpu family", NULL, 0, &cpu->family},
                                {"model", NULL, 0, &cpu->model},
                                {"stepping", NULL, 0, &cpu->stepping},
                                {"CPU implementer", NULL, 0, &cpu->family},
                                {"CPU part", NULL, 0, &cpu->model},
                                {"CPU revision", NULL, 0, &cpu->stepping}};
  char path[512], line[4096];
  snprintf(path, sizeof path, "%s/proc/cpuinfo", root);
  FILE *file = fopen(path, "r");
  /* Of the first processor: a machine of two kinds is told apart by its topology. */
  while (file && fgets(line, sizeof line, file) && *line != '\n')
    take(line, field, sizeof field / sizeof *field);
  if (file) fclose(file);
}

int l4r_cpu_id_ask(struct l4r_cpu_id *id) {
  const struct l4r_cpu *cpu = l4r_cpu();
  *id = (struct l4r_cpu_id){.family = -1, .model = -1, .stepping = -1};
  if (!*cpu->vendor) return 0;
  memcpy(id->vendor, cpu->vendor, sizeof cpu->vendor);
  id->family = cpu->family;
  id->model = cpu->model;
  id->stepping = cpu->stepping;
  return 1;
}

void l4r_cpu_id_name(const struct l4r_cpu_id *cpu, char *out, size_t size) {
  if (*cpu->name)
    snprintf(out, size, "%s", cpu->name);
  else if (!*cpu->vendor && cpu->family >= 0 && cpu->model >= 0)
    l4r_cpu_arm_name(cpu->family, cpu->model, out, size);
  else
    snprintf(out, size, "unknown");
}

static json_t *number(int value) {
  return value < 0 ? json_null() : json_integer(value);
}

json_t *l4r_cpu_id_json(const struct l4r_cpu_id *cpu) {
  return json_pack("{s:o, s:o, s:o, s:o}", "vendor",
                   *cpu->vendor ? json_string(cpu->vendor) : json_null(), "family",
                   number(cpu->family), "model", number(cpu->model), "stepping",
                   number(cpu->stepping));
}
