/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/machine.h"

#include "impl/base/hash.h"
#include "impl/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void l4r_machine_stated(const struct l4r_record *record, char key[L4R_MACHINE_KEY]) {
  const char *text = record->data.manifest.machine_key;
  snprintf(key, L4R_MACHINE_KEY, "%s", text ? text : "");
}

/* This uses the JSON as it was read, so that members of later versions tell machines apart too. */
void l4r_machine_derived(const struct l4r_record *record, char key[L4R_MACHINE_KEY]) {
  const json_t *manifest = json_object_get(record->from.json, "manifest");
  json_t *facts = json_pack("{s:O*, s:O*, s:O*, s:O*}", "cpu", json_object_get(manifest, "cpu"),
                            "machine", json_object_get(manifest, "machine"), "topology",
                            json_object_get(manifest, "topology"), "hypervisor",
                            json_object_get(json_object_get(manifest, "system"), "hypervisor"));
  char *text = facts ? json_dumps(facts, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
  key[0] = '\0';
  if (text) l4r_sha256(text, strlen(text), key);
  free(text);
  json_decref(facts);
}

const char *l4r_machine_name(const struct l4r_record *record, char *out, size_t size) {
  const struct l4r_record_manifest *manifest = &record->data.manifest;
  char key[L4R_MACHINE_KEY];
  l4r_machine_stated(record, key);
  if (!*key) l4r_machine_derived(record, key);
  if (manifest->label && *manifest->label)
    l4r_text_set(out, size, "%.80s", manifest->label);
  else
    l4r_text_set(out, size, "%.60s [%.6s]", manifest->cpu ? manifest->cpu : "unknown processor",
                 key);
  return out;
}

int l4r_machine_same(const struct l4r_record *a, const struct l4r_record *b) {
  char left[L4R_MACHINE_KEY], right[L4R_MACHINE_KEY];
  const char *label = a->data.manifest.label, *other = b->data.manifest.label;
  if (label && other && strcmp(label, other) != 0) return 0;
  l4r_machine_stated(a, left);
  l4r_machine_stated(b, right);
  if (*left && *right) return !strcmp(left, right);
  l4r_machine_derived(a, left);
  l4r_machine_derived(b, right);
  return !strcmp(left, right);
}
