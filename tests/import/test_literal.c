/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/import/literal.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "bench/import/csv.h"
#include "impl/base/error.h"

static const struct {
  const char *line, *json; /* as jansson writes it */
} good[] = {
    {"{'a': \"it's\", \"b\": 'say \"x\"'}", "{\"a\": \"it's\", \"b\": \"say \\\"x\\\"\"}"},
    {"  {'a': None, 'b': True, 'c': False}  ", "{\"a\": null, \"b\": true, \"c\": false}"},
    {"{\"a\": null, \"b\": true, \"c\": false}", "{\"a\": null, \"b\": true, \"c\": false}"},
    {"(1, -2, 3L, ('x',), ())", "[1, -2, 3, [\"x\"], []]"},
    {"[1.5, -2e3, ]", "[1.5, -2000.0]"},
    {"123456789012345678901", "1.2345678901234568e20"},
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
    {"1e999", 1, "not a number"},    {"lambda", 1, "neither a text"},
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

/* --- CSV -----------------------------------------------------------------------------------------
 */

Test(csv, records_span_lines_and_know_where_they_start) {
  char text[] = "a,\"b,c\",\r\n\"x\ny\"\"z\"\"\",,\"\"\nlast,1,2";
  static const char *const expected[][3] = {
      {"a", "b,c", ""}, {"x\ny\"z\"", "", ""}, {"last", "1", "2"}};
  static const int64_t line[] = {1, 2, 4};
  struct l4r_lines lines;
  int64_t after = 0;
  char *field[3];
  int count;
  l4r_lines_init(&lines, "t.csv", text, sizeof text - 1);
  for (int r = 0; r < 3; r++) {
    cr_assert_eq(l4r_csv_next(&lines, &after, field, 3, &count), 1);
    cr_assert_eq(count, 3);
    cr_assert_eq(lines.number, line[r]);
    for (int i = 0; i < 3; i++) cr_assert_str_eq(field[i], expected[r][i]);
  }
  cr_assert_eq(l4r_csv_next(&lines, &after, field, 3, &count), 0);
}
