/* SPDX-License-Identifier: BSD-3-Clause */
/* One record of a table. A line without a quote, which nearly all are, is cut at its separators in
 * one walk. Any other is measured first, as it may go on for lines that are not in the window yet,
 * and then cut in place: a field never grows, as doubled quotes shrink to one. */
#include "bench/import/readers/csv.h"
#include <string.h>

#include "bench/import/collect/source.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

/* --- plain lines ---------------------------------------------------------------------------------
 */

static int cut_blanks(char *line, char **field, int most) {
  int count = 0;
  for (line += strspn(line, " \t"); *line; line += strspn(line, " \t")) {
    if (count < most) field[count] = line;
    count++;
    line += strcspn(line, " \t");
    if (*line) *line++ = '\0';
  }
  return count;
}

static int cut_at_byte(char *line, char separator, char **field, int most) {
  int count = 1;
  field[0] = line;
  for (; *line; line++) {
    if (*line != separator) continue;
    *line = '\0';
    if (count < most) field[count] = line + 1;
    count++;
  }
  return count;
}

static int cut_plain(char *line, const char *separator, char **field, int most) {
  if (separator[0] == ' ') return cut_blanks(line, field, most);
  if (!separator[1]) return cut_at_byte(line, separator[0], field, most);
  return l4r_cut(line, separator, field, most);
}

/* --- quotes --------------------------------------------------------------------------------------
 */

enum outcome { WHOLE, NEEDS_MORE, NEVER_CLOSES, TEXT_FOLLOWS };

struct measure {
  const char *start, *end; /* what is in the window */
  const char *separator;
  size_t width;
  int ended, strict;
  size_t length, next; /* of the record; where the one behind it begins */
  int64_t breaks;      /* line breaks inside quotes */
  int count;
};

static int at_separator(const struct measure *m, const char *at) {
  if (m->separator[0] == ' ') return at < m->end && (*at == ' ' || *at == '\t');
  return (size_t)(m->end - at) >= m->width && !memcmp(at, m->separator, m->width);
}

static int at_line_end(const struct measure *m, const char *at) {
  return at == m->end || *at == '\n' || (*at == '\r' && (at + 1 == m->end || at[1] == '\n'));
}

/* A quote behind a backslash, as some exports write it in a text; one that ends a field closes. */
static int is_escaped(const struct measure *m, const char *quote) {
  return quote[-1] == '\\' && quote + 1 < m->end && !at_separator(m, quote + 1) &&
         !at_line_end(m, quote + 1);
}

/* The quote that closes the one at `open`, NULL for none in the window. */
static const char *closing_quote(const struct measure *m, const char *open) {
  const char *at = open + 1;
  while ((at = memchr(at, '"', (size_t)(m->end - at))) != NULL) {
    if (at + 1 < m->end && at[1] == '"')
      at += 2;
    else if (at > open + 1 && is_escaped(m, at))
      at++;
    else
      return at;
  }
  return NULL;
}

static const char *plain_end(const struct measure *m, const char *at) {
  while (!at_line_end(m, at) && !at_separator(m, at)) at++;
  return at;
}

static int64_t count_breaks(const char *from, const char *to) {
  int64_t breaks = 0;
  while ((from = memchr(from, '\n', (size_t)(to - from))) != NULL) breaks++, from++;
  return breaks;
}

/* One field from *at on, which moves behind it. */
static enum outcome measure_field(struct measure *m, const char **at, struct l4r_span *span) {
  const char *open = *at, *close = *open == '"' && open < m->end ? closing_quote(m, open) : NULL;
  if (open < m->end && *open == '"') {
    if (!close && !m->ended) return NEEDS_MORE;
    if (close && close + 1 == m->end && !m->ended) return NEEDS_MORE;
    if (!close && m->strict) return NEVER_CLOSES;
    if (close && (at_separator(m, close + 1) || at_line_end(m, close + 1))) {
      *span = (struct l4r_span){(size_t)(open + 1 - m->start), (size_t)(close - open - 1), 1};
      m->breaks += count_breaks(open, close);
      *at = close + 1;
      return WHOLE;
    }
    if (close && m->strict) {
      m->breaks += count_breaks(open, close);
      *at = close;
      return TEXT_FOLLOWS;
    }
  }
  const char *end = plain_end(m, open);
  if (end == m->end && !m->ended) return NEEDS_MORE;
  *span = (struct l4r_span){(size_t)(open - m->start), (size_t)(end - open), 0};
  *at = end;
  return WHOLE;
}

