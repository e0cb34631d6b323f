/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/derived.h"

#include "bench/derive/ceiling.h"
#include "bench/derive/derive.h"
#include "bench/derive/derive_server.h"
#include "bench/machine/warnings.h"
#include "bench/record/decode.h"
#include "bench/record/encode.h"
#include "bench/record/write.h"
#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* A record that says the parts given; NULL ones it does not have. */
static struct l4r_record record_of(const json_t *rounds, const json_t *description,
                                   const json_t *latency) {
  struct l4r_record record;
  json_t *json = json_pack("{s:O*, s:O*, s:O*}", "rounds", rounds, "description", description,
                           "latency_ns", latency);
  cr_assert(json);
  cr_assert_eq(l4r_record_parse(json, NULL, 0, &record), 0, "%s", l4r_error_message());
  json_decref(json);
  record.from.is_made = 1;
  return record;
}

/* A member of the record, a new reference; NULL where it is not there. */
static json_t *taken(struct l4r_record *record, const char *name) {
  json_t *json = l4r_record_json(record);
  json_t *member = json_deep_copy(json_object_get(json, name));
  json_decref(json);
  l4r_record_free(record);
  return member;
}

int test_derive_rounds(const struct l4r_bundle *samples, json_t *rounds) {
  struct l4r_record record = record_of(rounds, NULL, NULL);
  const int status = l4r_derive_rounds(samples, &record);
  json_t *derived = status ? NULL : taken(&record, "rounds");
  if (status) l4r_record_free(&record);
  if (derived) json_array_clear(rounds);
  if (derived) json_array_extend(rounds, derived);
  json_decref(derived);
  return status;
}

/* The function's figure alone. */
#define DERIVED(call, name, out)                                                                   \
  do {                                                                                             \
    const int status_ = call;                                                                      \
    if (!status_) *(out) = taken(&record, name);                                                   \
    if (status_) l4r_record_free(&record);                                                         \
    return status_;                                                                                \
  } while (0)

int test_derive_latency(const struct l4r_bundle *samples, json_t **latency) {
  struct l4r_record record = record_of(NULL, NULL, NULL);
  DERIVED(l4r_derive_latency(samples, &record), "latency_ns", latency);
}

int test_derive_over_rounds(const struct l4r_bundle *samples, const json_t *latency,
                            json_t **over_rounds) {
  struct l4r_record record = record_of(NULL, NULL, latency);
  DERIVED(l4r_derive_over_rounds(samples, &record), "latency_over_rounds_ns", over_rounds);
}

int test_derive_throughput(const struct l4r_bundle *samples, json_t **users_per_second) {
  struct l4r_record record = record_of(NULL, NULL, NULL);
  DERIVED(l4r_derive_throughput(samples, &record), "users_per_second", users_per_second);
}

int test_derive_serving(const struct l4r_bundle *samples, json_t **users_per_second) {
  double value;
  const int status = l4r_derive_serving(samples, &value);
  if (!status) *users_per_second = json_pack("{s:f}", "value", value);
  return status;
}

int test_derive_server(const struct l4r_bundle *samples, const json_t *latency, json_t **server) {
  struct l4r_record record = record_of(NULL, NULL, json_is_object(latency) ? latency : NULL);
  DERIVED(l4r_derive_server(samples, &record), "server", server);
}

json_t *test_derive_overhead(const json_t *rounds) {
  struct l4r_record record = record_of(rounds, NULL, NULL);
  l4r_derive_overhead(&record);
  return taken(&record, "overhead_ns");
}

json_t *test_derive_correlation_warning(const json_t *latency) {
  struct l4r_record record = record_of(NULL, NULL, latency);
  const char *text;
  cr_assert_eq(l4r_derive_correlation_warning(&record, &text), 0);
  json_t *warning = text ? json_pack("{s:s}", "text", text) : NULL;
  l4r_record_free(&record);
  return warning;
}

json_t *test_derive_counters(const json_t *rounds, const json_t *description, int64_t queries) {
  struct l4r_record record = record_of(rounds, description, NULL);
  cr_assert_eq(l4r_derive_counters(&record, queries), 0);
  return taken(&record, "counters");
}

json_t *test_derive_ceiling(const json_t *rounds, const json_t *description, const json_t *speed) {
  struct l4r_record record = record_of(rounds, description, NULL);
  cr_assert_eq(l4r_derive_ceiling(&record, json_number_value(json_object_get(speed, "value"))), 0);
  cr_assert_eq(l4r_derive_fault(&record), 0);
  return taken(&record, "ceiling");
}

