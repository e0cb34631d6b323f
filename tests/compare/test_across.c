/* SPDX-License-Identifier: BSD-3-Clause */
/* Records of several machines side by side: grouping, ratios, and in what the machines differ. */
#include "bench/compare/across.h"
#include "impl/base/error.h"
#include "impl/base/log.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* scipy 1.17.1: exp of ttest_ind(log(b), log(a), equal_var=False).confidence_interval(.95). */
Test(across, welch_agrees_with_scipy) {
  static const double a[] = {100, 104, 99, 101, 103}, b[] = {131, 128, 140, 126};
  const struct l4r_shown ratio = l4r_welch_ratio(a, 5, b, 4);
  cr_assert_float_eq(ratio.value, 1.2935390234909363, 1e-9, "%.12g", ratio.value);
  cr_assert_float_eq(ratio.lo, 1.2064258924728168, 1e-6, "%.12g", ratio.lo);
  cr_assert_float_eq(ratio.hi, 1.3869423855486311, 1e-6, "%.12g", ratio.hi);
  cr_assert(isnan(l4r_welch_ratio(a, 2, b, 4).lo)); /* two rounds say nothing */
  cr_assert_float_eq(l4r_welch_ratio(a, 5, a, 5).value, 1, 1e-12);
}

static struct l4r_records records;

/* The committed records of a machine, twice: the second time under another key, 1.5 times as
 * fast. */
static void two_machines(const char *second_key, const char *label) {
  const char *folder = "results/zen5-2core";
  l4r_log_quiet(1);
  cr_assert_eq(l4r_records_read(&folder, 1, &records), L4R_OK, "%s", l4r_error_message());
  const int64_t n = records.count;
  for (int64_t r = 0; r < n; r++) records.at[r].data.manifest.machine_key = "0123456789abcdef";
  struct l4r_records again;
  cr_assert_eq(l4r_records_read(&folder, 1, &again), L4R_OK);
  for (int64_t r = 0; r < n; r++) {
    struct l4r_record *record = &again.at[r];
    record->data.manifest.machine_key = second_key;
    record->data.manifest.label = label;
    for (int64_t i = 0; i < record->data.rounds.count; i++)
      record->data.rounds.at[i].mean_ns /= 1.5;
    json_object_set_new(json_object_get(record->from.json, "manifest"), "kernel",
                        json_string("7.7.7-other"));
    cr_assert_eq(l4r_records_add(&records, record), L4R_OK);
  }
}

static char *printed(const struct l4r_across *across, const struct l4r_printer *printer) {
  char *text = NULL;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  struct l4r_sheet sheet;
  l4r_sheet_begin(&sheet, printer, stream, "across");
  l4r_across_print(&sheet, across);
  cr_assert_eq(l4r_sheet_end(&sheet, L4R_OK), L4R_OK, "%s", l4r_error_message());
  fclose(stream);
  return text;
}

static void has(const char *text, const char *part) {
  cr_assert_not_null(strstr(text, part), "'%s' is not in:\n%s", part, text);
}

Test(across, two_machines_of_one_brand_are_two) {
  struct l4r_across across;
  two_machines("fedcba9876543210", NULL);
  cr_assert_eq(l4r_across_make(&records, &across), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(across.machines, 2);
  cr_assert_gt(across.rows, 0);
  cr_assert_str_neq(across.name[0], across.name[1]);
  for (int64_t r = 0; r < across.rows; r++)
    cr_assert_float_eq(across.row[r].cell[1].ratio, 1.5, 1e-9, "row %d: %g", (int)r,
                       across.row[r].cell[1].ratio);
  char *text = printed(&across, &l4r_print_text);
  has(text, " is 1.50 times (");
  has(text, "7.7.7-other");
  has(text, "offline");
  free(text);
  text = printed(&across, &l4r_print_html);
  has(text, "speed, first = 1");
  free(text);
  l4r_across_free(&across);
}

Test(across, a_label_names_a_machine_and_tells_two_of_one_key_apart) {
  struct l4r_across across;
  two_machines(NULL, "Xeon A");
  for (int64_t r = 0; r < records.count; r++)
    records.at[r].data.manifest.machine_key = "0123456789";
  cr_assert_eq(l4r_across_make(&records, &across), L4R_OK);
  cr_assert_eq(across.machines, 1); /* one has no name: the key decides */
  l4r_across_free(&across);
  for (int64_t r = 0; r < records.count / 2; r++) records.at[r].data.manifest.label = "EPYC B";
  cr_assert_eq(l4r_across_make(&records, &across), L4R_OK);
  cr_assert_eq(across.machines, 2);
  cr_assert_str_eq(across.name[0], "EPYC B");
  cr_assert_str_eq(across.name[1], "Xeon A");
  char *text = printed(&across, &l4r_print_text);
  has(text, "Xeon A is 1.50 times (");
  has(text, "EPYC B on blis@lite, single-stream");
  free(text);
  l4r_across_free(&across);
}

Test(across, what_one_machine_measured_has_no_row) {
  struct l4r_across across;
  two_machines("fedcba9876543210", NULL);
  for (int64_t r = records.count / 2; r < records.count; r++)
    records.at[r].data.requests.sha256 = "others";
  for (int64_t r = records.count / 2; r < records.count; r++) records.at[r].data.settings.seed = 99;
  for (int64_t r = 0; r < records.count / 2; r++) records.at[r].data.requests.sha256 = NULL;
  cr_assert_eq(l4r_across_make(&records, &across), L4R_OK);
  cr_assert_eq(across.rows, 0);
  cr_assert_eq(across.alone, records.count);
  char *text = printed(&across, &l4r_print_text), told[64];
  has(text, "have no counterpart");
  snprintf(told, sizeof told, "%d of these do not state their requests", (int)records.count / 2);
  has(text, told);
  free(text);
  l4r_across_free(&across);
}
