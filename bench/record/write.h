/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes records, sealed with their own hash, one file per run. */
#ifndef L4R_BENCH_RECORD_WRITE_H
#define L4R_BENCH_RECORD_WRITE_H

#include "bench/record/record.h"

#include <jansson.h>

/* Computes the SHA-256 of the record as compact JSON with sorted keys, without its own member
 * "sha256" and without members that begin with '_' (which readers add). L4R_ENVIRONMENT without
 * memory. */
int l4r_record_hash(const json_t *record, char hash[65]);
/* Returns L4R_INPUT, with file, line and field, when a record that was read does not have the hash
 * that it states. A record that l4r_records_read_partial found sealed is not hashed again. */
int l4r_record_sealed(const struct l4r_record *record);
/* Sets the member "sha256". */
int l4r_record_seal(json_t *record);
/* Seals all records (an array) and writes them to folder/<UTC time>-<hash>.jsonl; path[4096]
 * receives the file's name. Nothing is left behind on failure. */
int l4r_records_write(json_t *records, const char *folder, char *path);

#endif
