/* SPDX-License-Identifier: BSD-3-Clause */
/* Joins values of JSON, or texts of several columns, into one text. */
#ifndef L4R_BENCH_IMPORT_READERS_VALUES_H
#define L4R_BENCH_IMPORT_READERS_VALUES_H

#include <jansson.h>

#include "bench/import/collect/source.h"

/* A text that grows; zeroed at first, freed with l4r_free(text). */
struct l4r_joined {
  char *text;
  size_t room, used;
};

/* The first empties the text. The second adds a part, with `between` before it unless it is the
 * first; NULL and "" add nothing. Both return 0 or L4R_ENVIRONMENT. */
int l4r_joined_start(struct l4r_joined *joined);
int l4r_joined_add(struct l4r_joined *joined, const char *part, const char *between);

/* Adds categories as a column has them, behind a comma: "a|b" becomes "a, b", and the list "['a',
 * 'b']" becomes "a > b". */
int l4r_joined_add_categories(struct l4r_joined *joined, const char *part);

/* Adds any value: a text, a number in the fewest digits that state it, or the texts of a list (or
 * of the first list in it) with `between` them. A dictionary adds nothing. */
int l4r_joined_add_value(struct l4r_joined *joined, const json_t *value, const char *between);

/* Returns the value named "a", or "a.b" inside a, or NULL. It is borrowed. */
const json_t *l4r_value_at(const json_t *root, const char *name);

/* Writes an id or a time as text into `room` bytes at `out`; it may be a text, a whole number, or a
 * real that is whole. L4R_INPUT "... 'name' is missing", with the fields that the line has. */
int l4r_value_text(const struct l4r_source *source, const json_t *root, const char *name, char *out,
                   size_t room);

/* Parses a line as a dictionary. Returns a new reference, or NULL with a message (L4R_INPUT). */
json_t *l4r_parse_dictionary(const struct l4r_source *source, const char *line);

/* Returns L4R_INPUT for a file that is one list instead of one object on each line. */
int l4r_check_json_lines(const struct l4r_source *source);

#endif
