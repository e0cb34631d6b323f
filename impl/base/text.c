/* SPDX-License-Identifier: BSD-3-Clause */
/* UTF-8, and texts put together. */
#include "impl/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* How many bytes the sequence at s has, 0 when it is not valid (RFC 3629's table). */
static size_t utf8_sequence(const unsigned char *s, size_t left) {
  if (s[0] < 0x80) return 1;
  const size_t size = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
  if (s[0] < 0xc2 || s[0] > 0xf4 || left < size) return 0;
  for (size_t i = 1; i < size; ++i)
    if ((s[i] & 0xc0) != 0x80) return 0;
  if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f)) return 0;
  if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) return 0;
  return size;
}

int l4r_utf8_valid(const char *text, size_t bytes, size_t *bad_byte) {
  const unsigned char *s = (const unsigned char *)text;
  for (size_t i = 0; i < bytes;) {
    const size_t size = utf8_sequence(s + i, bytes - i);
    if (size == 0) {
      *bad_byte = i;
      return 0;
    }
    i += size;
  }
  return 1;
}

/* Replaces bytes of [from, end) that are not UTF-8 by '?' and drops a character that the end cuts.
 * Returns the end of the complete characters. */
static size_t make_whole(char *text, size_t from, size_t end, int cut) {
  while (from < end) {
    const size_t size = utf8_sequence((unsigned char *)text + from, end - from);
    if (!size && cut && end - from < 4 && (unsigned char)text[from] >= 0xc2) {
      size_t rest = from + 1;
      while (rest < end && ((unsigned char)text[rest] & 0xc0) == 0x80) rest++;
      if (rest == end) return from;
    }
    if (!size) text[from] = '?';
    from += size ? size : 1;
  }
  return end;
}

int l4r_text_add_list(char *text, size_t size, size_t *used, const char *format,
                      va_list arguments) {
  const size_t begin = *used;
  if (begin >= size || (begin && strlen(text) < begin)) return 1; /* it was cut before */
  const int wanted = vsnprintf(text + begin, size - begin, format, arguments);
  if (wanted >= 0 && (size_t)wanted < size - begin) {
    make_whole(text, begin, begin + (size_t)wanted, 0);
    *used = begin + (size_t)wanted;
    return 0;
  }
  /* A failed format changes nothing; in both cases the dots follow a complete character. */
  size_t room = size > 4 ? size - 4 : 0, end = strnlen(text, size - 1);
  make_whole(text, begin < end ? begin : end, end, 1);
  end = make_whole(text, 0, end < room ? end : room, 1);
  size_t dots = size - 1 - end < 3 ? size - 1 - end : 3;
  memset(text + end, '.', dots);
  text[end + dots] = '\0';
  *used = size - 1;
  return 1;
}

int l4r_text_add(char *text, size_t size, size_t *used, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int cut = l4r_text_add_list(text, size, used, format, arguments);
  va_end(arguments);
  return cut;
}

int l4r_text_set(char *text, size_t size, const char *format, ...) {
  size_t used = 0;
  va_list arguments;
  va_start(arguments, format);
  const int cut = l4r_text_add_list(text, size, &used, format, arguments);
  va_end(arguments);
  return cut;
}
