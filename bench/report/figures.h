/* SPDX-License-Identifier: BSD-3-Clause */
/* Draws the page's figures from the tables from which `make plots` draws its own (bench/export):
 * the same points, curves and limits, as inline SVG (chart.h), whose marks have tooltips and lead
 * to their rows. An arm has one colour and shape on the whole page. Main thread only. */
#ifndef L4R_BENCH_REPORT_FIGURES_H
#define L4R_BENCH_REPORT_FIGURES_H

#include "bench/export/rows.h"
#include "bench/report/columns.h"
#include "impl/base/file.h"
#include "impl/base/tidy.h"

#include <stdio.h>

enum l4r_figure_table {
  L4R_OF_ARMS,
  L4R_OF_POINTS,
  L4R_OF_QUANTILES,
  L4R_OF_STAGES,
  L4R_OF_LOAD,
  L4R_OF_GROWTH,
  L4R_OF_CURVES,
  L4R_OF_MODELS,
  L4R_OF_SIMPLE,
  L4R_FIGURE_TABLES
};

struct l4r_figures {
  char folder[L4R_PATH_MAX];
  struct l4r_scratch scratch;
  const struct l4r_rows *rows; /* borrowed; placed by l4r_figures_begin */
  struct l4r_tsv_rows table[L4R_FIGURE_TABLES];
  char **look; /* [looks] names of arms in the order of their colours */
  size_t looks, look_room;
};

/* Makes the scratch folder. L4R_ENVIRONMENT without one. Must be ended by l4r_figures_end, also
 * after a failure. */
int l4r_figures_open(struct l4r_figures *figures);
/* Writes the path of the folder for tables to folder[L4R_PATH_MAX]; growth's is written there by
 * the caller before l4r_figures_begin. */
int l4r_figures_tables(const struct l4r_figures *figures, char *folder);
/* Writes the tables of records and of training logs, places the rows, which must outlive the
 * figures, and reads all tables. L4R_INPUT for damaged samples or logs. */
int l4r_figures_begin(struct l4r_figures *figures, struct l4r_rows *rows,
                      const char *const *training, int logs);
void l4r_figures_end(struct l4r_figures *figures);

/* Returns the place of an arm's colour and shape; -1 when memory is short. */
int l4r_figures_look(struct l4r_figures *figures, const char *arm);
/* Writes the id of the row of an arm in the section of latencies; "" where there is none. */
void l4r_figures_row(const struct l4r_figures *figures, int group, int arm, int thread, double rate,
                     char *id, size_t size);

#endif
