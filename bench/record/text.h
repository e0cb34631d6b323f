/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts of JSON objects for readers that print them. */
#ifndef L4R_BENCH_RECORD_TEXT_H
#define L4R_BENCH_RECORD_TEXT_H

#include <jansson.h>

/* The text of a member, "" where there is none; borrowed from the object. Pure. */
const char *l4r_text_at(const json_t *object, const char *key);
/* The same of a member of record's member `object`; NULL: of the record itself. */
const char *l4r_text_in(const json_t *record, const char *object, const char *key);

/* The text of an entry of "warnings": an object's, or in older records the entry itself. Pure. */
const char *l4r_warning_text(const json_t *warning);

#endif
