/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/import/collect/markup.h"
#include "bench/import/collect/entities.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

uint32_t l4r_windows_1252(unsigned char byte) {
  static const uint16_t high[32] = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                    0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                    0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                    0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};
  return byte >= 0x80 && byte < 0xa0 ? high[byte - 0x80] : byte;
}

char *l4r_put_utf8(char *out, uint32_t code) {
  if (code < 0x80) {
    *out++ = (char)code;
    return out;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};
  *out++ = (char)(first[more] | code >> 6 * more);
  for (int i = more - 1; i >= 0; i--) *out++ = (char)(0x80 | (code >> 6 * i & 0x3f));
  return out;
}

/* --- entities ------------------------------------------------------------------------------------
 */

/* "#39;" or "#x27;" behind the ampersand: the character, and *end behind it; 0 for none. */
static uint32_t number_entity(const char *at, const char **end) {
  const int hex = at[1] == 'x' || at[1] == 'X';
  uint32_t code = 0;
  const char *digit = at + 1 + hex;
  int digits = 0;
  for (; hex ? isxdigit((unsigned char)*digit) : isdigit((unsigned char)*digit); digit++) {
    const int value = isdigit((unsigned char)*digit) ? *digit - '0' : (*digit | 0x20) - 'a' + 10;
    if (code < 0x200000) code = code * (hex ? 16 : 10) + (uint32_t)value;
    digits++;
  }
  if (!digits) return 0;
  *end = digit + (*digit == ';');
  if (code < 0x100) code = l4r_windows_1252((unsigned char)code);
  return code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0xfffd : code;
}

/* Names end in a semicolon; the oldest (of Latin-1) are known without one too, before a blank or
 * the end. */
static uint32_t named_entity(const char *at, const char **end) {
  char name[12];
  size_t length = 0;
  while (length < sizeof name - 1 && isalnum((unsigned char)at[length])) {
    name[length] = at[length];
    length++;
  }
  name[length] = '\0';
  if (at[length] == ';') {
    *end = at + length + 1;
    return l4r_entity(name);
  }
  if (!length || (at[length] && at[length] != ' ')) return 0;
  const uint32_t code = l4r_entity(name);
  if (code > 0xff || !strcmp(name, "apos")) return 0;
  *end = at + length;
  return code;
}

/* One pass; 1 when anything was decoded. No entity is shorter than its character. */
static int decode_entities(char *text) {
  int found = 0;
  char *out = text;
  for (const char *at = text; *at;) {
    const char *end = at;
    const uint32_t code = *at != '&'     ? 0
                          : at[1] == '#' ? number_entity(at + 1, &end)
                                         : named_entity(at + 1, &end);
    char bytes[4];
    const size_t size = code ? (size_t)(l4r_put_utf8(bytes, code) - bytes) : 0;
    if (!code || size > (size_t)(end - at)) {
      *out++ = *at++;
      continue;
    }
    memcpy(out, bytes, size);
    out += size;
    at = end;
    found = 1;
  }
  *out = '\0';
  return found;
}

/* --- tags ----------------------------------------------------------------------------------------
 */

/* Only names that HTML has are tags: "a < b", "<3" and "<Untitled>" are text. */
static const char *const within[] = {"a",      "abbr", "acronym", "b",  "big",   "bdo",  "cite",
                                     "code",   "del",  "dfn",     "em", "font",  "i",    "ins",
                                     "kbd",    "mark", "q",       "s",  "small", "span", "strike",
                                     "strong", "sub",  "sup",     "tt", "u",     "var",  "wbr"};
static const char *const between[] = {
    "address", "article", "aside",  "blockquote", "body",     "br",     "button",  "center",
    "dd",      "div",     "dl",     "dt",         "footer",   "form",   "h1",      "h2",
    "h3",      "h4",      "h5",     "h6",         "head",     "header", "hr",      "html",
    "iframe",  "img",     "input",  "label",      "li",       "link",   "meta",    "noscript",
    "object",  "ol",      "option", "p",          "pre",      "script", "section", "select",
    "style",   "table",   "tbody",  "td",         "textarea", "tfoot",  "th",      "thead",
    "title",   "tr",      "ul",     "video"};

static int is_among(const char *name, size_t length, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strlen(names[i]) == length && !strncasecmp(name, names[i], length)) return 1;
  return 0;
}

