/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/report: the report under construction and its sections. */
#ifndef L4R_BENCH_REPORT_INNER_H
#define L4R_BENCH_REPORT_INNER_H

#include "bench/export/rows.h"
#include "bench/report/figures.h"

#include <jansson.h>
#include <stdio.h>

struct l4r_report {
  FILE *page; /* the body, in memory until it is complete */
  struct l4r_records records;
  struct l4r_rows rows;
  int *group; /* [rows.groups], as the sections show them */
  struct l4r_figures figures;
  json_t *warnings;  /* {text: how many records have it}, in order of appearance */
  char growth[512];  /* why growth is not shown, or "" */
  char *growth_text; /* otherwise its tables as HTML */
  const char *const *training;
  int logs;
};

#endif
