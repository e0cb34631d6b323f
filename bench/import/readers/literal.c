/* SPDX-License-Identifier: BSD-3-Clause */
/* A recursive-descent parser over one line; depth is bounded because the line comes from outside.
 */
#include "bench/import/readers/literal.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench/import/collect/markup.h"

enum { DEEPEST = 64 };

struct parser {
  const char *at;
  const char *reason;
  int depth;
};

static json_t *parse_value(struct parser *parser);

static json_t *fail(struct parser *parser, const char *reason) {
  if (!parser->reason) parser->reason = reason;
  return NULL;
}

static void skip_blanks(struct parser *parser) {
  while (*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\r') parser->at++;
}

/* --- texts ---------------------------------------------------------------------------------------
 */

/* Exactly `digits` hex digits at `at`; -1 otherwise. */
static long hex_value(const char *at, int digits) {
  long value = 0;
  for (int i = 0; i < digits; i++) {
    const char c = at[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/* \xHH, \uHHHH, \UHHHHHHHH after the letter; two \u surrogates make one character. A NUL or a lone
 * surrogate cannot stand in UTF-8 text and becomes U+FFFD. Never longer than what it replaces. */
static char *put_hex_escape(struct parser *parser, char *out, int digits) {
  long code = hex_value(parser->at, digits);
  if (code < 0) {
    fail(parser, "an escape lacks hex digits");
    return out;
  }
  parser->at += digits;
  if (code >= 0xd800 && code < 0xdc00 && parser->at[0] == '\\' && parser->at[1] == 'u') {
    const long low = hex_value(parser->at + 2, 4);
    if (low >= 0xdc00 && low < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      parser->at += 6;
    }
  }
  if (code == 0 || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) code = 0xfffd;
  return l4r_put_utf8(out, (uint32_t)code);
}

/* What follows a backslash. Python keeps the backslash of escapes it does not know, except that a
 * slash is JSON's. */
static char *put_escape(struct parser *parser, char *out) {
  static const char letters[] = "abfnrtv", bytes[] = "\a\b\f\n\r\t\v";
  const char letter = *parser->at;
  if (!letter) {
    fail(parser, "the line ends inside a text");
    return out;
  }
  parser->at++;
  const char *known = strchr(letters, letter);
  if (known)
    *out++ = bytes[known - letters];
  else if (strchr("\\'\"/", letter))
    *out++ = letter;
  else if (letter == 'x')
    out = put_hex_escape(parser, out, 2);
  else if (letter == 'u')
    out = put_hex_escape(parser, out, 4);
  else if (letter == 'U')
    out = put_hex_escape(parser, out, 8);
  else {
    *out++ = '\\';
    *out++ = letter;
  }
  return out;
}

/* A quoted text, *parser->at on the quote. Memory of malloc; NULL when it fails. */
static char *parse_text(struct parser *parser) {
  const char quote = *parser->at++;
  /* No escape is shorter than what it stands for, so the bytes between the quotes are room enough.
   */
  const char *end = parser->at;
  while (*end && *end != quote) end += *end == '\\' && end[1] ? 2 : 1;
  char *text = malloc((size_t)(end - parser->at) + 1), *out = text;
  if (!text) {
    fail(parser, "no memory");
    return NULL;
  }
  while (!parser->reason && *parser->at && *parser->at != quote) {
    if (*parser->at == '\\') {
      parser->at++;
      out = put_escape(parser, out);
    } else {
      *out++ = *parser->at++;
    }
  }
  *out = '\0';
  if (!parser->reason && *parser->at == quote) {
    parser->at++;
    return text;
  }
  fail(parser, "a text in quotes never closes");
  free(text);
  return NULL;
}

static int starts_text(const struct parser *parser) {
  const char *at = parser->at;
  if (*at == 'u' || *at == 'b') at++;
  return *at == '\'' || *at == '"';
}

static char *parse_prefixed_text(struct parser *parser) {
  if (*parser->at == 'u' || *parser->at == 'b') parser->at++;
  return parse_text(parser);
}

/* --- numbers and words ---------------------------------------------------------------------------
 */

/* A whole number that no integer of 64 bits holds stays what it is, digits: two such ids must not
 * become one. */
static json_t *parse_number(struct parser *parser) {
  char *end, *real_end;
  errno = 0;
  const long long whole = strtoll(parser->at, &end, 10);
  const int fits = errno == 0;
  const double real = strtod(parser->at, &real_end);
  if (real_end == parser->at) return fail(parser, "not a number");
  json_t *value = real_end == end && fits ? json_integer(whole)
                  : real_end == end       ? json_stringn(parser->at, (size_t)(end - parser->at))
                  : isfinite(real)        ? json_real(real)
                                          : json_null(); /* -Infinity, 1e999 */
  parser->at = real_end;
  if (*parser->at == 'L') parser->at++; /* Python 2's long integers */
  return value ? value : fail(parser, "no memory");
}

static json_t *parse_word(struct parser *parser) {
  static const struct {
    const char *word;
    char value; /* null, true, false */
  } words[] = {{"None", 'n'},  {"null", 'n'},     {"True", 't'},      {"true", 't'},
               {"False", 'f'}, {"false", 'f'},    {"NaN", 'n'},       {"nan", 'n'},
               {"NaT", 'n'},   {"Infinity", 'n'}, {"undefined", 'n'}, {"inf", 'n'}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    const size_t length = strlen(words[i].word);
    if (strncmp(parser->at, words[i].word, length)) continue;
    parser->at += length;
    return words[i].value == 'n' ? json_null() : json_boolean(words[i].value == 't');
  }
  return fail(parser, "neither a text, a number, a list nor a dictionary stands here");
}

/* --- containers ----------------------------------------------------------------------------------
 */

/* After an element: 1 when another may follow, 0 when `close` was taken, -1 otherwise. */
static int after_element(struct parser *parser, char close) {
  skip_blanks(parser);
  const int comma = *parser->at == ',';
  if (comma) parser->at++;
  skip_blanks(parser);
  if (*parser->at == close) {
    parser->at++;
    return 0;
  }
  if (comma) return 1;
  fail(parser, *parser->at ? "a comma or the closing bracket is missing"
                           : "the line ends inside a list or dictionary");
  return -1;
}

static json_t *parse_list(struct parser *parser, char close) {
  json_t *list = json_array();
  parser->at++;
  skip_blanks(parser);
  int more = 1;
  if (*parser->at == close) {
    parser->at++;
    more = 0;
  }
  while (more == 1) {
    json_t *value = parse_value(parser);
    if (!value || json_array_append_new(list, value))
      more = -1;
    else
      more = after_element(parser, close);
  }
  if (more == 0 && list) return list;
  json_decref(list);
  return fail(parser, "no memory");
}

static int parse_pair(struct parser *parser, json_t *dictionary) {
  skip_blanks(parser);
  if (!starts_text(parser)) {
    fail(parser, "a dictionary's key is not a text in quotes");
    return -1;
  }
  char *key = parse_prefixed_text(parser);
  if (!key) return -1;
  skip_blanks(parser);
  json_t *value = NULL;
  if (*parser->at == ':') {
    parser->at++;
    value = parse_value(parser);
  } else {
    fail(parser, "a colon is missing after a dictionary's key");
  }
  const int bad = !value || json_object_set_new(dictionary, key, value);
  free(key);
  if (bad) fail(parser, "a key or value that is no valid text");
  return bad ? -1 : 0;
}

static json_t *parse_dictionary(struct parser *parser) {
  json_t *dictionary = json_object();
  parser->at++;
  skip_blanks(parser);
  int more = 1;
  if (*parser->at == '}') {
    parser->at++;
    more = 0;
  }
  while (more == 1) more = parse_pair(parser, dictionary) ? -1 : after_element(parser, '}');
  if (more == 0 && dictionary) return dictionary;
  json_decref(dictionary);
  return fail(parser, "no memory");
}

static json_t *parse_quoted(struct parser *parser) {
  char *text = parse_prefixed_text(parser);
  if (!text) return NULL;
  json_t *value = json_string(text);
  free(text);
  return value ? value : fail(parser, "a text that is not UTF-8");
}

static json_t *parse_value(struct parser *parser) {
  skip_blanks(parser);
  if (++parser->depth > DEEPEST) return fail(parser, "brackets are nested too deeply");
  json_t *value;
  if (starts_text(parser))
    value = parse_quoted(parser);
  else if (*parser->at == '{')
    value = parse_dictionary(parser);
  else if (*parser->at == '[')
    value = parse_list(parser, ']');
  else if (*parser->at == '(')
    value = parse_list(parser, ')');
  else if (*parser->at && strchr("+-.0123456789", *parser->at))
    value = parse_number(parser);
  else
    value = parse_word(parser);
  parser->depth--;
  return value;
}

json_t *l4r_literal_parse(const char *line, size_t *bad_column, const char **reason) {
  struct parser parser = {.at = line};
  json_t *value = parse_value(&parser);
  skip_blanks(&parser);
  if (value && *parser.at) {
    json_decref(value);
    value = fail(&parser, "text follows the value");
  }
  *bad_column = (size_t)(parser.at - line) + 1;
  *reason = parser.reason;
  return value;
}
