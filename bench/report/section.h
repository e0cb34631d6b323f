/* SPDX-License-Identifier: BSD-3-Clause */
/* A section of a report under construction. */
#ifndef L4R_BENCH_REPORT_SECTION_H
#define L4R_BENCH_REPORT_SECTION_H

#include "bench/report/inner.h"

/* Counts a warning; an equal text increases its count. */
void l4r_report_warn(struct l4r_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Begin "<section id=ID><h2>TITLE</h2>", and end it. */
void l4r_section(struct l4r_report *report, const char *id, const char *title);
void l4r_section_end(struct l4r_report *report);
/* Prints "<p class=lead>" with the text, escaped. */
void l4r_lead(struct l4r_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
