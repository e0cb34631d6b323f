/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of a fleet, from committed records made faster and slower. */
#include "bench/fleet/table.h"
#include "bench/fleet/same.h"
#include "impl/base/log.h"
#include "tests/support/command.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOSTS = 4 };
static struct l4r_fleet_host host[HOSTS];

/* The same records on each host, slower by these factors, one with another kernel. */
static void slow_down(int hosts, const double *times) {
  static const char *const names[] = {"a", "b", "c", "d"};
  const char *folder = "results/zen5-2core";
  l4r_log_quiet(1);
  for (int h = 0; h < hosts; h++) {
    host[h].name = names[h];
    OK(l4r_records_read(&folder, 1, &host[h].records));
    for (int64_t r = 0; r < host[h].records.count; r++) {
      struct l4r_record *record = &host[h].records.at[r];
      for (int64_t i = 0; i < record->data.rounds.count; i++)
        record->data.rounds.at[i].mean_ns *= times[h];
      json_object_set_new(json_object_get(record->from.json, "manifest"), "kernel",
                          json_string(h == 2 ? "7.7.7-other" : "6.1.0"));
    }
  }
}

static char *printed(int hosts, int *off) {
  char *text = NULL;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  struct l4r_sheet sheet;
  l4r_sheet_begin(&sheet, &l4r_print_text, stream, "fleet");
  OK(l4r_sheet_end(&sheet, l4r_fleet_print(&sheet, host, hosts, off)));
  fclose(stream);
  for (int h = 0; h < hosts; h++) l4r_records_free(&host[h].records);
  return text;
}

Test(fleet, a_slow_host_is_off_and_its_manifest_is_told) {
  static const double times[] = {1, 1.01, 2, .99};
  int off;
  slow_down(4, times);
  char *text = printed(4, &off);
  cr_assert_eq(off, 1, "%s", text);
  cr_assert(strstr(text, "Host c is off"), "%s", text);
  cr_assert(strstr(text, "7.7.7-other"), "%s", text);
  cr_assert(strstr(text, "% of the median more than the fastest"), "%s", text);
  free(text);
}

Test(fleet, equal_hosts_are_not_off) {
  static const double times[] = {1, 1, 1, 1};
  int off;
  slow_down(4, times);
  char *text = printed(4, &off);
  cr_assert_eq(off, 0, "%s", text);
  cr_assert_null(strstr(text, "is off"), "%s", text);
  free(text);
}

Test(fleet, a_host_that_measured_nothing_has_a_row_that_says_so) {
  static const double times[] = {1, 1};
  int off;
  slow_down(2, times);
  l4r_records_free(&host[1].records);
  char *text = printed(2, &off);
  cr_assert(strstr(text, "not measured"), "%s", text);
  free(text);
}

Test(fleet, what_differs_is_told_beside_what_most_hosts_have) {
  static const char *const names[] = {"a", "b", "c"};
  const char *const said[] = {"{\"program\": \"1\", \"data set 'd'\": \"7\"}",
                              "{\"program\": \"2\", \"data set 'd'\": \"7\"}",
                              "{\"program\": \"2\", \"data set 'd'\": \"7\"}"};
  const json_t *facts[3];
  for (int h = 0; h < 3; h++) facts[h] = json_loads(said[h], 0, NULL);
  FAILS(l4r_fleet_differ(facts, names, 3), L4R_INPUT, "host a: the program is 1, elsewhere 2");
  cr_assert_null(strstr(l4r_error_message(), "data set"));
  OK(l4r_fleet_differ(facts + 1, names + 1, 2));
  for (int h = 0; h < 3; h++) json_decref((json_t *)facts[h]);
}
