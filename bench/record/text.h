/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts of JSON objects for readers that print them. */
#ifndef L4R_BENCH_RECORD_TEXT_H
#define L4R_BENCH_RECORD_TEXT_H

#include <jansson.h>

/* The text of a member, "" where there is none; borrowed from the object. Pure. */
const char *l4r_text_at(const json_t *object, const char *key);
/* The same of a member of record's member `object`; NULL: of the record itself. */
const char *l4r_text_in(const json_t *record, const char *object, const char *key);

/* How every table names a data set: "ml-1m (ties by item)", with "repeats kept" where a test item
 * may stand in its own history, which `mask` then never finds. Returns `out`. Records of before the
 * tie rule was stated, and data without times ("none"), have the name alone. */
const char *l4r_dataset_label(const char *name, const char *tie, const char *filters, char *out,
                              size_t size);
const char *l4r_dataset_label_in(const json_t *record, char *out, size_t size);

#endif
