/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/report: the report under way and its sections. */
#ifndef L4R_BENCH_REPORT_INNER_H
#define L4R_BENCH_REPORT_INNER_H

#include "bench/export/rows.h"
#include "bench/report/figures.h"

#include <jansson.h>
#include <stdio.h>

struct l4r_report {
  FILE *page;      /* the body, in memory until it is whole */
  json_t *records; /* as l4r_records_read gives them, "_run" set */
  struct l4r_rows rows;
  struct l4r_figures figures;
  json_t *warnings;  /* {text: how many said it}, in order of appearance */
  char growth[512];  /* why there is no growth; "" */
  char *growth_text; /* else its tables in Markdown */
  const char *const *training;
  int logs;
};

/* Counts a warning; the same text once more adds to it. */
void l4r_report_warn(struct l4r_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "<section id=ID><h2>TITLE</h2>", and its end. */
void l4r_section(struct l4r_report *report, const char *id, const char *title);
void l4r_section_end(struct l4r_report *report);
/* "<p class=lead>" with text, escaped. */
void l4r_lead(struct l4r_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Markdown in the making: written to `stream`, then put on the page. */
struct l4r_markdown {
  FILE *stream;
  char *text;
  size_t bytes;
};
int l4r_markdown_open(struct l4r_markdown *markdown);
/* Ends it and puts it on the page when `status` is 0; returns `status`. */
int l4r_markdown_put(struct l4r_markdown *markdown, struct l4r_report *report, const char *prefix,
                     int status);

/* Of several records of one arm, thread count and rate a table shows the newest; the older ones
 * stand below it, folded. Known once l4r_export_tables has placed the rows. */
enum l4r_rows_shown { L4R_ROWS_NEWEST, L4R_ROWS_OLDER, L4R_ROWS_ALL };
/* Those rows of one group as rows of their own: `records` borrows, and must outlive `rows`. */
int l4r_report_group(const struct l4r_report *report, int group, enum l4r_rows_shown shown,
                     json_t **records, struct l4r_rows *rows);
/* How many there are. */
int l4r_report_rows(const struct l4r_report *report, int group, enum l4r_rows_shown shown);

struct l4r_fold { /* zero where a section begins */
  int rows;       /* of the groups so far: they are open until these fill some screens */
};
/* Says that groups are folded, where some will be. */
void l4r_fold_lead(const struct l4r_report *report);
/* "<details><summary><h3>TITLE ..", open or folded; and its end. */
void l4r_group_begin(struct l4r_report *report, struct l4r_fold *fold, int g);
void l4r_group_end(struct l4r_report *report);
/* Begins the folded part for older records, or for all of a group that has older ones, when there
 * are any, and returns whether; ended by l4r_group_end. */
int l4r_group_older(struct l4r_report *report, int g, enum l4r_rows_shown shown);

/* The parts, each a section. Errors: L4R_ENVIRONMENT, and L4R_INPUT for damaged files. */
int l4r_report_claims(struct l4r_report *report);
int l4r_report_latency(struct l4r_report *report);
int l4r_report_training_rows(struct l4r_report *report);
int l4r_report_stages(struct l4r_report *report);
int l4r_report_growth(struct l4r_report *report);
int l4r_report_curves(struct l4r_report *report);
int l4r_report_counters(struct l4r_report *report);
int l4r_report_machines(struct l4r_report *report);
int l4r_report_provenance(struct l4r_report *report);

#endif
