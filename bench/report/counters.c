/* SPDX-License-Identifier: BSD-3-Clause */
/* Counters with their sources: nothing stands in for what could not be counted. */
#include "bench/report/counters.h"
#include "bench/record/text.h"
#include "bench/report/fold.h"
#include "bench/report/section.h"
#include "bench/table/html.h"
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

static void add_cell(struct l4r_table *table, const json_t *cell) {
  const json_t *value = json_object_get(cell, "value");
  const char *reason = l4r_text_at(cell, "reason");
  const struct l4r_shown figure = {json_number_value(value), NAN, NAN};
  if (!json_is_number(value)) {
    l4r_cell_absent(table, !cell     ? "the run did not count it (lite4rec run --counters)"
                           : *reason ? reason
                                     : "the record does not say why");
    return;
  }
  if (!strncmp(l4r_text_at(cell, "unit"), "ns", 2)) {
    l4r_cell_time(table, figure, L4R_UNDER);
  } else if (fabs(figure.value) < 10) {
    l4r_cell(table, "%.3g", figure.value);
    l4r_cell_value(table, figure);
  } else {
    l4r_cell_digits(table, figure, 2, L4R_UNDER);
  }
  l4r_cell_interval(table, 0, "%s", l4r_text_at(cell, "source"));
}

static void add_energy(struct l4r_table *table, const struct l4r_row *row) {
  const double joules = l4r_row_number(row, "energy.joules");
  const char *reason = l4r_row_text(row, "energy.reason");
  if (isnan(joules)) {
    l4r_cell_absent(table, *reason ? reason : "the record does not say why there is no energy");
    return;
  }
  l4r_cell(table, "%.4g", joules);
  l4r_cell_value(table, (struct l4r_shown){joules, NAN, NAN});
  l4r_cell_interval(table, 0, "%s", l4r_row_text(row, "energy.source"));
}

static void add_row(struct l4r_table *table, const struct l4r_row *row,
                    const struct columns *columns) {
  const json_t *found[NAMES] = {0}, *cell;
  size_t index;
  l4r_row(table);
  l4r_cell(table, L4R_CODE "%s" L4R_CODE, row->label);
  l4r_cell_count(table, row->threads);
  json_array_foreach(json_object_get(row->record, "counters"), index, cell) {
    const int c = column_of(columns, cell);
    if (c >= 0) found[c] = cell;
  }
  for (int c = 0; c < columns->count; c++) add_cell(table, found[c]);
  add_energy(table, row);
}

/* Text of another's, and what stands small below it. */
static const char *two_lines(struct l4r_table *table, const char *name, const char *unit) {
  return l4r_table_text(table, "%s%s%s", name, *unit ? L4R_LINE : "", unit);
}

static int export_counters(const struct l4r_rows *rows, struct l4r_sheet *sheet) {
  struct columns columns;
  struct l4r_table table = {.layout = {.gap = 2}};
  gather(rows, &columns);
  l4r_table_title(&table, "%s; below each figure its source",
                  rows->groups ? rows->group[0].title : "");
  l4r_table_column(&table, (struct l4r_column){"arm", "arm", .align = L4R_LEFT});
  l4r_table_column(&table, (struct l4r_column){"threads", "threads", .align = L4R_RIGHT});
  for (int c = 0; c < columns.count; c++)
    l4r_table_column(&table,
                     (struct l4r_column){columns.name[c],
                                         two_lines(&table, columns.name[c], columns.unit[c]),
                                         columns.unit[c], .align = L4R_FIGURE});
  l4r_table_column(
      &table, (struct l4r_column){"joules", "energy" L4R_LINE "joules", "J", .align = L4R_FIGURE});
  for (int64_t r = 0; r < rows->count; r++) add_row(&table, &rows->row[r], &columns);
  l4r_sheet_table(sheet, &table);
  return L4R_OK;
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
    status = l4r_report_rows_put(report, g, L4R_ROWS_OLDER, "counters", export_counters);
    l4r_group_end(report);
  }
  l4r_section_end(report);
  return status;
}
