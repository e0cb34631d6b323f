/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts of JSON objects for readers that print them. */
#ifndef L4R_BENCH_RECORD_TEXT_H
#define L4R_BENCH_RECORD_TEXT_H

#include "bench/record/fields.h"

#include <jansson.h>
#include <stdio.h>

/* The text itself, "" where the value is none (a number, an object, NULL); borrowed. Pure. */
const char *l4r_text_of(const json_t *value);
/* The text of a member, "" where there is none; borrowed from the object. Pure. */
const char *l4r_text_at(const json_t *object, const char *key);

/* How every table names a data set: "ml-1m (ties by item)", with "repeats kept" where a test item
 * may stand in its own history, which `mask` then never finds. Returns `out`. Records of before the
 * tie rule was stated, and data without times ("none"), have the name alone. */
const char *l4r_dataset_label(const char *name, const char *tie, const char *filters, char *out,
                              size_t size);
const char *l4r_dataset_label_of(const struct l4r_record *record, char *out, size_t size);
/* The text, "" where it is NULL. Pure. */
const char *l4r_text_or_none(const char *text);

#endif
