/* SPDX-License-Identifier: BSD-3-Clause */
/* A ceiling below the work is an error of the record, and every command that shows the record says
 * so in words: no share above what can be is printed. */
#include "bench/commands/commands.h"
#include "bench/derive/verify.h"
#include "bench/record/read.h"
#include "impl/base/error.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/rounds.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <string.h>

static void differs(void *context, const char *where, const char *field, const char *what) {
  cr_expect(0, "%s: %s: %s", where, field, what);
}

/* What verifying the record counts; nothing differs. */
static struct l4r_verified verified_of(void) {
  const char *path = test_path("runs");
  struct l4r_verified verified = {.figures = 0};
  struct l4r_records records;
  OK(l4r_records_read(&path, 1, &records));
  cr_assert_eq(records.count, 1);
  OK(l4r_record_verify(&records.at[0], differs, NULL, &verified));
  l4r_records_free(&records);
  json_decref(verified.accuracy);
  return verified;
}

/* A record of 10^6 ns a user and so much work, with a ceiling of 100 GFLOP/s; 0: with none. */
static void record_of(double gops, double flops) {
  const struct test_rounds wanted = {
      .rounds = 3, .ns = {1e6, 1e6, 1e6}, .gops = gops, .flops = flops};
  test_rounds_file("runs", "a", &wanted);
}

Test(ceiling_fault, a_share_that_can_be_is_printed_with_what_it_is_of) {
  record_of(100, 5e7); /* 50 GFLOP/s */
  const struct l4r_verified verified = verified_of();
  cr_expect_eq(verified.below, 0);
  cr_expect_eq(verified.rivals, 0);
  cr_assert_eq(test_run(l4r_command_export, "export", "table", test_path("runs"), NULL), 0);
  cr_expect(strstr(test_read("out"), "of the ceiling of the same workers, 100 GFLOP/s: fp32 "
                                     "multiply-adds by AVX-512"),
            "%s", test_read("out"));
  cr_assert_eq(test_run(l4r_command_export, "export", "speed", test_path("runs"), NULL), 0);
  cr_expect(strstr(test_read("out"), "fp32, AVX-512"), "%s", test_read("out"));
}

Test(ceiling_fault, a_ceiling_below_the_work_is_an_error_of_the_record) {
  record_of(100, 1.5e8); /* 150 GFLOP/s */
  cr_expect_eq(verified_of().below, 1);
  test_run(l4r_command_verify, "verify", test_path("runs"), NULL); /* it lacks members as well */
  cr_expect(strstr(test_read("out"), "ceiling below the work by a factor of 1.5"), "%s",
            test_read("out"));
  cr_assert_eq(test_run(l4r_command_export, "export", "table", test_path("runs"), NULL), 0);
  cr_expect(strstr(test_read("out"), "error of this record: ceiling below the work"), "%s",
            test_read("out"));
  cr_expect_null(strstr(test_read("out"), "150.0 %"), "%s", test_read("out"));
  static const char *const formats[] = {"markdown", "text", "html", "json"};
  for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
    cr_assert_eq(test_run(l4r_command_export, "export", "speed", test_path("runs"), "--format",
                          formats[f], NULL),
                 0);
    cr_expect_null(strstr(test_read("out"), "150.0 %"), "%s: %s", formats[f], test_read("out"));
    cr_expect_null(strstr(test_read("out"), "\"ceiling_share\": 15"), "%s", test_read("out"));
    cr_expect(strstr(test_read("out"), "measure again"), "%s: %s", formats[f], test_read("out"));
  }
  cr_assert_eq(test_run(l4r_command_export, "export", "csv", test_path("runs"), NULL), 0);
  cr_expect(strstr(test_read("out"), "measure again or report a fault"), "%s", test_read("out"));
}
