/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the figures of `make plots` for a page: gnuplot draws them with the scripts of plots/ in a
 * scratch folder, in another process while the page's text is made. When a figure cannot be drawn,
 * the page gets the reason and does not fail. Main thread only. */
#ifndef L4R_BENCH_REPORT_FIGURES_H
#define L4R_BENCH_REPORT_FIGURES_H

#include "bench/export/rows.h"
#include "impl/base/file.h"
#include "impl/base/tidy.h"

#include <stdio.h>
#include <sys/types.h>

struct l4r_figures {
  char folder[L4R_PATH_MAX];
  struct l4r_scratch scratch;
  pid_t drawing;     /* 0: no process is drawing */
  int several;       /* 1: file names contain the names of groups */
  char reason[2048]; /* why figures are missing; "" if none is */
};

/* Makes the scratch folder with the tables of records (as `export tables` does), of growth (which
 * the caller has written to l4r_figures_tables) and, with models, of training logs, and begins to
 * draw. L4R_INPUT for damaged samples or logs; L4R_ENVIRONMENT without a scratch folder. Must be
 * ended by l4r_figures_end, also after a failure. */
int l4r_figures_open(struct l4r_figures *figures);
/* Writes the path of the folder for tables to folder[L4R_PATH_MAX]. */
int l4r_figures_tables(const struct l4r_figures *figures, char *folder);
int l4r_figures_begin(struct l4r_figures *figures, struct l4r_rows *rows,
                      const char *const *training, int logs, int growth);
/* Waits until all are drawn. */
void l4r_figures_wait(struct l4r_figures *figures);
/* Puts the figure `kind` (such as "latency") of a group ("" for figures of no group) on the page
 * with a caption, and returns whether it was drawn; adds nothing when it was not. A figure contains
 * labels of records that may come from anybody, so it becomes an image (<img> with a data:
 * address), in which browsers run no script and load nothing. */
int l4r_figures_put(struct l4r_figures *figures, FILE *page, const char *kind, const char *group,
                    const char *caption);
/* Removes the scratch folder. */
void l4r_figures_end(struct l4r_figures *figures);

#endif
