/* SPDX-License-Identifier: BSD-3-Clause */
/* Converts JSON to C types. A member's row says what is allowed there; an error names the member by
 * its path in the record. */
#include "bench/record/decode.h"

#include "bench/record/path.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <string.h>

struct decoding {
  struct l4r_record *record;
  struct l4r_member_path path; /* of the member being read */
};

/* Names the value's type for a message. */
static const char *type_of(const json_t *value) {
  static const char *const names[] = {
      [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",
      [JSON_STRING] = "a text",    [JSON_INTEGER] = "a whole number",
      [JSON_REAL] = "a number",    [JSON_TRUE] = "true",
      [JSON_FALSE] = "false",      [JSON_NULL] = "null"};
  return names[json_typeof(value)];
}

static int refuse(const struct decoding *decoding, const char *what) {
  char where[1100];
  return l4r_fail(L4R_INPUT,
                  "%s: %s: %s; the record is damaged, edited, or written by a program that this "
                  "one does not know",
                  l4r_record_where(decoding->record, where, sizeof where), decoding->path.text,
                  what);
}

static int refuse_type(const struct decoding *decoding, const char *wanted, const json_t *value) {
  char what[128];
  l4r_text_set(what, sizeof what, "%s in place of %s", type_of(value), wanted);
  return refuse(decoding, what);
}

static int refuse_range(const struct decoding *decoding, const struct l4r_field *field,
                        double value) {
  char what[160];
  if (field->least < field->most)
    l4r_text_set(what, sizeof what, "%.6g is not from %.6g to %.6g", value, field->least,
                 field->most);
  else
    l4r_text_set(what, sizeof what, "%.6g is below %.6g", value, field->least);
  return refuse(decoding, what);
}

static int check_range(const struct decoding *decoding, const struct l4r_field *field,
                       double value) {
  if (!field->is_bounded) return L4R_OK;
  const int fits = value >= field->least && (field->most <= field->least || value <= field->most);
  return fits ? L4R_OK : refuse_range(decoding, field, value);
}

static int take_text(const struct decoding *decoding, const struct l4r_field *field,
                     const json_t *value, const char **out) {
  char what[96];
  const size_t most = field->most > 0 ? (size_t)field->most : L4R_TEXT_MOST;
  if (!json_is_string(value)) return refuse_type(decoding, "a text", value);
  *out = json_string_value(value);
  if (json_string_length(value) <= most) return L4R_OK;
  l4r_text_set(what, sizeof what, "a text of %zu bytes, at most %zu are read",
               json_string_length(value), most);
  return refuse(decoding, what);
}

static int take_whole(const struct decoding *decoding, const struct l4r_field *field,
                      const json_t *value, int64_t *out) {
  if (!json_is_integer(value)) return refuse_type(decoding, "a whole number", value);
  if (json_integer_value(value) == L4R_NONE)
    return refuse(decoding,
                  "the smallest 64-bit number stands for a missing one and cannot be a value");
  *out = json_integer_value(value);
  return check_range(decoding, field, (double)*out);
}

static int take_real(const struct decoding *decoding, const struct l4r_field *field,
                     const json_t *value, double *out) {
  if (!json_is_number(value)) return refuse_type(decoding, "a number", value);
  *out = json_number_value(value);
  return check_range(decoding, field, *out);
}

static int take_pair(const struct decoding *decoding, const struct l4r_field *field,
                     const json_t *value, struct l4r_pair *pair) {
  if (!json_is_array(value)) return refuse_type(decoding, "[low, high]", value);
  if (json_array_size(value) != 2) return refuse(decoding, "not two numbers");
  const int status = take_real(decoding, field, json_array_get(value, 0), &pair->lo);
  return status ? status : take_real(decoding, field, json_array_get(value, 1), &pair->hi);
}

static int take_wholes(struct decoding *decoding, const struct l4r_field *field,
                       const json_t *value, struct l4r_wholes *out) {
  int status = L4R_OK;
  if (!json_is_array(value)) return refuse_type(decoding, "an array", value);
  const size_t count = json_array_size(value);
  int64_t *at = l4r_record_room(decoding->record, count, sizeof *at);
  if (!at) return L4R_ENVIRONMENT;
  for (size_t i = 0; i < count && !status; i++) {
    const size_t used = l4r_path_index(&decoding->path, i);
    status = take_whole(decoding, field, json_array_get(value, i), &at[i]);
    if (!status) l4r_path_cut(&decoding->path, used);
  }
  *out = (struct l4r_wholes){1, at, (int64_t)count};
  return status;
}

static int take_texts(struct decoding *decoding, const struct l4r_field *field, const json_t *value,
                      struct l4r_texts *out) {
  int status = L4R_OK;
  if (!json_is_array(value)) return refuse_type(decoding, "an array", value);
  const size_t count = json_array_size(value);
  const char **at = l4r_record_room(decoding->record, count, sizeof *at);
  if (!at) return L4R_ENVIRONMENT;
  for (size_t i = 0; i < count && !status; i++) {
    const size_t used = l4r_path_index(&decoding->path, i);
    status = take_text(decoding, field, json_array_get(value, i), &at[i]);
    if (!status) l4r_path_cut(&decoding->path, used);
  }
  *out = (struct l4r_texts){1, at, (int64_t)count};
  return status;
}

static int take_object(struct decoding *decoding, const struct l4r_shape *shape,
                       const json_t *value, void *out);

static int take_list(struct decoding *decoding, const struct l4r_field *field, const json_t *value,
                     void *out) {
  const struct l4r_shape *shape = field->shape();
  if (!json_is_array(value)) return refuse_type(decoding, "an array", value);
  const size_t count = json_array_size(value);
  int status = l4r_record_list(decoding->record, shape, out, (int64_t)count);
  char *at = ((struct l4r_list *)out)->at;
  for (size_t i = 0; i < count && !status; i++) {
    const size_t used = l4r_path_index(&decoding->path, i);
    status = take_object(decoding, shape, json_array_get(value, i), at + i * shape->size);
    if (!status) l4r_path_cut(&decoding->path, used);
  }
  return status;
}

static int take(struct decoding *decoding, const struct l4r_field *field, json_t *value,
                void *out) {
  if (json_is_null(value)) return L4R_OK; /* null means the same as an absent member */
  switch (field->kind) {
  case L4R_IS_TEXT:
  case L4R_IS_HASH:
    return take_text(decoding, field, value, out);
  case L4R_IS_WHOLE:
    return take_whole(decoding, field, value, out);
  case L4R_IS_REAL:
    return take_real(decoding, field, value, out);
  case L4R_IS_FLAG:
    if (!json_is_boolean(value)) return refuse_type(decoding, "true or false", value);
    *(int *)out = json_is_true(value);
    return L4R_OK;
  case L4R_IS_PAIR:
    return take_pair(decoding, field, value, out);
  case L4R_IS_WHOLES:
    return take_wholes(decoding, field, value, out);
  case L4R_IS_TEXTS:
    return take_texts(decoding, field, value, out);
  case L4R_IS_FREE:
    if (!json_is_object(value)) return refuse_type(decoding, "an object", value);
    *(json_t **)out = value;
    return L4R_OK;
  case L4R_IS_PART:
    return take_object(decoding, field->shape(), value, out);
  case L4R_IS_LIST:
    return take_list(decoding, field, value, out);
  }
  return L4R_OK;
}

static int take_object(struct decoding *decoding, const struct l4r_shape *shape,
                       const json_t *value, void *out) {
  const char *key;
  json_t *member;
  int status = L4R_OK;
  ((struct l4r_part *)out)->is_there = 1;
  if (shape->head->bare && json_is_string(value)) {
    const struct l4r_field *field = l4r_field_named(shape, shape->head->bare);
    return take(decoding, field, (json_t *)value, l4r_member(field, out));
  }
  if (!json_is_object(value)) return refuse_type(decoding, "an object", value);
  json_object_foreach((json_t *)value, key, member) {
    const struct l4r_field *field = status ? NULL : l4r_field_named(shape, key);
    if (!field) continue;
    const size_t used = l4r_path_name(&decoding->path, key);
    status = take(decoding, field, member, l4r_member(field, out));
    if (!status) l4r_path_cut(&decoding->path, used);
  }
  return status;
}

int l4r_record_parse(json_t *json, const char *path, int64_t line, struct l4r_record *record) {
  struct decoding decoding = {.record = record};
  l4r_record_blank(record);
  record->from.json = json_incref(json);
  record->from.line = line;
  if (path && !(record->from.path = l4r_record_text(record, path))) {
    l4r_record_free(record);
    return L4R_ENVIRONMENT;
  }
  const int status = take_object(&decoding, l4r_shape_record(), json, &record->data);
  if (status) l4r_record_free(record);
  return status;
}
