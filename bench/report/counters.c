/* SPDX-License-Identifier: BSD-3-Clause */
/* Counters with their sources: nothing stands in for what could not be counted. */
#include "bench/record/text.h"
#include "bench/report/fold.h"
#include "bench/report/section.h"
#include "bench/table/units.h"
#include "bench/table/footnotes.h"
#include "bench/report/html.h"
#include "bench/report/inner.h"
#include "impl/base/error.h"

#include <math.h>
#include <string.h>

enum { NAMES = 48 };

struct columns { /* of a group: the names of its counters with their units, each once */
  const char *name[NAMES], *unit[NAMES];
  int count;
};

static int column_of(const struct columns *columns, const json_t *cell) {
  for (int c = 0; c < columns->count; c++)
    if (!strcmp(columns->name[c], l4r_text_at(cell, "name")) &&
        !strcmp(columns->unit[c], l4r_text_at(cell, "unit")))
      return c;
  return -1;
}

static void gather(const struct l4r_rows *rows, struct columns *columns) {
  *columns = (struct columns){.count = 0};
  for (int64_t r = 0; r < rows->count; r++) {
    size_t index;
    const json_t *cell;
    json_array_foreach(json_object_get(rows->row[r].record, "counters"), index, cell) {
      if (columns->count == NAMES || column_of(columns, cell) >= 0) continue;
      columns->name[columns->count] = l4r_text_at(cell, "name");
      columns->unit[columns->count++] = l4r_text_at(cell, "unit");
    }
  }
}

static void print_cell(FILE *stream, const json_t *cell, struct l4r_footnotes *notes) {
  const json_t *value = json_object_get(cell, "value");
  if (!json_is_number(value)) {
    const char *reason = l4r_text_at(cell, "reason");
    fprintf(stream, " - [%d] |",
            l4r_footnote(notes, !cell     ? "the run did not count it (lite4rec run --counters)"
                                : *reason ? reason
                                          : "the record does not say why"));
    return;
  }
  const double figure = json_number_value(value);
  fputc(' ', stream);
  if (!strncmp(l4r_text_at(cell, "unit"), "ns", 2))
    l4r_print_time(stream, figure);
  else if (fabs(figure) < 10)
    fprintf(stream, "%.3g", figure);
  else
    l4r_print_digits(stream, figure);
  fputs("<br>", stream);
  l4r_print_plain(stream, l4r_text_at(cell, "source"));
  fputs(" |", stream);
}

static void print_energy(FILE *stream, const struct l4r_row *row, struct l4r_footnotes *notes) {
  const double joules = l4r_row_number(row, "energy.joules");
  const char *reason = l4r_row_text(row, "energy.reason");
  if (!isnan(joules)) {
    fprintf(stream, " %.4g<br>", joules);
    l4r_print_plain(stream, l4r_row_text(row, "energy.source"));
    fputs(" |\n", stream);
  } else {
    fprintf(
        stream, " - [%d] |\n",
        l4r_footnote(notes, *reason ? reason : "the record does not say why there is no energy"));
  }
}

static void print_row(FILE *stream, const struct l4r_row *row, const struct columns *columns,
                      struct l4r_footnotes *notes) {
  const json_t *found[NAMES] = {0}, *cell;
  size_t index;
  fputs("| ", stream);
  l4r_print_label(stream, row->label);
  fprintf(stream, " | %lld |", (long long)row->threads);
  json_array_foreach(json_object_get(row->record, "counters"), index, cell) {
    const int c = column_of(columns, cell);
    if (c >= 0) found[c] = cell;
  }
  for (int c = 0; c < columns->count; c++) print_cell(stream, found[c], notes);
  print_energy(stream, row, notes);
}

static void print_rows(FILE *stream, const struct l4r_rows *rows, const char *title) {
  struct columns columns;
  struct l4r_footnotes notes = {{0}, 0};
  gather(rows, &columns);
  l4r_print_plain(stream, title);
  fputs("; below each figure its source\n\n| arm | threads |", stream);
  for (int c = 0; c < columns.count; c++) {
    fputc(' ', stream);
    l4r_print_plain(stream, columns.name[c]);
    fputs("<br>", stream);
    l4r_print_plain(stream, columns.unit[c]);
    fputs(" |", stream);
  }
  fputs(" energy<br>joules |\n|---|--:|", stream);
  for (int c = 0; c <= columns.count; c++) fputs("--:|", stream);
  fputc('\n', stream);
  for (int64_t r = 0; r < rows->count; r++) print_row(stream, &rows->row[r], &columns, &notes);
  fputc('\n', stream);
  for (int n = 0; n < notes.count; n++) {
    fprintf(stream, "[%d] ", n + 1);
    l4r_print_plain(stream, notes.text[n]);
    fputs(n + 1 < notes.count ? "<br>" : "\n", stream);
  }
}

static int put_rows(struct l4r_report *report, int g, enum l4r_rows_shown shown) {
  char prefix[48];
  json_t *records = NULL;
  struct l4r_rows rows = {0};
  struct l4r_markdown markdown;
  snprintf(prefix, sizeof prefix, "counters-%d%s", g, shown == L4R_ROWS_NEWEST ? "" : "-older");
  int status = l4r_markdown_open(&markdown);
  if (status) return status;
  status = l4r_report_group(report, g, shown, &records, &rows);
  if (!status) print_rows(markdown.stream, &rows, report->rows.group[g].title);
  l4r_rows_free(&rows);
  json_decref(records);
  return l4r_markdown_put(&markdown, report, prefix, status);
}

int l4r_report_counters(struct l4r_report *report) {
  int status = L4R_OK;
  struct l4r_fold fold = {0};
  l4r_section(report, "counters", "Counters");
  l4r_lead(report, "hardware: the processor's own; multiplexed: it shared its registers; kernel: "
                   "counted by the operating system; modelled: computed from shapes. Absent is "
                   "never zero, and nothing stands in for what is absent.");
  l4r_fold_lead(report);
  for (int g = 0; g < report->rows.groups && !status; g++) {
    l4r_group_begin(report, &fold, g);
    status = put_rows(report, g, L4R_ROWS_NEWEST);
    if (!status && l4r_group_older(report, g, L4R_ROWS_OLDER)) {
      status = put_rows(report, g, L4R_ROWS_OLDER);
      l4r_group_end(report);
    }
    l4r_group_end(report);
  }
  l4r_section_end(report);
  return status;
}
