/* SPDX-License-Identifier: BSD-3-Clause */
/* Converts JSON to the C types of a record. */
#ifndef L4R_BENCH_RECORD_DECODE_H
#define L4R_BENCH_RECORD_DECODE_H

#include "bench/record/record.h"

#include <jansson.h>
#include <stdint.h>

/* Fills a record from the JSON object `json`. The record keeps a reference to it, and its texts are
 * borrowed from it. `path` (copied; may be NULL) and `line` say where it was read. Members without
 * a row are kept for l4r_record_json (encode.h). L4R_INPUT, with file, line and member, for a value
 * whose type, length or range the row forbids; the record is then blank. Missing members are
 * allowed; l4r_record_check (check.h) finds them. Thread-safe for different records. */
int l4r_record_parse(json_t *json, const char *path, int64_t line, struct l4r_record *record);

#endif
