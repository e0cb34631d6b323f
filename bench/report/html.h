/* SPDX-License-Identifier: BSD-3-Clause */
/* Text as HTML, and our own Markdown (what bench/export prints) as HTML, so that a page shows the
 * very figures that the terminal shows. Names in records are anybody's: all text is escaped, and of
 * Markdown nothing but what is listed here means anything. */
#ifndef L4R_BENCH_REPORT_HTML_H
#define L4R_BENCH_REPORT_HTML_H

#include "bench/table/html.h"

#include <stdio.h>

/* Paragraphs, tables, `code`, **strong**, <br>, footnotes ("[1]" in a cell, "[1] text<br>" below
 * the table). A paragraph right before a table is its caption; a row whose first cell is empty
 * belongs to the one above it and moves with it. What follows the first <br> of a cell is small: an
 * interval. A cell that begins with a number carries it as data-v, in its unit's base (seconds,
 * bytes), to be sorted by. `prefix` begins the ids of footnotes and must be unique on the page.
 * Never fails; `markdown` is changed. */
void l4r_html_markdown(FILE *page, char *markdown, const char *prefix);

#endif
