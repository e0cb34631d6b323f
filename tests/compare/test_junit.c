/* SPDX-License-Identifier: BSD-3-Clause */
/* What machines read of a gate: JUnit XML, held against parsers that nobody here wrote, and
 * GitHub's commands. */
#include "bench/commands/commands.h"
#include "impl/base/error.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/rounds.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define compare(...) test_run(l4r_command_compare, "compare", __VA_ARGS__)

static const char *a, *b;
static void files(const char *arm, double times) {
  static char paths[2][512];
  static const double wave[10] = {.3, -1, .8, -.4, .1, .9, -.7, -.2, 1, -.8};
  struct test_rounds base = {.rounds = 10, .arm = arm};
  for (int r = 0; r < 10; r++) base.ns[r] = 1e6 * (1 + .004 * wave[r]);
  snprintf(paths[0], 512, "%s", test_rounds_file("a", "a", &base));
  for (int r = 0; r < 10; r++) base.ns[r] = 1e6 * times * (1 + .004 * wave[(r + 3) % 10]);
  snprintf(paths[1], 512, "%s", test_rounds_file("b", "b", &base));
  a = paths[0];
  b = paths[1];
}

/* By Python's own reader of XML: prints what a server of results would count and name. */
static const char *read_by_python(void) {
  static const char program[] =
      "import sys, xml.etree.ElementTree as T\n"
      "root = T.parse(sys.argv[1]).getroot()\n"
      "s = root.find('testsuite')\n"
      "print(root.tag, s.get('tests'), s.get('failures'), s.get('errors'), s.get('skipped'))\n"
      "cases = s.findall('testcase')\n"
      "count = lambda tag: sum(len(c.findall(tag)) for c in cases)\n"
      "assert len(cases) == int(s.get('tests')) and count('failure') == int(s.get('failures'))\n"
      "assert count('error') == int(s.get('errors')) and count('skipped') == "
      "int(s.get('skipped'))\n"
      "for c in cases: print(c.get('classname'), '|', c.get('name'), '|', [x.tag for x in c],"
      " [x.get('message') for x in c])\n";
  const char *python = test_python_with("xml.etree"), *output;
  test_file("read.py", program);
  char script[512];
  snprintf(script, sizeof script, "%s", test_path("read.py"));
  cr_assert_eq(test_shell(&output, "%s %s %s 2>&1", python, script, test_path("gate.xml")), 0, "%s",
               output);
  return output;
}

static void holds(const char *text, const char *part) {
  cr_assert_not_null(strstr(text, part), "'%s' is not in:\n%s", part, text);
}

Test(junit, a_case_a_row_and_a_failure_where_the_gate_fails) {
  files("blis@lite", 1.06);
  char xml[512];
  snprintf(xml, sizeof xml, "%s", test_path("gate.xml"));
  FAILS(compare(a, b, "--gate", "mean=3%,p50=5.8%,weights=1%", "--junit", xml, NULL), L4R_INPUT,
        "resources.weights_bytes");
  FAILS(compare(a, b, "--gate", "mean=3%,p50=5.8%,HR@10=3%", "--junit", xml, NULL), L4R_CHECK,
        "SLOWER");
  const char *read = read_by_python();
  holds(read, "testsuites 3 1 0 1\n");
  holds(read, "small.single-stream.threads-1 | blis@lite mean | ['failure'] ['mean: SLOWER, B / A");
  holds(read, "blis@lite p50 | ['skipped'] ['p50: UNDECIDED");
  holds(read, "blis@lite HR@10 | [] []");
}

Test(junit, names_hold_what_xml_cannot) {
  files("blis@\x01\x1b[31m<lite>&\"'\n\xef\xbf\xbe", 1.06);
  FAILS(compare(a, b, "--gate", "3%", "--junit", test_path("gate.xml"), "--github", NULL),
        L4R_CHECK, "SLOWER");
  const char *read = read_by_python();
  holds(read, "<lite>&\"'");
  cr_expect_null(strchr(read, '\x1b'));
  cr_expect_null(strchr(read, '\x01'));
  const char *said = test_read("out"); /* one annotation, on one line */
  const char *error = strstr(said, "::error title=blis@");
  cr_assert_not_null(error, "%s", said);
  cr_expect_null(strstr(error + 1, "::error"));
  cr_expect_null(strchr(said, '\x1b'));
}

Test(junit, a_gate_that_cannot_tell_is_an_error_in_it) {
  files("blis@lite", 1);
  FAILS(compare(a, b, "--gate", "mean=.01%", "--junit", test_path("gate.xml"), "--github", NULL),
        L4R_NOISY, "too fine");
  const char *read = read_by_python();
  holds(read, "testsuites 2 0 1 1\n");
  holds(read, "lite4rec | gate | ['error'] [\"a margin of 0.01 % is too fine");
  holds(test_read("out"), "::error title=the gate cannot tell::a margin of 0.01 %25 is too fine");
}

Test(junit, github_gets_annotations_and_a_summary) {
  files("blis@lite", 1.06);
  cr_assert_eq(setenv("GITHUB_STEP_SUMMARY", test_path("summary.md"), 1), 0);
  test_file("summary.md", "before\n");
  FAILS(compare(a, b, "--gate", "3%", "--github", NULL), L4R_CHECK, "SLOWER");
  holds(test_read("out"), "\n::error title=blis@lite::mean: SLOWER, B / A 1.0");
  holds(test_read("out"), ", margin 3 %25\n");
  holds(test_read("summary.md"), "before\n### lite4rec compare\n\n| arm |");
  holds(test_read("summary.md"), "| SLOWER |");
  OK(compare(a, a, "--gate", "3%", "--github", NULL));
  holds(test_read("out"), "::notice title=lite4rec compare::3 rows, none is worse");
  cr_assert_eq(setenv("GITHUB_STEP_SUMMARY", "/nowhere/at/all", 1), 0);
  FAILS(compare(a, a, "--gate", "3%", "--github", NULL), L4R_ENVIRONMENT, "GITHUB_STEP_SUMMARY");
  FAILS(compare(a, a, "--junit", "/nowhere/at/all", NULL), L4R_ENVIRONMENT, "--junit");
}
