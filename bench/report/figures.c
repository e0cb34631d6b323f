/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report/figures.h"

#include "bench/export/curves.h"
#include "bench/export/plot_tables.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <string.h>

int l4r_figures_open(struct l4r_figures *figures) {
  char folder[L4R_PATH_MAX];
  *figures = (struct l4r_figures){.looks = 0};
  const int status = l4r_scratch_make("lite4rec-report", folder, &figures->scratch);
  if (!status) memcpy(figures->folder, folder, sizeof folder);
  return status;
}

int l4r_figures_tables(const struct l4r_figures *figures, char *folder) {
  return l4r_path_join(folder, figures->folder, "tables");
}

int l4r_figures_begin(struct l4r_figures *figures, struct l4r_rows *rows,
                      const char *const *training, int logs) {
  static const char *const names[L4R_FIGURE_TABLES] = {"arms.tsv",
                                                       "accuracy_latency.tsv",
                                                       "latency_quantiles.tsv",
                                                       "stages.tsv",
                                                       "load.tsv",
                                                       "growth.tsv",
                                                       "curves.tsv",
                                                       "models.tsv",
                                                       "simple.tsv"};
  char tables[L4R_PATH_MAX];
  figures->rows = rows;
  int status = l4r_figures_tables(figures, tables);
  if (!status) status = l4r_export_plot_tables(rows, tables);
  if (!status && logs) status = l4r_export_curves(training, logs, tables);
  for (int t = 0; t < L4R_FIGURE_TABLES && !status; t++)
    status = l4r_columns_read(&figures->table[t], tables, names[t]);
  const struct l4r_tsv_rows *arms = &figures->table[L4R_OF_ARMS];
  for (int64_t r = 0; r < arms->rows && !status; r++)
    if (l4r_figures_look(figures, l4r_columns_text(arms, r, "label")) < 0) status = L4R_ENVIRONMENT;
  return status;
}

void l4r_figures_end(struct l4r_figures *figures) {
  for (int t = 0; t < L4R_FIGURE_TABLES; t++) l4r_columns_free(&figures->table[t]);
  for (size_t l = 0; l < figures->looks; l++) l4r_free(figures->look[l]);
  l4r_free(figures->look);
  if (*figures->folder) l4r_scratch_remove(figures->folder, &figures->scratch);
  *figures = (struct l4r_figures){.looks = 0};
}

int l4r_figures_look(struct l4r_figures *figures, const char *arm) {
  for (size_t l = 0; l < figures->looks; l++)
    if (!strcmp(figures->look[l], arm)) return (int)l;
  char *name = l4r_strdup(arm);
  if (!name || l4r_grow(&figures->look, &figures->look_room, figures->looks + 1,
                        sizeof *figures->look, "names of arms")) {
    l4r_free(name);
    return -1;
  }
  figures->look[figures->looks] = name;
  return (int)figures->looks++;
}

void l4r_figures_row(const struct l4r_figures *figures, int group, int arm, int thread, double rate,
                     char *id, size_t size) {
  int place = 0; /* among the newest of the group: fold.c prints those in this order */
  l4r_text_set(id, size, "%s", "");
  for (int64_t r = 0; r < figures->rows->count; r++) {
    const struct l4r_row *row = &figures->rows->row[r];
    if (row->group != group || row->arm < 0) continue;
    if (row->arm == arm && row->thread == thread && row->rate == rate) {
      l4r_text_set(id, size, "latency-%d-1-r%d", group, place);
      return;
    }
    place++;
  }
}
