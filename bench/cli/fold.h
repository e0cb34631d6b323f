/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints text within the width of a terminal. */
#ifndef L4R_BENCH_CLI_FOLD_H
#define L4R_BENCH_CLI_FOLD_H

#include <stdio.h>

enum { L4R_FOLD_WIDTH = 80 }; /* of a terminal that nobody has widened */

/* Prints words separated by blanks, at most L4R_FOLD_WIDTH columns a line unless a word alone is
 * longer, and ends the line. `column` characters stand in the first line already; the following
 * ones begin after `indent` blanks. Control characters are printed as '?'. */
void l4r_fold(FILE *stream, const char *text, int indent, int column);

/* Prints "name        text" as `info` does: the name, and from column 12 on the folded text. */
enum { L4R_FACT_INDENT = 12 };
void l4r_fold_fact(FILE *stream, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
