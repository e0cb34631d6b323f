/* SPDX-License-Identifier: BSD-3-Clause */
/* Footnotes of a table: texts numbered from 1 in the order of first use, each once. */
#ifndef L4R_BENCH_TABLE_FOOTNOTES_H
#define L4R_BENCH_TABLE_FOOTNOTES_H

enum { L4R_FOOTNOTES = 4096 };
struct l4r_footnotes {
  const char *text[L4R_FOOTNOTES]; /* borrowed */
  int count;
};

/* The number of a text, added when it is new. When there is no room it is the last, whose text then
 * says so. Not thread-safe. */
int l4r_footnote(struct l4r_footnotes *footnotes, const char *text);

#endif
