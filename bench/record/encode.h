/* SPDX-License-Identifier: BSD-3-Clause */
/* From the C types of a record to JSON. */
#ifndef L4R_BENCH_RECORD_ENCODE_H
#define L4R_BENCH_RECORD_ENCODE_H

#include "bench/record/record.h"

#include <jansson.h>

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

#endif
