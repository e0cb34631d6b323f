/* SPDX-License-Identifier: BSD-3-Clause */
/* A record in memory according to its table (bench/record/fields.h): creation, texts and lists.
 * decode.h reads it from JSON, encode.h writes it, check.h checks that it is complete. */
#ifndef L4R_BENCH_RECORD_RECORD_H
#define L4R_BENCH_RECORD_RECORD_H

#include "bench/record/fields.h"

/* Makes a record without any members. Free with l4r_record_free. */
void l4r_record_blank(struct l4r_record *record);
/* Accepts a zeroed record; the struct is blank afterwards. */
void l4r_record_free(struct l4r_record *record);

/* Moves the contents of `from` to `to`; `from` is blank afterwards. */
void l4r_record_move(struct l4r_record *from, struct l4r_record *to);

/* Returns zeroed memory for arrays that lives as long as the record; NULL with a message. */
void *l4r_record_room(struct l4r_record *record, size_t count, size_t size);
/* Returns a copy of a text that lives as long as the record; NULL with a message. */
const char *l4r_record_text(struct l4r_record *record, const char *text);
/* Does the same with a text made by printf's rules. */
const char *l4r_record_format(struct l4r_record *record, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Makes `list` (a member of the record) an array of `count` blank objects of the shape. */
int l4r_record_list(struct l4r_record *record, const struct l4r_shape *shape, void *list,
                    int64_t count);

/* Adds a blank object of the shape to `list`; NULL with a message. Earlier entries may move. */
void *l4r_record_append(struct l4r_record *record, const struct l4r_shape *shape, void *list);

/* Writes "file:line" of a record, or "a record", into out and returns it. */
const char *l4r_record_where(const struct l4r_record *record, char *out, size_t size);

#endif
