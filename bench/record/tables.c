/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/tables.h"

#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns about a record that are not members of it. */
static const struct l4r_csv_column of_origin[] = {
    {"checked", "@checked", 99}, {"file", "@file", 103}, {"line", "@line", 104}};

struct columns {
  struct l4r_csv_column *column;
  int count;
};

static void add_columns(struct columns *columns, const struct l4r_field *field, const char *path) {
  const char *at = field->csv;
  for (int i = 0; *at && columns->count < L4R_CSV_COLUMNS; i++) {
    struct l4r_csv_column *column = &columns->column[columns->count++];
    const size_t n = strcspn(at, " "), name = strcspn(at, "= ");
    l4r_text_set(column->name, sizeof column->name, "%.*s", (int)name, at);
    if (name < n)
      l4r_text_set(column->path, sizeof column->path, "%s.%.*s", path, (int)(n - name - 1),
                   at + name + 1);
    else
      l4r_text_set(column->path, sizeof column->path, "%s", path);
    column->place = field->place ? field->place + i : 1000 + columns->count;
    at += n + (at[n] == ' ');
  }
}

static void collect(struct columns *columns, const struct l4r_shape *shape, const char *before) {
  for (size_t f = 0; f < shape->fields; f++) {
    const struct l4r_field *field = &shape->field[f];
    char path[128];
    l4r_text_set(path, sizeof path, "%s%s%s", before, *before ? "." : "", field->name);
    if (field->csv) add_columns(columns, field, path);
    if (field->kind == L4R_IS_PART) collect(columns, field->shape(), path);
  }
}

static int by_place(const void *a, const void *b) {
  const struct l4r_csv_column *x = a, *y = b;
  return (x->place > y->place) - (x->place < y->place);
}

int l4r_csv_columns(struct l4r_csv_column column[L4R_CSV_COLUMNS]) {
  enum { OF_ORIGIN = sizeof of_origin / sizeof *of_origin };
  struct columns columns = {column, OF_ORIGIN};
  memcpy(column, of_origin, sizeof of_origin);
  collect(&columns, l4r_shape_record(), "");
  qsort(column, (size_t)columns.count, sizeof *column, by_place);
  return columns.count;
}

static void print_text(FILE *stream, const char *text) {
  if (!strpbrk(text, ",\"\r\n")) {
    fputs(text, stream);
    return;
  }
  fputc('"', stream);
  for (; *text; text++) {
    if (*text == '"') fputc('"', stream);
    fputc(*text, stream);
  }
  fputc('"', stream);
}

/* Prints the texts of all warnings in one field. */
static void print_warnings(FILE *stream, const struct l4r_record *record) {
  char *text = NULL;
  size_t bytes;
  FILE *field = open_memstream(&text, &bytes);
  if (!field) return;
  for (int64_t w = 0; w < record->data.warnings.count; w++) {
    const char *warning = record->data.warnings.at[w].text;
    fprintf(field, "%s%s", w ? "; " : "", warning ? warning : "");
  }
  if (!fclose(field)) print_text(stream, text);
  free(text);
}

static void print_of_origin(FILE *stream, const struct l4r_origin *from, const char *what) {
  if (!strcmp(what, "@line")) {
    if (from->path) fprintf(stream, "%lld", (long long)from->line);
    return;
  }
  const char *text = !strcmp(what, "@file") ? from->path : from->checked;
  print_text(stream, text ? text : "");
}

static void print_value(FILE *stream, const struct l4r_record *record, const char *path) {
  const struct l4r_member_value value = l4r_member_at(l4r_shape_record(), &record->data, path);
  if (!value.is_there) return;
  if (value.text)
    print_text(stream, value.text);
  else if (value.at == &record->data.warnings)
    print_warnings(stream, record);
  else if (value.whole != L4R_NONE)
    fprintf(stream, "%lld", (long long)value.whole);
  else if (!isnan(value.real))
    fprintf(stream, "%.10g", value.real);
}

void l4r_csv_head(FILE *stream) {
  struct l4r_csv_column column[L4R_CSV_COLUMNS];
  const int count = l4r_csv_columns(column);
  for (int c = 0; c < count; c++) fprintf(stream, "%s%s", c ? "," : "", column[c].name);
  fprintf(stream, "\r\n");
}

void l4r_csv_line(FILE *stream, const struct l4r_record *record) {
  struct l4r_csv_column column[L4R_CSV_COLUMNS];
  const int count = l4r_csv_columns(column);
  for (int c = 0; c < count; c++) {
    if (c) fputc(',', stream);
    if (*column[c].path == '@')
      print_of_origin(stream, &record->from, column[c].path);
    else
      print_value(stream, record, column[c].path);
  }
  fprintf(stream, "\r\n");
}
