/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures as people read them: the one place that chooses units and digits. */
#ifndef L4R_BENCH_TABLE_UNITS_H
#define L4R_BENCH_TABLE_UNITS_H

struct l4r_unit {
  double scale; /* what one of it is: of times in ns, of bytes in bytes */
  double base;  /* what a number is multiplied by to be in seconds, or in bytes */
  const char *name;
};
/* The unit in which a figure reads with one to three digits before the point. Pure. */
struct l4r_unit l4r_unit_of_time(double ns);
struct l4r_unit l4r_unit_of_bytes(double bytes);

/* Three significant digits without an exponent, `decimals` (2 or 3) at most; returns `out`. */
const char *l4r_digits(char out[32], double value, int decimals);
/* "1.23 ms"; returns `out`. */
const char *l4r_time_text(char out[32], double ns);
/* Columns that a terminal gives a text: characters, not bytes. Pure. */
int l4r_text_width(const char *text);

#endif
