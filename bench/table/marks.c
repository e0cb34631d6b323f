/* SPDX-License-Identifier: BSD-3-Clause */
/* Handles the marks of a text for all printers: skips them or writes them in the printer's way. */
#include "bench/table/marks.h"

#include "bench/table/units.h"
#include "impl/base/memory.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Returns the number of "12]" after a bracket, 0 where there is none. */
static int number_behind(const char *text, size_t *bytes) {
  char *end;
  if (!isdigit((unsigned char)*text)) return 0;
  const long number = strtol(text, &end, 10);
  if (*end != ']' || end - text > 5) return 0;
  *bytes = (size_t)(end - text) + 1;
  return (int)number;
}

/* Returns the bytes of a UTF-8 character; texts of tables are UTF-8. */
static size_t bytes_of(const char *text) {
  size_t n = 1;
  while (((unsigned char)text[n] & 0xc0) == 0x80) n++;
  return n;
}

void l4r_put_marked(struct l4r_sheet *sheet, const struct l4r_marks *marks, const char *text) {
  int strong = 0, code = 0, number;
  for (size_t n; *text; text += n) {
    n = bytes_of(text);
    switch (*text) {
    case '\x01':
      fputs(marks->strong[strong], sheet->stream), strong = !strong;
      break;
    case '\x02':
      fputs(marks->code[code], sheet->stream), code = !code;
      break;
    case '\x03': {
      size_t more = 0;
      number = marks->note ? number_behind(text + 1, &more) : 0;
      if (number && (size_t)number <= sheet->notes)
        marks->note(sheet, number);
      else
        fputc('[', sheet->stream), more = 0;
      n += more;
      break;
    }
    case '\x05':
      if (marks->detail && !strncmp(text + 1, "  ", 2) && text[3] != ' ')
        fputs(marks->detail, sheet->stream), n += 2;
      else
        fputs(marks->line, sheet->stream);
      break;
    default:
      if ((unsigned char)*text < 32 || *text == 127)
        fputc(' ', sheet->stream);
      else
        marks->put(sheet->stream, text, n, code);
    }
  }
  if (code) fputs(marks->code[1], sheet->stream);
  if (strong) fputs(marks->strong[1], sheet->stream);
}

char *l4r_unmarked(const char *text) {
  char *copy = l4r_strdup(text), *out = copy;
  for (size_t more = 0; copy && *text; text++) {
    if (*text == ' ' && text[1] == *L4R_BRACKET && number_behind(text + 2, &more))
      text += 1 + more;
    else if (*text == *L4R_BRACKET)
      *out++ = '[';
    else if (*text != *L4R_STRONG && *text != *L4R_CODE)
      *out++ = (unsigned char)*text < 32 || *text == 127 ? ' ' : *text;
  }
  if (copy) *out = '\0';
  return copy;
}

int l4r_marked_width(const char *text) {
  int width = l4r_text_width(text);
  for (; *text; text++) width -= *text == *L4R_STRONG || *text == *L4R_CODE;
  return width;
}

const struct l4r_table_cell *l4r_cell_at(const struct l4r_table *table,
                                         const struct l4r_table_row *row, size_t column) {
  static const struct l4r_table_cell empty = {.text = "", .number = {NAN, NAN, NAN}, .key = NAN};
  return column < (size_t)row->cells ? &table->cell[row->first + column] : &empty;
}

int l4r_cell_is_absent(const struct l4r_table_cell *cell) {
  return cell->text[0] == '-' && strchr(" ", cell->text[1]) != NULL;
}
