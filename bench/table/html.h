/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes text as HTML. Names in records may come from anybody, so all text is escaped. */
#ifndef L4R_BENCH_TABLE_HTML_H
#define L4R_BENCH_TABLE_HTML_H

#include <stdio.h>

/* Escapes & < > " '. Invalid UTF-8 and control characters become U+FFFD. Safe for contents and for
 * quoted attributes. */
void l4r_html_text(FILE *page, const char *text);

#endif
