/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report/html.h"

#include "impl/base/file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the character at `text`, 0 when it is not one that a page may hold. */
static size_t character(const char *text) {
  const unsigned char first = (unsigned char)*text;
  size_t bad, n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (first < 32 || first == 127) return first == '\n' || first == '\t';
  for (size_t i = 1; i < n; i++)
    if (((unsigned char)text[i] & 0xc0) != 0x80) return 0;
  return l4r_utf8_valid(text, n, &bad) ? n : 0;
}

static void escape(FILE *page, const char *text, size_t bytes) {
  for (const char *end = text + bytes; text < end;) {
    const size_t n = character(text);
    const char *name = *text == '&'    ? "&amp;"
                       : *text == '<'  ? "&lt;"
                       : *text == '>'  ? "&gt;"
                       : *text == '"'  ? "&quot;"
                       : *text == '\'' ? "&#39;"
                       : n             ? NULL
                                       : "\xef\xbf\xbd";
    if (name)
      fputs(name, page);
    else
      fwrite(text, 1, n, page);
    text += n ? n : 1;
  }
}

/* --- our Markdown --------------------------------------------------------------------------------
 */

enum { COLUMNS = 64 };

struct writer {
  FILE *page;
  const char *prefix;
  int tables;           /* so far, for the ids of footnotes */
  int numeric[COLUMNS]; /* of the table: right-aligned */
};

/* "[12]" at `text`: its bytes and number; 0 when it is not one. */
static size_t note_at(const char *text, int *number) {
  if (*text != '[' || !isdigit((unsigned char)text[1])) return 0;
  char *end;
  const long value = strtol(text + 1, &end, 10);
  if (*end != ']' || end - text > 5) return 0;
  *number = (int)value;
  return (size_t)(end - text) + 1;
}

static size_t write_code(struct writer *w, const char *text) {
  const char *end = strchr(text + 1, '`');
  if (!end) return 0;
  fputs("<code>", w->page);
  for (const char *at = text + 1; at < end; at++) {
    if (*at == '\\' && at[1] == '|') continue;
    const size_t n = character(at);
    escape(w->page, at, n ? n : 1);
    if (n > 1) at += n - 1;
  }
  fputs("</code>", w->page);
  return (size_t)(end - text) + 1;
}

/* Text with its marks; `cell` 1: of a table. */
static void write_inline(struct writer *w, const char *text, int cell) {
  int strong = 0, small = 0, number;
  size_t n;
  while (*text) {
    if (*text == '`' && (n = write_code(w, text))) {
    } else if (!strncmp(text, "**", n = 2)) {
      fputs(strong ? "</strong>" : "<strong>", w->page);
      strong = !strong;
    } else if (!strncmp(text, "<br>", n = 4)) {
      fputs(!cell ? "<br>" : small ? " " : " <small>", w->page);
      small |= cell;
    } else if (cell && (n = note_at(text, &number))) {
      fprintf(w->page, "<a href=\"#%s-%d-%d\">[%d]</a>", w->prefix, w->tables, number, number);
    } else if (*text == '\\' && text[1] == '|') {
      fputc('|', w->page);
      n = 2;
    } else {
      n = character(text);
      n = n ? n : 1;
      escape(w->page, text, n);
    }
    text += n;
  }
  if (small) fputs("</small>", w->page);
  if (strong) fputs("</strong>", w->page);
}

/* The number a cell begins with, in the base of its unit. */
static int key_of(const char *cell, double *key) {
  static const struct {
    const char *name;
    double scale;
  } units[] = {{"s", 1},    {"ms", 1e-3}, {"µs", 1e-6}, {"ns", 1e-9},
               {"kB", 1e3}, {"MB", 1e6},  {"GB", 1e9}};
  while (*cell == '*') cell++;
  const char *digit = cell + (*cell == '-' || *cell == '+');
  char *end;
  if (!isdigit((unsigned char)digit[*digit == '.'])) return 0;
  *key = strtod(cell, &end);
  if (*end == ' ') end++;
  const size_t n = strcspn(end, " <([,");
  for (size_t u = 0; u < sizeof units / sizeof *units; u++)
    if (strlen(units[u].name) == n && !strncmp(end, units[u].name, n)) *key *= units[u].scale;
  return 1;
}

/* Splits "| a | b |" in place; trimmed cells. */
static int split(char *line, char *cell[COLUMNS]) {
  int cells = 0;
  for (char *at = line + 1; *at && cells < COLUMNS;) {
    char *end = at;
    while (*end && !(*end == '|' && end[-1] != '\\')) end++;
    const int last = !*end;
    *end = '\0';
    while (*at == ' ') at++;
    size_t n = strlen(at);
    while (n && at[n - 1] == ' ') at[--n] = '\0';
    if (last && !n) break;
    cell[cells++] = at;
    at = end + !last;
  }
  return cells;
}

