/* SPDX-License-Identifier: BSD-3-Clause */
/* One HTML page of records, whole in itself: it opens from a disk and asks no network, no file and
 * no font of anybody. It says what the terminal says, by the same code: verdicts (bench/claims),
 * tables (bench/export), figures (plots/), and for each figure that is not there the reason. */
#ifndef L4R_BENCH_REPORT_REPORT_H
#define L4R_BENCH_REPORT_REPORT_H

struct l4r_report_options {
  const char *const *path; /* files or folders of records */
  int paths;
  const char *const *training; /* model folders or training logs, for curves */
  int logs;
  const char *out; /* the page */
  int unsealed;    /* 1: records that do not hold too, and the page says so (bench/derive/door.h) */
};
/* Writes the page aside and renames it. L4R_INPUT for what are no records, no logs, or damaged
 * samples; L4R_ENVIRONMENT for memory and disk. That gnuplot is missing is no error: the page says
 * so where its figures would stand. Main thread only. */
int l4r_report_write(const struct l4r_report_options *options);

#endif
