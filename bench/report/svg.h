/* SPDX-License-Identifier: BSD-3-Clause */
/* Drawings of gnuplot's, put into a page. */
#ifndef L4R_BENCH_REPORT_SVG_H
#define L4R_BENCH_REPORT_SVG_H

#include <stdio.h>

/* Writes an SVG document as an element of a page: ids get a prefix of their own ("f12-"), because
 * every drawing of gnuplot's uses the same, titles and descriptions are left out, and the root gets
 * a role and `label` as its name. Only elements that draw, attributes that cannot run, and
 * references inside the drawing may stand in it: else L4R_INPUT, with what was found, and nothing
 * is written. L4R_ENVIRONMENT without memory. */
int l4r_svg_inline(FILE *page, const char *svg, int number, const char *label);

#endif
