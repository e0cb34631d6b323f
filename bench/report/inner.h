/* What the parts of a report share. */
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

/* The rows of one group as rows of their own: `records` borrows, and must outlive `rows`. */
int l4r_report_group(const struct l4r_report *report, int group, json_t **records,
                     struct l4r_rows *rows);

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
