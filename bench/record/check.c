/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/check.h"

#include "bench/record/path.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct checking {
  l4r_record_fault *report;
  void *context;
  struct l4r_member_path path;
  int64_t faults;
};

static void fault(struct checking *checking, const char *what) {
  checking->faults++;
  checking->report(checking->context, checking->path.text, what);
}

static int is_there(const struct l4r_field *field, const void *object) {
  return l4r_member_value_of(field, object).is_there;
}

static void check_text(struct checking *checking, const struct l4r_field *field, const char *text) {
  char what[256];
  if (field->choices && !l4r_is_choice(field->choices, text)) {
    l4r_text_set(what, sizeof what, "'%.60s' is none of %.160s", text, field->choices);
    fault(checking, what);
  }
  if (field->kind == L4R_IS_HASH && strspn(text, "0123456789abcdef") != 64)
    fault(checking, "is no SHA-256 (64 hexadecimal digits)");
}

/* 1 when one of the groups "a,b|c" is there. */
static int has_group(const struct l4r_shape *shape, const void *object) {
  const char *at = shape->head->either;
  while (*at) {
    int whole = 1;
    for (size_t n; (n = strcspn(at, ",|")) > 0;) {
      char name[64];
      l4r_text_set(name, sizeof name, "%.*s", (int)n, at);
      const struct l4r_field *field = l4r_field_named(shape, name);
      /* lo and hi are absent when the interval is null, which is allowed. */
      whole &= field && (field->presence == L4R_EITHER || is_there(field, object));
      at += n;
      if (*at != ',') break;
      at++;
    }
    if (whole) return 1;
    at += *at == '|';
  }
  return 0;
}

static void check_object(struct checking *checking, const struct l4r_shape *shape,
                         const void *object);

static void check_list(struct checking *checking, const struct l4r_field *field,
                       const struct l4r_list *list) {
  const struct l4r_shape *shape = field->shape();
  if (field->is_bounded && (double)list->count < field->least) fault(checking, "has no entry");
  for (int64_t i = 0; i < list->count; i++) {
    const size_t used = l4r_path_index(&checking->path, (size_t)i);
    check_object(checking, shape, (const char *)list->at + (size_t)i * shape->size);
    l4r_path_cut(&checking->path, used);
  }
}

static void check_member(struct checking *checking, const struct l4r_field *field,
                         const void *object) {
  const void *member = l4r_member_of(field, object);
  const struct l4r_member_value value = l4r_member_value_of(field, object);
  if (!value.is_there) {
    if (field->presence == L4R_NEEDED) fault(checking, "is missing");
    return;
  }
  if (value.text) check_text(checking, field, value.text);
  if (field->kind == L4R_IS_PART) check_object(checking, field->shape(), member);
  if (field->kind == L4R_IS_LIST) check_list(checking, field, member);
}

static void check_object(struct checking *checking, const struct l4r_shape *shape,
                         const void *object) {
  if (shape->head->either && !has_group(shape, object))
    fault(checking, "has neither a value nor a reason why it has none");
  for (size_t f = 0; f < shape->fields; f++) {
    const size_t used = l4r_path_name(&checking->path, shape->field[f].name);
    check_member(checking, &shape->field[f], object);
    l4r_path_cut(&checking->path, used);
  }
}

int64_t l4r_record_check(const struct l4r_record *record, l4r_record_fault *report, void *context) {
  struct checking checking = {.report = report, .context = context};
  check_object(&checking, l4r_shape_record(), &record->data);
  return checking.faults;
}
