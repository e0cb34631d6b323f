/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints counters with their sources. A counter that could not be read has no substitute. */
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

static int column_of(const struct columns *columns, const struct l4r_record_counter *counter) {
  for (int c = 0; c < columns->count; c++)
    if (!strcmp(columns->name[c], l4r_text_or_none(counter->name)) &&
        !strcmp(columns->unit[c], l4r_text_or_none(counter->unit)))
      return c;
  return -1;
}

static void gather(const struct l4r_rows *rows, struct columns *columns) {
  *columns = (struct columns){.count = 0};
  for (int64_t r = 0; r < rows->count; r++) {
    const struct l4r_record_record *data = &rows->row[r].record->data;
    for (int64_t c = 0; c < data->counters.count; c++) {
      const struct l4r_record_counter *counter = &data->counters.at[c];
      if (columns->count == NAMES || column_of(columns, counter) >= 0) continue;
      columns->name[columns->count] = l4r_text_or_none(counter->name);
      columns->unit[columns->count++] = l4r_text_or_none(counter->unit);
    }
  }
}

static void add_cell(struct l4r_table *table, const struct l4r_record_counter *counter) {
  const char *reason = counter ? l4r_text_or_none(counter->reason) : "";
  const struct l4r_shown figure = {counter ? counter->value : NAN, NAN, NAN};
  if (!counter || isnan(figure.value)) {
    l4r_cell_absent(table, !counter  ? "the run did not count it (lite4rec run --counters)"
                           : *reason ? reason
                                     : "the record does not say why");
    return;
  }
  if (!strncmp(l4r_text_or_none(counter->unit), "ns", 2)) {
    l4r_cell_time(table, figure, L4R_UNDER);
  } else if (fabs(figure.value) < 10) {
    l4r_cell(table, "%.3g", figure.value);
    l4r_cell_value(table, figure);
  } else {
    l4r_cell_digits(table, figure, 2, L4R_UNDER);
  }
  l4r_cell_interval(table, 0, "%s", l4r_text_or_none(counter->source));
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
  const struct l4r_record_record *data = &row->record->data;
  const struct l4r_record_counter *found[NAMES] = {0};
  l4r_row(table);
  l4r_cell(table, L4R_CODE "%s" L4R_CODE, row->label);
  l4r_cell_count(table, row->threads);
  for (int64_t i = 0; i < data->counters.count; i++) {
    const int c = column_of(columns, &data->counters.at[i]);
    if (c >= 0) found[c] = &data->counters.at[i];
  }
  for (int c = 0; c < columns->count; c++) add_cell(table, found[c]);
  add_energy(table, row);
}

/* Returns the name with the unit in small type below it. */
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
  struct l4r_fold fold = {.rows = L4R_FOLD_FIRST};
  l4r_section(report, "counters", "Counters");
  l4r_lead(report,
           "hardware: the processor's own; multiplexed: it shared its registers; kernel: "
           "counted by the operating system; modelled: computed from shapes. A counter that  "
           "could not be read is shown as absent, never as zero or by a substitute.");
  for (int n = 0; n < report->rows.groups && !status; n++) {
    const int g = report->group[n];
    l4r_group_begin(report, &fold, g);
    status = l4r_report_rows_put(report, g, L4R_ROWS_OLDER, "counters", export_counters);
    l4r_group_end(report);
  }
  l4r_section_end(report);
  return status;
}
