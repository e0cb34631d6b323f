/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes one self-contained HTML page about records. It can be opened from a disk and loads nothing
 * from a network or another file. It contains what the terminal prints, made by the same code:
 * verdicts (bench/claims), tables (bench/export), figures (plots/), and the reason for each figure
 * that is missing. */
#ifndef L4R_BENCH_REPORT_REPORT_H
#define L4R_BENCH_REPORT_REPORT_H

struct l4r_report_options {
  const char *const *path; /* files or folders of records */
  int paths;
  const char *const *training; /* model folders or training logs, for curves */
  int logs;
  const char *out; /* the page */
  int unsealed; /* 1: show records that fail their check too; the page says so (bench/derive/door.h)
                 */
};
/* Writes the page to a temporary file and renames it. L4R_INPUT when the files are not records or
 * logs, or samples are damaged; L4R_ENVIRONMENT for memory and disk. A missing gnuplot is no error;
 * the page says so in place of its figures. Main thread only. */
int l4r_report_write(const struct l4r_report_options *options);

#endif
