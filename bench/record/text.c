/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/text.h"

const char *l4r_text_at(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text ? text : "";
}

const char *l4r_text_in(const json_t *record, const char *object, const char *key) {
  return l4r_text_at(object ? json_object_get(record, object) : record, key);
}

const char *l4r_warning_text(const json_t *warning) {
  const char *text = json_string_value(warning);
  return text ? text : l4r_text_at(warning, "text");
}
