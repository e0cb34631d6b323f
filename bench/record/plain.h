/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts of other people's records, fit to be printed. */
#ifndef L4R_BENCH_RECORD_PLAIN_H
#define L4R_BENCH_RECORD_PLAIN_H

#include <jansson.h>

/* 1 when every text and name in a value is free of control characters (C0, DEL, C1) and of the
 * marks that turn the direction of a line or end it (U+2028, 2029, 202A..202E, 2066..2069): those
 * would end a row of a table, move a terminal's cursor or show a name that is not there. */
int l4r_is_plain(const json_t *value);

/* The value with a space in place of each such character; a new reference, NULL when memory is
 * short. The value itself where it is plain. Recursion is as deep as jansson parses (2,048). */
json_t *l4r_make_plain(json_t *value);

#endif
