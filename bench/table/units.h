/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures as documents show them. */
#ifndef L4R_BENCH_TABLE_UNITS_H
#define L4R_BENCH_TABLE_UNITS_H

#include <stdio.h>

struct l4r_unit {
  double scale;
  const char *name;
};
/* The unit in which a time reads with one to three digits before the point. Pure. */
struct l4r_unit l4r_unit_of_time(double ns);
struct l4r_unit l4r_unit_of_bytes(double bytes);

/* Three significant digits without an exponent, two decimals at most. */
void l4r_print_digits(FILE *stream, double value);
/* "1.23 ms" */
void l4r_print_time(FILE *stream, double ns);
/* Text of a record within Markdown, a table's cell too: without the marks that mean something
 * there. l4r_make_markdown does the same to a text in place. */
void l4r_print_plain(FILE *stream, const char *text);
void l4r_make_markdown(char *text);
/* A name as code of a Markdown table: `name`, whatever is in it. */
void l4r_print_label(FILE *stream, const char *label);

#endif
