/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts of JSON objects and records for readers that print them. */
#ifndef L4R_BENCH_RECORD_TEXT_H
#define L4R_BENCH_RECORD_TEXT_H

#include "bench/record/fields.h"

#include <jansson.h>
#include <stdio.h>

/* Returns the text itself, borrowed; "" where the value is no text (a number, an object, NULL).
 * Pure. */
const char *l4r_text_of(const json_t *value);
/* Returns the text of a member, borrowed from the object; "" where there is none. Pure. */
const char *l4r_text_at(const json_t *object, const char *key);

/* Returns 1 where both are the same text or both are NULL. Pure. */
int l4r_text_same(const char *a, const char *b);

/* Returns a tie rule as tables name it: "item" is "item id: inflated", because ids that rise within
 * a second are a pattern that models of order learn; "" or NULL is "unknown". Pure. */
const char *l4r_tie_words(const char *tie);
/* Writes the name that every table gives a data set, such as "ml-1m (ties by item)", and returns
 * `out`. "repeats kept" is added where a test item may be in its own history, in which case the
 * ranking without seen items never holds it. Older records without a tie rule and data without
 * times ("none") have only the name. */
const char *l4r_dataset_label(const char *name, const char *tie, const char *filters, char *out,
                              size_t size);
const char *l4r_dataset_label_of(const struct l4r_record *record, char *out, size_t size);
/* Returns the text, "" where it is NULL. Pure. */
const char *l4r_text_or_none(const char *text);

#endif
