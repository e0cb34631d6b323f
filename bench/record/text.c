/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/text.h"

#include "impl/base/text.h"

#include <stdio.h>
#include <string.h>

const char *l4r_text_of(const json_t *value) {
  const char *text = json_string_value(value);
  return text ? text : "";
}

const char *l4r_text_at(const json_t *object, const char *key) {
  return l4r_text_of(json_object_get(object, key));
}

int l4r_text_same(const char *a, const char *b) {
  return a && b ? !strcmp(a, b) : a == b;
}

const char *l4r_tie_words(const char *tie) {
  if (!tie || !*tie) return "unknown";
  return strcmp(tie, "item") ? tie : "item id: inflated";
}

const char *l4r_dataset_label(const char *name, const char *tie, const char *filters, char *out,
                              size_t size) {
  const int stated = *tie && strcmp(tie, "none"), repeats = strstr(filters, "repeats=all") != NULL;
  l4r_text_set(out, size, "%.128s%s%s%.32s%s%s%s", name, stated || repeats ? " (" : "",
               stated ? "ties by " : "", stated ? l4r_tie_words(tie) : "",
               stated && repeats ? ", " : "", repeats ? "repeats kept" : "",
               stated || repeats ? ")" : "");
  return out;
}

const char *l4r_dataset_label_of(const struct l4r_record *record, char *out, size_t size) {
  const struct l4r_record_dataset *dataset = &record->data.dataset;
  return l4r_dataset_label(l4r_text_or_none(dataset->name), l4r_text_or_none(dataset->tie),
                           l4r_text_or_none(dataset->filters), out, size);
}

const char *l4r_text_or_none(const char *text) {
  return text ? text : "";
}
