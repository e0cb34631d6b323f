/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/distinct.h"

#include "bench/record/machine.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATTRIBUTES = 5, VALUE = 96, DIGITS = 6 };

struct attribute {
  const char *name, *path; /* path is NULL for the machine */
  int is_hash;             /* its first digits are enough for a reader */
};
/* In the order of the bits L4R_BY_MODEL and so on. */
static const struct attribute attributes[ATTRIBUTES] = {{"model", "model.sha256", 1},
                                                        {"data", "dataset.sha256", 1},
                                                        {"k", "settings.k", 0},
                                                        {"pin", "pinned.asked", 0},
                                                        {"machine", NULL, 1}};

/* Gives the value as text, "unknown" where the record does not state it. */
static void value_of(const struct l4r_record *record, const struct attribute *attribute,
                     char out[VALUE]) {
  if (!attribute->path) { /* the machine */
    char key[L4R_MACHINE_KEY];
    l4r_machine_stated(record, key);
    if (!*key) l4r_machine_derived(record, key);
    snprintf(out, VALUE, "%s", key);
    return;
  }
  const struct l4r_member_value value = l4r_member_at(l4r_shape_record(), &record->data,
                                                      attribute->path);
  if (value.whole != L4R_NONE)
    snprintf(out, VALUE, "%lld", (long long)value.whole);
  else
    snprintf(out, VALUE, "%s", value.text && *value.text ? value.text : "unknown");
}

static int differs(const struct l4r_record *a, const struct l4r_record *b,
                   const struct attribute *attribute) {
  char x[VALUE], y[VALUE];
  value_of(a, attribute, x);
  value_of(b, attribute, y);
  return strcmp(x, y) != 0;
}

int l4r_indistinct(const struct l4r_record *a, const struct l4r_record *b) {
  for (int i = 0; i < ATTRIBUTES; i++)
    if (differs(a, b, &attributes[i])) return 0;
  return 1;
}

void l4r_distinct_key(const struct l4r_record *record, unsigned by, char out[L4R_DISTINCT_KEY]) {
  size_t used = 0;
  for (int i = 0; i < ATTRIBUTES; i++) {
    char value[VALUE] = "";
    if (by & 1u << i) value_of(record, &attributes[i], value);
    const size_t length = strlen(value); /* ATTRIBUTES * VALUE fit */
    memcpy(out + used, value, length);
    out[used + length] = '\n';
    used += length + 1;
  }
  out[used - 1] = '\0';
}

static int by_name(const void *a, const void *b) {
  const struct l4r_named *const *x = a, *const *y = b;
  return strcmp((*x)->name, (*y)->name);
}

static void name_attribute(struct l4r_named *named, const struct attribute *attribute) {
  char value[VALUE];
  const size_t used = strlen(named->suffix);
  value_of(named->record, attribute, value);
  if (attribute->is_hash && strcmp(value, "unknown") != 0) value[DIGITS] = '\0';
  for (char *c = value; *c; c++) /* records may come from anywhere */
    if ((unsigned char)*c < 32 || (unsigned char)*c > 126) *c = '?';
  snprintf(named->suffix + used, sizeof named->suffix - used, "%s%s %.24s", used ? ", " : " [",
           attribute->name, value);
}

static void distinguish(struct l4r_named **twin, int64_t n, unsigned by) {
  int told = 0;
  for (int i = 0; i < ATTRIBUTES; i++) {
    int differ = 0;
    for (int64_t t = 1; by & 1u << i && t < n && !differ; t++)
      differ = differs(twin[0]->record, twin[t]->record, &attributes[i]);
    for (int64_t t = 0; differ && t < n; t++) name_attribute(twin[t], &attributes[i]);
    told |= differ;
  }
  for (int64_t t = 0; told && t < n; t++) strcat(twin[t]->suffix, "]");
}

int l4r_distinguish(struct l4r_named *named, int64_t n) {
  return l4r_distinguish_by(named, n, L4R_BY_ALL);
}

int l4r_distinguish_by(struct l4r_named *named, int64_t n, unsigned by) {
  struct l4r_named **order = l4r_alloc((size_t)n, sizeof *order, "names of records");
  if (!order) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < n; r++) {
    named[r].suffix[0] = '\0';
    order[r] = &named[r];
  }
  qsort(order, (size_t)n, sizeof *order, by_name);
  for (int64_t begin = 0, end; begin < n; begin = end) {
    for (end = begin + 1; end < n && !strcmp(order[begin]->name, order[end]->name);) end++;
    if (end - begin > 1) distinguish(order + begin, end - begin, by);
  }
  l4r_free(order);
  return L4R_OK;
}
