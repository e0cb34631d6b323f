/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/describe.h"

#include "bench/record/fields.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the schema ------------------------------------------------------------------------------ */

struct schema {
  json_t *definitions; /* maps a name to the schema of a shape, NULL while that is being made */
  int failed;
};

static void put(struct schema *schema, json_t *object, const char *key, json_t *value) {
  schema->failed |= json_object_set_new(object, key, value);
}

static void append(struct schema *schema, json_t *array, json_t *value) {
  schema->failed |= json_array_append_new(array, value);
}

static void describe_shape(struct schema *schema, const struct l4r_shape *shape);

static json_t *reference(struct schema *schema, const struct l4r_shape *shape) {
  char name[96];
  describe_shape(schema, shape);
  l4r_text_set(name, sizeof name, "#/definitions/%s", shape->name);
  return json_pack("{s:s}", "$ref", name);
}

static int may_be_null(const struct l4r_field *field) {
  return field->presence == L4R_NULLABLE || field->presence == L4R_EITHER;
}

static void put_type(struct schema *schema, const struct l4r_field *field, json_t *out,
                     const char *type) {
  put(schema, out, "type",
      may_be_null(field) ? json_pack("[s, s]", type, "null") : json_string(type));
}

static json_t *number_json(double number) {
  return number == (double)(int64_t)number ? json_integer((json_int_t)number) : json_real(number);
}

static void put_bounds(struct schema *schema, const struct l4r_field *field, json_t *out,
                       const char *least, const char *most) {
  if (!field->is_bounded) return;
  put(schema, out, least, number_json(field->least));
  if (most && field->most > field->least) put(schema, out, most, number_json(field->most));
}

static void put_choices(struct schema *schema, const struct l4r_field *field, json_t *out) {
  json_t *choices = json_array();
  for (const char *at = field->choices; *at; at += strcspn(at, "|"), at += *at == '|')
    append(schema, choices, json_stringn(at, strcspn(at, "|")));
  put(schema, out, "enum", choices);
}

static void put_text(struct schema *schema, const struct l4r_field *field, json_t *out) {
  put_type(schema, field, out, "string");
  if (field->choices) put_choices(schema, field, out);
  if (field->kind != L4R_IS_HASH || may_be_null(field)) return;
  put(schema, out, "minLength", json_integer(64));
  put(schema, out, "maxLength", json_integer(64));
}

static void put_items(struct schema *schema, const struct l4r_field *field, json_t *out,
                      json_t *items) {
  put_type(schema, field, out, "array");
  put(schema, out, "items", items);
  if (field->kind == L4R_IS_PAIR) {
    put_bounds(schema, field, items, "minimum", "maximum");
    put(schema, out, "minItems", json_integer(2));
    put(schema, out, "maxItems", json_integer(2));
  }
  if (field->kind == L4R_IS_LIST) put_bounds(schema, field, out, "minItems", NULL);
}

/* Refers to the shape's schema, or allows null too where the member may be null. */
static json_t *reference_or_null(struct schema *schema, const struct l4r_field *field) {
  json_t *part = reference(schema, field->shape());
  return may_be_null(field) ? json_pack("{s:[o, {s:s}]}", "anyOf", part, "type", "null") : part;
}

static void put_kind(struct schema *schema, const struct l4r_field *field, json_t *out) {
  switch (field->kind) {
  case L4R_IS_TEXT:
  case L4R_IS_HASH:
    put_text(schema, field, out);
    return;
  case L4R_IS_WHOLE:
  case L4R_IS_REAL:
    put_type(schema, field, out, field->kind == L4R_IS_REAL ? "number" : "integer");
    put_bounds(schema, field, out, "minimum", "maximum");
    return;
  case L4R_IS_FLAG:
    put_type(schema, field, out, "boolean");
    return;
  case L4R_IS_PAIR:
    put_items(schema, field, out, json_pack("{s:s}", "type", "number"));
    return;
  case L4R_IS_WHOLES:
    put_items(schema, field, out, json_pack("{s:s}", "type", "integer"));
    return;
  case L4R_IS_TEXTS:
    put_items(schema, field, out, json_pack("{s:s}", "type", "string"));
    return;
  case L4R_IS_FREE:
    put_type(schema, field, out, "object");
    return;
  case L4R_IS_LIST:
    put_items(schema, field, out, reference(schema, field->shape()));
    return;
  case L4R_IS_PART: {
    json_t *part = reference_or_null(schema, field);
    schema->failed |= json_object_update(out, part);
    json_decref(part);
    return;
  }
  }
}

/* Writes the description of a row with its unit and the schema or day that added it. */
static void sentence_of(const struct l4r_field *field, char *out, size_t size) {
  size_t used = 0;
  l4r_text_add(out, size, &used, "%s", field->about);
  if (field->unit) l4r_text_add(out, size, &used, " In %s.", field->unit);
  if (field->since) l4r_text_add(out, size, &used, " Since %s.", field->since);
}

static json_t *field_schema(struct schema *schema, const struct l4r_field *field) {
  char text[1024];
  json_t *out = json_object();
  sentence_of(field, text, sizeof text);
  put(schema, out, "description", json_string(text));
  put_kind(schema, field, out);
  return out;
}

/* Returns the names of the members that every object must have, plus the n names at `group`
 * ("a,b"). */
