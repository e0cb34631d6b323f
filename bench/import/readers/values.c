/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/import/readers/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/import/readers/literal.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

/* --- joined texts --------------------------------------------------------------------------------
 */

static int make_room(struct l4r_joined *joined, size_t more) {
  return l4r_grow(&joined->text, &joined->room, joined->used + more + 1, 1, "an item text");
}

int l4r_joined_start(struct l4r_joined *joined) {
  joined->used = 0;
  const int status = make_room(joined, 0);
  if (!status) joined->text[0] = '\0';
  return status;
}

int l4r_joined_add(struct l4r_joined *joined, const char *part, const char *between) {
  if (!part || !*part) return 0;
  const size_t length = strlen(part), gap = joined->used ? strlen(between) : 0;
  const int status = make_room(joined, length + gap);
  if (status) return status;
  memcpy(joined->text + joined->used, between, gap);
  memcpy(joined->text + joined->used + gap, part, length + 1);
  joined->used += gap + length;
  return 0;
}

int l4r_joined_add_categories(struct l4r_joined *joined, const char *part) {
  if (!part || !*part) return 0;
  size_t column;
  const char *reason;
  json_t *list = *part == '[' ? l4r_literal_parse(part, &column, &reason) : NULL;
  struct l4r_joined path = {0};
  int status = list ? l4r_joined_start(&path) : 0;
  if (list && !status) status = l4r_joined_add_value(&path, list, " > ");
  if (!status) status = l4r_joined_add(joined, list ? path.text : "", ", ");
  l4r_free(path.text);
  json_decref(list);
  if (list || status) return status;
  while (!status && part) {
    const size_t length = strcspn(part, "|");
    char *one = l4r_alloc(length + 1, 1, "categories");
    if (!one) return L4R_ENVIRONMENT;
    memcpy(one, part, length);
    status = l4r_joined_add(joined, one, ", ");
    l4r_free(one);
    part = part[length] ? part + length + 1 : NULL;
  }
  return status;
}

/* The fewest digits that give the same number: 1000000137.007, not 1000000137.0069999695. */
static void print_real(double value, char *out, size_t room) {
  if (value == floor(value) && fabs(value) < 0x1p53) {
    snprintf(out, room, "%.0f", value);
    return;
  }
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(out, room, "%.*g", digits, value);
    if (strtod(out, NULL) == value) return;
  }
}

/* A text or a number; NULL for other values. `room` is for numbers. */
static const char *scalar(const json_t *value, char room[64]) {
  if (json_is_string(value)) return json_string_value(value);
  if (json_is_integer(value))
    snprintf(room, 64, "%lld", (long long)json_integer_value(value));
  else if (json_is_real(value))
    print_real(json_real_value(value), room, 64);
  else
    return NULL;
  return room;
}

int l4r_joined_add_value(struct l4r_joined *joined, const json_t *value, const char *between) {
  char number[64];
  if (!json_is_array(value)) return l4r_joined_add(joined, scalar(value, number), between);
  if (json_is_array(json_array_get(value, 0)))
    return l4r_joined_add_value(joined, json_array_get(value, 0), between);
  int status = 0;
  for (size_t i = 0; i < json_array_size(value) && !status; i++)
    status = l4r_joined_add(joined, scalar(json_array_get(value, i), number), between);
  return status;
}

/* --- fields --------------------------------------------------------------------------------------
 */

const json_t *l4r_value_at(const json_t *root, const char *name) {
  const json_t *value = json_object_get(root, name);
  const char *dot = strchr(name, '.');
  char first[128];
  if (value || !dot || (size_t)(dot - name) >= sizeof first) return value;
  memcpy(first, name, (size_t)(dot - name));
  first[dot - name] = '\0';
  value = json_object_get(root, first);
  return value ? l4r_value_at(value, dot + 1) : NULL;
}

static int missing(const struct l4r_source *source, const json_t *root, const char *name) {
  char known[256] = "";
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)root, key, value) {
    const size_t used = strlen(known);
    snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", key);
  }
  if (json_is_null(l4r_value_at(root, name)))
    return l4r_bad_line(source, "%s is null; mend or remove this line", name);
  return l4r_bad_line(source, "%s is missing (the line has: %s); mend or remove this line", name,
                      *known ? known : "nothing");
}

int l4r_value_text(const struct l4r_source *source, const json_t *root, const char *name, char *out,
                   size_t room) {
  const json_t *value = l4r_value_at(root, name);
  char number[64];
  const char *text = scalar(value, number);
  if (!value || json_is_null(value) || (text && !*text)) return missing(source, root, name);
  if (!text || strlen(text) >= room)
    return l4r_bad_line(source, "%s is %s; mend or remove this line", name,
                        text ? "too long" : "neither a text nor a number");
  strcpy(out, text);
  return 0;
}

json_t *l4r_parse_dictionary(const struct l4r_source *source, const char *line) {
  size_t column = 0;
  const char *reason = NULL;
  json_t *root = l4r_literal_parse(line, &column, &reason);
  if (!root) {
    l4r_bad_line(source, "column %zu: %s; mend or remove this line", column, reason);
    return NULL;
  }
  if (json_is_object(root)) return root;
  l4r_bad_line(source, "the line holds no dictionary; mend or remove it");
  json_decref(root);
  return NULL;
}

int l4r_check_json_lines(const struct l4r_source *source) {
  size_t bytes;
  const char *at = l4r_source_peek(source, &bytes), *end = at + bytes;
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) at++;
  if (at == end || (*at != '[' && *at != '{')) return 0;
  const int list = *at == '[';
  const char *bracket = at;
  while (++at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) continue;
  if (!list) { /* an object whose first line holds nothing but its bracket */
    if (at == end || !memchr(bracket, '\n', (size_t)(at - bracket))) return 0;
    return l4r_fail(
        L4R_INPUT,
        "%s holds objects of several lines; what is read is an object a line: jq -c . %s >%s.jsonl",
        source->path, source->path, source->path);
  }
  if (at == end || *at != '{') return 0;
  return l4r_fail(L4R_INPUT,
                  "%s is one JSON list; what is read is an object a line: jq -c '.[]' %s >%s.jsonl",
                  source->path, source->path, source->path);
}
