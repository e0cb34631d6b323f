/* SPDX-License-Identifier: BSD-3-Clause */
/* Text as HTML. Names in records are anybody's: all text is escaped. */
#ifndef L4R_BENCH_TABLE_HTML_H
#define L4R_BENCH_TABLE_HTML_H

#include <stdio.h>

/* Escapes & < > " '; bytes that are no UTF-8 and control characters become U+FFFD. Fit for contents
 * and for quoted attributes. */
void l4r_html_text(FILE *page, const char *text);

#endif
