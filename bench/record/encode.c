/* SPDX-License-Identifier: BSD-3-Clause */
/* Converts C types to JSON. A record that was read is written over a copy of its JSON: a member
 * whose value did not change stays as it was (null or absent, 1 or 1.0), and members without a row
 * are kept. Every allocation is checked. */
#include "bench/record/encode.h"

#include "impl/base/error.h"

#include <math.h>
#include <string.h>

static json_t *no_memory(void) {
  l4r_fail(L4R_ENVIRONMENT, "no memory to write a record");
  return NULL;
}

static json_t *real_or_none(double value) {
  return isnan(value) ? json_null() : json_real(value);
}

/* Returns a scalar or an array of scalars as JSON, a new reference: json_null() for an absent
 * value, NULL where memory is short. */
static json_t *value_json(const struct l4r_field *field, const void *member) {
  const struct l4r_wholes *wholes = member;
  const struct l4r_texts *texts = member;
  const struct l4r_pair *pair = member;
  const char *text;
  json_t *array, *free_form;
  int failed = 0;
  switch (field->kind) {
  case L4R_IS_TEXT:
  case L4R_IS_HASH:
    text = *(const char *const *)member;
    return text ? json_string(text) : json_null();
  case L4R_IS_WHOLE:
    return *(const int64_t *)member == L4R_NONE ? json_null()
                                                : json_integer(*(const int64_t *)member);
  case L4R_IS_REAL:
    return real_or_none(*(const double *)member);
  case L4R_IS_FLAG:
    return *(const int *)member < 0 ? json_null() : json_boolean(*(const int *)member);
  case L4R_IS_PAIR:
    return isnan(pair->lo) || isnan(pair->hi) ? json_null()
                                              : json_pack("[f, f]", pair->lo, pair->hi);
  case L4R_IS_WHOLES:
    array = wholes->is_there ? json_array() : json_null();
    for (int64_t i = 0; i < wholes->count; i++)
      failed |= json_array_append_new(array, json_integer(wholes->at[i]));
    break;
  case L4R_IS_TEXTS:
    array = texts->is_there ? json_array() : json_null();
    for (int64_t i = 0; i < texts->count; i++)
      failed |= json_array_append_new(array, json_string(texts->at[i]));
    break;
  default:
    free_form = *(json_t *const *)member;
    return free_form ? json_incref(free_form) : json_null();
  }
  if (!failed) return array;
  json_decref(array);
  return NULL;
}

static json_t *object_json(const struct l4r_shape *shape, const void *object, const json_t *read,
                           int is_made);

static json_t *list_json(const struct l4r_field *field, const struct l4r_list *list,
                         const json_t *read, int is_made) {
  const struct l4r_shape *shape = field->shape();
  json_t *array = json_array();
  int failed = !array;
  for (int64_t i = 0; i < list->count && !failed; i++) {
    const char *entry = (const char *)list->at + (size_t)i * shape->size;
    failed = json_array_append_new(
        array, object_json(shape, entry, json_array_get(read, (size_t)i), is_made));
  }
  if (!failed) return array;
  json_decref(array);
  return NULL;
}

static json_t *member_json(const struct l4r_field *field, const void *object, const json_t *read,
                           int is_made) {
  const void *member = l4r_member_of(field, object);
  if (!field->shape) return value_json(field, member);
  if (!((const struct l4r_part *)member)->is_there) return json_null();
  return field->kind == L4R_IS_LIST ? list_json(field, member, read, is_made)
                                    : object_json(field->shape(), member, read, is_made);
}

/* Returns 1 when the value equals the one that was read, or both are absent. */
static int is_as_read(const json_t *value, const json_t *read) {
  if (!read || json_is_null(read)) return json_is_null(value);
  if (json_is_integer(read) && json_is_real(value))
    return (double)json_integer_value(read) == json_real_value(value);
  return json_equal(value, read);
}

int l4r_is_null_written(const struct l4r_shape *shape, const struct l4r_field *field,
                        const void *object) {
  if (field->presence == L4R_NULLABLE) return 1;
  if (field->presence != L4R_EITHER) return 0;
  return !shape->head->either || l4r_member_value_of(&shape->field[0], object).is_there;
}

static int put_member(json_t *out, const struct l4r_shape *shape, const struct l4r_field *field,
                      const void *object, const json_t *read, int is_made) {
  const json_t *before = json_object_get(read, field->name);
  json_t *value = member_json(field, object, before, is_made);
  int failed = !value;
  const int is_missed = is_made && !before && field->presence == L4R_NULLABLE;
  if (value && json_is_object(read) && !is_missed && is_as_read(value, before))
    failed = 0;
  else if (value && json_is_null(value) && !l4r_is_null_written(shape, field, object))
    json_object_del(out, field->name);
  else if (value)
    failed = json_object_set(out, field->name, value);
  json_decref(value);
  return failed;
}

/* Returns the text that an older version wrote in place of the object, if it still says
 * everything. */
static json_t *bare_json(const struct l4r_shape *shape, const void *object, const json_t *read) {
  const struct l4r_field *field = l4r_field_named(shape, shape->head->bare);
  const char *text = *(const char *const *)l4r_member_of(field, object);
  for (size_t f = 0; f < shape->fields; f++) {
    const struct l4r_field *other = &shape->field[f];
    json_t *value = other == field ? NULL : member_json(other, object, NULL, 0);
    const int says_more = value && !json_is_null(value);
    json_decref(value);
    if (says_more) return NULL;
  }
  return text && !strcmp(text, json_string_value(read)) ? json_incref((json_t *)read) : NULL;
}

static json_t *object_json(const struct l4r_shape *shape, const void *object, const json_t *read,
                           int is_made) {
  json_t *bare = shape->head->bare && json_is_string(read) ? bare_json(shape, object, read) : NULL;
  if (bare) return bare;
  json_t *out = json_is_object(read) ? json_copy((json_t *)read) : json_object();
  int failed = !out;
  for (size_t f = 0; f < shape->fields && !failed; f++)
    failed = put_member(out, shape, &shape->field[f], object, read, is_made);
  if (!failed) return out;
  json_decref(out);
  return NULL;
}

json_t *l4r_member_json(const struct l4r_field *field, const void *object) {
  json_t *json = member_json(field, object, NULL, 0);
  return json ? json : no_memory();
}

json_t *l4r_shape_json(const struct l4r_shape *shape, const void *object) {
  json_t *json = object_json(shape, object, NULL, 1);
  return json ? json : no_memory();
}

json_t *l4r_record_json(const struct l4r_record *record) {
  json_t *json = object_json(l4r_shape_record(), &record->data, record->from.json,
                             record->from.is_made);
  return json ? json : no_memory();
}
