/* SPDX-License-Identifier: BSD-3-Clause */
/* A window over a file, from which lines are cut in place.
 *
 *   buffer   | read already | a line ... a line | part of a line |        |
 *            0              begin                                end      room
 *
 * A line that is not whole moves to the front, the rest is filled up, and the window doubles where
 * that is not enough; so memory is that of the longest line. zlib reads plain files as they are. */
#include "bench/import/collect/source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "bench/import/collect/kind_of_file.h"
#include "bench/import/collect/markup.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

enum { WINDOW = 1 << 20, LONGEST = 1 << 28 };

/* --- the window ----------------------------------------------------------------------------------
 */

static int check_nul(const struct l4r_source *source, const char *fresh, size_t bytes) {
  const char *nul = memchr(fresh, '\0', bytes);
  if (!nul) return 0;
  int64_t line = source->breaks + 1;
  for (const char *c = source->buffer + source->begin; c < nul; c++) line += *c == '\n';
  return l4r_fail(L4R_INPUT,
                  "%s:%" PRId64
                  ": a NUL byte (byte %zu of the file); it is damaged or not a text file",
                  source->path, line, source->passed + (size_t)(nul - source->buffer));
}

static int has_high(const char *text, size_t bytes) {
  size_t i = 0;
  for (uint64_t eight; i + 8 <= bytes; i += 8) {
    memcpy(&eight, text + i, 8);
    if (eight & UINT64_C(0x8080808080808080)) return 1;
  }
  for (; i < bytes; i++)
    if ((unsigned char)text[i] >= 0x80) return 1;
  return 0;
}

/* Nothing behind this can be trusted, so that it is no matter of one line. */
static int stop_for_good(struct l4r_source *source, int status) {
  source->ended = source->fatal = 1;
  return status;
}

/* Fills `room` bytes as far as the file goes; a pipe gives little at a time. Sets *got. */
static int fill(struct l4r_source *source, char *fresh, size_t room, size_t *got) {
  for (*got = 0; *got < room && !source->ended;) {
    const size_t left = room - *got;
    const int part = gzread(source->file, fresh + *got,
                            (unsigned)(left < 1u << 30 ? left : 1u << 30));
    if (part > 0) {
      *got += (size_t)part;
      continue;
    }
    int code = Z_OK;
    const char *why = gzerror(source->file, &code);
    source->ended = 1;
    if (code == Z_BUF_ERROR)
      return l4r_fail(L4R_INPUT, "%s: the compressed data end early; fetch the file again",
                      source->path);
    if (part < 0)
      return l4r_fail(L4R_INPUT, "%s: cannot be read at byte %zu: %s", source->path,
                      source->passed + (size_t)(fresh - source->buffer) + *got, why);
  }
  return 0;
}

int l4r_window_more(struct l4r_source *source) {
  if (source->ended) return 0;
  const size_t kept = source->end - source->begin;
  memmove(source->buffer, source->buffer + source->begin, kept);
  source->passed += source->begin;
  source->begin = 0;
  source->end = kept;
  if (kept >= LONGEST)
    return stop_for_good(source, l4r_fail(L4R_INPUT,
                                          "%s:%" PRId64
                                          ": this line is longer than %d bytes; is it a text?",
                                          source->path, source->breaks + 1, LONGEST));
  if (source->room - kept < source->room / 2 + 2 &&
      l4r_grow(&source->buffer, &source->room, 2 * source->room, 1, source->path))
    return stop_for_good(source, L4R_ENVIRONMENT);
  char *fresh = source->buffer + kept;
  size_t got;
  const int failed = fill(source, fresh, source->room - kept - 1, &got);
  if (failed) return stop_for_good(source, failed);
  source->end += got;
  source->buffer[source->end] = '\0';
  source->high = has_high(source->buffer, source->end);
  const int first = source->passed == 0 && kept == 0;
  int status = first ? l4r_check_kind_of_file(source->path, fresh, got) : 0;
  if (!status) status = check_nul(source, fresh, got);
  if (!status) return 1;
  source->end = source->begin;
  return stop_for_good(source, status);
}

/* --- opening -------------------------------------------------------------------------------------
 */

static int open_file(struct l4r_source *source, const char *path) {
  struct stat info = {0};
  const int standard_input = !strcmp(path, "-");
  source->path = standard_input ? "standard input" : path;
  if (!standard_input) {
    if (stat(path, &info)) return l4r_fail_errno(L4R_INPUT, "cannot open %s", path);
    if (S_ISDIR(info.st_mode)) return l4r_fail(L4R_INPUT, "%s is a folder, not a file", path);
  }
  const int copy = standard_input ? dup(STDIN_FILENO) : -1;
  source->file = standard_input ? gzdopen(copy, "rb") : gzopen(path, "rb");
  if (!source->file) {
    const int error = errno;
    if (copy >= 0) close(copy);
    errno = error;
    return l4r_fail_errno(L4R_INPUT, "cannot open %s", source->path);
  }
  /* A small file needs no megabyte; of a packed one more comes than it has bytes. */
  const size_t most = WINDOW, bytes = S_ISREG(info.st_mode) ? (size_t)info.st_size : most;
  const size_t room = bytes < 1 << 12 ? 1 << 13 : bytes < most / 2 ? 2 * bytes : most;
  gzbuffer(source->file, (unsigned)(room < 1 << 18 ? room : 1 << 18));
  return l4r_grow(&source->buffer, &source->room, room, 1, source->path);
}

