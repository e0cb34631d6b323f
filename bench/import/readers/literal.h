/* SPDX-License-Identifier: BSD-3-Clause */
/* Python literals and JSON, one value a line, as a jansson tree.
 *
 * The metadata lines of Amazon's 2014 files are what Python's repr printed: single or double quotes
 * at repr's choice, None, True, u'' prefixes, tuples, \x escapes. JSON's own words (null, true) and
 * escapes (\/, surrogate pairs) are taken too, so that one reader serves both forms. */
#ifndef L4R_BENCH_IMPORT_READERS_LITERAL_H
#define L4R_BENCH_IMPORT_READERS_LITERAL_H

#include <jansson.h>

/* Parses a whole line. A new reference, or NULL with *bad_column (from 1) and *reason (a constant
 * text). None, null, NaN and infinities become JSON null; numbers become reals or integers, whole
 * ones beyond 64 bits texts of their digits; keys that are not texts are refused. Text must be
 * UTF-8 already. Thread-safe. */
json_t *l4r_literal_parse(const char *line, size_t *bad_column, const char **reason);

#endif
