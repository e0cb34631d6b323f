/* SPDX-License-Identifier: BSD-3-Clause */
/* The figures of `make plots` for a page: drawn by gnuplot through plots/'s own scripts in a
 * scratch folder, by another process while the page's text is made. What cannot be drawn is a
 * reason, never a failure of the page. Main thread only. */
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
  pid_t drawing;     /* 0: nothing is */
  int several;       /* groups: their names belong to the files' */
  char reason[2048]; /* why there are none, or some are missing; "" */
};

/* Makes the scratch folder, and in it the tables of records (as `export tables`), of growth
 * (already written by the caller into l4r_figures_tables) and, with models, of training logs, and
 * begins to draw. L4R_INPUT for damaged samples or logs; L4R_ENVIRONMENT without a scratch folder.
 * Ended by l4r_figures_end, also after a failure. */
int l4r_figures_open(struct l4r_figures *figures);
/* The folder for tables, [L4R_PATH_MAX]. */
int l4r_figures_tables(const struct l4r_figures *figures, char *folder);
int l4r_figures_begin(struct l4r_figures *figures, struct l4r_rows *rows,
                      const char *const *training, int logs, int growth);
/* Waits until all are drawn. */
void l4r_figures_wait(struct l4r_figures *figures);
/* Puts the figure `kind` ("latency") of a group ("" for those of no group) on the page, under a
 * caption; nothing when it was not drawn. Returns whether it was. Labels of a figure come from
 * records, which may be anybody's, so the drawing becomes an image of its own (<img> with a data:
 * address): in an image, browsers run no script and load nothing. */
int l4r_figures_put(struct l4r_figures *figures, FILE *page, const char *kind, const char *group,
                    const char *caption);
/* Removes the scratch folder. */
void l4r_figures_end(struct l4r_figures *figures);

#endif