static void write_head(struct writer *w, char *line) {
  char *cell[COLUMNS];
  const int cells = split(line, cell);
  fputs("<thead><tr>", w->page);
  for (int c = 0; c < cells; c++) {
    fprintf(w->page, "<th scope=\"col\"%s>", w->numeric[c] ? " class=\"n\"" : "");
    write_inline(w, cell[c], 1);
    fputs("</th>", w->page);
  }
  fputs("</tr></thead>\n", w->page);
}

static void write_row(struct writer *w, char *line, int first) {
  char *cell[COLUMNS];
  double key;
  const int cells = split(line, cell), goes_on = !first && cells && !*cell[0];
  if (!first && !goes_on) fputs("</tbody>\n", w->page);
  if (!goes_on) fputs("<tbody>", w->page);
  fputs("<tr>", w->page);
  for (int c = 0; c < cells; c++) {
    const char *name = c || !*cell[c] ? "td" : "th";
    fprintf(w->page, "<%s%s%s", name, name[1] == 'h' ? " scope=\"row\"" : "",
            w->numeric[c] ? " class=\"n\"" : "");
    if (key_of(cell[c], &key)) fprintf(w->page, " data-v=\"%.9g\"", key);
    fputc('>', w->page);
    write_inline(w, cell[c], 1);
    fprintf(w->page, "</%s>", name);
  }
  fputs("</tr>\n", w->page);
}

static void read_alignment(struct writer *w, char *line) {
  char *cell[COLUMNS];
  const int cells = split(line, cell);
  memset(w->numeric, 0, sizeof w->numeric);
  for (int c = 0; c < cells; c++) w->numeric[c] = *cell[c] && cell[c][strlen(cell[c]) - 1] == ':';
}

/* One line, ended by NUL; the rest; NULL at the end of the text. */
static char *next_line(char **text) {
  char *line = *text, *end;
  if (!line || !*line) return NULL;
  end = strchr(line, '\n');
  if (end) *end = '\0';
  *text = end ? end + 1 : NULL;
  return line;
}

static void write_table(struct writer *w, const char *caption, char *head, char **rest) {
  char *line = next_line(rest);
  w->tables++;
  if (line) read_alignment(w, line);
  fputs("<div class=\"box\" tabindex=\"0\" role=\"group\" aria-label=\"table\">"
        "<table class=\"sort\">",
        w->page);
  if (caption) {
    fputs("<caption>", w->page);
    write_inline(w, caption, 0);
    fputs("</caption>\n", w->page);
  }
  write_head(w, head);
  int rows = 0;
  while (*rest && **rest == '|') write_row(w, next_line(rest), !rows++);
  fputs(rows ? "</tbody></table></div>\n" : "</table></div>\n", w->page);
}

/* "[1] text<br>" lines as a list that cells point to. */
static void write_notes(struct writer *w, char *text) {
  fputs("<ul class=\"notes\">\n", w->page);
  for (char *line = text, *next; line && *line; line = next) {
    int number = 0;
    next = strstr(line, "<br>");
    if (next) *next = '\0', next += 4;
    while (*line == ' ') line++;
    const size_t n = note_at(line, &number);
    fprintf(w->page, "<li id=\"%s-%d-%d\">[%d]", w->prefix, w->tables, number, number);
    write_inline(w, line + n, 0);
    fputs("</li>\n", w->page);
  }
  fputs("</ul>\n", w->page);
}

static void write_paragraph(struct writer *w, char *text) {
  int number;
  if (w->tables && note_at(text, &number)) {
    write_notes(w, text);
    return;
  }
  fputs("<p>", w->page);
  write_inline(w, text, 0);
  fputs("</p>\n", w->page);
}

void l4r_html_markdown(FILE *page, char *markdown, const char *prefix) {
  struct writer w = {.page = page, .prefix = prefix};
  char *pending = NULL, *line;
  int open = 0; /* the paragraph goes on: no blank line yet */
  while ((line = next_line(&markdown))) {
    if (*line == '|') {
      write_table(&w, pending, line, &markdown);
      pending = NULL;
      open = 0;
    } else if (!*line) {
      open = 0;
    } else if (open) {
      char *gap = pending + strlen(pending); /* joined where next_line cut them */
      memmove(gap + 1, line, strlen(line) + 1);
      *gap = ' ';
    } else {
      if (pending) write_paragraph(&w, pending);
      pending = line;
      open = 1;
    }
  }
  if (pending) write_paragraph(&w, pending);
}
