/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cli/fold.h"

#include "impl/base/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

/* Columns of so many bytes of UTF-8: its continuation bytes take none. */
static int columns_of(const char *text, size_t bytes) {
  int columns = 0;
  for (size_t i = 0; i < bytes; i++) columns += ((unsigned char)text[i] & 0xc0) != 0x80;
  return columns;
}

/* Bytes of `text` that go into `room` columns: a word, or of a long list a|b|c as many as fit. */
static size_t fitting(const char *text, int room) {
  const size_t word = strcspn(text, " ");
  size_t most = 0;
  for (size_t i = 0; i < word && columns_of(text, i) < room; i++)
    if (text[i] == '|') most = i + 1;
  return columns_of(text, word) > room && most ? most : word;
}

static void put(FILE *stream, const char *text, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) fputc(iscntrl((unsigned char)text[i]) ? '?' : text[i], stream);
}

void l4r_fold(FILE *stream, const char *text, int indent, int column) {
  for (int begun = 0; *text; begun = 1) {
    const int blank = begun && text[-1] == ' ';
    size_t length = fitting(text, L4R_FOLD_WIDTH - column - blank);
    if (begun && column + blank + columns_of(text, length) > L4R_FOLD_WIDTH) {
      fprintf(stream, "\n%*s", indent, "");
      column = indent;
      length = fitting(text, L4R_FOLD_WIDTH - column);
    } else if (blank) {
      column += fprintf(stream, " ");
    }
    put(stream, text, length);
    column += columns_of(text, length);
    text += length;
    text += *text == ' ';
  }
  fputc('\n', stream);
}

void l4r_fold_fact(FILE *stream, const char *name, const char *format, ...) {
  char text[4096];
  size_t used = 0;
  va_list arguments;
  va_start(arguments, format);
  l4r_text_add_list(text, sizeof text, &used, format, arguments);
  va_end(arguments);
  const int column = fprintf(stream, "%-*s", L4R_FACT_INDENT, name);
  l4r_fold(stream, text, L4R_FACT_INDENT, column);
}
