/* SPDX-License-Identifier: BSD-3-Clause */
/* Every record below results/ is what results/schema.json describes, to the last member. */
#include "bench/record/read.h"
#include "impl/base/error.h"
#include "tests/support/schema.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>

Test(results, every_committed_record_is_valid_and_described_in_full) {
  static const char *const paths[] = {"results"};
  json_t *records, *record, *schema = json_load_file("results/schema.json", 0, NULL);
  size_t index;
  char fault[512];
  cr_assert(schema);
  cr_assert_eq(test_records_read(paths, 1, &records), 0, "%s", l4r_error_message());
  cr_assert_gt(json_array_size(records), 100);
  json_array_foreach(records, index, record) {
    const char *path = json_string_value(json_object_get(record, "_path"));
    char where[512];
    snprintf(where, sizeof where, "%s:%lld", path,
             (long long)json_integer_value(json_object_get(record, "_line")));
    json_object_del(record, "_path");
    json_object_del(record, "_line");
    cr_assert(test_schema_valid(schema, record, fault, sizeof fault), "%s: %s", where, fault);
    cr_assert(test_schema_names(schema, record, fault, sizeof fault), "%s: %s", where, fault);
  }
  json_t *extra = json_deep_copy(json_array_get(records, 0)); /* the check can fail */
  json_object_set_new(json_object_get(extra, "pinned"), "colour", json_string("red"));
  cr_assert_not(test_schema_names(schema, extra, fault, sizeof fault));
  cr_assert_str_eq(fault, "pinned.colour: is not described");
}
