/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/grid.h"

#include "bench/claims/judge.h"
#include "bench/derive/busy.h"
#include "bench/record/text.h"

static void add_warnings(struct l4r_table *table, const struct l4r_record *record) {
  for (int64_t w = 0; w < record->data.warnings.count; w++)
    l4r_row_remark(table, "warning: %s: %s", l4r_text_or_none(record->data.arm),
                   l4r_text_or_none(record->data.warnings.at[w].text));
}

/* What spoils the times of the pair's rows, by the busier side. */
static const struct l4r_record *busier(const struct l4r_record *lite,
                                       const struct l4r_record *beam) {
  return l4r_busy_share(lite, NULL) > l4r_busy_share(beam, NULL) ? lite : beam;
}

static void add_row(struct l4r_table *table, const struct l4r_record *lite,
                    const struct l4r_record *beam, const struct l4r_gain *gain, int64_t rounds,
                    int is_verdict) {
  char cell[256], label[256], busy[32];
  const char *name = l4r_dataset_label_of(lite, label, sizeof label);
  l4r_pair_cell(lite, beam, cell, sizeof cell);
  l4r_row(table);
  l4r_cell(table, "%s", is_verdict ? "->" : "");
  l4r_cell(table, "%s", cell);
  l4r_cell(table, "%s", *name ? name : "-");
  l4r_cell_fixed(table, 100 * gain->value, 2, " %");
  l4r_cell_value(table, (struct l4r_shown){100 * gain->value, 100 * gain->lo, 100 * gain->hi});
  l4r_cell_interval(table, 0, L4R_BRACKET "%.2f, %.2f]", 100 * gain->lo, 100 * gain->hi);
  l4r_cell_fixed(table, 1 / (1 - gain->value), 1, "");
  l4r_cell_count(table, rounds);
  l4r_cell(table, "%.10s", l4r_text_or_none(lite->data.manifest.time));
  l4r_cell(table, "%s", l4r_busy_text(busier(lite, beam), busy, sizeof busy));
}

void l4r_claims_grid(struct l4r_sheet *sheet, const struct l4r_records *records) {
  l4r_claims_grid_marked(sheet, records, NULL);
}

void l4r_claims_grid_marked(struct l4r_sheet *sheet, const struct l4r_records *records,
                            const struct l4r_record *const verdict[2]) {
  static const struct l4r_column columns[] = {
      {"verdict", "", .align = L4R_LEFT},
      {"cell", "cell", .align = L4R_LEFT},
      {"dataset", "data set", .align = L4R_LEFT},
      {"less_time", "less time", "%", .align = L4R_FIGURE, .interval = 1},
      {"times", "times faster", .align = L4R_RIGHT},
      {"rounds", "rounds", .align = L4R_RIGHT},
      {"date", "date", .align = L4R_LEFT},
      {"spoiled", "spoiled by", .align = L4R_LEFT}};
  struct l4r_table table = {.layout = {.indent = 2, .gap = 2}};
  const struct l4r_record *lite, *beam;
  int64_t cursor = 0, rounds;
  l4r_table_title(&table,
                  "Time of Lite beside beam search, every configuration that was measured: 1 - "
                  "time(Lite) / time(beam), mean of a user, 95 %% interval over rounds");
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  while (l4r_next_pair(records, &cursor, &lite, &beam)) {
    struct l4r_gain gain;
    if (l4r_pair_saving(lite, beam, &gain, &rounds)) continue;
    add_row(&table, lite, beam, &gain, rounds, verdict && lite == verdict[0] && beam == verdict[1]);
    if (sheet->printer->document) continue;
    add_warnings(&table, lite);
    add_warnings(&table, beam);
  }
  if (verdict && verdict[0] && table.rows)
    l4r_table_foot(&table, "->: the cell of the verdicts on time");
  if (table.rows || table.status) {
    l4r_sheet_table(sheet, &table);
    return;
  }
  l4r_table_free(&table);
  if (sheet->printer->document)
    l4r_sheet_text(sheet, "No run holds Lite and beam search side by side, so there is no table of "
                          "their times.");
}
