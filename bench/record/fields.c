/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/fields.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAST(n) .is_bounded = 1, .least = (n)
#define SHARE    LEAST(0), .most = 1
#define NEEDED   L4R_NEEDED
#define NULLABLE L4R_NULLABLE
#define OPTIONAL L4R_OPTIONAL
#define EITHER   L4R_EITHER
#define OBJECT(type, ...)                                                                          \
  const struct l4r_shape *l4r_shape_##type(void) {                                                 \
    typedef struct l4r_record_##type object;                                                       \
    static const struct l4r_shape_head head = {.about = __VA_ARGS__};                              \
    static const struct l4r_field field[] = {
#define ROW(kind_, member, name_, presence_, ...)                                                  \
  {.name = name_,                                                                                  \
   .kind = kind_,                                                                                  \
   .presence = presence_,                                                                          \
   .offset = offsetof(object, member),                                                             \
   .about = __VA_ARGS__},
#define V(KIND, member, presence, ...)       ROW(L4R_IS_##KIND, member, #member, presence, __VA_ARGS__)
#define N(KIND, member, name, presence, ...) ROW(L4R_IS_##KIND, member, name, presence, __VA_ARGS__)
#define P(type, member, presence, ...)                                                             \
  ROW(L4R_IS_PART, member, #member, presence, __VA_ARGS__, .shape = l4r_shape_##type)
#define L(type, member, presence, ...)                                                             \
  ROW(L4R_IS_LIST, member, #member, presence, __VA_ARGS__, .shape = l4r_shape_##type)
#define END(type)                                                                                  \
  }                                                                                                \
  ;                                                                                                \
  static const struct l4r_shape shape = {.name = #type,                                            \
                                         .head = &head,                                            \
                                         .field = field,                                           \
                                         .fields = sizeof field / sizeof *field,                   \
                                         .size = sizeof(object)};                                  \
  return &shape;                                                                                   \
  }
#include "bench/record/fields.inc.h"

void *l4r_member(const struct l4r_field *field, void *object) {
  return (char *)object + field->offset;
}

const void *l4r_member_of(const struct l4r_field *field, const void *object) {
  return (const char *)object + field->offset;
}

static void blank(const struct l4r_field *field, void *object) {
  void *member = l4r_member(field, object);
  switch (field->kind) {
  case L4R_IS_WHOLE:
    *(int64_t *)member = L4R_NONE;
    break;
  case L4R_IS_REAL:
    *(double *)member = NAN;
    break;
  case L4R_IS_FLAG:
    *(int *)member = -1;
    break;
  case L4R_IS_PAIR:
    *(struct l4r_pair *)member = (struct l4r_pair){NAN, NAN};
    break;
  case L4R_IS_PART:
    l4r_shape_blank(field->shape(), member);
    break;
  default: /* all other kinds are absent when zeroed */
    break;
  }
}

void l4r_shape_blank(const struct l4r_shape *shape, void *object) {
  memset(object, 0, shape->size);
  for (size_t f = 0; f < shape->fields; f++) blank(&shape->field[f], object);
}

static const struct l4r_field *named(const struct l4r_shape *shape, const char *name, size_t n) {
  for (size_t f = 0; f < shape->fields; f++)
    if (!strncmp(shape->field[f].name, name, n) && !shape->field[f].name[n])
      return &shape->field[f];
  return NULL;
}

const struct l4r_field *l4r_field_named(const struct l4r_shape *shape, const char *name) {
  return named(shape, name, strlen(name));
}

int l4r_is_choice(const char *choices, const char *text) {
  const size_t n = strlen(text);
  for (const char *at = choices; *at; at += strcspn(at, "|"), at += *at == '|')
    if (strcspn(at, "|") == n && !strncmp(at, text, n)) return 1;
  return 0;
}

static int is_number(const char *part, size_t n) {
  return n > 0 && strspn(part, "0123456789") >= n;
}

static const char *behind(const char *path, size_t n) {
  return path + n + (path[n] == '.');
}

const struct l4r_field *l4r_field_at(const struct l4r_shape *shape, const char *path) {
  const struct l4r_field *field = NULL;
  while (*path) {
    const size_t n = strcspn(path, ".");
    if (!(field && is_number(path, n))) {
      if (!shape || !(field = named(shape, path, n))) return NULL;
      shape = field->shape ? field->shape() : NULL;
    }
    path = behind(path, n);
  }
  return field;
}

static struct l4r_member_value number(struct l4r_member_value value, double real) {
  value.is_there = !isnan(real);
  value.real = real;
  return value;
}

static struct l4r_member_value whole(struct l4r_member_value value, int64_t number) {
  value.is_there = number != L4R_NONE;
  value.whole = number;
  value.real = value.is_there ? (double)number : NAN;
  return value;
}

/* Returns a member of an object that has no shape. */
static struct l4r_member_value free_value(struct l4r_member_value value, const json_t *json,
                                          const char *path) {
  while (json && *path) {
    char name[64];
    const size_t n = strcspn(path, ".");
    snprintf(name, sizeof name, "%.*s", (int)n, path);
    json = json_object_get(json, name);
    path = behind(path, n);
  }
  value.is_there = json && !json_is_null(json);
  value.at = json;
  value.text = json_string_value(json);
  if (json_is_number(json)) value.real = json_number_value(json);
  if (json_is_integer(json)) value.whole = json_integer_value(json);
  return value;
}

/* Returns a member's value, or its element at a place where it is an array. */
static struct l4r_member_value value_of(const struct l4r_field *field, const void *member,
                                        const char *place) {
  struct l4r_member_value value = {.field = field, .at = member, .real = NAN, .whole = L4R_NONE};
  const size_t index = *place ? strtoul(place, NULL, 10) : 0;
  const struct l4r_wholes *wholes = member;
  const struct l4r_texts *texts = member;
  switch (field->kind) {
  case L4R_IS_TEXT:
  case L4R_IS_HASH:
    value.text = *(const char *const *)member;
    value.is_there = value.text != NULL;
    return value;
  case L4R_IS_WHOLE:
    return whole(value, *(const int64_t *)member);
  case L4R_IS_REAL:
    return number(value, *(const double *)member);
  case L4R_IS_FLAG:
    value.is_there = *(const int *)member >= 0;
    return value;
  case L4R_IS_PAIR:
    return number(value, index ? ((const struct l4r_pair *)member)->hi
                               : ((const struct l4r_pair *)member)->lo);
  case L4R_IS_WHOLES:
    if (*place) return whole(value, index < (size_t)wholes->count ? wholes->at[index] : L4R_NONE);
    value.is_there = wholes->is_there;
    return value;
  case L4R_IS_TEXTS:
    if (*place) value.text = index < (size_t)texts->count ? texts->at[index] : NULL;
    value.is_there = *place ? value.text != NULL : texts->is_there;
    return value;
  case L4R_IS_FREE:
    return free_value(value, *(json_t *const *)member, place);
  default:
    value.is_there = ((const struct l4r_part *)member)->is_there;
    return value;
  }
}

struct l4r_member_value l4r_member_value_of(const struct l4r_field *field, const void *object) {
  return value_of(field, l4r_member_of(field, object), "");
}

struct l4r_member_value l4r_member_at(const struct l4r_shape *shape, const void *object,
                                      const char *path) {
  const struct l4r_member_value none = {.real = NAN, .whole = L4R_NONE};
  for (;;) {
    const size_t n = strcspn(path, ".");
    const struct l4r_field *field = named(shape, path, n);
    if (!field) return none;
    const void *member = l4r_member_of(field, object);
    path = behind(path, n);
    if (!*path || !field->shape) return value_of(field, member, path);
    if (field->kind == L4R_IS_LIST) {
      const struct l4r_list *list = member;
      const size_t digits = strcspn(path, ".");
      const size_t index = strtoul(path, NULL, 10);
      if (!is_number(path, digits) || index >= (size_t)list->count) return none;
      member = (const char *)list->at + index * field->shape()->size;
      path = behind(path, digits);
      if (!*path) return (struct l4r_member_value){1, field, member, NULL, NAN, L4R_NONE};
    }
    shape = field->shape();
    object = member;
  }
}

int l4r_member_same(const struct l4r_shape *shape, const void *a, const void *b, const char *path) {
  const struct l4r_member_value x = l4r_member_at(shape, a, path);
  const struct l4r_member_value y = l4r_member_at(shape, b, path);
  if (!x.is_there || !y.is_there) return x.is_there == y.is_there;
  if (x.text || y.text) return x.text && y.text && !strcmp(x.text, y.text);
  if (x.field->kind == L4R_IS_FREE) return json_equal(x.at, y.at);
  if (x.whole != L4R_NONE || y.whole != L4R_NONE) return x.whole == y.whole;
  return isnan(x.real) || isnan(y.real) ? isnan(x.real) == isnan(y.real)
                                        : x.real <= y.real && x.real >= y.real;
}
