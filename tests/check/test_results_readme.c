/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables in the READMEs of results/ are those of the records beside them. */
#include "tests/support/files.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(results_readme, tables_are_what_the_records_say, .timeout = 600) {
  const char *said, *program = test_program();
  cr_assert_eq(test_shell(&said, "LITE4REC='%s' sh bench/experiments/results_readme.sh '%s' 2>&1",
                          program, test_path("readmes")),
               0, "%s", said);
  cr_assert_eq(test_shell(&said,
                          "cd '%s' && find . -name README.md | sort | while read -r f; do cmp "
                          "\"$f\" \"$OLDPWD/results/$f\" 2>&1 || exit 1; done && find . -name "
                          "README.md | wc -l",
                          test_path("readmes")),
               0, "run 'make results-readme': %s", said);
  cr_assert_geq(atoi(said), 8, "%s", said);
}
