/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/import/readers/literal.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "impl/base/error.h"

static const struct {
  const char *line, *json; /* as jansson writes it */
} good[] = {
    {"{'a': \"it's\", \"b\": 'say \"x\"'}", "{\"a\": \"it's\", \"b\": \"say \\\"x\\\"\"}"},
    {"  {'a': None, 'b': True, 'c': False}  ", "{\"a\": null, \"b\": true, \"c\": false}"},
    {"{\"a\": null, \"b\": true, \"c\": false}", "{\"a\": null, \"b\": true, \"c\": false}"},
    {"(1, -2, 3L, ('x',), ())", "[1, -2, 3, [\"x\"], []]"},
    {"[1.5, -2e3, ]", "[1.5, -2000.0]"},
    {"123456789012345678901", "\"123456789012345678901\""},
    {"[NaN, -Infinity, Infinity, nan, 1e999]", "[null, null, null, null, null]"},
    {"u'caf\\xe9 \\u20ac \\U0001f600'", "\"caf\\u00E9 \\u20AC \\uD83D\\uDE00\""},
    {"\"\\ud83d\\ude00 \\ud83d \\/ \\x00\"", "\"\\uD83D\\uDE00 \\uFFFD / \\uFFFD\""},
    {"'a\\\\b\\'c\\n\\q'", "\"a\\\\b'c\\n\\\\q\""},
    {"{}", "{}"},
    {"{'a': {'b': [['c']]}}", "{\"a\": {\"b\": [[\"c\"]]}}"},
    {"b'raw'", "\"raw\""},
};

Test(literal, python_and_json_are_read) {
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    size_t column;
    const char *reason;
    json_t *value = l4r_literal_parse(good[i].line, &column, &reason);
    cr_assert_not_null(value, "%s: column %zu: %s", good[i].line, column, reason);
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
    cr_assert_str_eq(text, good[i].json);
    free(text);
    json_decref(value);
  }
}

static const struct {
  const char *line;
  size_t column;
  const char *reason;
} bad[] = {
    {"", 1, "neither a text"},       {"{'a': }", 7, "neither a text"},
    {"{'a' 1}", 6, "a colon"},       {"{1: 2}", 2, "a dictionary's key"},
    {"{'a': 1", 8, "the line ends"}, {"[1 2]", 4, "a comma"},
    {"'open", 6, "never closes"},    {"'open\\", 7, "the line ends"},
    {"'\\xg1'", 4, "hex digits"},    {"{} {}", 4, "text follows"},
    {"lambda", 1, "neither a text"},
};

Test(literal, errors_name_their_column) {
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    size_t column = 0;
    const char *reason = NULL;
    cr_assert_null(l4r_literal_parse(bad[i].line, &column, &reason), "%s", bad[i].line);
    cr_assert_eq(column, bad[i].column, "%s: column %zu", bad[i].line, column);
    cr_assert(strstr(reason, bad[i].reason), "%s: %s", bad[i].line, reason);
  }
}

Test(literal, brackets_without_end_are_refused_not_followed) {
  char deep[5001];
  size_t column;
  const char *reason;
  memset(deep, '[', sizeof deep - 1);
  deep[sizeof deep - 1] = '\0';
  cr_assert_null(l4r_literal_parse(deep, &column, &reason));
  cr_assert(strstr(reason, "too deeply"), "%s", reason);
}
