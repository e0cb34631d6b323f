/* SPDX-License-Identifier: BSD-3-Clause */
/* `make reproduce`: what the document expects is held against records, and a line that fails says
 * so. */
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *said;

static int reproduce(const char *document, const char *arguments) {
  test_file("document.md", document);
  return test_shell(&said, "LITE4REC='%s' DOCUMENT='%s' sh tests/reproduce.sh %s 2>&1",
                    test_program(), test_path("document.md"), arguments);
}

static void says(const char *text) {
  cr_expect_not_null(strstr(said, text), "'%s' is not in: %s", text, said);
}

/* The arguments that hold the records of the test against the tables with the mark `quick`. */
static const char *with_records(void) {
  static char arguments[600];
  const struct test_record wanted[] = {
      {"blis@lite", "small", "single-stream", 1, 400, 2e6, .3, 0, 0},
      {"heuristic@pop", "small", "single-stream", 1, 400, 9e4, .15, 0, 0}};
  json_t *records[2];
  for (int r = 0; r < 2; r++) records[r] = test_record("runs", wanted[r]);
  test_records("runs", "a", records, 2);
  snprintf(arguments, sizeof arguments, "quick '%s'", test_path("runs"));
  return arguments;
}

#define BEGIN                                                                                      \
  "<!-- expected: quick runs -->\n\n| what | arm | figure | expected | tolerance "                 \
  "|\n|---|---|---|---|---|\n"
#define END "\n<!-- end of expected -->\n"

Test(reproduce, every_line_passes_or_fails_with_what_was_measured) {
  const char *arguments = with_records();
  cr_expect_eq(reproduce(BEGIN "| enough threads | blis@lite | threads | 1 | 0 |\n"
                               "| more than none | blis@lite | threads | > .5 | 0 |\n" END,
                         arguments),
               0, "%s", said);
  says("PASS  enough threads: blis@lite threads expected 1, measured 1\n");
  says("reproduce: 2 of 2 lines pass");
  cr_expect_eq(reproduce(BEGIN "| one | blis@lite | threads | 1 | 0 |\n"
                               "| near | blis@lite | threads | 1.2 | .3 |\n"
                               "| far | blis@lite | threads | 1.4 | .3 |\n"
                               "| above | heuristic@pop | threads | > 1 | 0 |\n"
                               "| below | heuristic@pop | threads | < .9 | .05 |\n"
                               "| nobody | beam@p5 | threads | 1 | 0 |\n"
                               "| nothing | blis@lite | no_figure | 1 | 0 |\n" END,
                         arguments),
               1, "%s", said);
  says("PASS  near: ");
  says("FAIL  far: blis@lite threads expected 1.4 (tolerance .3), measured 1\n");
  says("FAIL  above: ");
  says("FAIL  below: ");
  says("FAIL  nobody: beam@p5 threads expected 1, measured nothing: no record of that arm has it");
  says("FAIL  nothing: ");
  says("reproduce: 2 of 7 lines pass");
}

Test(reproduce, blocks_of_a_mark_are_run_and_another_mark_is_told) {
  static const char document[] = "```sh quick\necho it ran\n```\n```sh full\nfalse\n```\n";
  cr_expect_eq(reproduce(document, "quick"), 0, "%s", said);
  says("it ran");
  cr_expect_eq(reproduce(document, "full"), 1, "%s", said);
  cr_expect_eq(reproduce(document, "none"), 1, "%s", said);
  says("has no block marked none");
}

/* The document's own table can be read: as many lines as it has, all of them missing here. */
Test(reproduce, the_table_of_the_document_is_read) {
  const char *arguments = with_records();
  cr_expect_eq(
      test_shell(&said, "LITE4REC='%s' sh tests/reproduce.sh %s 2>&1", test_program(), arguments),
      1);
  says("a trained Lite is above `pop`");
  says("and above 80 % of the optimum");
  says(" of 6 lines pass");
}
