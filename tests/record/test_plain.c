/* SPDX-License-Identifier: BSD-3-Clause */
/* Control characters in other people's records. */
#include "bench/record/plain.h"
#include "bench/record/read.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "tests/support/files.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(plain, control_characters_become_spaces_wherever_they_stand) {
  json_t *value = json_pack("{s:s, s:[s, i, {s:s}], s:n}", "a\nb", "c\td", "list",
                            "\x1b[2J\x7f\xc2\x9b", 1, "deep", "x\xe2\x80\xa8y\xe2\x81\xa6z",
                            "none");
  cr_assert_not(l4r_is_plain(value));
  json_t *plain = l4r_make_plain(value);
  json_t *wanted = json_pack("{s:s, s:[s, i, {s:s}], s:n}", "a b", "c d", "list", " [2J  ", 1,
                             "deep", "x y z", "none");
  cr_assert(json_equal(plain, wanted), "%s", json_dumps(plain, 0));
  cr_assert(l4r_is_plain(plain));
}

Test(plain, other_texts_are_left_alone) {
  json_t *value = json_pack("{s:s, s:s}", "caf\xc3\xa9", "\xe2\x82\xac | `x` <b>", "n",
                            "\xe2\x80\xa7\xe2\x80\xaf\xc2\xa0");
  cr_assert(l4r_is_plain(value));
  cr_assert_eq(l4r_make_plain(value), value);
}

/* A record keeps its seal, as it stood in the file; one that was edited has none. */
Test(plain, a_seal_is_tried_before) {
  json_t *record = json_pack("{s:i, s:s}", "schema", 1, "arm", "two\nlines"), *records;
  cr_assert_eq(l4r_record_seal(record), 0);
  char *sealed = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
  json_object_set_new(record, "arm", json_string("other\nlines"));
  char *edited = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS), both[1024];
  snprintf(both, sizeof both, "%s\n%s\n", sealed, edited);
  const char *const path = test_file("a.jsonl", both);
  cr_assert_eq(test_records_read(&path, 1, &records), 0, "%s", l4r_error_message());
  const json_t *first = json_array_get(records, 0), *second = json_array_get(records, 1);
  cr_assert_str_eq(json_string_value(json_object_get(first, "arm")), "two lines");
  cr_assert_eq(test_record_sealed(first), 0, "%s", l4r_error_message());
  cr_assert_str_eq(json_string_value(json_object_get(second, "arm")), "other lines");
  cr_assert_eq(test_record_sealed(second), L4R_INPUT);
}