json_t *test_derive_stages(const json_t *rounds, const json_t *description, const json_t *latency) {
  struct l4r_record record = record_of(rounds, description, latency);
  cr_assert_eq(l4r_derive_stages(&record), 0);
  return taken(&record, "stages");
}

json_t *test_warnings_of_rounds(int shares_cores, const json_t *rounds) {
  struct l4r_record record = record_of(rounds, NULL, NULL);
  cr_assert_eq(l4r_warnings_of_rounds(shares_cores, &record), 0);
  return taken(&record, "warnings");
}

void test_warnings_of_engine(const json_t *rounds, int threads, json_t *warnings) {
  struct l4r_record record = record_of(rounds, NULL, NULL);
  cr_assert_eq(l4r_warnings_of_engine(&record, threads), 0);
  json_t *more = taken(&record, "warnings");
  if (more) json_array_extend(warnings, more);
  json_decref(more);
}

/* --- whole records --------------------------------------------------------------------------- */

/* What the reader knows of a record, as members "_path", "_line", "_sealed" and "_checked" of it.
 */
static json_t *read_json(const struct l4r_record *record) {
  const struct l4r_origin *from = &record->from;
  json_t *json = json_copy(from->json);
  json_object_del(json, "_sealed");
  json_object_set_new(json, "_path", json_string(from->path));
  json_object_set_new(json, "_line", json_integer(from->line));
  if (from->is_sealed) json_object_set_new(json, "_sealed", json_true());
  if (from->checked) json_object_set_new(json, "_checked", json_string(from->checked));
  return json;
}

json_t *test_records_json(const struct l4r_records *records) {
  json_t *array = json_array();
  for (int64_t r = 0; r < records->count; r++)
    json_array_append_new(array, read_json(&records->at[r]));
  return array;
}

int test_record_parse(json_t *read, struct l4r_record *record) {
  const char *path = json_string_value(json_object_get(read, "_path"));
  const json_int_t line = json_integer_value(json_object_get(read, "_line"));
  const int status = l4r_record_parse(read, path, line, record);
  if (status) return status;
  record->from.is_sealed = json_is_true(json_object_get(read, "_sealed"));
  record->from.checked = json_string_value(json_object_get(read, "_checked"));
  return L4R_OK;
}

int test_records_read(const char *const *path, int paths, json_t **records) {
  struct l4r_records read;
  const int status = l4r_records_read(path, paths, &read);
  if (status) return status;
  *records = test_records_json(&read);
  l4r_records_free(&read);
  return L4R_OK;
}

int test_record_verify(const json_t *record, l4r_difference *report, void *context,
                       struct l4r_verified *verified) {
  struct l4r_record typed;
  int status = test_record_parse((json_t *)record, &typed);
  if (status) return status;
  status = l4r_record_verify(&typed, report, context, verified);
  l4r_record_free(&typed);
  return status;
}

int test_record_admit(struct l4r_door *door, json_t *record) {
  struct l4r_record typed;
  int status = test_record_parse(record, &typed);
  if (status) return status;
  status = l4r_record_admit(door, &typed);
  if (typed.from.checked) json_object_set_new(record, "_checked", json_string(typed.from.checked));
  l4r_record_free(&typed);
  return status;
}

int test_record_sealed(const json_t *record) {
  struct l4r_record typed;
  int status = test_record_parse((json_t *)record, &typed);
  if (status) return status;
  status = l4r_record_sealed(&typed);
  l4r_record_free(&typed);
  return status;
}

int test_record_sibling_path(const json_t *record, const char *name, char *out) {
  struct l4r_record typed;
  int status = test_record_parse((json_t *)record, &typed);
  if (status) return status;
  status = l4r_record_sibling_path(&typed, name, out);
  l4r_record_free(&typed);
  return status;
}

struct l4r_records *test_records_of(const json_t *records) {
  struct l4r_records *typed = calloc(1, sizeof *typed);
  size_t index;
  json_t *read;
  json_array_foreach(records, index, read) {
    struct l4r_record record;
    json_t *run = json_object_get(read, "_run");
    if (run) json_object_set(read, "_path", run);
    cr_assert_eq(test_record_parse(read, &record), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_records_add(typed, &record), 0);
  }
  return typed;
}

struct l4r_record *test_record_of(json_t *record) {
  json_t *array = json_pack("[O]", record);
  struct l4r_record *typed = test_records_of(array)->at;
  json_decref(array);
  return typed;
}

int test_collect(void *records, struct l4r_record *record) {
  return json_array_append_new(records, read_json(record));
}
