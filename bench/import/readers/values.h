/* SPDX-License-Identifier: BSD-3-Clause */
/* Values of JSON and texts of several columns, as one text. */
#ifndef L4R_BENCH_IMPORT_READERS_VALUES_H
#define L4R_BENCH_IMPORT_READERS_VALUES_H

#include <jansson.h>

#include "bench/import/collect/source.h"

/* A text that grows; zeroed at first, freed with l4r_free(text). */
struct l4r_joined {
  char *text;
  size_t room, used;
};

/* Empties, and adds a part, `between` before it unless it is the first; NULL and "" add nothing. 0
 * or L4R_ENVIRONMENT. */
int l4r_joined_start(struct l4r_joined *joined);
int l4r_joined_add(struct l4r_joined *joined, const char *part, const char *between);

/* Categories as a column has them: "a|b" as "a, b", the list "['a', 'b']" as "a > b". Added behind
 * a comma. */
int l4r_joined_add_categories(struct l4r_joined *joined, const char *part);

/* Any value: a text, a number in the fewest digits that say it, the texts of a list (or of the
 * first list in it) with `between` them; nothing of a dictionary. */
int l4r_joined_add_value(struct l4r_joined *joined, const json_t *value, const char *between);

/* The value named "a", or "a.b" inside a; NULL for none. Borrowed. */
const json_t *l4r_value_at(const json_t *root, const char *name);

/* An id or a time as text into `room` bytes at `out`: texts, whole numbers, reals that are whole;
 * 0, or L4R_INPUT "... 'name' is missing" with the fields that the line has. */
int l4r_value_text(const struct l4r_source *source, const json_t *root, const char *name, char *out,
                   size_t room);

/* A line as a dictionary; a new reference, or NULL with a message (L4R_INPUT). */
json_t *l4r_parse_dictionary(const struct l4r_source *source, const char *line);

/* L4R_INPUT for a file that is one list instead of a line each. */
int l4r_check_json_lines(const struct l4r_source *source);

#endif
