/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes figures for people. Only this file chooses units and digits. */
#ifndef L4R_BENCH_TABLE_UNITS_H
#define L4R_BENCH_TABLE_UNITS_H

struct l4r_unit {
  double scale; /* the value of one unit in ns or in bytes */
  double base;  /* the factor from a number in ns or bytes to seconds or bytes */
  const char *name;
};
/* Returns the unit in which a figure has one to three digits before the point. Pure. */
struct l4r_unit l4r_unit_of_time(double ns);
struct l4r_unit l4r_unit_of_bytes(double bytes);

/* Writes three significant digits without an exponent, with at most `decimals` (2 or 3); returns
 * `out`. */
const char *l4r_digits(char out[32], double value, int decimals);
/* Writes "1.23 ms"; returns `out`. */
const char *l4r_time_text(char out[32], double ns);
/* Returns how many columns a terminal needs for a text: characters, not bytes. Pure. */
int l4r_text_width(const char *text);

#endif
