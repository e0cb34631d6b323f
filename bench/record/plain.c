/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/plain.h"

#include <stdlib.h>
#include <string.h>

/* Returns the bytes of the control character at `text`, 0 for other characters. jansson has checked
 * that `text` is valid UTF-8. */
static size_t control_at(const unsigned char *text) {
  if (*text < 32 || *text == 127) return 1;
  if (*text == 0xc2 && text[1] < 0xa0) return 2;
  if (*text != 0xe2) return 0;
  if (text[1] == 0x80 && text[2] >= 0xa8 && text[2] <= 0xae) return 3;
  return text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9 ? 3 : 0;
}

static int is_plain_text(const char *text) {
  for (const unsigned char *at = (const unsigned char *)text; *at; at++)
    if (control_at(at)) return 0;
  return 1;
}

/* Returns memory of malloc; NULL when it is short. */
static char *plain_text(const char *text) {
  char *copy = malloc(strlen(text) + 1), *out = copy;
  for (const unsigned char *at = (const unsigned char *)text; copy && *at;) {
    const size_t n = control_at(at);
    *out++ = n ? ' ' : (char)*at;
    at += n ? n : 1;
  }
  if (copy) *out = '\0';
  return copy;
}

int l4r_is_plain(const json_t *value) {
  size_t index;
  const char *key;
  json_t *part;
  if (json_is_string(value)) return is_plain_text(json_string_value(value));
  json_array_foreach(value, index, part) {
    if (!l4r_is_plain(part)) return 0;
  }
  json_object_foreach((json_t *)value, key, part) {
    if (!is_plain_text(key) || !l4r_is_plain(part)) return 0;
  }
  return 1;
}

static json_t *plain_array(json_t *value) {
  json_t *array = json_array(), *part;
  size_t index;
  json_array_foreach(value, index, part) {
    if (!array || !json_array_append_new(array, l4r_make_plain(part))) continue;
    json_decref(array);
    array = NULL;
  }
  return array;
}

static json_t *plain_object(json_t *value) {
  json_t *object = json_object(), *part;
  const char *key;
  json_object_foreach(value, key, part) {
    char *name = object ? plain_text(key) : NULL;
    const int failed = !name || json_object_set_new(object, name, l4r_make_plain(part));
    free(name);
    if (!failed) continue;
    json_decref(object);
    object = NULL;
  }
  return object;
}

json_t *l4r_make_plain(json_t *value) {
  if (l4r_is_plain(value)) return json_incref(value);
  if (json_is_array(value)) return plain_array(value);
  if (json_is_object(value)) return plain_object(value);
  char *text = plain_text(json_string_value(value));
  json_t *plain = text ? json_string(text) : NULL;
  free(text);
  return plain;
}
