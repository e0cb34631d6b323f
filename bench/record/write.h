/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing records: sealed with their own hash, one file a run. */
#ifndef L4R_BENCH_RECORD_WRITE_H
#define L4R_BENCH_RECORD_WRITE_H

#include "bench/record/record.h"

#include <jansson.h>

/* The SHA-256 of the record as compact JSON with sorted keys, without its own member "sha256" and
 * without members that begin with '_' (which readers add). L4R_ENVIRONMENT without memory. */
int l4r_record_hash(const json_t *record, char hash[65]);
/* L4R_INPUT, with file, line and field, when a record that was read does not have the hash it
 * states. One that l4r_records_read_partial has found sealed is not hashed again. */
int l4r_record_sealed(const struct l4r_record *record);
/* Sets the member "sha256". */
int l4r_record_seal(json_t *record);
/* Seals and writes all records (an array) as folder/<UTC time>-<hash>.jsonl; path[4096] gets the
 * file's name. Nothing is left behind on failure. */
int l4r_records_write(json_t *records, const char *folder, char *path);

#endif
