/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading and writing a record by its table (bench/record/fields.h). */
#ifndef L4R_BENCH_RECORD_RECORD_H
#define L4R_BENCH_RECORD_RECORD_H

#include "bench/record/fields.h"

/* A record that says nothing yet. Free with l4r_record_free. */
void l4r_record_blank(struct l4r_record *record);
/* Accepts a zeroed one; the struct is blank afterwards. */
void l4r_record_free(struct l4r_record *record);

/* Hands what `from` has over to `to`; `from` is blank afterwards. */
void l4r_record_move(struct l4r_record *from, struct l4r_record *to);

/* What the JSON object `json` says; the record keeps a reference to it and its texts are borrowed
 * from it. `path` (copied; NULL where there is none) and `line` say where it was read. Members that
 * no row names are kept for l4r_record_json. L4R_INPUT with file, line and member for a value of a
 * type, length or range that the row forbids; the record then is blank. Members may be missing:
 * l4r_record_check. Thread-safe for other records. */
int l4r_record_parse(json_t *json, const char *path, int64_t line, struct l4r_record *record);

/* The record as JSON, a new reference; NULL with a message where memory is short. What was read and
 * not changed since stands as it was read, to the last digit; members of later versions too. */
json_t *l4r_record_json(const struct l4r_record *record);
/* The same of an object of any shape that this program made: absent members that may be null are
 * null, others left out. */
json_t *l4r_shape_json(const struct l4r_shape *shape, const void *object);

/* A member of it; null where the object does not have it. */
json_t *l4r_member_json(const struct l4r_field *field, const void *object);
/* 1 when a member that says nothing is written as null: what may be null, but for the interval of a
 * figure that is withheld. Pure. */
int l4r_is_null_written(const struct l4r_shape *shape, const struct l4r_field *field,
                        const void *object);

/* Called for each fault with the member's path and what is wrong with it. */
typedef void l4r_record_fault(void *context, const char *member, const char *what);
/* What a whole record must not be without, and values that are none of a member's choices or no
 * hash. How many faults. Pure but for `report`. */
int64_t l4r_record_check(const struct l4r_record *record, l4r_record_fault *report, void *context);

/* Zeroed memory that lives as long as the record, for its arrays; NULL with a message. */
void *l4r_record_room(struct l4r_record *record, size_t count, size_t size);
/* A copy of a text that lives as long as the record; NULL with a message. */
const char *l4r_record_text(struct l4r_record *record, const char *text);
/* The same of a text made by printf's rules. */
const char *l4r_record_format(struct l4r_record *record, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Makes `list` (a member of the record) one of `count` blank objects of the shape. */
int l4r_record_list(struct l4r_record *record, const struct l4r_shape *shape, void *list,
                    int64_t count);

/* Adds a blank object of the shape to `list`; NULL with a message. Earlier entries move. */
void *l4r_record_append(struct l4r_record *record, const struct l4r_shape *shape, void *list);

/* "file:line" of a record, or "a record", into out; returns it. */
const char *l4r_record_where(const struct l4r_record *record, char *out, size_t size);

#endif