/* Behind what `tag` (script or style) encloses, or behind everything where it never closes. */
static const char *skip_content(const char *at, const char *tag, size_t length) {
  for (; *at; at++)
    if (at[0] == '<' && at[1] == '/' && !strncasecmp(at + 2, tag, length)) {
      const char *end = strchr(at, '>');
      return end ? end + 1 : at + strlen(at);
    }
  return at;
}

/* Where a tag ends whose name ends at `at`: a '>' within a quoted value is none. NULL where none.
 */
static const char *tag_end(const char *at) {
  const char *first = strchr(at, '>');
  for (; *at && *at != '>'; at++)
    if (*at == '=') {
      const char *quote = at + 1 + strspn(at + 1, " \t\r\n");
      if (*quote != '"' && *quote != '\'') continue;
      at = strchr(quote + 1, *quote);
      if (!at) return first; /* the quote is never closed */
    }
  return *at ? at : first;
}

/* A tag or a comment that begins at `at` ('<'): the place behind it and *blank, whether it parts
 * words; NULL for anything else. */
static const char *skip_tag(const char *at, int *blank) {
  *blank = 1;
  if (!strncmp(at, "<!--", 4)) {
    const char *end = strstr(at + 4, "-->");
    return end ? end + 3 : NULL;
  }
  if (!strncasecmp(at, "<!doctype", 9)) return strchr(at, '>') ? strchr(at, '>') + 1 : NULL;
  const char *name = at + 1 + (at[1] == '/');
  size_t length = 0;
  while (isalnum((unsigned char)name[length])) length++;
  const char after = name[length];
  if (!length || !(after == '>' || after == '/' || isspace((unsigned char)after))) return NULL;
  const char *end = tag_end(name + length);
  if (!end) return NULL;
  *blank = !is_among(name, length, within, sizeof within / sizeof *within);
  if (*blank && !is_among(name, length, between, sizeof between / sizeof *between)) return NULL;
  if (at[1] != '/' && ((length == 6 && !strncasecmp(name, "script", 6)) ||
                       (length == 5 && !strncasecmp(name, "style", 5))))
    return skip_content(end + 1, name, length);
  return end + 1;
}

static int strip_tags(char *text) {
  int found = 0;
  char *out = text;
  for (const char *at = text; *at;) {
    int blank = 0;
    const char *end = *at == '<' ? skip_tag(at, &blank) : NULL;
    if (!end) {
      *out++ = *at++;
      continue;
    }
    if (blank) *out++ = ' ';
    at = end;
    found = 1;
  }
  *out = '\0';
  return found;
}

/* --- blanks and control characters ---------------------------------------------------------------
 */

/* A blank of more than one byte (no-break, line and paragraph separator, a mark of byte order), or
 * a C1 control character: how many bytes it has, 0 for anything else. */
static size_t wide_blank(const unsigned char *at) {
  if (at[0] == 0xc2 && (at[1] == 0xa0 || (at[1] >= 0x80 && at[1] < 0xa0))) return 2;
  if (at[0] == 0xe2 && at[1] == 0x80 && (at[2] == 0xa8 || at[2] == 0xa9)) return 3;
  if (at[0] == 0xef && at[1] == 0xbb && at[2] == 0xbf) return 3;
  return 0;
}

static unsigned squeeze(char *text, int keep_wide) {
  unsigned found = 0;
  char *out = text;
  for (const unsigned char *at = (const unsigned char *)text; *at;) {
    const size_t wide = keep_wide ? 0 : wide_blank(at);
    if (!wide && *at > ' ' && *at != 0x7f) {
      *out++ = (char)*at++;
      continue;
    }
    if (*at != ' ' && !(wide == 2 && at[1] == 0xa0)) found |= L4R_TEXT_CONTROL;
    if (out > text && out[-1] != ' ') *out++ = ' ';
    at += wide ? wide : 1;
  }
  if (out > text && out[-1] == ' ') out--;
  *out = '\0';
  return found;
}

unsigned l4r_text_clean(char *text, int keep_markup) {
  unsigned found = 0;
  int passes = 0;
  if (!keep_markup && (strchr(text, '&') || strchr(text, '<'))) {
    while (passes < 8 && decode_entities(text)) passes++;
    if (passes | strip_tags(text)) found = L4R_TEXT_MARKUP;
  }
  return found | squeeze(text, keep_markup);
}
