/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/schema.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct walk {
  const json_t *root;
  char *fault;
  size_t size;
};

static int valid(const struct walk *walk, const json_t *schema, const json_t *value,
                 const char *path);

static int wrong(const struct walk *walk, const char *path, const char *what) {
  snprintf(walk->fault, walk->size, "%s: %s", *path ? path : "record", what);
  return 0;
}

static int is_type(const char *type, const json_t *value) {
  static const struct {
    const char *name;
    unsigned types; /* bits by json_type */
  } known[] = {{"object", 1u << JSON_OBJECT},
               {"array", 1u << JSON_ARRAY},
               {"string", 1u << JSON_STRING},
               {"integer", 1u << JSON_INTEGER},
               {"number", 1u << JSON_INTEGER | 1u << JSON_REAL},
               {"boolean", 1u << JSON_TRUE | 1u << JSON_FALSE},
               {"null", 1u << JSON_NULL}};
  for (size_t k = 0; k < sizeof known / sizeof *known; k++)
    if (!strcmp(type, known[k].name)) return (int)(known[k].types >> json_typeof(value) & 1);
  cr_assert_fail("unknown type %s", type);
  return 0;
}

static int check_type(const struct walk *walk, const json_t *types, const json_t *value,
                      const char *path) {
  size_t index;
  const json_t *type;
  if (json_is_string(types))
    return is_type(json_string_value(types), value) || wrong(walk, path, "has the wrong type");
  json_array_foreach(types, index, type)
    if (is_type(json_string_value(type), value)) return 1;
  return wrong(walk, path, "has none of the types it may have");
}

static int check_some(const struct walk *walk, const json_t *list, const json_t *value,
                      const char *path, int literal) {
  size_t index;
  const json_t *one;
  json_array_foreach(list, index, one)
    if (literal ? json_equal(one, value) : valid(walk, one, value, path)) return 1;
  return wrong(walk, path,
               literal ? "is not one of the values it may have" : "fits no alternative");
}

static int check_members(const struct walk *walk, const json_t *properties, const json_t *value,
                         const char *path) {
  const char *name;
  json_t *schema;
  json_object_foreach((json_t *)properties, name, schema) {
    const json_t *member = json_object_get(value, name);
    char inner[512];
    snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", name);
    if (member && !valid(walk, schema, member, inner)) return 0;
  }
  return 1;
}

static int check_required(const struct walk *walk, const json_t *names, const json_t *value,
                          const char *path) {
  size_t index;
  const json_t *name;
  json_array_foreach(names, index, name)
    if (!json_object_get(value, json_string_value(name))) {
      char what[128];
      snprintf(what, sizeof what, "lacks %s", json_string_value(name));
      return wrong(walk, path, what);
    }
  return 1;
}

static int check_items(const struct walk *walk, const json_t *schema, const json_t *value,
                       const char *path) {
  size_t index;
  const json_t *item;
  json_array_foreach(value, index, item) {
    char inner[512];
    snprintf(inner, sizeof inner, "%s[%zu]", path, index);
    if (!valid(walk, schema, item, inner)) return 0;
  }
  return 1;
}

static int check_bound(const struct walk *walk, const char *keyword, double bound,
                       const json_t *value, const char *path) {
  double size = !strcmp(keyword + 3, "Length")  ? (double)json_string_length(value)
                : !strcmp(keyword + 3, "Items") ? (double)json_array_size(value)
                                                : json_number_value(value);
  int holds = !strncmp(keyword, "min", 3) ? size >= bound : size <= bound;
  return holds || wrong(walk, path, keyword);
}

