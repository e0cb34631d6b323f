/* SPDX-License-Identifier: BSD-3-Clause */
/* Converts the C types of a record to JSON. */
#ifndef L4R_BENCH_RECORD_ENCODE_H
#define L4R_BENCH_RECORD_ENCODE_H

#include "bench/record/record.h"

#include <jansson.h>

/* Returns the record as JSON, a new reference; NULL with a message where memory is short. Members
 * that were read and not changed since stay as they were to the last digit, members of later
 * versions included. */
json_t *l4r_record_json(const struct l4r_record *record);
/* Does the same for an object of any shape that this program made. Absent members become null where
 * that is allowed and are left out elsewhere. */
json_t *l4r_shape_json(const struct l4r_shape *shape, const void *object);

/* Returns a member of the object; null where the object does not have it. */
json_t *l4r_member_json(const struct l4r_field *field, const void *object);
/* Returns 1 when an absent member is written as null: any member that may be null, except the
 * interval of a withheld figure. Pure. */
int l4r_is_null_written(const struct l4r_shape *shape, const struct l4r_field *field,
                        const void *object);

#endif
