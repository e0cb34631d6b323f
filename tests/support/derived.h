/* SPDX-License-Identifier: BSD-3-Clause */
/* Records and their parts as JSON, for tests that make and read them so: what bench/derive and
 * bench/record do by C types. Functions that can fail return a status as those that they call. */
#ifndef L4R_TESTS_SUPPORT_DERIVED_H
#define L4R_TESTS_SUPPORT_DERIVED_H

#include "bench/derive/door.h"
#include "bench/derive/verify.h"
#include "bench/record/bundle.h"
#include "bench/record/read.h"

#include <jansson.h>

/* l4r_derive_*: what is derived, a new reference; `rounds` are changed in place. */
int test_derive_rounds(const struct l4r_bundle *samples, json_t *rounds);
int test_derive_latency(const struct l4r_bundle *samples, json_t **latency);
int test_derive_over_rounds(const struct l4r_bundle *samples, const json_t *latency,
                            json_t **over_rounds);
int test_derive_throughput(const struct l4r_bundle *samples, json_t **users_per_second);
/* {"value"} */
int test_derive_serving(const struct l4r_bundle *samples, json_t **users_per_second);
/* NULL where there is none, as the next. */
int test_derive_server(const struct l4r_bundle *samples, const json_t *latency, json_t **server);
json_t *test_derive_overhead(const json_t *rounds);
/* {"text"}; NULL for none. */
json_t *test_derive_correlation_warning(const json_t *latency);
json_t *test_derive_counters(const json_t *rounds, const json_t *description, int64_t queries);
json_t *test_derive_ceiling(const json_t *rounds, const json_t *description, const json_t *speed);
json_t *test_derive_stages(const json_t *rounds, const json_t *description, const json_t *latency);
/* The warnings of rounds, and of their engine. */
json_t *test_warnings_of_rounds(int shares_cores, const json_t *rounds);
void test_warnings_of_engine(const json_t *rounds, int threads, json_t *warnings);

/* Records as JSON with what the reader knows of them as members "_path", "_line", "_sealed" and
 * "_checked"; and back. */
json_t *test_records_json(const struct l4r_records *records);
int test_record_parse(json_t *read, struct l4r_record *record);
/* l4r_records_read as such an array. */
int test_records_read(const char *const *path, int paths, json_t **records);
/* The same of the record as JSON, "_path" and "_line" in it. */
int test_record_verify(const json_t *record, l4r_difference *report, void *context,
                       struct l4r_verified *verified);
int test_record_admit(struct l4r_door *door, json_t *record);
int test_record_sealed(const json_t *record);
int test_record_sibling_path(const json_t *record, const char *name, char *out);

/* By C types, for the rest of the process; "_run" in place of "_path" is taken for it. */
struct l4r_record *test_record_of(json_t *record);
struct l4r_records *test_records_of(const json_t *records);
/* A visitor that appends such JSON to the array `records`. */
int test_collect(void *records, struct l4r_record *record);

#endif