static const char *skip_separator(const struct measure *m, const char *at) {
  if (m->separator[0] != ' ') return at + m->width;
  while (at < m->end && (*at == ' ' || *at == '\t')) at++;
  return at;
}

/* All fields of the record. After TEXT_FOLLOWS the record is over with its line. */
static enum outcome measure_record(struct l4r_source *source, struct measure *m) {
  const char *at = m->start;
  enum outcome outcome = WHOLE;
  if (m->separator[0] == ' ') at = skip_separator(m, at);
  for (m->count = 0;;) {
    if (l4r_grow(&source->span, &source->spans, (size_t)m->count + 1, sizeof *source->span,
                 "fields"))
      return NEEDS_MORE;
    outcome = measure_field(m, &at, &source->span[m->count]);
    if (outcome == NEEDS_MORE) return outcome;
    m->count++;
    if (outcome != WHOLE || at_line_end(m, at)) break;
    at = skip_separator(m, at);
    if (m->separator[0] == ' ' && at_line_end(m, at)) break;
  }
  const char *stop = outcome == NEVER_CLOSES ? m->end : at;
  m->length = (size_t)(stop - m->start);
  const char *newline = memchr(stop, '\n', (size_t)(m->end - stop));
  if (!newline && !m->ended) return NEEDS_MORE;
  m->next = (size_t)((newline ? newline + 1 : m->end) - m->start);
  return outcome;
}

/* In place: each field's bytes end with a NUL, which falls on a separator or a closing quote. */
static void cut_measured(char *start, const struct l4r_span *span, int count, char **field,
                         int most) {
  for (int i = 0; i < count; i++) {
    char *out = start + span[i].start, *from = out, *end = out + span[i].length;
    if (i < most) field[i] = out;
    for (; from < end; from++) {
      if (span[i].quoted && *from == '"' && from + 1 < end) from++;
      if (span[i].quoted && *from == '\\' && from + 2 < end && from[1] == '"' && from[2] != '"')
        from++;
      *out++ = *from;
    }
    *out = '\0';
  }
}

static int take_quoted(struct l4r_source *source, const struct l4r_csv *csv, char **field, int most,
                       int *count) {
  struct measure m = {.separator = csv->separator,
                      .width = strlen(csv->separator),
                      .strict = csv->separator[0] == ',' || csv->separator[0] == ';'};
  enum outcome outcome;
  for (;;) {
    m.start = source->buffer + source->begin;
    m.end = source->buffer + source->end;
    m.ended = source->ended;
    m.breaks = 0;
    outcome = measure_record(source, &m);
    if (outcome != NEEDS_MORE) break;
    if (!source->span || m.ended) return L4R_ENVIRONMENT;
    const int status = l4r_window_more(source);
    if (status < 0) return status;
  }
  char *start = source->buffer + source->begin;
  source->number = source->breaks + 1;
  source->breaks += m.breaks + 1;
  source->begin += m.next;
  source->record = m.next + 1;
  *count = m.count;
  if (outcome == NEVER_CLOSES) {
    source->fatal = source->ended = 1;
    return l4r_bad_line(source,
                        "a quote opens field %d and never closes; mend this line, or give "
                        "--no-quotes if quotes are ordinary characters",
                        m.count);
  }
  if (outcome == TEXT_FOLLOWS)
    return l4r_bad_line(source,
                        "text follows the closing quote of field %d; mend this line, or give "
                        "--no-quotes if quotes are ordinary characters",
                        m.count);
  cut_measured(start, source->span, m.count, field, most);
  return 1;
}

/* --- records -------------------------------------------------------------------------------------
 */

static int is_empty_record(char **field, int count, int most) {
  for (int i = 0; i < count && i < most; i++)
    if (!l4r_is_blank_line(field[i])) return 0;
  return count <= most;
}

/* The next line, quotes or not; 1, 0 at the end, a status. */
static int take_record(struct l4r_source *source, const struct l4r_csv *csv, char **field, int most,
                       int *count) {
  size_t length;
  const int got = l4r_window_line(source, &length);
  if (got != 1) return got;
  if (csv->quotes && memchr(source->buffer + source->begin, '"', length))
    return take_quoted(source, csv, field, most, count);
  *count = cut_plain(l4r_window_take(source, length), csv->separator, field, most);
  return 1;
}

int l4r_source_record(struct l4r_source *source, const struct l4r_csv *csv, char **field, int most,
                      int *count) {
  for (;;) {
    source->side_used = 0;
    const int got = take_record(source, csv, field, most, count);
    if (got != 1 || !is_empty_record(field, *count, most)) return got;
    source->blank++;
  }
}
