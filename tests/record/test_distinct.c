/* SPDX-License-Identifier: BSD-3-Clause */
/* Two records of one name are told apart wherever they are shown, and only by what they differ in.
 */
#include "bench/export/google_benchmark.h"
#include "bench/table/table.h"
#include "bench/record/distinct.h"
#include "impl/base/error.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wanted {
  const char *arm, *model, *data, *pin, *machine;
  int k;
};

static json_t *record_of(struct wanted w) {
  return json_pack("{s:s, s:s, s:i, s:i, s:{s:s}, s:{s:s, s:s}, s:{s:i}, s:{s:s}, "
                   "s:{s:s, s:s, s:s}, s:[{s:f}, {s:f}]}",
                   "arm", w.arm, "scenario", "single-stream", "threads", 1, "batch", 1, "model",
                   "sha256", w.model, "dataset", "name", "d", "sha256", w.data, "settings", "k",
                   w.k, "pinned", "asked", w.pin, "manifest", "machine_key", w.machine, "cpu",
                   "Xeon", "time", "2026-01-01T00:00:00Z", "rounds", "mean_ns", 1e3, "mean_ns",
                   1.1e3);
}

static const struct wanted one = {"blis@m", "aaaaaaaa", "dddddddd", "core", "1111111111", 20};

/* The suffixes of `one` and of one that differs. */
static void suffixes(struct wanted other, const char *first, const char *second) {
  struct l4r_named named[2] = {{.record = test_record_of(record_of(one)), .name = "blis@m"},
                               {.record = test_record_of(record_of(other)), .name = "blis@m"}};
  cr_assert_eq(l4r_distinguish(named, 2), L4R_OK);
  cr_assert_str_eq(named[0].suffix, first);
  cr_assert_str_eq(named[1].suffix, second);
  cr_assert_eq(l4r_indistinct(named[0].record, named[1].record), !*first);
}

Test(distinct, records_of_one_name_say_what_they_differ_in) {
  struct wanted other = one;
  suffixes(other, "", "");
  other.model = "bbbbbbbb";
  suffixes(other, " [model aaaaaa]", " [model bbbbbb]");
  other.k = 50;
  suffixes(other, " [model aaaaaa, k 20]", " [model bbbbbb, k 50]");
  other = one;
  other.data = "eeeeeeee";
  suffixes(other, " [data dddddd]", " [data eeeeee]");
  other = one;
  other.pin = "none";
  suffixes(other, " [pin core]", " [pin none]");
  other = one;
  other.machine = "2222222222";
  suffixes(other, " [machine 111111]", " [machine 222222]");
}

Test(distinct, other_names_need_nothing) {
  struct wanted other = one;
  other.model = "bbbbbbbb";
  struct l4r_named named[2] = {{.record = test_record_of(record_of(one)), .name = "blis@m"},
                               {.record = test_record_of(record_of(other)), .name = "blis@n"}};
  cr_assert_eq(l4r_distinguish(named, 2), L4R_OK);
  cr_assert_str_eq(named[0].suffix, "");
  cr_assert_str_eq(named[1].suffix, "");
}

/* Records of one arm that differ in one attribute each, as rows: no label, group and thread count
 * is there twice, so nothing that picks "the newest" by them loses a record. */
Test(distinct, no_two_rows_are_taken_for_each_other) {
  struct wanted other[6] = {one, one, one, one, one, one};
  other[1].model = "bbbbbbbb";
  other[2].data = "eeeeeeee";
  other[3].pin = "none";
  other[4].k = 50;
  other[5].machine = "2222222222";
  json_t *records = json_array();
  for (int r = 0; r < 6; r++) json_array_append_new(records, record_of(other[r]));
  struct l4r_rows rows;
  cr_assert_eq(l4r_rows_make(test_records_of(records), &rows), L4R_OK);
  cr_assert_eq(rows.groups, 3, "a data set and a machine have figures of their own");
  for (int a = 0; a < 6; a++)
    for (int b = 0; b < a; b++)
      cr_assert(rows.row[a].group != rows.row[b].group ||
                strcmp(rows.row[a].label, rows.row[b].label) != 0);
  for (int a = 0; a < rows.groups; a++)
    for (int b = 0; b < a; b++) cr_assert_str_neq(rows.group[a].title, rows.group[b].title);
  char *text;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  cr_assert_eq(l4r_export_google_benchmark(&rows, stream), L4R_OK);
  fclose(stream);
  json_t *root = json_loads(text, 0, NULL), *seen = json_object(), *entry;
  size_t i;
  json_array_foreach(json_object_get(root, "benchmarks"), i, entry)
    json_object_set(seen, json_string_value(json_object_get(entry, "run_name")), entry);
  cr_assert_eq(json_object_size(seen), 6, "%s", text);
  l4r_rows_free(&rows);
}

/* A heading speaks for the rows under it. */
Test(distinct, rows_of_another_pin_or_k_stand_under_a_heading_of_their_own) {
  struct wanted other = one;
  json_t *records = json_array();
  json_array_append_new(records, record_of(one));
  other.pin = "none";
  json_array_append_new(records, record_of(other));
  other.k = 50;
  json_array_append_new(records, record_of(other));
  json_array_append_new(records, record_of(one));
  char *text, *at;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  cr_assert_eq(l4r_table_run(stream, test_records_of(records)), L4R_OK);
  fclose(stream);
  const char *const parts[] = {"pin core, k 20;", "\nblis@m ",       "\nblis@m ", "pin none, k 20;",
                               "\nblis@m ",       "pin none, k 50;", "\nblis@m "};
  at = text;
  for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
    at = strstr(at, parts[p]);
    cr_assert(at, "'%s' is not in its place in:\n%s", parts[p], text);
    at += strlen(parts[p]);
  }
}

/* A table of one data set is read beside that of another of the same name. */
Test(distinct, a_row_is_told_apart_from_those_of_the_other_tables) {
  struct wanted other = one;
  other.data = "eeeeeeee";
  json_t *all = json_array();
  static const char second[] = {0, 1};
  json_array_append_new(all, record_of(one));
  json_array_append_new(all, record_of(other));
  char *text;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  struct l4r_sheet sheet;
  l4r_sheet_begin(&sheet, &l4r_print_text, stream, "run");
  cr_assert_eq(l4r_sheet_end(&sheet, l4r_table_run_among(&sheet, test_records_of(all), second)),
               L4R_OK);
  fclose(stream);
  cr_assert(strstr(text, "blis@m [data eeeeee]"), "%s", text);
  cr_assert_null(strstr(strstr(text, "blis@m") + 1, "blis@m"), "%s", text);
  json_decref(all);
}
