/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the README's table from records, and the table that `run` prints. */
#include "bench/export/table.h"
#include "bench/table/table.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <string.h>

static void add_row(struct l4r_table *table, const struct l4r_row *row) {
  char label[sizeof row->label + 32], rate[32] = "";
  if (row->rate > 0) l4r_text_set(rate, sizeof rate, " at %.6g/s", row->rate);
  l4r_text_set(label, sizeof label, "%s%s", row->label, rate);
  l4r_record_row(table, row->record, label, 1);
}

static void add_group(struct l4r_sheet *sheet, const struct l4r_rows *rows, int g) {
  const struct l4r_row_group *group = &rows->group[g];
  struct l4r_table table = {.layout = {.gap = 2}};
  l4r_table_title(&table, L4R_STRONG "%s" L4R_STRONG "%s%s. Below each figure its 95 %% interval.",
                  group->title, *group->cpu ? " on " : "", group->cpu);
  l4r_record_columns(&table, 1);
  for (int64_t r = 0; r < rows->count; r++)
    if (rows->row[r].group == g) add_row(&table, &rows->row[r]);
  l4r_sheet_table(sheet, &table);
}

int l4r_export_table(const struct l4r_rows *rows, struct l4r_sheet *sheet) {
  for (int g = 0; g < rows->groups; g++) add_group(sheet, rows, g);
  return L4R_OK;
}

static void add_user_groups(struct l4r_sheet *sheet, const struct l4r_records *records,
                            const char *chosen) {
  for (int64_t r = 0; r < records->count; r++) {
    const struct l4r_record *record = &records->at[r];
    int64_t before = 0;
    for (; before < r; before++) {
      const struct l4r_record *other = &records->at[before];
      if (chosen[before] &&
          !strcmp(l4r_text_or_none(other->data.arm), l4r_text_or_none(record->data.arm)) &&
          json_equal(json_object_get(other->from.json, "accuracy"),
                     json_object_get(record->from.json, "accuracy")))
        break;
    }
    if (!chosen[r] || before < r) continue;
    l4r_table_groups(sheet, l4r_text_or_none(record->data.arm), &record->data.accuracy.groups);
  }
}

int l4r_export_text(const struct l4r_rows *rows, const struct l4r_records *records, int user_groups,
                    struct l4r_sheet *sheet) {
  char *chosen = l4r_alloc((size_t)records->count, 1, "a table");
  int status = chosen ? L4R_OK : L4R_ENVIRONMENT;
  for (int g = 0; g < rows->groups && !status; g++) {
    for (int64_t r = 0; r < rows->count; r++) chosen[r] = rows->row[r].group == g;
    status = l4r_table_run_among(sheet, records, chosen);
    if (user_groups && !status) add_user_groups(sheet, records, chosen);
  }
  l4r_free(chosen);
  return status;
}
