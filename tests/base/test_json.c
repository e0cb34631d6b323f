/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that runs out while JSON is put together: whatever asks, an error or the whole. */
#include "impl/base/json.h"

#include "bench/commands/commands.h"
#include "bench/run/run.h"
#include "bench/record/read.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "tests/red/engines.h"
#include "tests/support/command.h"
#include "tests/support/every.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/runs.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long calls, failing; /* so far; the one that fails, from 1 (0: none) */

static void *take(size_t bytes) {
  return ++calls == failing ? NULL : malloc(bytes);
}

/* From here on the n-th allocation for JSON fails, that one alone. */
static void fail_at(long n) {
  calls = 0;
  failing = n;
  l4r_json_guard(take);
}

Test(json, a_failed_allocation_is_remembered_and_nothing_committed) {
  struct l4r_output output;
  fail_at(3); /* an object takes two */
  json_t *object = json_object();
  cr_assert_eq(l4r_json_whole("x"), 0);
  json_object_set_new(object, "member", json_integer(1)); /* unchecked, as it is easily written */
  cr_assert_eq(l4r_json_whole("the thing"), L4R_ENVIRONMENT);
  cr_assert(strstr(l4r_error_message(), "no memory for the thing"), "%s", l4r_error_message());
  cr_assert_eq(l4r_record_seal(object), L4R_ENVIRONMENT);
  cr_assert_eq(l4r_output_open(&output, test_path("file")), 0);
  cr_assert_eq(l4r_output_commit(&output), L4R_ENVIRONMENT);
  cr_assert_eq(access(test_path("file"), F_OK), -1);
  l4r_json_guard(NULL);
  cr_assert_eq(l4r_json_whole("x"), 0);
}

static json_t *record_of(const char *arm) {
  return test_record("runs", (struct test_record){.arm = arm,
                                                  .dataset = "d",
                                                  .scenario = "single-stream",
                                                  .threads = 1,
                                                  .users = 40,
                                                  .ns = 1e6,
                                                  .hits = .3});
}

/* Each allocation in turn fails while records are sealed and written. */
Test(json, records_are_written_whole_or_not_at_all) {
  char path[L4R_PATH_MAX], *whole;
  json_t *records = json_array();
  json_array_append_new(records, record_of("blis@lite"));
  json_array_append_new(records, record_of("beam@p5"));
  cr_assert_eq(l4r_make_folders(test_path("whole")), 0);
  cr_assert_eq(l4r_make_folders(test_path("cut")), 0);
  fail_at(0);
  cr_assert_eq(l4r_records_write(json_deep_copy(records), test_path("whole"), path), 0);
  const long all = calls;
  size_t bytes;
  cr_assert_eq(l4r_read_file(path, 1, &whole, &bytes), 0);
  for (long n = 1; n <= all; n += test_every()) {
    fail_at(n);
    json_t *copy = json_deep_copy(records);
    cr_assert_eq(l4r_records_write(copy, test_path("cut"), path), L4R_ENVIRONMENT, "%ld", n);
    json_decref(copy);
  }
  cr_assert_gt(all, 100);
  cr_assert_eq(test_entries("cut"), 0);
}

/* A command as the program runs it: what it printed counts when it ends with 0. */
static int command(test_main *run, const char *name, const char *word, ...) {
  va_list more;
  va_start(more, word);
  const int status = test_command(run, name, word, more);
  va_end(more);
  return l4r_json_whole("JSON") ? L4R_ENVIRONMENT : status;
}

#define EACH_ALLOCATION(call)                                                                      \
  do {                                                                                             \
    fail_at(0);                                                                                    \
    cr_assert_eq(call, 0, "%s", l4r_error_message());                                              \
    const long all_ = calls;                                                                       \
    char *whole_ = strdup(test_read("out"));                                                       \
    for (long n_ = 1; n_ <= all_; n_ += test_every()) {                                            \
      fail_at(n_);                                                                                 \
      if (call) continue;                                                                          \
      cr_assert_str_eq(test_read("out"), whole_, "allocation %ld of %ld", n_, all_);               \
    }                                                                                              \
    free(whole_);                                                                                  \
  } while (0)

static const char *few_records(void) {
  json_t *records[2] = {record_of("blis@lite"), record_of("beam@p5")};
  for (int r = 0; r < 2; r++) cr_assert_eq(l4r_record_seal(records[r]), 0);
  test_records("runs", "a", records, 2);
  return strdup(test_path("runs")); /* of a process that ends with the test */
}

Test(json, exports_are_whole_or_fail) {
  const char *runs = few_records();
  EACH_ALLOCATION(command(l4r_command_export, "export", "google-benchmark", runs, NULL));
  EACH_ALLOCATION(command(l4r_command_export, "export", "csv", runs, NULL));
  EACH_ALLOCATION(command(l4r_command_export, "export", "table", runs, NULL));
}

Test(json, histories_and_verdicts_are_whole_or_fail) {
  const char *runs = few_records();
  EACH_ALLOCATION(command(l4r_command_history, "history", runs, "--json", NULL));
  EACH_ALLOCATION(command(l4r_command_claims, "claims", runs, NULL));
}

/* A run whose memory ends while records are composed leaves none. The parent allocates most of its
 * JSON then, after the rounds. */
Test(json, a_run_writes_no_record_with_a_hole) {
  struct l4r_arm arms[2];
  char path[L4R_PATH_MAX];
  glob_t found;
  json_t *records;
  struct l4r_run_options options = test_run_options(arms, &red_honest, NULL);
  fail_at(0);
  cr_assert_eq(l4r_run(&options, &records, path), 0, "%s", l4r_error_message());
  json_decref(records);
  const long all = calls;
  for (long before = 1; before < all; before = before * 2 + 3) {
    char name[32], pattern[L4R_PATH_MAX], out[L4R_PATH_MAX];
    snprintf(name, sizeof name, "holes-%ld", before);
    snprintf(out, sizeof out, "%s", test_path(name));
    snprintf(pattern, sizeof pattern, "%.4000s/*.jsonl", out);
    options.out = out;
    fail_at(all - before);
    const int status = l4r_run(&options, &records, path);
    if (!l4r_json_whole("JSON")) continue; /* it needed fewer this time */
    cr_assert_eq(glob(pattern, 0, NULL, &found), GLOB_NOMATCH, "%ld: %d", before, status);
    cr_assert(status, "%ld", before);
  }
}
