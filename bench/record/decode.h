/* SPDX-License-Identifier: BSD-3-Clause */
/* From JSON to the C types of a record. */
#ifndef L4R_BENCH_RECORD_DECODE_H
#define L4R_BENCH_RECORD_DECODE_H

#include "bench/record/record.h"

#include <jansson.h>
#include <stdint.h>

/* What the JSON object `json` says; the record keeps a reference to it and its texts are borrowed
 * from it. `path` (copied; NULL where there is none) and `line` say where it was read. Members that
 * no row names are kept for l4r_record_json (encode.h). L4R_INPUT with file, line and member for a
 * value of a type, length or range that the row forbids; the record then is blank. Members may be
 * missing: l4r_record_check (check.h). Thread-safe for other records. */
int l4r_record_parse(json_t *json, const char *path, int64_t line, struct l4r_record *record);

#endif