static json_t *required_of(struct schema *schema, const struct l4r_shape *shape, const char *group,
                           size_t n) {
  json_t *required = json_array();
  for (size_t f = 0; f < shape->fields; f++)
    if (shape->field[f].presence == L4R_NEEDED || shape->field[f].presence == L4R_NULLABLE)
      append(schema, required, json_string(shape->field[f].name));
  for (size_t at = 0; at < n; at += group[at] == ',') {
    const size_t length = strcspn(group + at, ",|");
    append(schema, required, json_stringn(group + at, length));
    at += length;
  }
  return required;
}

static void put_object(struct schema *schema, const struct l4r_shape *shape, json_t *out,
                       const char *group, size_t n) {
  json_t *properties = json_object();
  put(schema, out, "type", json_string("object"));
  put(schema, out, "required", required_of(schema, shape, group, n));
  for (size_t f = 0; f < shape->fields; f++)
    put(schema, properties, shape->field[f].name, field_schema(schema, &shape->field[f]));
  put(schema, out, "properties", properties);
}

static json_t *shape_schema(struct schema *schema, const struct l4r_shape *shape) {
  json_t *out = json_pack("{s:s}", "description", shape->head->about);
  json_t *forms = shape->head->either || shape->head->bare ? json_array() : NULL;
  if (shape->head->bare) append(schema, forms, json_pack("{s:s}", "type", "string"));
  const char *group = shape->head->either ? shape->head->either : "";
  do {
    json_t *form = forms ? json_object() : out;
    put_object(schema, shape, form, group, strcspn(group, "|"));
    if (forms) append(schema, forms, form);
    group += strcspn(group, "|");
    group += *group == '|';
  } while (*group);
  if (forms) put(schema, out, "anyOf", forms);
  return out;
}

static void describe_shape(struct schema *schema, const struct l4r_shape *shape) {
  if (json_object_get(schema->definitions, shape->name)) return;
  put(schema, schema->definitions, shape->name, json_object()); /* reserves its place in the file */
  put(schema, schema->definitions, shape->name, shape_schema(schema, shape));
}

char *l4r_describe_schema(void) {
  struct schema schema = {.definitions = json_object()};
  json_t *body = shape_schema(&schema, l4r_shape_record());
  json_t *out = json_pack("{s:s, s:s}", "$schema", "http://json-schema.org/draft-07/schema#",
                          "title", "lite4rec result record");
  put(&schema, out, "definitions", schema.definitions);
  schema.failed |= json_object_update(out, body);
  json_decref(body);
  char *text = schema.failed ? NULL : json_dumps(out, JSON_INDENT(1));
  json_decref(out);
  if (!text) l4r_fail(L4R_ENVIRONMENT, "no memory for the schema of a record");
  return text;
}

/* --- the list for people --------------------------------------------------------------------- */

struct listing {
  FILE *stream;
  const struct l4r_shape *listed[128];
  int count;
};

static void print_type(FILE *stream, const struct l4r_field *field) {
  static const char *const names[] = {[L4R_IS_TEXT] = "text",
                                      [L4R_IS_HASH] = "SHA-256",
                                      [L4R_IS_WHOLE] = "whole number",
                                      [L4R_IS_REAL] = "number",
                                      [L4R_IS_FLAG] = "true or false",
                                      [L4R_IS_PAIR] = "[low, high]",
                                      [L4R_IS_WHOLES] = "whole numbers",
                                      [L4R_IS_TEXTS] = "texts",
                                      [L4R_IS_FREE] = "object",
                                      [L4R_IS_PART] = "",
                                      [L4R_IS_LIST] = "list of "};
  static const char *const presence[] = {[L4R_NEEDED] = "",
                                         [L4R_NULLABLE] = "; may be null",
                                         [L4R_OPTIONAL] = "; optional",
                                         [L4R_EITHER] = "; optional, may be null"};
  fputs(names[field->kind], stream);
  if (field->shape) fprintf(stream, "*%s*", field->shape()->name);
  if (field->choices) {
    const char *at = field->choices;
    for (; *at; at += strcspn(at, "|"), at += *at == '|')
      fprintf(stream, "%s`%.*s`", at == field->choices ? ": " : ", ", (int)strcspn(at, "|"), at);
  }
  if (field->unit) fprintf(stream, ", %s", field->unit);
  fputs(presence[field->presence], stream);
}

static void list_shape(struct listing *listing, const struct l4r_shape *shape) {
  for (int l = 0; l < listing->count; l++)
    if (listing->listed[l] == shape) return;
  listing->listed[listing->count++] = shape;
  fprintf(listing->stream, "%s*%s*: %s\n\n| member | type | what it says |\n|---|---|---|\n",
          listing->count > 1 ? "\n" : "", shape->name, shape->head->about);
  for (size_t f = 0; f < shape->fields; f++) {
    const struct l4r_field *field = &shape->field[f];
    fprintf(listing->stream, "| `%s` | ", field->name);
    print_type(listing->stream, field);
    fprintf(listing->stream, " | %s%s%s%s |\n", field->about, field->since ? " Since " : "",
            field->since ? field->since : "", field->since ? "." : "");
  }
  for (size_t f = 0; f < shape->fields; f++)
    if (shape->field[f].shape) list_shape(listing, shape->field[f].shape());
}

char *l4r_describe_members(void) {
  char *text = NULL;
  size_t bytes;
  struct listing listing = {.stream = open_memstream(&text, &bytes)};
  if (listing.stream) list_shape(&listing, l4r_shape_record());
  if (!listing.stream || fclose(listing.stream)) {
    free(text);
    l4r_fail_errno(L4R_ENVIRONMENT, "cannot list the members of a record");
    return NULL;
  }
  return text;
}
