/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes texts of other people's records safe to print. */
#ifndef L4R_BENCH_RECORD_PLAIN_H
#define L4R_BENCH_RECORD_PLAIN_H

#include <jansson.h>

/* Returns 1 when all texts and names in a value are free of control characters (C0, DEL, C1) and of
 * the marks that change a line's direction or end it (U+2028, 2029, 202A..202E, 2066..2069). Those
 * would end a row of a table, move a terminal's cursor or show a false name. */
int l4r_is_plain(const json_t *value);

/* Returns the value with a space in place of each such character, as a new reference, or the value
 * itself where it is plain. NULL when memory is short. Recursion is as deep as jansson parses
 * (2,048). */
json_t *l4r_make_plain(json_t *value);

#endif