static int check(const struct walk *walk, const char *keyword, const json_t *rule,
                 const json_t *value, const char *path) {
  static const char *const prose[] = {"$schema", "title", "description", "definitions"};
  for (size_t p = 0; p < sizeof prose / sizeof *prose; p++)
    if (!strcmp(keyword, prose[p])) return 1;
  if (!strcmp(keyword, "type")) return check_type(walk, rule, value, path);
  if (!strcmp(keyword, "enum")) return check_some(walk, rule, value, path, 1);
  if (!strcmp(keyword, "anyOf")) return check_some(walk, rule, value, path, 0);
  if (!strcmp(keyword, "properties")) return check_members(walk, rule, value, path);
  if (!strcmp(keyword, "required")) return check_required(walk, rule, value, path);
  if (!strcmp(keyword, "items")) return check_items(walk, rule, value, path);
  if (!strncmp(keyword, "min", 3) || !strncmp(keyword, "max", 3))
    return check_bound(walk, keyword, json_number_value(rule), value, path);
  if (!strcmp(keyword, "$ref")) {
    const char *name = json_string_value(rule) + strlen("#/definitions/");
    const json_t *target = json_object_get(json_object_get(walk->root, "definitions"), name);
    cr_assert(target, "no definition %s", name);
    return valid(walk, target, value, path);
  }
  cr_assert_fail("the schema uses '%s', which this validator does not know", keyword);
  return 0;
}

static int valid(const struct walk *walk, const json_t *schema, const json_t *value,
                 const char *path) {
  const char *keyword;
  json_t *rule;
  /* The type first: the other rules take it for granted. */
  json_t *type = json_object_get(schema, "type");
  if (type && !check(walk, "type", type, value, path)) return 0;
  json_object_foreach((json_t *)schema, keyword, rule)
    if (!check(walk, keyword, rule, value, path)) return 0;
  return 1;
}

int test_schema_valid(const json_t *schema, const json_t *value, char *fault, size_t size) {
  struct walk walk = {schema, fault, size};
  snprintf(fault, size, "%s", "");
  return valid(&walk, schema, value, "");
}

/* --- what a schema does not name ---------------------------------------------------------------
 */

static int named(const struct walk *walk, const json_t *schema, const json_t *value,
                 const char *path);

/* The schema behind references, and of alternatives the one that the value fits. */
static const json_t *resolved(const struct walk *walk, const json_t *schema, const json_t *value) {
  for (const json_t *ref; (ref = json_object_get(schema, "$ref"));)
    schema = json_object_get(json_object_get(walk->root, "definitions"),
                             json_string_value(ref) + strlen("#/definitions/"));
  size_t index;
  const json_t *one;
  json_array_foreach(json_object_get(schema, "anyOf"), index, one) {
    char fault[512];
    struct walk other = {walk->root, fault, sizeof fault};
    if (valid(&other, one, value, "")) return resolved(walk, one, value);
  }
  return schema;
}

static int named_members(const struct walk *walk, const json_t *properties, const json_t *value,
                         const char *path) {
  const char *name;
  json_t *member;
  json_object_foreach((json_t *)value, name, member) {
    char inner[512];
    const json_t *schema = json_object_get(properties, name);
    snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", name);
    if (!schema) return wrong(walk, inner, "is not described");
    if (!named(walk, schema, member, inner)) return 0;
  }
  return 1;
}

static int named(const struct walk *walk, const json_t *schema, const json_t *value,
                 const char *path) {
  schema = resolved(walk, schema, value);
  const json_t *properties = json_object_get(schema, "properties"), *element;
  const json_t *items = json_object_get(schema, "items");
  size_t index;
  if (json_is_object(value) && properties) return named_members(walk, properties, value, path);
  if (json_is_array(value) && items)
    json_array_foreach(value, index, element) {
      char inner[512];
      snprintf(inner, sizeof inner, "%s[%zu]", path, index);
      if (!named(walk, items, element, inner)) return 0;
    }
  return 1;
}

int test_schema_names(const json_t *schema, const json_t *value, char *fault, size_t size) {
  struct walk walk = {schema, fault, size};
  snprintf(fault, size, "%s", "");
  return named(&walk, schema, value, "");
}