int l4r_source_open(struct l4r_source *source, const char *path, enum l4r_encoding encoding) {
  memset(source, 0, sizeof *source);
  source->encoding = encoding;
  int status = open_file(source, path);
  if (!status && (status = l4r_window_more(source)) == 1) status = 0;
  if (!status && source->end == 0)
    status = l4r_fail(L4R_INPUT, "%s: the file is empty", source->path);
  if (status) {
    l4r_source_close(source);
    return status;
  }
  if (source->end >= 3 && !memcmp(source->buffer, "\xef\xbb\xbf", 3)) source->begin = 3;
  return 0;
}

void l4r_source_close(struct l4r_source *source) {
  if (source->file) gzclose_r(source->file);
  l4r_free(source->buffer);
  l4r_free(source->side);
  l4r_free(source->span);
  memset(source, 0, sizeof *source);
}

const char *l4r_source_peek(const struct l4r_source *source, size_t *bytes) {
  *bytes = source->end - source->begin;
  return source->buffer + source->begin;
}

/* --- text ----------------------------------------------------------------------------------------
 */

static char *decode(struct l4r_source *source, const char *field) {
  /* Fields that were decoded before must stay where they are until the record is done with, so the
   * first takes room for them all: three bytes for one, and a few columns that are taken twice. */
  if (!source->side_used &&
      l4r_grow(&source->side, &source->side_room, 16 * source->record + 64, 1, source->path))
    return NULL;
  if (source->side_room - source->side_used < 3 * strlen(field) + 1) {
    l4r_bad_line(source, "too much text that is not UTF-8; convert the file (iconv -t UTF-8)");
    return NULL;
  }
  char *start = source->side + source->side_used, *out = start;
  for (; *field; field++) out = l4r_put_utf8(out, l4r_windows_1252((unsigned char)*field));
  *out++ = '\0';
  source->side_used += (size_t)(out - start);
  source->decoded++;
  return start;
}

char *l4r_source_text(struct l4r_source *source, char *field) {
  size_t bad = 0;
  if (!source->high || l4r_utf8_valid(field, strlen(field), &bad)) return field;
  if (source->encoding == L4R_UTF8_OR_1252) return decode(source, field);
  l4r_bad_line(source,
               "byte %zu of the file is not UTF-8, which this format is written in; convert the "
               "file (iconv -t UTF-8) or fetch it again",
               source->passed + (size_t)(field - source->buffer) + bad + 1);
  return NULL;
}

/* DOS ends a file with the byte 0x1a. */
int l4r_is_blank_line(const char *line) {
  return !line[strspn(line, " \t\r\x1a")];
}

int l4r_window_line(struct l4r_source *source, size_t *length) {
  for (;;) {
    const char *start = source->buffer + source->begin;
    const size_t left = source->end - source->begin;
    const char *stop = memchr(start, '\n', left);
    if (stop || source->ended) {
      *length = stop ? (size_t)(stop - start) : left;
      return left > 0;
    }
    const int status = l4r_window_more(source);
    if (status < 0) return status;
  }
}

char *l4r_window_take(struct l4r_source *source, size_t length) {
  char *start = source->buffer + source->begin, *stop = start + length;
  source->number = ++source->breaks;
  source->record = length + 1;
  source->begin += length + (source->begin + length < source->end);
  if (stop > start && stop[-1] == '\r') stop--;
  *stop = '\0';
  return start;
}

int l4r_source_line(struct l4r_source *source, char **line) {
  source->side_used = 0;
  for (;;) {
    size_t length;
    const int got = l4r_window_line(source, &length);
    if (got != 1) return got;
    char *start = l4r_window_take(source, length);
    if (l4r_is_blank_line(start)) {
      source->blank++;
      continue;
    }
    *line = l4r_source_text(source, start);
    return *line ? 1 : L4R_INPUT;
  }
}

int l4r_bad_line(const struct l4r_source *source, const char *format, ...) {
  char what[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  return l4r_fail(L4R_INPUT, "%s:%" PRId64 ": %s", source->path, source->number, what);
}

int l4r_cut(char *line, const char *separator, char **field, int most) {
  const size_t width = strlen(separator);
  int count = 0;
  for (;;) {
    if (count < most) field[count] = line;
    count++;
    line = strstr(line, separator);
    if (!line) return count;
    *line = '\0';
    line += width;
  }
}
